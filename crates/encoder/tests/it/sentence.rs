//! What holds of every vector: it is its text's alone.

use std::ops::ControlFlow;
use std::sync::{LazyLock, Mutex};

use encoder::sentence::SentenceTransformer;
use encoder::{Encoder, LongText};
use proptest::prelude::*;

use crate::golden::{Golden, cosine, tiny};

static ENCODER: LazyLock<SentenceTransformer> =
    LazyLock::new(|| SentenceTransformer::open(&tiny()).unwrap());

fn threads(n: usize) -> rayon::ThreadPool {
    rayon::ThreadPoolBuilder::new().num_threads(n).build().unwrap()
}

/// Enough of them for several packs.
fn many() -> Vec<String> {
    let golden = Golden::read("tiny_embeddings.json");
    (0..20).flat_map(|i| golden.texts.iter().map(move |text| format!("{i} {text}"))).collect()
}

#[test]
fn a_vector_depends_neither_on_its_neighbours_nor_on_threads() {
    let encoder = &ENCODER;
    let texts = many();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for long in [LongText::Cut, LongText::Pool] {
        let one = threads(1)
            .install(|| encoder.encode(&texts, long, &|_| ControlFlow::Continue(())).unwrap());
        let four = threads(4)
            .install(|| encoder.encode(&texts, long, &|_| ControlFlow::Continue(())).unwrap());
        assert_eq!(one, four);
        for (i, text) in texts.iter().enumerate().step_by(7) {
            let alone = encoder.encode(&[text], long, &|_| ControlFlow::Continue(())).unwrap();
            assert_eq!(alone.row(0), one.row(i), "{text:?}");
        }
    }
}

#[test]
fn progress_counts_every_text_once() {
    let encoder = &ENCODER;
    let texts = many();
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    for long in [LongText::Cut, LongText::Pool] {
        let done = Mutex::new(0);
        let count = |n| {
            *done.lock().unwrap() += n;
            ControlFlow::Continue(())
        };
        encoder.encode(&texts, long, &count).unwrap();
        assert_eq!(*done.lock().unwrap(), texts.len());
        let stopped = encoder.encode(&texts, long, &|_| ControlFlow::Break(()));
        assert!(matches!(stopped, Err(encoder::Error::Cancelled)));
    }
}

#[test]
fn no_texts_give_no_vectors() {
    let none = ENCODER.encode(&[], LongText::Cut, &|_| ControlFlow::Continue(())).unwrap();
    assert!(none.vectors.is_empty() && none.cut.is_empty());
    assert_eq!(none.dimensions, 48);
}

#[test]
fn what_is_cut_is_said() {
    let encoder = &ENCODER;
    let (short, long) = ("analista de sistemas", "analista de sistemas ".repeat(60));
    let cut =
        encoder.encode(&[short, &long, ""], LongText::Cut, &|_| ControlFlow::Continue(())).unwrap();
    assert_eq!(cut.cut, [false, true, false]);
    let pooled = encoder
        .encode(&[short, &long, ""], LongText::Pool, &|_| ControlFlow::Continue(()))
        .unwrap();
    assert_eq!(pooled.cut, [false, false, false]);
    assert_eq!(cut.row(0), pooled.row(0), "a short text is one window either way");
}

#[test]
fn a_pooled_vector_is_the_mean_of_its_windows_by_length() {
    let encoder = &ENCODER;
    let text = "desenvolvedor java com experiência em bancos e seguros ".repeat(20);
    let windows = encoder.tokens(&text, LongText::Pool).unwrap();
    assert!(windows.len() > 3);
    assert!(windows.iter().all(|window| window.len() <= encoder.max_seq_length()));
    let content = |i: usize| &windows[i][1..windows[i].len() - 1];
    let shared = content(0).len() / 4;
    assert_eq!(content(0)[content(0).len() - shared..], content(1)[..shared]);
    let pooled = encoder.encode(&[&text], LongText::Pool, &|_| ControlFlow::Continue(())).unwrap();
    let cut = encoder.encode(&[&text], LongText::Cut, &|_| ControlFlow::Continue(())).unwrap();
    assert_ne!(pooled.vectors, cut.vectors);
    assert!(cosine(pooled.row(0), cut.row(0)) > 0.5);
}

#[test]
fn hard_texts_are_encoded() {
    let encoder = &ENCODER;
    let long = "ação🚀数据\u{0} analytics ".repeat(1500);
    let glued = "semespaços".repeat(3000);
    let spaces = " ".repeat(40_000);
    let texts =
        [&long, &glued, &spaces, "\u{0}", "a\u{0}b", "🚀🚀", "\u{1c}\u{85}", "مرحبا по-русски"];
    for how in [LongText::Cut, LongText::Pool] {
        let vectors = encoder.encode(&texts, how, &|_| ControlFlow::Continue(())).unwrap().vectors;
        assert_eq!(vectors.len(), texts.len() * 48);
        assert!(vectors.iter().all(|x| x.is_finite()));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Texts are tokenised only as far as they are read: nothing may come of that.
    #[test]
    fn tokens_of_a_beginning_are_those_of_the_whole(
        words in prop::collection::vec("[a-zA-Zçãé]{1,9}|[0-9]{1,6}|[^ ]{1,3}|\u{301}\u{4e2d}", 1..250),
        space in "( |  |\n| \t)",
    ) {
        let encoder = &ENCODER;
        let text = words.join(&space);
        let whole = encoder.tokens(&text, LongText::Pool).unwrap();
        let cut = encoder.tokens(&text, LongText::Cut).unwrap();
        prop_assert_eq!(&cut[0], &whole[0]);
        let read = encoder.encode(&[&text], LongText::Cut, &|_| ControlFlow::Continue(())).unwrap();
        prop_assert_eq!(read.cut[0], whole.len() > 1);
    }
}
