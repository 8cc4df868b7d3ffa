//! No person and no text of one is in the report; what people wrote cannot harm the page.

use drift::{PAGE, REPORT};
use serde_json::json;
use versioning::Artefact;

use crate::fixture::{Place, generated};

fn files(place: &Place) -> [String; 2] {
    place.try_run(json!(null)).unwrap();
    let version = place.lake.series(Artefact::Drift).newest().unwrap().unwrap();
    [REPORT, PAGE]
        .map(|file| String::from_utf8(version.open(file).unwrap().bytes().unwrap().into()).unwrap())
}

#[test]
fn what_few_people_have_is_not_named() {
    let mut place = Place::new();
    for seed in [1, 2] {
        let mut rows = generated(seed, 100, 20, 150);
        for (i, person) in rows.people.iter_mut().enumerate().take(4) {
            person.insert("cidade".to_owned(), Some("Vila Rara".to_owned()));
            let cv = format!("fulano{i} beltranowski trabalhou na firma singular");
            person.insert("cv_candidato".to_owned(), Some(cv));
        }
        place.features(&format!("2025-01-2{seed}"), &rows);
    }
    for file in files(&place) {
        for word in ["Vila Rara", "fulano", "beltranowski", "31002", "singular", "profissional com"]
        {
            assert!(!file.contains(word), "{word}");
        }
        assert!(file.contains("Curitiba") && file.contains("java"));
    }
}

#[test]
fn hostile_values_are_cut_and_escaped() {
    let long = "a".repeat(10_000);
    let hostile = [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "\u{202e}gnirts\u{2066}",
        "{{ 7 * 7 }}",
        &long,
    ];
    let mut place = Place::new();
    for (seed, step) in [(1, 7), (2, 3)] {
        let mut rows = generated(seed, 300, 20, 400);
        for (i, person) in rows.people.iter_mut().enumerate().step_by(step) {
            let value = Some(hostile[i % hostile.len()].to_owned());
            person.insert("cidade".to_owned(), value.clone());
            person.insert("cv_candidato".to_owned(), value.clone());
            person.insert("titulo_profissional".to_owned(), value);
        }
        place.features(&format!("2025-01-2{seed}"), &rows);
    }
    let [json, html] = files(&place);
    assert!(!json.contains(&long[..100]));
    assert!(json.contains(&format!("{}…", &long[..79])));
    let page = html.to_lowercase();
    for harm in ["<script>alert", "<img", "{{ 7", "\u{202e}", "\u{2066}"] {
        let found = page.contains(harm);
        // The template's braces are gone, but somebody's are a text like any other.
        assert_eq!(found, harm == "{{ 7", "{harm}");
    }
    assert!(page.len() < 2 << 20);
}
