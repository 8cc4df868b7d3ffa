//! What the index and the exact scan cost, beside Python's annoy on the same vectors.
//!
//! ```text
//! cargo run --release -p neighbours --example bench -- make DIR
//! for n in 14081 200000; do
//!     cargo run --release -p neighbours --example bench -- annoy DIR $n 10
//!     python crates/neighbours/benches/annoy_peer.py DIR $n 10
//! done
//! cargo run --release -p neighbours --example bench -- pairs DIR
//! cargo run --release -p neighbours --example bench -- trees DIR/items-14081.npy DIR/candidates.npy
//! ```
//!
//! `make` writes made vectors of 384 dimensions: 14,081 and 200,000 items, 1,000 queries and 42,482 candidates, all
//! of one mixture of 400 topics with 8 clusters each, around a common mean, with noise of falling weight from
//! dimension to dimension, as embeddings of texts have.
#![allow(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
#![allow(clippy::print_stdout, reason = "its output is a table")]

use neighbours::annoy::{Forest, Index, Params, Wanted, grow_for_recall};
use neighbours::exact::Scan;
use neighbours::{Error, Vectors, npy};
use std::fs::File;
use std::io::{BufReader, BufWriter};
use std::path::Path;
use std::time::Instant;

const DIMENSIONS: usize = 384;
const K: usize = 10;

fn main() -> Result<(), Error> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["make", dir] => make(Path::new(dir)),
        ["annoy", dir, items, trees] => match (items.parse(), trees.parse()) {
            (Ok(items), Ok(trees)) => annoy(Path::new(dir), items, trees),
            _ => usage(),
        },
        ["pairs", dir] => pairs(Path::new(dir)),
        ["trees", items, queries] => trees(Path::new(items), Path::new(queries)),
        _ => usage(),
    }
}

fn usage() -> Result<(), Error> {
    println!(
        "usage: bench make DIR | annoy DIR ITEMS TREES | pairs DIR | trees ITEMS.npy QUERIES.npy"
    );
    std::process::exit(2)
}

fn make(dir: &Path) -> Result<(), Error> {
    let mut rng = Rng(1);
    let mean = rng.normals(0.6);
    let topics: Vec<Vec<f32>> = (0..400).map(|_| rng.normals(0.8)).collect();
    let clusters: Vec<Vec<f32>> = (0..3200).map(|_| rng.normals(0.5)).collect();
    for (name, rows) in [
        ("items-14081", 14_081),
        ("items-200000", 200_000),
        ("queries", 1000),
        ("candidates", 42_482),
    ] {
        let out = BufWriter::new(File::create(dir.join(format!("{name}.npy")))?);
        let mut writer = npy::Writer::new(out, rows, DIMENSIONS)?;
        for _ in 0..rows {
            let cluster = (rng.next() % 3200) as usize;
            let mut row = rng.normals(0.7);
            for (i, value) in row.iter_mut().enumerate() {
                *value += mean[i] + topics[cluster / 8][i] + clusters[cluster][i];
            }
            writer.rows(&row)?;
        }
        writer.finish()?;
    }
    Ok(())
}

fn read(dir: &Path, name: &str) -> Result<npy::Array, Error> {
    npy::read(BufReader::new(File::open(dir.join(format!("{name}.npy")))?))
}

