//! Megabytes a second of each part on one thread, on a file of texts.
//!
//! ```sh
//! cargo run --release -p text --example throughput -- applicants.json cv_pt
//! ```
//! The first argument is a JSON object of records, the second the key of the text in each; the texts
//! are repeated until they make 100 MB.
#![expect(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark, run by hand")]
#![expect(clippy::disallowed_methods, reason = "it measures time")]

use std::{collections::BTreeMap, hint::black_box, time::Instant};

use serde_json::Value;
use text::{
    language::language,
    redact::{Owner, Record, Redactions, Redactor},
    stopwords::StopWords,
    tfidf::{Params, Scratch},
    tokens::for_each_token,
};

const BYTES: usize = 100_000_000;

fn main() {
    let arguments: Vec<String> = std::env::args().collect();
    let [_, file, key] = &arguments[..] else { panic!("usage: throughput FILE KEY") };
    let records: BTreeMap<String, Value> =
        serde_json::from_reader(std::fs::File::open(file).unwrap()).unwrap();
    let name = |r: &Value| r["infos_basicas"]["nome"].as_str().unwrap_or_default().to_owned();
    let names: Vec<String> = records.values().filter(|r| r[key].is_string()).map(name).collect();
    let once: Vec<&str> = records.values().filter_map(|r| r[key].as_str()).collect();
    let size: usize = once.iter().map(|text| text.len()).sum();
    let texts: Vec<&str> = once.iter().copied().cycle().take(once.len() * BYTES / size).collect();

    let (mut buffer, mut words) = (String::new(), 0_usize);
    measure("tokens", &texts, |text| {
        for_each_token(text, &mut buffer, |token| words += token.len());
    });
    let params =
        Params { stop_words: StopWords::Both, max_features: Some(100), ..Params::default() }
            .check()
            .unwrap();
    let mut counts = params.counts();
    measure("counts", &texts, |text| counts.add(text, 1));
    let tfidf = counts.finish();
    let (mut scratch, mut row) = (Scratch::default(), Vec::new());
    measure("transform, 100 terms", &texts, |text| {
        tfidf.transform_into(text, &mut scratch, &mut row);
        black_box(&row);
    });
    let bigrams = Params { ngram_range: (1, 2), ..(*params).clone() }.check().unwrap();
    let mut counts = bigrams.counts();
    measure("counts, 1- and 2-grams", &texts, |text| counts.add(text, 1));
    black_box((words, counts.finish()));
    let redactor = Redactor::new();
    let owner = |name: &String| redactor.owner(&Record { names: vec![name], ..Record::default() });
    let owners: Vec<Owner> = names.iter().map(owner).collect();
    let (mut redactions, mut owners) = (Redactions::default(), owners.iter().cycle());
    measure("redact", &texts, |text| {
        black_box(redactor.redact(text, owners.next().unwrap(), &mut redactions));
    });
    let bodies: Vec<&str> = texts.iter().map(|text| text.splitn(4, '\n').last().unwrap()).collect();
    measure("redact, no contacts", &bodies, |text| {
        black_box(redactor.redact(text, owners.next().unwrap(), &mut redactions));
    });
    println!("{redactions:?}");
    let mut languages = BTreeMap::new();
    measure("language", &texts, |text| *languages.entry(language(text)).or_insert(0) += 1);
    println!("{languages:?}");
}

fn measure(what: &str, texts: &[&str], mut each: impl FnMut(&str)) {
    let (start, on_cpu) = (Instant::now(), on_cpu());
    texts.iter().for_each(|text| each(text));
    let wall = start.elapsed().as_secs_f64();
    let cpu = self::on_cpu().zip(on_cpu).map(|(end, start)| end - start);
    let megabytes = texts.iter().map(|text| text.len()).sum::<usize>() as f64 / 1e6;
    let cpu = cpu.map(|cpu| format!(", {:.0} by CPU time", megabytes / cpu)).unwrap_or_default();
    println!("{what:24} {:5.0} MB/s{cpu}", megabytes / wall);
}

/// Seconds that this thread has run (Linux): what counts on a machine that is busy otherwise.
fn on_cpu() -> Option<f64> {
    let schedstat = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(schedstat.split(' ').next()?.parse::<f64>().ok()? / 1e9)
}
