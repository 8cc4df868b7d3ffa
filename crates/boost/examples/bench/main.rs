//! Training and prediction, timed, on a matrix like the full set's; `benches/xgboost_peer.py` does
//! the same with Python's xgboost.
//!
//! ```text
//! cargo run --release -p boost --example bench -- make DIR         # DIR/train.svm, DIR/test.svm
//! cargo run --release -p boost --example bench -- TRAIN.svm TEST.svm [MAX_BIN [THREADS]]
//! ```
#![allow(missing_docs, clippy::disallowed_methods, clippy::print_stdout)]

mod made;

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::time::Instant;

use boost::{Csr, Dataset, Params, metrics, train};

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let args: Vec<&str> = args.iter().map(String::as_str).collect();
    match args[..] {
        ["make", dir] => make(Path::new(dir)),
        [train, test, ref rest @ ..] => bench(train, test, rest),
        _ => Err("usage: bench make DIR | bench TRAIN.svm TEST.svm [MAX_BIN [THREADS]]".into()),
    }
}

/// Writes the made matrix: 43,000 rows to train and 10,750 to test.
fn make(dir: &Path) -> Result<(), Failure> {
    let all = made::matrix(53_750, 42);
    let (train, test) = all.split_at(43_000);
    for (name, rows) in [("train.svm", train), ("test.svm", test)] {
        let mut out = BufWriter::new(File::create(dir.join(name))?);
        for row in rows {
            write!(out, "{}", u8::from(row.label))?;
            for (column, value) in &row.entries {
                write!(out, " {column}:{value}")?;
            }
            writeln!(out)?;
        }
        out.flush()?;
    }
    Ok(())
}

/// Columns of the made matrix and of the full set's.
const COLUMNS: usize = 375;

fn load(path: &str) -> Result<(Csr, Vec<bool>), Failure> {
    let (mut indptr, mut indices, mut values) = (vec![0], vec![], vec![]);
    let mut labels = vec![];
    for line in BufReader::new(File::open(path)?).lines() {
        let line = line?;
        let mut words = line.split_ascii_whitespace();
        labels.push(words.next().ok_or("empty line")? == "1");
        for word in words {
            let (column, value) = word.split_once(':').ok_or("entry without a colon")?;
            indices.push(column.parse()?);
            values.push(value.parse()?);
        }
        indptr.push(indices.len());
    }
    let columns = indices.iter().max().map_or(0, |&c: &u32| c as usize + 1).max(COLUMNS);
    // So that the peak below is that of training, not of a growing vector.
    indices.shrink_to_fit();
    values.shrink_to_fit();
    Ok((Csr::new(indptr, indices, values, columns)?, labels))
}

fn bench(train_path: &str, test_path: &str, rest: &[&str]) -> Result<(), Failure> {
    let max_bin = rest.first().map_or(Ok(Params::default().max_bin), |n| n.parse())?;
    let threads = rest.get(1).map_or(Ok(0), |n| n.parse())?;
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global()?;
    let (rows, labels) = load(train_path)?;
    let (test_rows, test_labels) = load(test_path)?;
    let positives = labels.iter().filter(|&&l| l).count() as f64;
    let params = Params::default()
        .max_bin(max_bin)
        .scale_pos_weight((labels.len() as f64 - positives) / positives)
        .check()?;
    let loaded = peak_megabytes();
    let start = Instant::now();
    let model =
        train(Dataset::new(&rows, &labels)?, None, &params, &|_| ControlFlow::Continue(()))?;
    let trained = start.elapsed().as_secs_f64();
    let start = Instant::now();
    let p = model.predict(&test_rows)?;
    let predicted = start.elapsed().as_secs_f64();
    let some = test_rows.select(&(0..test_rows.rows().min(1000)).collect::<Vec<_>>());
    let peak = peak_megabytes();
    let start = Instant::now();
    model.contributions(&some)?;
    let explained = start.elapsed().as_secs_f64();
    println!(
        "boost max_bin={max_bin} threads={}: train {trained:.2} s, predict {:.0} ms, explain {} rows {:.0} ms, peak {} MB \
         (loaded {loaded}), AUC {:.4}, log-loss {:.4}, PR-AUC {:.4}",
        rayon::current_num_threads(),
        predicted * 1e3,
        some.rows(),
        explained * 1e3,
        peak,
        metrics::auc(&p, &test_labels),
        metrics::log_loss(&p, &test_labels),
        metrics::average_precision(&p, &test_labels),
    );
    Ok(())
}

/// Peak resident memory of this process, 0 where the system does not tell.
fn peak_megabytes() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmHWM:"));
    line.and_then(|l| l.split_ascii_whitespace().next()?.parse::<usize>().ok()).unwrap_or(0) / 1024
}