fn annoy(dir: &Path, items: usize, trees: usize) -> Result<(), Error> {
    let array = read(dir, &format!("items-{items}"))?;
    let file = dir.join(format!("ours-{items}.ann"));
    let start = Instant::now();
    let vectors = Vectors::new(&array.values, array.columns)?;
    let forest = Forest::grow(&vectors, &Params { trees, seed: 42 })?;
    let built = start.elapsed().as_secs_f64();
    forest.write_to(File::create(&file)?)?;
    let written = start.elapsed().as_secs_f64();
    drop(forest);
    let peak = peak_mb();
    let start = Instant::now();
    let index = Index::open(&file, array.columns)?;
    println!(
        "ours {items} x {}, {trees} trees: build {built:.2} s, with file {written:.2} s, file {:.1} MB, peak {peak} MB, open {:.3} s",
        array.columns,
        index.bytes() as f64 / 1e6,
        start.elapsed().as_secs_f64()
    );

    let queries = read(dir, "queries")?;
    let queries = Vectors::new(&queries.values, queries.columns)?;
    let truth = Scan::new(K).collect(&queries, &vectors)?;
    println!("search_k  recall@10  µs a query");
    for search_k in [100, 500, 1000, 2000, 4000, 8000, 16_000, 32_000] {
        let (mut found, start) = (0, Instant::now());
        let mut answers = Vec::with_capacity(queries.len());
        for query in 0..queries.len() {
            answers.push(index.nearest(queries.row(query), K, Some(search_k))?);
        }
        let micros = start.elapsed().as_secs_f64() * 1e6 / queries.len() as f64;
        for (answer, truth) in answers.iter().zip(&truth) {
            found += answer.iter().filter(|n| truth.iter().any(|hit| hit.item == n.item)).count();
        }
        let recall = found as f64 / (K * queries.len()) as f64;
        println!("{search_k:8}  {recall:9.4}  {micros:10.1}");
    }
    Ok(())
}

fn pairs(dir: &Path) -> Result<(), Error> {
    let (candidates, items) = (read(dir, "candidates")?, read(dir, "items-14081")?);
    let candidates = Vectors::new(&candidates.values, candidates.columns)?;
    let items = Vectors::new(&items.values, items.columns)?;
    let before = peak_mb();
    let (mut sum, start) = (0f64, Instant::now());
    Scan::new(20).top_k(&candidates, &items, |_, hits| {
        sum += f64::from(hits[19].cosine);
        Ok::<(), Error>(())
    })?;
    let (seconds, after) = (start.elapsed().as_secs_f64(), peak_mb());
    let (n, m) = (candidates.len(), items.len());
    println!("top 20 of {n} x {m}: {seconds:.2} s, {} MB beside the vectors", after - before);
    let start = Instant::now();
    let jobs = Scan::new(20).both_ways(&candidates, &items, 20, |_, hits| {
        sum += f64::from(hits[19].cosine);
        Ok::<(), Error>(())
    })?;
    let seconds = start.elapsed().as_secs_f64();
    println!("and of {} x {n} in the same pass: {seconds:.2} s (sum {sum:.3})", jobs.len());
    Ok(())
}

/// What a recall@10 of 0.95 takes.
fn trees(items: &Path, queries: &Path) -> Result<(), Error> {
    let (items, queries) = (npy::read(File::open(items)?)?, npy::read(File::open(queries)?)?);
    let items = Vectors::new(&items.values, items.columns)?;
    let queries = Vectors::new(&queries.values, queries.columns)?;
    let start = Instant::now();
    let grown = grow_for_recall(&items, &queries, &Wanted::default())?;
    let (trees, search_k, recall) = (grown.forest.trees(), grown.search_k, grown.recall);
    let (mb, seconds) = (grown.index.bytes() as f64 / 1e6, start.elapsed().as_secs_f64());
    println!(
        "{trees} trees, search_k {search_k}, recall@10 {recall:.3}, {mb:.1} MB, chosen in {seconds:.2} s"
    );
    let start = Instant::now();
    for query in 0..queries.len().min(1000) {
        grown.index.nearest(queries.row(query), K, Some(search_k))?;
    }
    let micros = start.elapsed().as_secs_f64() * 1e6 / queries.len().min(1000) as f64;
    println!("{micros:.0} µs a query");
    Ok(())
}

/// The most memory this process has held.
fn peak_mb() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kb = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kb.unwrap_or(0) / 1024
}

struct Rng(u64);

impl Rng {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A normal vector of about the given length, whose weight falls from dimension to dimension.
    fn normals(&mut self, length: f32) -> Vec<f32> {
        let weight = |i: usize| 1.0 / (1.0 + i as f32 / 32.0);
        let square: f32 = (0..DIMENSIONS).map(|i| weight(i) * weight(i)).sum();
        (0..DIMENSIONS)
            .map(|i| {
                // Twelve uniform numbers less six: normal enough.
                let uniform = (0..12).map(|_| (self.next() >> 40) as f32 / (1u32 << 24) as f32);
                (uniform.sum::<f32>() - 6.0) * weight(i) * length / square.sqrt()
            })
            .collect()
    }
}
