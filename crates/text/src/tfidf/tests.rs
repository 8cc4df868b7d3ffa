use proptest::prelude::*;
use serde::Deserialize;

use super::*;
use crate::{Error, stopwords::StopWords};

#[derive(Deserialize)]
struct Golden {
    docs: Vec<String>,
    fit_on: (usize, usize),
    transform_on: (usize, usize),
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    name: String,
    max_features: Option<usize>,
    ngram_range: (usize, usize),
    min_df: DocumentFrequency,
    stop_words: Option<String>,
    terms: Vec<String>,
    idf: Vec<f64>,
    fit: Vec<(usize, u32, f64)>,
    transform: Vec<(usize, u32, f64)>,
}

fn golden() -> Golden {
    serde_json::from_str(include_str!("../../tests/golden/tfidf.json")).unwrap()
}

impl Case {
    fn params(&self) -> CheckedParams {
        let stop_words = match self.stop_words.as_deref() {
            None => StopWords::None,
            Some("portuguese") => StopWords::Portuguese,
            Some("portuguese+english") => StopWords::Both,
            Some(other) => panic!("golden file names the stop words {other}"),
        };
        Params {
            stop_words,
            ngram_range: self.ngram_range,
            min_df: self.min_df,
            max_features: self.max_features,
            ..Params::default()
        }
        .check()
        .unwrap()
    }
}

fn assert_rows(name: &str, rows: &[Row], expected: &[(usize, u32, f64)]) {
    let found: Vec<_> = rows
        .iter()
        .enumerate()
        .flat_map(|(i, row)| row.iter().map(move |&(column, weight)| (i, column, weight)))
        .collect();
    assert_eq!(found.len(), expected.len(), "{name}: number of weights");
    // scikit-learn leaves the columns of a row in the order of its hash table.
    let mut expected = expected.to_vec();
    expected.sort_by_key(|&(row, column, _)| (row, column));
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1), "{name}");
        assert!((found.2 - expected.2).abs() <= 1e-9, "{name}: {found:?}, expected {expected:?}");
    }
}

#[test]
fn equal_to_scikit_learn() {
    let golden = golden();
    let fit_on = &golden.docs[golden.fit_on.0..golden.fit_on.1];
    let transform_on = &golden.docs[golden.transform_on.0..golden.transform_on.1];
    for case in &golden.cases {
        let tfidf = case.params().fit(fit_on);
        assert!(tfidf.terms().eq(case.terms.iter()), "{}: terms", case.name);
        for (found, expected) in tfidf.idf().iter().zip(&case.idf) {
            assert!((found - expected).abs() <= 1e-12, "{}: idf {found}, {expected}", case.name);
        }
        // Of the widest case only the first rows were kept.
        let rows = if case.name == "plain" { 40 } else { fit_on.len() };
        assert_rows(&case.name, &tfidf.transform_many(&fit_on[..rows]), &case.fit);
        assert_rows(&case.name, &tfidf.transform_many(transform_on), &case.transform);
    }
}

#[test]
fn shards_and_multiplicity_give_the_same_bytes() {
    let golden = golden();
    for case in &golden.cases {
        let params = case.params();
        let whole = params.fit(&[&golden.docs[..], &golden.docs[..90]].concat());
        let (mut first, mut second) = (params.counts(), params.counts());
        for (i, text) in golden.docs.iter().enumerate() {
            let shard = if i % 3 == 0 { &mut first } else { &mut second };
            shard.add(text, if i < 90 { 2 } else { 1 });
            shard.add(text, 0);
        }
        first.merge(second).unwrap();
        let sharded = first.finish();
        let bytes = |tfidf: &Tfidf| serde_json::to_string(tfidf).unwrap();
        assert_eq!(bytes(&whole), bytes(&sharded), "{}", case.name);
    }
}

#[test]
fn what_was_counted_elsewhere_counts() {
    let params = Params { max_features: Some(2), ..Params::default() }.check().unwrap();
    let texts = ["ouro ouro aço", "prata ouro", "aço"];
    let mut counts = params.counts();
    counts.add(texts[2], 1);
    counts.add_counted(2, [("ouro", 3, 2), ("aço", 1, 1), ("prata", 1, 1)]);
    let tfidf = counts.finish();
    assert_eq!(tfidf, params.fit(&texts));
    assert_eq!(
        ["aço", "ouro", "prata", ""].map(|t| tfidf.column(t)),
        [Some(0), Some(1), None, None]
    );
}

