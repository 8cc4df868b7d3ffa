//! Reasons for a score: they sum to it, say what is missing, and name nothing protected.

use serde_json::{Value, json};
use versioning::Lake;

use crate::{
    fixture::generated,
    lake::{command, held_out, lake_with, run, small},
};

fn explained(lake: &Lake, pair: &(String, String, Option<f32>), lang: &str) -> (Value, String) {
    let args = [("candidate", pair.0.as_str()), ("job", pair.1.as_str()), ("lang", lang)];
    let answer = command(lake, "explain", &args, None).unwrap();
    (answer.json, answer.text)
}

fn sum(json: &Value) -> f64 {
    let reasons = json["why"]["reasons"].as_array().unwrap().iter();
    let parts: f64 = reasons.map(|reason| reason["contribution"].as_f64().unwrap()).sum();
    json["why"]["mean"].as_f64().unwrap() + parts
}

#[test]
fn contributions_sum_to_the_score() {
    let lake = lake_with(&generated(200, 30, 600));
    let mut config = small();
    // Without calibration the log-odds of the probability are the sum.
    config["calibration"] = json!("none");
    run(&lake, config).unwrap();
    for pair in held_out(&lake).iter().take(20) {
        let (json, _) = explained(&lake, pair, "en");
        let probability = json["probability"].as_f64().unwrap();
        assert!((probability as f32 - pair.2.unwrap()).abs() < 1e-6);
        let log_odds = (probability / (1.0 - probability)).ln();
        assert!((sum(&json) - log_odds).abs() < 1e-4, "{} for {log_odds}", sum(&json));
        assert!((json["log_odds_before_calibration"].as_f64().unwrap() - log_odds).abs() < 1e-4);
    }
}

#[test]
fn reasons_are_told_in_both_languages() {
    let lake = lake_with(&generated(200, 30, 600));
    run(&lake, small()).unwrap();
    let pairs = held_out(&lake);
    let pair = &pairs[0];
    let (_, pt) = explained(&lake, pair, "pt");
    let (_, en) = explained(&lake, pair, "en");
    let head = format!("candidato {}, vaga {}: 0,", pair.0, pair.1);
    assert!(pt.starts_with(&head) && pt.contains("\nmodelo v1 (a mais nova: "), "{pt}");
    assert!(pt.contains("média") && pt.contains("soma"), "{pt}");
    assert!(pt.contains("  pouco a favor  ") || pt.contains("  pouco contra  "), "{pt}");
    assert!(en.contains("mean") && en.contains("sum (log-odds, before calibration)"), "{en}");
    let told =
        |lang| pairs.iter().take(30).map(|p| explained(&lake, p, lang).1).collect::<String>();
    let en = told("en");
    assert!(en.contains("English: the job asks for"), "{en}");
    assert!(en.contains("words of cv_candidato: "), "{en}");
    assert!(en.contains("  nivel_ingles_vaga: "), "{en}");
    assert!(told("pt").contains("inglês: a vaga pede"));
}

#[test]
fn no_word_is_named_that_the_text_has_not() {
    let rows = generated(200, 30, 600);
    let lake = lake_with(&rows);
    run(&lake, small()).unwrap();
    let mut named = 0;
    for pair in held_out(&lake).iter().take(40) {
        let (json, _) = explained(&lake, pair, "en");
        let person = rows.people.iter().find(|p| p["codigo"].as_deref() == Some(&*pair.0));
        let cv = person.unwrap()["cv_candidato"].clone().unwrap_or_default();
        for reason in json["why"]["reasons"].as_array().unwrap() {
            let words = reason["words"].as_str().unwrap();
            let Some(words) = words.strip_prefix("words of cv_candidato: ") else { continue };
            for word in words.split(", ") {
                assert!(cv.contains(word), "{word}");
                named += 1;
            }
        }
    }
    assert!(named > 0);
}

#[test]
fn nothing_protected_is_a_reason() {
    let lake = lake_with(&generated(200, 30, 600));
    let mut config = small();
    config["preset"] = json!("classic");
    run(&lake, config).unwrap();
    let mut told_as_one = 0;
    for pair in held_out(&lake).iter().take(40) {
        let (json, text) = explained(&lake, pair, "en");
        for word in ["sexo", "Feminino", "Masculino", "estado_civil", "Solteiro", "Casado", "pcd"] {
            assert!(!text.contains(word) && !json.to_string().contains(word), "{word}: {text}");
        }
        told_as_one += usize::from(text.contains("protected attributes, which this model"));
    }
    assert!(told_as_one > 0);
}

#[test]
fn an_unknown_pair_says_what_is_near() {
    let lake = lake_with(&generated(200, 30, 600));
    run(&lake, small()).unwrap();
    let said = |args: &[(&str, &str)]| command(&lake, "explain", args, None).unwrap_err().message;
    assert!(said(&[("candidate", "41001"), ("job", "5001")]).contains("near: 31001"));
    assert!(said(&[("candidate", "31001")]).contains("--job"));
    let lang = [("candidate", "31001"), ("job", "5001"), ("lang", "fr")];
    assert!(said(&lang).contains("expected pt or en"));
}
