//! What the profile says of the raw files that the clean tables cannot say.

use schema::profile::{Difference, Profile};
use versioning::RawTable;

use crate::world::{Day, World, clean};

fn profile(day: &Day) -> Profile {
    Profile::from_json(&day.bytes("profile.json")).unwrap()
}

/// A job with these applications (the inside of each object).
fn job(id: u32, applications: &[String]) -> String {
    let list: Vec<String> = applications.iter().map(|inside| format!("{{{inside}}}")).collect();
    format!(r#""{id}": {{"titulo": "T", "prospects": [{}]}}"#, list.join(","))
}

fn prospects(jobs: &[String]) -> World {
    World::default().with(RawTable::Prospects, format!("{{{}}}", jobs.join(",")))
}

#[test]
fn records_are_compared_with_records_and_items_with_items() {
    // 100 jobs of 20 applications each; 5 further jobs are lost.
    let person = |i: u32| format!(r#""codigo": "{i}""#);
    let good = |id| job(id, &(0..20).map(person).collect::<Vec<_>>());
    let mut jobs: Vec<String> = (1..=100).map(good).collect();
    jobs.extend((101..=105).map(|id| format!("\"{id}\": [1]")));
    let mut world = prospects(&jobs);
    let profile = profile(&world.run().unwrap()).prospects;
    assert_eq!((profile.records, profile.items, profile.rows), (105, 2000, 2000));
    assert_eq!((profile.rejected_records, profile.rejected_items), (5, 0));
    // 5 of 105 records, not of 2,005 records and applications.
    world.config.max_reject_share = 0.01;
    let error = world.run().err().unwrap().message;
    assert!(error.contains("5 of 105 records were set aside (4.76 %)"), "{error}");

    let mut items: Vec<String> = (0..95).map(person).collect();
    items.extend((0..5).map(|_| r#""nome": "x""#.to_owned()));
    let mut world = prospects(&[job(1, &items)]);
    world.config.max_reject_share = 0.01;
    let error = world.run().err().unwrap().message;
    assert!(error.contains("5 of 100 items were set aside (5.00 %)"), "{error}");
    world.config.max_reject_share = 0.05;
    let day = world.run().unwrap();
    assert_eq!(day.rejects()[0], "prospects 1 codigo item missing_key");
    assert_eq!(day.metrics.0["rejected_items_prospects"], 5);
}

#[test]
fn a_key_repeated_within_a_section_has_the_faults_of_its_last_value_alone() {
    let person = r#"{"1": {"informacoes_pessoais": {"data_nascimento": "x", "data_nascimento": "01-01-1990"}}}"#;
    let day = clean(RawTable::Applicants, person);
    assert_eq!(day.rejects(), Vec::<String>::new());
    let born = "informacoes_pessoais.data_nascimento";
    assert_eq!(day.applicants()[0][born], "1990-01-01");
    assert_eq!(profile(&day).applicants.columns[born].unreadable, 0);
    let person = r#"{"1": {"informacoes_pessoais": {"data_nascimento": "01-01-1990", "data_nascimento": "x"}}}"#;
    let day = clean(RawTable::Applicants, person);
    assert_eq!(day.rejects(), [format!("applicants 1 {born} field invalid_date")]);
    assert_eq!(day.applicants()[0].get(born), None);
}

#[test]
fn unreadable_dates_are_told_by_their_form_and_readable_ones_by_their_day() {
    let dates =
        ["25-03-2021", "25-03-2021", "03/25/2021", "12/31/2021", "44280", "", "00-00-0000", "logo"];
    let items = dates.iter().enumerate();
    let items = items.map(|(i, d)| format!(r#""codigo": "{i}", "data_candidatura": "{d}""#));
    let day = prospects(&[job(1, &items.collect::<Vec<_>>())]).run().unwrap();
    let profile = profile(&day).prospects;
    let column = &profile.columns["data_candidatura"];
    assert_eq!((column.filled, column.missing, column.unreadable, column.present), (2, 2, 4, 8));
    let forms: Vec<_> = column.forms.iter().map(|(form, n)| (form.as_str(), *n)).collect();
    assert_eq!(forms, [("99/99/9999 (month first)", 2), ("99999", 1), ("a", 1)]);
    assert_eq!(column.days, [("2021-03-25".to_owned(), 2)].into());
    let update = &profile.columns["ultima_atualizacao"];
    assert_eq!((update.missing, update.present), (8, 0));
}

#[test]
fn unknown_statuses_are_counted_and_told_by_what_they_resemble() {
    let statuses = [
        "Prospect",
        "PROSPECT",
        "NÃ£o Aprovado pelo Cliente",
        "NÃ£o Aprovado pelo Cliente",
        "Contratado pela Decisao",
        "Ligar para Ana Prado",
    ];
    let items = statuses.iter().enumerate();
    let items = items.map(|(i, s)| format!(r#""codigo": "{i}", "situacao_candidado": "{s}""#));
    let day = prospects(&[job(1, &items.collect::<Vec<_>>())]).run().unwrap();
    let profile = profile(&day);
    let column = &profile.prospects.columns["situacao_candidado"];
    let found = column.statuses.as_ref().unwrap();
    assert_eq!(found.known, [("Prospect".to_owned(), 2)].into());
    assert_eq!((found.unknown, found.unknown_texts), (4, 3));
    let resembles: Vec<_> =
        found.resembles.iter().map(|r| (r.known.as_str(), r.by, r.rows)).collect();
    assert_eq!(
        resembles,
        [
            ("Não Aprovado pelo Cliente", Difference::Encoding, 2),
            ("Contratado pela Decision", Difference::Spelling, 1),
        ]
    );
    assert_eq!((column.non_ascii, column.mojibake), (2, 2));
    let text = String::from_utf8(day.bytes("profile.json")).unwrap();
    assert!(!text.contains("Ligar") && !text.contains("NÃ£o"), "{text}");
}

#[test]
fn a_known_key_that_no_record_has_is_told_with_the_one_in_its_place() {
    let person = |i: u32| {
        let more = if i == 1 { r#", "curriculum_old": 1"# } else { "" };
        format!(
            r#""{i}": {{"curriculo_pt": "x", "infos_basicas": {{"nome": "Ana", "e_mail": "a@b.c"}}{more}}}"#
        )
    };
    let people: Vec<String> = (1..=20).map(person).collect();
    let items: Vec<String> = (1..=20)
        .map(|i| format!(r#""codigo": "{i}", "situacao_candidato": "Prospect", "nome": "A""#))
        .collect();
    let day = prospects(&[job(1, &items)])
        .with(RawTable::Applicants, format!("{{{}}}", people.join(",")))
        .run()
        .unwrap();
    let profile = profile(&day);
    let renamed = &profile.applicants.renamed_keys;
    assert_eq!(renamed["cv_pt"], "curriculo_pt");
    assert_eq!(renamed["infos_basicas.email"], "infos_basicas.e_mail");
    assert!(!renamed.contains_key("informacoes_pessoais.email"), "{renamed:?}");
    assert_eq!(
        profile.prospects.renamed_keys["situacao_candidado"],
        "prospects.situacao_candidato"
    );
    assert_eq!(profile.applicants.columns["cv_pt"].present, 0);
    assert_eq!(profile.applicants.columns["infos_basicas.nome"].present, 20);
}

#[test]
fn repeated_records_are_identical_or_not_and_the_commonest_cv_is_counted() {
    let people = r#"{
        "1": {"cv_pt": "java", "cv_en": "x"}, "1": {"cv_en": "x", "cv_pt": "java "},
        "2": {"cv_pt": "sql"}, "2": {"cv_pt": "cobol"}, "3": {"cv_pt": "java"}, "4": {}
    }"#;
    let day = clean(RawTable::Applicants, people);
    let profile = profile(&day).applicants;
    assert_eq!((profile.repeated.identical, profile.repeated.differing), (1, 1));
    let cv = &profile.columns["cv_pt"];
    assert_eq!((cv.filled, cv.missing, cv.distinct, cv.commonest), (3, 1, 2, Some(2)));
}

#[test]
fn nul_characters_are_removed_and_counted() {
    let people = r#"{"1": {"cv_pt": "ja\u0000va", "infos_basicas": {"local": "\u0000"}}, "2": {"cv_pt": "e\u0007"}}"#;
    let day = clean(RawTable::Applicants, people);
    assert_eq!(day.applicants()[0]["cv_pt"], "java");
    assert_eq!(
        day.rejects(),
        [
            "applicants 1 cv_pt field nul_removed",
            "applicants 1 infos_basicas.local field nul_removed"
        ]
    );
    let columns = profile(&day).applicants.columns;
    assert_eq!(columns["cv_pt"].set_aside["nul_removed"], 1);
    assert_eq!((columns["cv_pt"].unreadable, columns["infos_basicas.local"].missing), (0, 2));
}