#[test]
fn a_term_of_too_few_texts_is_left_out_however_often_they_count() {
    let params = Params { min_texts: 2, ..Params::default() }.check().unwrap();
    let of = |texts: &[(&str, u64)]| {
        let mut counts = params.counts();
        texts.iter().for_each(|(text, times)| counts.add(text, *times));
        counts
    };
    let mut counts = of(&[("java eduarda eduarda", 9), ("sql", 1)]);
    counts.merge(of(&[("java", 1), ("java sql", 2)])).unwrap();
    assert_eq!(counts.finish().terms().collect::<Vec<_>>(), ["java", "sql"]);
}

#[test]
fn counts_of_different_fits_do_not_merge() {
    let plain = Params::default().check().unwrap();
    let bigrams = Params { ngram_range: (1, 2), ..Params::default() }.check().unwrap();
    let mut counts = plain.counts();
    counts.add("alfa beta", 1);
    assert_eq!(counts.merge(bigrams.counts()), Err(Error::CountsDiffer));
    assert_eq!(counts.documents(), 1);
    assert!(counts.finish().terms().eq(["alfa", "beta"]));
}

#[test]
fn nothing_to_learn_gives_no_columns() {
    let params = Params { stop_words: StopWords::Both, ..Params::default() }.check().unwrap();
    for texts in [&[][..], &[""], &["", "  - "], &["de a o", "the and"]] {
        let tfidf = params.fit(texts);
        assert_eq!(tfidf.columns(), 0);
        assert_eq!(tfidf.documents(), texts.len() as u64);
        assert_eq!(tfidf.transform("java e sql", &mut Scratch::default()), []);
        let stored = serde_json::to_string(&tfidf).unwrap();
        assert_eq!(serde_json::from_str::<Tfidf>(&stored).unwrap(), tfidf);
    }
}

#[test]
fn ties_of_max_features_are_cut_alphabetically() {
    let texts = ["zinco ébano ouro", "ouro zinco ébano", "aço"];
    let params = Params { max_features: Some(2), ..Params::default() }.check().unwrap();
    // é (U+00E9) comes after z.
    assert!(params.fit(&texts).terms().eq(["ouro", "zinco"]));
}

#[test]
fn document_frequency_bounds_are_counts_or_shares() {
    let texts = ["aa bb cc", "aa bb", "aa", "aa dd dd dd"];
    let terms = |min_df, max_df| {
        let params = Params { min_df, max_df, ..Params::default() }.check().unwrap();
        params.fit(&texts).terms().map(str::to_owned).collect::<Vec<_>>()
    };
    use DocumentFrequency::{Count, Share};
    assert_eq!(terms(Count(1), Share(1.0)), ["aa", "bb", "cc", "dd"]);
    assert_eq!(terms(Count(2), Share(1.0)), ["aa", "bb"]);
    assert_eq!(terms(Share(0.5), Share(1.0)), ["aa", "bb"]);
    assert_eq!(terms(Share(0.0), Count(1)), ["cc", "dd"]);
    assert_eq!(terms(Count(3), Share(0.5)), [""; 0]);
}

/// scikit-learn 1.6.1: `TfidfVectorizer(sublinear_tf=True, smooth_idf=False)` on these texts.
#[test]
fn sublinear_and_unsmoothed() {
    let params = Params { sublinear_tf: true, smooth_idf: false, ..Params::default() };
    let texts = ["dado dado dado gente", "gente gente", "dado pipeline"];
    let tfidf = params.check().unwrap().fit(&texts);
    assert!(tfidf.terms().eq(["dado", "gente", "pipeline"]));
    let expected = [1.405_465_108_108_164_4, 1.405_465_108_108_164_4, 2.098_612_288_668_11];
    for (found, expected) in tfidf.idf().iter().zip(expected) {
        assert!((found - expected).abs() <= 1e-12);
    }
    let golden = [
        (0, 0, SUBLINEAR[0]),
        (0, 1, SUBLINEAR[1]),
        (1, 1, 1.0),
        (2, 0, SUBLINEAR[2]),
        (2, 2, SUBLINEAR[3]),
    ];
    assert_rows("sublinear", &tfidf.transform_many(&texts), &golden);
}
const SUBLINEAR: [f64; 4] =
    [0.9027501480103622, 0.43016528249879593, 0.5564505207186616, 0.830880748357988];

