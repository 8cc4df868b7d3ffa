//! Every target over its corpus, and over some mutations of each file of it. What libFuzzer found
//! and was mended lies in the corpus, so that it stays mended.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::{fs, panic, path::Path};

use readers::mutate::Mutator;

/// Seconds that a target's mutations take at most: of a slow target fewer are tried.
const SECONDS: f64 = 3.0;

/// Mutations of a target at most, of all its files together.
const MUTATIONS: usize = 4_000;

/// Seconds that one small input may take, on a busy machine too.
const SLOW: f64 = 5.0;

fn corpus(target: &str) -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus").join(target);
    let files = fs::read_dir(&folder).unwrap_or_else(|e| panic!("{}: {e}", folder.display()));
    let mut files: Vec<_> = files
        .map(|file| file.unwrap().path())
        .map(|path| {
            (path.file_name().unwrap().to_string_lossy().into_owned(), fs::read(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

/// Runs a target; where it fails, says of which input, so that it can join the corpus.
fn run(target: readers::Target, origin: &str, input: &[u8]) {
    let begun = now();
    let result = panic::catch_unwind(|| target(input));
    assert!(result.is_ok(), "{origin}: {}", input.escape_ascii());
    let took = (now() - begun).as_secs_f64();
    assert!(took < SLOW, "{origin} took {took} s: {}", input.escape_ascii());
}

#[expect(clippy::disallowed_methods, reason = "a test measures, no stage does")]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

fn hold(name: &str, target: readers::Target) {
    let files = corpus(name);
    assert!(!files.is_empty(), "{name} has no corpus");
    for (file, bytes) in &files {
        run(target, file, bytes);
    }
    let (mut mutator, begun) = (Mutator::new(1), now());
    for round in 0..MUTATIONS {
        if (now() - begun).as_secs_f64() > SECONDS && round > 100 {
            break;
        }
        let (file, bytes) = &files[round % files.len()];
        let (_, other) = &files[round / files.len() % files.len()];
        run(target, &format!("mutation {round} of {file}"), &mutator.mutate(bytes, other));
    }
}

#[test]
fn every_target_is_tried_here_and_by_libfuzzer() {
    let fuzz = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz");
    let names = |folder: &str| {
        let entries = fs::read_dir(fuzz.join(folder)).unwrap();
        let mut names: Vec<String> = entries
            .map(|e| e.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .collect();
        names.sort();
        names
    };
    assert_eq!(names("corpus"), HELD);
    assert_eq!(names("fuzz_targets"), HELD);
    let manifest = fs::read_to_string(fuzz.join("Cargo.toml")).unwrap();
    for name in HELD {
        assert!(manifest.contains(&format!("name = \"{name}\"")), "fuzz/Cargo.toml lacks {name}");
    }
}

/// A test a target, so that each is named when it fails and all run side by side.
macro_rules! hold {
    ($($target:ident),*) => {
        $(#[test]
        fn $target() {
            hold(stringify!($target), readers::$target);
        })*
        const HELD: &[&str] = &[$(stringify!($target)),*];
    };
}

hold!(
    annoy,
    config,
    dates,
    decision,
    npy,
    pairs,
    preprocessor,
    raw_json,
    raw_parquet,
    redact,
    split,
    table_parquet,
    trees
);
