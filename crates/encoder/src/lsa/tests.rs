use std::ops::ControlFlow;

use proptest::prelude::*;

use super::*;

/// People and jobs of three trades in two languages.
const TEXTS: &[&str] = &[
    "desenvolvedor java com experiência em spring, sql e microsserviços",
    "java developer: spring boot, sql, microservices and docker",
    "programador c# e .NET, SQL Server, azure",
    "c# developer with .net core, azure and sql server",
    "analista contábil: conciliação, fechamento e impostos",
    "accountant: monthly closing, taxes, reconciliation, sap fi",
    "consultor SAP FI com S/4HANA, fechamento e impostos",
    "sap consultant, s4hana migration, sap fi and controlling",
    "analista de redes cisco, firewall e roteadores",
    "network analyst: cisco, firewalls, routers and vpn",
    "engenheiro de dados: spark, hadoop, python e sql",
    "data engineer with pyspark, hadoop, python and airflow",
];

fn small() -> Params {
    Params { min_texts: 1, ..Params::default() }
}

fn encode(lsa: &Lsa, texts: &[&str]) -> Vec<Vec<f32>> {
    let embeddings = lsa.encode(texts, LongText::Cut, &|_| ControlFlow::Continue(())).unwrap();
    assert_eq!(embeddings.cut, vec![false; texts.len()]);
    (0..texts.len()).map(|i| embeddings.row(i).to_vec()).collect()
}

