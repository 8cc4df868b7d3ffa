//! The model card: every figure of the page stands in the document, and people cannot write into it.

use matching::card::{CARD, PAGE_EN, PAGE_PT};
use reports::Lang;
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

/// As a cell shows an estimate.
fn estimate(of: &Value, show: impl Fn(f64) -> String) -> String {
    let Some(value) = of["value"].as_f64() else { return "–".to_owned() };
    let (Some(low), Some(high)) = (of["low"].as_f64(), of["high"].as_f64()) else {
        return show(value);
    };
    let low = show(low).trim_end_matches('%').to_owned();
    format!("{}<br><span class=\"soft\">[{low}; {}]</span>", show(value), show(high))
}

#[test]
fn the_figures_of_the_page_are_those_of_the_document() {
    let (document, pages) = made(&generated(300, 40, 900));
    let metrics = &document["metrics"];
    for (page, lang) in pages.iter().zip([Lang::Pt, Lang::En]) {
        let mut compared = 0;
        let mut shows = |shown: String| {
            assert!(page.contains(&format!(">{shown}<")), "{shown}");
            compared += 1;
        };
        let places = |value| lang.decimal(value, 3);
        for split in metrics["splits"].as_array().unwrap() {
            let figures = &split["figures"];
            for figure in ["roc_auc", "pr_auc", "log_loss", "brier", "ece"] {
                shows(estimate(&figures[figure], places));
            }
            for lift in ["ndcg_at_5_lift", "recall_at_5_lift"] {
                shows(estimate(&figures["within_job"][lift], |value| lang.signed(value, 3)));
            }
        }
        for baseline in metrics["baselines"].as_array().unwrap() {
            shows(estimate(&baseline["figures"]["roc_auc"], places));
            shows(estimate(&baseline["lead"]["roc_auc"], |value| lang.signed(value, 3)));
        }
        for part in document["importance"].as_array().unwrap().iter().take(12) {
            shows(lang.percent(part["share"].as_f64(), 1));
        }
        let audit = &document["fairness"];
        for list in ["attributes", "intersections"] {
            for attribute in audit[list].as_array().unwrap() {
                for group in attribute["groups"].as_array().unwrap() {
                    let percent = |value| lang.percent(value, 1);
                    let ratio = |value| lang.decimal(value, 2);
                    let held_out = &group["held_out"];
                    for rate in
                        [&group["outcomes"]["observed"], &held_out["selection"], &held_out["top"]]
                    {
                        shows(estimate(&rate["rate"], percent));
                        shows(estimate(&rate["impact_ratio"], ratio));
                    }
                    shows(estimate(&held_out["scoring"]["impact_ratio"], ratio));
                    shows(estimate(&held_out["true_positives"]["rate"], percent));
                    shows(estimate(&held_out["calibration_gap"], |value| lang.signed(value, 3)));
                }
            }
        }
        for rows in ["train", "aside", "test"] {
            shows(lang.count(metrics[rows]["rows"].as_u64()));
        }
        assert!(compared > 100, "{compared}");
        assert!(!page.contains("<th scope=\"col\"></th>"), "a head without a name");
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

/// Applications whose outcome is the doing of one side alone: of the sum of four of its levels.
fn decided_by(key: &str, columns: [&str; 4]) -> Rows {
    let levels = ["Nenhum", "Básico", "Técnico", "Fluente"];
    let mut rows = generated(300, 200, 3000);
    let mut random = Random(3);
    let mut sums = std::collections::BTreeMap::new();
    let records = if key == "codigo" { &mut rows.people } else { &mut rows.jobs };
    for record in records {
        let mut sum = 0;
        for column in columns {
            let level = random.below(4);
            sum += level;
            record.insert(column.to_owned(), Some(levels[level].to_owned()));
        }
        sums.insert(record[key].clone(), sum);
    }
    for application in &mut rows.applications {
        let taken = random.below(4) + 4 < sums[&application[key]];
        let status = if taken { "Aprovado" } else { "Prospect" };
        application.insert("situacao_candidato".to_owned(), Some(status.to_owned()));
    }
    rows
}

#[test]
fn the_first_sentence_says_whether_the_candidates_of_a_job_are_put_in_order() {
    let made = |rows: &Rows| {
        let lake = lake_with(rows);
        let mut config = small();
        config["boost"]["n_estimators"] = 100.into();
        run(&lake, config).unwrap();
        card(&lake).1
    };
    let headline = |page: &str| page.split("<h1>").nth(1).unwrap()[..90].to_owned();
    let person = ["ingles", "espanhol", "nivel_profissional", "nivel_academico"];
    let [_, en] = made(&decided_by("codigo", person));
    let said = headline(&en);
    assert!(said.contains("puts the candidates of a job in order"), "{said}");
    assert!(en.contains("For putting a job's applications in order"));
    let job =
        ["nivel_ingles_vaga", "nivel_espanhol_vaga", "nivel_profissional_vaga", "cidade_vaga"];
    let [pt, en] = made(&decided_by("codigo_vaga", job));
    let said = headline(&en);
    assert!(said.contains("does not put the candidates of a job in order"), "{said}");
    assert!(headline(&pt).contains("não ordena os candidatos de uma vaga"));
    assert!(en.contains("For seeing which jobs usually fill.") && !en.contains("For putting"));
}
