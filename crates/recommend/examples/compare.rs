//! Encoders and their options side by side, beside the four baselines, on the same queries.
//!
//! ```sh
//! cargo run --release -p recommend --example compare -- FEATURES 2000 '{}' '{"spelling":0}' DIR:cut DIR:pool
//! ```
//! FEATURES is a folder with a version of the feature store, then come the candidates asked for at
//! most. Each further argument is an encoder: an object of `encoder::lsa::Params`, fitted on all
//! texts, or the folder of a sentence-transformers checkpoint with what becomes of long texts. Only
//! the candidates and jobs of the queries are encoded.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "run by hand")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::{convert::Infallible, ops::ControlFlow, path::Path, time::Instant};

use bytes::Bytes;
use encoder::{
    Embeddings, Encoder, LongText, Source,
    lsa::{Lsa, Params},
    sentence::SentenceTransformer,
};
use recommend::{
    Config, Side,
    compose::Texts as Composed,
    evaluate::{Encoded, Estimate, Figures, Queries, RankingMetrics, Texts},
};
use schema::store::FeatureStore;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [folder, candidates, names @ ..] = &arguments[..] else {
        panic!("usage: compare FEATURES CANDIDATES ENCODER…")
    };
    let open = |file: &str| Bytes::from(std::fs::read(Path::new(folder).join(file)).unwrap());
    let mut config = Config::default();
    config.evaluation.candidates = candidates.parse().unwrap();
    let texts = |side: Side, columns: &[String]| -> Vec<String> {
        let batches = Composed::open(side, open(side.file()), columns).unwrap();
        batches.flat_map(|batch| batch.unwrap().texts).collect()
    };
    let people = texts(Side::People, &config.candidate_text);
    let jobs = texts(Side::Jobs, &config.job_text);
    let groups = Path::new(folder).join("groups.parquet");
    let has_groups = groups.exists();
    let files = FeatureStore::open(has_groups, |file| Ok::<_, Infallible>(open(file))).unwrap();
    let records = recommend::read(&files).unwrap();
    let queries = Queries::of(&records, config.open_days, &config.evaluation);

    let rows = queries.candidates();
    let asked: Vec<&str> = rows.iter().map(|row| people[*row as usize].as_str()).collect();
    let open: Vec<&str> = queries.jobs().iter().map(|row| jobs[*row as usize].as_str()).collect();
    let encode = |name: &String| -> (Embeddings, Embeddings) {
        let start = Instant::now();
        let (encoder, long): (Box<dyn Encoder>, LongText) = if name.starts_with('{') {
            let params = serde_json::from_str::<Params>(name).unwrap();
            let all: Vec<&String> = people.iter().chain(&jobs).collect();
            (Box::new(Lsa::fit(&all, &params).unwrap()), LongText::Cut)
        } else {
            let (folder, long) = name.rsplit_once(':').unwrap();
            let source = Source::dir(Path::new(folder)).unwrap();
            let long = if long == "pool" { LongText::Pool } else { LongText::Cut };
            (Box::new(SentenceTransformer::open(&source).unwrap()), long)
        };
        let ready = start.elapsed().as_secs_f64();
        let of_people = encoder.encode(&asked, long, &|_| ControlFlow::Continue(())).unwrap();
        let of_jobs = encoder.encode(&open, long, &|_| ControlFlow::Continue(())).unwrap();
        let seconds = start.elapsed().as_secs_f64() - ready;
        println!(
            "{name}: ready in {ready:.2} s, {} texts in {seconds:.2} s",
            asked.len() + open.len()
        );
        (of_people, of_jobs)
    };
    let vectors: Vec<(Embeddings, Embeddings)> = names.iter().map(encode).collect();
    let place = |rows: &[u32], row: u32| rows.binary_search(&row).unwrap();
    let (rows, pool) = (&rows[..], queries.jobs());
    let by_row: Vec<_> = vectors
        .iter()
        .map(|(of_people, of_jobs)| {
            (
                move |row| of_people.row(place(rows, row)),
                move |row| of_jobs.row(place(pool, row)),
                move |row| of_people.cut[place(rows, row)],
                move |row| of_jobs.cut[place(pool, row)],
            )
        })
        .collect();
    let encoded: Vec<Encoded<'_>> = names
        .iter()
        .zip(&by_row)
        .map(|(name, (candidates, jobs, candidate_cut, job_cut))| Encoded {
            name,
            candidates,
            jobs,
            cut: Some((candidate_cut, job_cut)),
        })
        .collect();
    let texts =
        Texts { candidates: &|row| &people[row as usize], jobs: &|row| &jobs[row as usize] };
    let start = Instant::now();
    let judged = queries.judge(config.open_days, texts, &encoded, &config.evaluation).unwrap();
    println!("judged in {:.2} s", start.elapsed().as_secs_f64());
    print(&judged.metrics);
}

fn print(metrics: &RankingMetrics) {
    println!("from {:?} on; {:?}; {:?}", metrics.cut_date, metrics.nothing, metrics.counts);
    let show = |e: Option<Estimate>| {
        e.map_or("-".to_owned(), |e| format!("{:.3} [{:.3}, {:.3}]", e.value, e.low, e.high))
    };
    let line = |what: &str, figures: &Figures| {
        println!(
            "  {what:9} {:5} queries  recall@10 {}  recall@50 {}  mrr {}  ndcg@10 {}",
            figures.queries,
            show(figures.recall_10),
            show(figures.recall_50),
            show(figures.mrr),
            show(figures.ndcg_10)
        );
    };
    for ranker in &metrics.rankers {
        println!(
            "{}: coverage {:.3?}, gini {:.3?}, cut {:.3?} of candidates, {:.3?} of jobs",
            ranker.name, ranker.coverage, ranker.gini, ranker.candidates_cut, ranker.jobs_cut
        );
        line("forwarded", &ranker.forwarded);
        line("hired", &ranker.hired);
        ranker.languages.iter().for_each(|(language, figures)| line(language, figures));
        ranker.behind.iter().for_each(|behind| line("behind", behind));
    }
}
