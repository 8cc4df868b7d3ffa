use proptest::prelude::*;
use rayon::prelude::*;
use text::{
    stopwords::StopWords,
    tfidf::{CheckedParams, Params, Scratch, Tfidf},
};

use super::*;

/// Documents of parts.
struct Parts<'a>(&'a [Vec<String>]);

impl Documents for Parts<'_> {
    fn documents(&self) -> usize {
        self.0.len()
    }

    fn parts(&self) -> usize {
        self.0.first().map_or(0, Vec::len)
    }

    fn part<'a>(&'a self, document: usize, part: usize, buffer: &'a mut String) -> &'a str {
        // Some are written, as numbers are.
        if part.is_multiple_of(2) {
            return &self.0[document][part];
        }
        buffer.push_str(&self.0[document][part]);
        buffer
    }

    fn repeats(&self, document: usize, part: usize) -> bool {
        part.is_multiple_of(2) && self.0[document - 1][part] == self.0[document][part]
    }
}

fn documents(word: &str, from: usize) -> Vec<Vec<String>> {
    (from..from + 300)
        .map(|i| {
            let mut text = format!("analista dados sql{} java{}", i % 3, i % 7);
            if i % 4 == 0 {
                text += " ";
                text += word;
            }
            // Three columns, of which the first repeats.
            vec![format!("turma {}", i / 10), text, format!("vaga {}", i % 11)]
        })
        .collect()
}

fn shards<'a>(
    documents: &[Vec<String>],
    batch: usize,
    shard: impl Fn() -> Shard<'a> + Sync + Send,
) -> Vec<Shard<'a>> {
    let add = |mut shard: Shard<'a>, rows| {
        shard.add(&Parts(rows));
        shard
    };
    documents.chunks(batch).par_bridge().fold(&shard, add).collect()
}

fn params() -> CheckedParams {
    Params { stop_words: StopWords::Both, max_features: Some(1_000), ..Params::default() }
        .check()
        .unwrap()
}

fn weigh(before: &[Vec<String>], after: &[Vec<String>], batch: usize) -> (Tfidf, Weights, Weights) {
    let counted = shards(before, batch, Shard::baseline);
    let tfidf = fit(&counted, &params());
    let before = Weights::from_shards(counted, &tfidf);
    let after = Weights::from_shards(shards(after, batch, || Shard::restricted_to(&tfidf)), &tfidf);
    (tfidf, before, after)
}

fn run(before: &[Vec<String>], after: &[Vec<String>], batch: usize) -> Option<Analysis> {
    let (tfidf, before, after) = weigh(before, after, batch);
    analyse(&tfidf, &before, &after)
}

#[test]
fn batches_and_threads_change_nothing() {
    let (before, after) = (documents("oracle", 0), documents("python", 5));
    let whole = run(&before, &after, 1_000).unwrap();
    assert_eq!(Some(&whole), run(&before, &after, 7).as_ref());
    let alone = rayon::ThreadPoolBuilder::new().num_threads(1).build().unwrap();
    assert_eq!(Some(&whole), alone.install(|| run(&before, &after, 64)).as_ref());
    // The word that went is first; the one that came is not in the baseline's vocabulary.
    let first = whole.movers()[0];
    assert_eq!((first.term.as_str(), first.documents_before), ("oracle", 75));
    assert_eq!(first.documents_after, 0);
    assert!(first.difference() < 0.0 && whole.bonferroni.is_drift);
}

#[test]
fn the_same_documents_do_not_drift() {
    let documents = documents("oracle", 0);
    let same = run(&documents, &documents, 50).unwrap();
    assert!(!same.bonferroni.is_drift && !same.fdr.is_drift);
    assert!(same.terms.iter().all(|t| t.psi == 0.0 && t.difference().abs() < 1e-15));
    assert_eq!(same.global_psi, 0.0);
}

#[test]
fn nothing_to_compare() {
    let documents = documents("oracle", 0);
    assert_eq!(run(&documents, &[], 50), None);
    assert_eq!(run(&[], &documents, 50), None);
    assert_eq!(run(&[vec!["de a o".to_owned()]], &documents, 50), None);
}

