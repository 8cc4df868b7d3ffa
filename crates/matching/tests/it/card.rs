//! The model card: every figure of the page stands in the document, and people cannot write into it.

use matching::card::{CARD, PAGE_EN, PAGE_PT};
use serde_json::Value;
use versioning::{Artefact, Lake};

use crate::{
    fixture::{Random, Rows, generated},
    lake::{lake_with, run, small},
};

/// The document and the two pages of the newest model.
fn card(lake: &Lake) -> (Value, [String; 2]) {
    let version = lake.series(Artefact::Matching).newest().unwrap().unwrap();
    let read = |file: &str| version.open(file).unwrap().bytes().unwrap();
    let page = |file| String::from_utf8(read(file).to_vec()).unwrap();
    (serde_json::from_slice(&read(CARD)).unwrap(), [page(PAGE_PT), page(PAGE_EN)])
}

fn made(rows: &Rows) -> (Value, [String; 2]) {
    let lake = lake_with(rows);
    run(&lake, small()).unwrap();
    card(&lake)
}

/// The pointer and the text of every figure that says its place.
fn figures(page: &str) -> Vec<(&str, &str)> {
    let parts = page.split("data-v=\"").skip(1);
    parts
        .filter_map(|part| {
            let (pointer, rest) = part.split_once("\">")?;
            let (text, _) = rest.split_once('<')?;
            (!text.trim().is_empty()).then_some((pointer, text))
        })
        .collect()
}

/// The number that a text of the page shows, and half a unit of its last digit.
fn number(text: &str, (decimal, thousands): (char, char)) -> Option<(f64, f64)> {
    let share = text.ends_with('%');
    let plain: String = text
        .chars()
        .filter(|c| *c != thousands && *c != '%' && *c != '+' && !c.is_whitespace())
        .map(|c| match c {
            '\u{2212}' => '-',
            c if c == decimal => '.',
            c => c,
        })
        .collect();
    let places = plain.split_once('.').map_or(0, |(_, places)| places.len());
    let unit = 0.5 * 10_f64.powi(-(places as i32)) + 1e-9;
    let scale = if share { 100.0 } else { 1.0 };
    Some((plain.parse::<f64>().ok()? / scale, unit / scale))
}

#[test]
fn every_figure_of_the_page_is_one_of_the_document() {
    let (document, pages) = made(&generated(300, 40, 900));
    for (page, marks) in pages.iter().zip([(',', '.'), ('.', ',')]) {
        let mut compared = 0;
        for (pointer, text) in figures(page) {
            let value = document.pointer(pointer);
            let Some(value) = value.and_then(Value::as_f64) else { continue };
            let Some((shown, half)) = number(text, marks) else { continue };
            assert!((shown - value).abs() <= half, "{pointer}: {text} for {value}");
            compared += 1;
        }
        assert!(compared > 100, "{compared}");
    }
}

#[test]
fn the_page_needs_nothing_from_anywhere() {
    let (_, [pt, en]) = made(&generated(300, 40, 900));
    for page in [&pt, &en] {
        assert!(page.contains("Content-Security-Policy"));
        for outside in ["http://", "https://", "src=", "@import", "url("] {
            assert!(!page.contains(outside), "{outside}");
        }
        assert!(page.len() < 2 << 20);
    }
    assert!(pt.contains("lang=\"pt-BR\"") && pt.contains("Quão justo"));
    assert!(en.contains("lang=\"en\"") && en.contains("How fair"));
}

#[test]
fn what_people_typed_is_no_markup() {
    let hostile = "<script>alert(1)</script>\"><img onerror=x>\u{202e}";
    let mut rows = generated(300, 40, 900);
    for person in &mut rows.people {
        person.insert("estado_civil".to_owned(), Some(hostile.to_owned()));
    }
    for job in &mut rows.jobs {
        job.insert("areas_atuacao_vaga".to_owned(), Some(hostile.to_owned()));
    }
    let (_, pages) = made(&rows);
    for page in pages {
        assert!(!page.contains("<script>alert") && !page.contains("<img"));
        assert!(page.contains("&lt;script&gt;alert"));
        assert!(!page.contains('\u{202e}'));
    }
}

#[test]
fn a_model_of_protected_attributes_says_so_first() {
    let lake = lake_with(&generated(300, 40, 900));
    let mut config = small();
    config["preset"] = "classic".into();
    config["compare"] = true.into();
    run(&lake, config).unwrap();
    let (document, [pt, en]) = card(&lake);
    assert_eq!(document["protected"], serde_json::json!(["sexo", "estado_civil", "pcd"]));
    let first = |page: &str| page[..page.find("class=\"facts\"").unwrap()].to_owned();
    assert!(first(&pt).contains("atributos protegidos"));
    assert!(first(&en).contains("protected attributes"));
}

#[test]
fn of_labels_without_meaning_the_card_says_that_there_is_nothing_to_learn() {
    let mut rows = generated(300, 40, 900);
    let mut statuses: Vec<_> =
        rows.applications.iter().map(|a| a["situacao_candidato"].clone()).collect();
    Random(7).shuffle(&mut statuses);
    for (application, status) in rows.applications.iter_mut().zip(statuses) {
        application.insert("situacao_candidato".to_owned(), status);
    }
    let (document, [pt, en]) = made(&rows);
    assert_eq!(document["nothing_to_learn"], true);
    assert!(pt.contains("Não há o que aprender"));
    assert!(en.contains("There is nothing to learn"));
    let (document, [_, en]) = made(&generated(300, 40, 900));
    assert_eq!(document["nothing_to_learn"], false);
    assert!(!en.contains("There is nothing to learn"));
}