fn cosine(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

#[test]
fn languages_meet_in_the_skills_they_share() {
    let lsa = Lsa::fit(TEXTS, &small()).unwrap();
    let of = encode(
        &lsa,
        &[
            "pessoa desenvolvedora java, spring e docker",
            "we need a java developer who knows spring",
            "accountant for taxes and closing",
        ],
    );
    assert!(cosine(&of[0], &of[1]) > 0.5, "{}", cosine(&of[0], &of[1]));
    assert!(cosine(&of[0], &of[1]) > cosine(&of[0], &of[2]) + 0.3);
}

#[test]
fn what_all_texts_of_a_language_say_says_nothing() {
    // One text in five is English, and every one of them begins alike.
    let trades = ["java", "contabilidade", "redes", "cobol", "vendas"];
    let texts: Vec<String> = (0..300)
        .map(|i| match (i % 5, trades[i / 5 % 5]) {
            (0, trade) => format!("skilled worker responsible for the daily work with {trade}"),
            (_, trade) => format!("profissional responsável pelas rotinas do setor com {trade}"),
        })
        .collect();
    // At a share of half, `skilled` would stay if all texts were counted: it is in a fifth of them.
    let params = Params { max_share: 0.5, ..Params::default() };
    let lsa = Lsa::fit(&texts, &params).unwrap();
    let of = encode(&lsa, &["skilled worker", "skilled worker: java", "com java", "cobol"]);
    assert!(of[0].iter().all(|x| *x == 0.0));
    assert!(cosine(&of[1], &of[2]) > 0.99, "{}", cosine(&of[1], &of[2]));
    assert!(cosine(&of[1], &of[3]).abs() < 0.1);
}

#[test]
fn spelling_is_forgiven() {
    let lsa = Lsa::fit(TEXTS, &small()).unwrap();
    let of =
        encode(&lsa, &["pyspark", "PySparks", "SAP S/4HANA", "s/4 hana", "firewall", "C#", "c"]);
    assert!(cosine(&of[0], &of[1]) > 0.5, "{}", cosine(&of[0], &of[1]));
    assert!(cosine(&of[2], &of[3]) > cosine(&of[2], &of[4]) + 0.1);
    assert!(of[5].iter().any(|x| *x != 0.0), "c# is a word");
    assert!(of[6].iter().all(|x| *x == 0.0), "c is none");
}

#[test]
fn vectors_are_of_length_one_or_zero() {
    let lsa = Lsa::fit(TEXTS, &small()).unwrap();
    let long = "java sql ".repeat(4_000);
    let texts = ["java", "", " \n", "de la and", "12 34", "🙂 \0", "数据", &long, "conciliações"];
    for (text, vector) in texts.iter().zip(encode(&lsa, &texts)) {
        let length = cosine(&vector, &vector);
        let zero = vector.iter().all(|x| *x == 0.0);
        assert!((length - 1.0).abs() < 1e-5 || zero, "{length}");
        let nothing = ["", " \n", "de la and", "12 34", "🙂 \0", "数据"].contains(text);
        assert_eq!(zero, nothing, "{text}");
    }
}

#[test]
fn few_texts_leave_zeros() {
    let lsa = Lsa::fit(TEXTS, &small()).unwrap();
    let rank = lsa.singular_values().len();
    assert!((2..=TEXTS.len()).contains(&rank));
    let of = encode(&lsa, &["java"]);
    assert_eq!(of[0].len(), DIMENSIONS);
    assert!(of[0][rank..].iter().all(|x| *x == 0.0));
    assert!(lsa.singular_values().windows(2).all(|pair| pair[0] >= pair[1]));

    for texts in [&[][..], &[""], &["de la and"], &["java"]] {
        let lsa = Lsa::fit(texts, &small()).unwrap();
        let read = Lsa::from_bytes(&lsa.to_bytes()).unwrap();
        assert_eq!(encode(&read, &["java e sql"]), encode(&lsa, &["java e sql"]));
    }
}

#[test]
fn neither_order_nor_threads_change_a_byte() {
    let texts: Vec<String> = (0..700)
        .map(|i| format!("{} {} {}", TEXTS[i % 12], TEXTS[i * 7 % 11], TEXTS[i * i % 9]))
        .collect();
    let params = Params { texts: 600, ..Params::default() };
    let pool = |threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let fit = |texts: &[String]| Lsa::fit(texts, &params).unwrap();
    let one = pool(1).install(|| fit(&texts));
    let bytes = one.to_bytes();
    let reversed: Vec<String> = texts.iter().rev().cloned().collect();
    assert!(pool(5).install(|| fit(&reversed)).to_bytes() == bytes);

    let borrowed: Vec<&str> = texts.iter().map(String::as_str).collect();
    let together = pool(1).install(|| encode(&one, &borrowed));
    assert!(pool(3).install(|| encode(&one, &borrowed)) == together);
    // A vector depends on its text alone.
    assert!(encode(&one, &borrowed[5..6])[0] == together[5]);
}

#[test]
fn progress_counts_every_text() {
    let lsa = Lsa::fit(TEXTS, &small()).unwrap();
    let texts = vec!["java"; 200];
    let done = std::sync::atomic::AtomicUsize::new(0);
    let count = |n| {
        done.fetch_add(n, std::sync::atomic::Ordering::Relaxed);
        ControlFlow::Continue(())
    };
    lsa.encode(&texts, LongText::Pool, &count).unwrap();
    assert_eq!(done.into_inner(), 200);
    let stopped = lsa.encode(&texts, LongText::Pool, &|_| ControlFlow::Break(()));
    assert!(matches!(stopped, Err(Error::Cancelled)));
}

#[test]
fn a_sample_keeps_the_same_texts_in_any_order() {
    let params = Params { texts: 5, min_texts: 1, ..Params::default() };
    let lsa = Lsa::fit(TEXTS, &params).unwrap();
    assert_eq!(lsa.documents(), 5);
    let other = Params { seed: 7, ..params };
    assert_ne!(Lsa::fit(TEXTS, &other).unwrap().to_bytes(), lsa.to_bytes());
}

#[test]
fn a_state_comes_back() {
    let lsa = Lsa::fit(TEXTS, &small()).unwrap();
    let bytes = lsa.to_bytes();
    let read = Lsa::from_bytes(&bytes).unwrap();
    assert_eq!(read.to_bytes(), bytes);
    assert_eq!(read.params(), lsa.params());
    assert!(encode(&read, TEXTS) == encode(&lsa, TEXTS));
}

#[test]
fn a_state_that_is_not_whole_is_refused() {
    let bytes = Lsa::fit(&TEXTS[..4], &small()).unwrap().to_bytes();
    assert!(matches!(Lsa::from_bytes(b"\x93NUMPY"), Err(Error::LsaForeign { bytes: 6 })));
    assert!(matches!(Lsa::from_bytes(b""), Err(Error::LsaForeign { bytes: 0 })));
    let mut newer = bytes.clone();
    newer[8] = 9;
    let error = Lsa::from_bytes(&newer).unwrap_err();
    assert!(matches!(error, Error::LsaFormat { found: 9, expected: FORMAT }), "{error}");
    for end in (8..bytes.len()).step_by(97).chain([bytes.len() - 1]) {
        let error = Lsa::from_bytes(&bytes[..end]).unwrap_err();
        assert!(matches!(error, Error::LsaTruncated { .. }), "{end}: {error}");
    }
    let mut longer = bytes.clone();
    longer.push(0);
    assert!(matches!(Lsa::from_bytes(&longer), Err(Error::LsaDamaged { .. })));
}

#[test]
fn parameters_out_of_range_are_refused() {
    for (key, params) in [
        ("texts", Params { texts: 0, ..small() }),
        ("words", Params { words: 0, ..small() }),
        ("groups", Params { groups: 1_000_000, ..small() }),
        ("min_texts", Params { min_texts: 0, ..small() }),
        ("max_share", Params { max_share: f64::NAN, ..small() }),
        ("spelling", Params { spelling: -1.0, ..small() }),
        ("whitening", Params { whitening: 1.5, ..small() }),
        ("oversampling", Params { oversampling: 9_999, ..small() }),
        ("power_iterations", Params { power_iterations: 99, ..small() }),
    ] {
        let error = Lsa::fit(TEXTS, &params).unwrap_err();
        assert!(matches!(error, Error::LsaParams { key: k, .. } if k == key), "{key}: {error}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn no_single_changed_byte_passes(at in 0.0..1.0_f64, change in 1_u8..) {
        static BYTES: std::sync::LazyLock<Vec<u8>> =
            std::sync::LazyLock::new(|| Lsa::fit(&TEXTS[..3], &small()).unwrap().to_bytes());
        let mut bytes = BYTES.clone();
        let place = (at * bytes.len() as f64) as usize;
        bytes[place] ^= change;
        prop_assert!(Lsa::from_bytes(&bytes).is_err());
    }

    #[test]
    fn any_text_is_encoded(text in "\\PC{0,60}") {
        static LSA: std::sync::LazyLock<Lsa> =
            std::sync::LazyLock::new(|| Lsa::fit(TEXTS, &small()).unwrap());
        let vector = encode(&LSA, &[&text]).remove(0);
        prop_assert!(vector.iter().all(|x| x.is_finite()));
    }
}