/// The weights of the documents as they are, each joined, tokenised by itself.
fn plain(fitted: &[Vec<String>], documents: &[Vec<String>]) -> (Vec<String>, Vec<Vec<f64>>) {
    let join = |rows: &[Vec<String>]| rows.iter().map(|row| row.join(" ")).collect::<Vec<_>>();
    let tfidf = params().fit(&join(fitted));
    let mut columns = vec![Vec::new(); tfidf.columns()];
    for document in join(documents) {
        for (column, weight) in tfidf.transform(&document, &mut Scratch::default()) {
            columns[column as usize].push(weight);
        }
    }
    columns.iter_mut().for_each(|column| column.sort_unstable_by(f64::total_cmp));
    (tfidf.terms().map(str::to_owned).collect(), columns)
}

fn assert_close(found: &[Vec<f64>], expected: &[&[f64]]) {
    assert_eq!(found.len(), expected.len());
    for (found, expected) in found.iter().zip(expected) {
        assert_eq!(found.len(), expected.len());
        for (found, expected) in found.iter().zip(*expected) {
            assert!((found - expected).abs() <= 1e-6 * expected, "{found} {expected}");
        }
    }
}

/// scikit-learn 1.6.1:
/// `v = TfidfVectorizer(); v.fit_transform(before)` and `v.transform(after)`, by column, sorted.
#[test]
fn weights_are_those_of_scikit_learn() {
    let column = |texts: &[&str]| texts.iter().map(|t| vec![(*t).to_owned()]).collect::<Vec<_>>();
    let before = column(&[
        "Zelo pelo cliente, vendas metas",
        "vendas externas, metas banco dados",
        "dados: oracle, python, vendas",
        "banco oracle metas",
    ]);
    let after = [&before[..2], &column(&["python dados"])].concat();
    let (_, x, y) = weigh(&before, &after, 2);
    assert_close(&x.columns, &FITTED);
    assert_close(&y.columns, &TRANSFORMED);
    // The same two documents weigh the same in both versions, so that they tie.
    assert_eq!(x.columns[4][..2], y.columns[4]);
}

const FITTED: [&[f64]; 9] = [
    &[0.4508517633446265, 0.6136667440107333],
    &[0.5960389368177127],
    &[0.4508517633446265, 0.48426290003607125],
    &[0.5718482940425992],
    &[0.3650033586000619, 0.38044393252779135, 0.4968161174826459],
    &[0.48426290003607125, 0.6136667440107333],
    &[0.6142260844216119],
    &[0.3650033586000619, 0.38044393252779135, 0.3920525532545391],
    &[0.5960389368177127],
];

const TRANSFORMED: [&[f64]; 9] = [
    &[0.45085176334462645],
    &[0.5960389368177127],
    &[0.45085176334462645, 0.6191302964899972],
    &[0.5718482940425992],
    &[0.36500335860006183, 0.38044393252779135],
    &[],
    &[0.7852882757103967],
    &[0.36500335860006183, 0.38044393252779135],
    &[0.5960389368177127],
];
fn a_part() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "[ab]{1,2}( [ab]{2})?",
        "[a-dA-DçÇãÃ0-9_]{1,3}([ .-][a-dç]{1,3}){0,3}",
        "[ΟοΔΣσς'İı\u{301}.]{1,4}",
    ]
}

proptest! {
    #[test]
    fn parts_weigh_as_the_whole_document_does(
        before in proptest::collection::vec(proptest::collection::vec(a_part(), 4), 1..30),
        after in proptest::collection::vec(proptest::collection::vec(a_part(), 4), 1..30),
        batch in 1..9_usize,
    ) {
        let (tfidf, x, y) = weigh(&before, &after, batch);
        let (terms, as_fitted) = plain(&before, &before);
        prop_assert!(tfidf.terms().eq(terms));
        let (_, transformed) = plain(&before, &after);
        prop_assert_eq!(x.columns, as_fitted);
        prop_assert_eq!(y.columns, transformed);
    }
}