#[test]
fn parameters_are_checked() {
    let check = |params: Params| params.check().unwrap_err();
    let default = Params::default;
    assert_eq!(
        check(Params { ngram_range: (2, 1), ..default() }),
        Error::NgramRange { min: 2, max: 1 }
    );
    assert_eq!(
        check(Params { ngram_range: (0, 1), ..default() }),
        Error::NgramRange { min: 0, max: 1 }
    );
    assert_eq!(
        check(Params { min_df: DocumentFrequency::Count(0), ..default() }),
        Error::ZeroCount { field: "min_df" }
    );
    assert_eq!(
        check(Params { max_df: DocumentFrequency::Share(1.5), ..default() }),
        Error::Share { field: "max_df", found: 1.5 }
    );
    assert_eq!(check(Params { max_features: Some(0), ..default() }), Error::NoFeatures);
}

#[test]
fn bounds_read_as_scikit_learn_takes_them() {
    let read = |text| serde_json::from_str::<DocumentFrequency>(text).unwrap();
    assert_eq!(read("1"), DocumentFrequency::Count(1));
    assert_eq!(read("1.0"), DocumentFrequency::Share(1.0));
    assert_eq!(serde_json::to_string(&DocumentFrequency::Share(1.0)).unwrap(), "1.0");
}

/// Frozen: a change of these bytes is a new format number.
const STORED: &str = r#"{"format":1,"params":{"stop_words":"both","ngram_range":[1,1],"min_df":1,"max_df":1.0,"max_features":20,"smooth_idf":true,"sublinear_tf":false},"documents":2,"terms":["java","sql"],"idf":[1.4054651081081644,1.0]}"#;

#[test]
fn the_stored_form_is_stable() {
    let params =
        Params { stop_words: StopWords::Both, max_features: Some(20), ..Params::default() };
    let tfidf = params.check().unwrap().fit(&["java e sql", "SQL"]);
    assert_eq!(serde_json::to_string(&tfidf).unwrap(), STORED);
    assert_eq!(serde_json::from_str::<Tfidf>(STORED).unwrap(), tfidf);
}

#[test]
fn a_damaged_state_is_refused() {
    for (from, to, says) in [
        (r#""format":1"#, r#""format":2"#, "format 2"),
        (r#"["java","sql"]"#, r#"["sql","java"]"#, "term 1"),
        (r#"["java","sql"]"#, r#"["java","java"]"#, "term 1"),
        (r#"["java","sql"]"#, r#"["","sql"]"#, "term 0"),
        (r#"["java","sql"]"#, r#"["java"]"#, "1 terms but 2 idf"),
        (r#",1.0]}"#, r#",0.0]}"#, "idf 1 is 0"),
        (r#"[1,1]"#, r#"[2,1]"#, "ngram_range"),
        (r#""documents":2"#, r#""documents":2,"extra":3"#, "unknown field"),
    ] {
        assert!(STORED.contains(from), "{from}");
        let error = serde_json::from_str::<Tfidf>(&STORED.replace(from, to)).unwrap_err();
        assert!(error.to_string().contains(says), "{error}");
        assert!(!error.to_string().contains("java"), "{error}");
    }
}

proptest! {
    #[test]
    fn rows_are_sorted_and_of_length_one(
        texts in proptest::collection::vec("[a-cá ]{0,20}", 1..8),
        ngram in 1_usize..4,
        sublinear_tf: bool,
    ) {
        let params = Params { ngram_range: (1, ngram), sublinear_tf, ..Params::default() };
        let tfidf = params.check().unwrap().fit(&texts);
        for row in tfidf.transform_many(&texts) {
            prop_assert!(row.is_sorted_by(|a, b| a.0 < b.0));
            let length: f64 = row.iter().map(|(_, weight)| weight * weight).sum();
            prop_assert!(row.is_empty() || (length - 1.0).abs() < 1e-12);
        }
    }
}
