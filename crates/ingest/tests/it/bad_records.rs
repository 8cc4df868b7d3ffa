//! Records that are set aside: the run goes on without them, and fails when they are too many.

use stage::ErrorName;
use versioning::RawTable::{Applicants, Prospects, Vagas};

use crate::world::{World, clean};

#[test]
fn a_record_of_the_wrong_shape_is_left_out_and_the_others_stay() {
    let day = clean(
        Applicants,
        r#"{"1": {"cv_pt": "a"}, "2": ["x"], "3": null, "4": "x", "5": 7,
                "6": {"infos_basicas": "x"}, "7": {"cargo_atual": [1]}, "8": {"cv_pt": "b"}}"#,
    );
    let keys: Vec<_> = day.applicants().iter().map(|row| row["codigo"].clone()).collect();
    assert_eq!(keys, ["1", "8"]);
    assert_eq!(
        day.rejects(),
        [
            "applicants 2 · record not_an_object",
            "applicants 3 · record not_an_object",
            "applicants 4 · record not_an_object",
            "applicants 5 · record not_an_object",
            "applicants 6 infos_basicas record wrong_section",
            "applicants 7 cargo_atual record wrong_section",
        ]
    );
    assert_eq!(day.profile()["applicants"]["rejected_by_reason"]["not_an_object"], 4);
    assert_eq!(day.metrics.0["rejected_applicants"], 6);
}

#[test]
fn broken_json_and_text_cost_their_record_alone() {
    let mut file = br#"{"1": {"cv_pt": "a"}, "2": {"cv_pt": "n"#.to_vec();
    file.extend_from_slice(b"\xc3\xa3o \xff");
    file.extend_from_slice(
        br#""}, "3": {"cv_pt": "\x"}, "4": {"cv_pt": "\ud800"}, "5": {"cv_pt" 1},
            "6": {"cv_pt": "a"], "7": {"cv_pt": 1e999}, "8": nul, "9": {"cv_pt": "b"}}"#,
    );
    let day = clean(Applicants, file);
    let keys: Vec<_> = day.applicants().iter().map(|row| row["codigo"].clone()).collect();
    assert_eq!(keys, ["1", "4", "9"]);
    assert_eq!(
        day.rejects(),
        [
            "applicants 2 · record invalid_utf8",
            "applicants 3 cv_pt record malformed_json",
            "applicants 4 cv_pt field mended_json",
            "applicants 5 · record malformed_json",
            "applicants 6 cv_pt record malformed_json",
            "applicants 7 cv_pt record malformed_json",
            "applicants 8 · record malformed_json",
        ]
    );
}

#[test]
fn what_exporters_write_that_is_not_json_costs_the_field_alone() {
    let day = clean(
        Applicants,
        "{\"1\": {\"new\": 1, \"informacoes_profissionais\": {\"remuneracao\": NaN, \"area_atuacao\": \"TI\"}},
          \"2\": {\"new\": 1, \"cv_pt\": \"a\\ud800b\", \"cargo_atual\": {\"cargo\": -Infinity}},
          \"3\": {\"new\": 1, \"cv_pt\": \"a\u{1}b\tc\", \"old\": NaN}}",
    );
    let applicants = day.applicants();
    assert_eq!(applicants[0].get("informacoes_profissionais.remuneracao"), None);
    assert_eq!(applicants[0]["informacoes_profissionais.area_atuacao"], "TI");
    assert_eq!(applicants[1]["cv_pt"], "a\u{fffd}b");
    assert_eq!(applicants[2]["cv_pt"], "ab\tc");
    assert_eq!(
        day.rejects(),
        [
            "applicants 1 informacoes_profissionais.remuneracao field mended_json",
            "applicants 2 cv_pt field mended_json",
            "applicants 3 cv_pt field mended_json",
        ]
    );
    // A record that is read twice is counted once.
    let profile = &day.profile()["applicants"];
    assert_eq!(profile["unknown_keys"]["new"], 3, "{profile}");
    assert_eq!(profile["unknown_keys"]["old"], 1, "{profile}");
}

#[test]
fn another_encoding_is_named_as_what_it_seems_to_be() {
    let mut world = World::default().with(Applicants, b"{\"1\": {\"cv_pt\": \"S\xe3o Paulo\"}}");
    world.config.max_reject_share = 0.0;
    let error = world.run().err().unwrap();
    assert!(error.message.contains("not_utf8_but_windows_1252 1"), "{}", error.message);
}

#[test]
fn keys_must_be_digits_and_others_are_not_repeated_in_the_rejects() {
    let day = clean(
        Vagas,
        r#"{"a@b.c": {}, "": {}, " 1 ": {}, "\u0032": {}, "1234567890123456789": {}}"#,
    );
    let keys: Vec<_> = day.vagas().iter().map(|row| row["codigo"].clone()).collect();
    assert_eq!(keys, ["1", "2"]);
    assert_eq!(
        day.rejects(),
        ["vagas · · record bad_key", "vagas · · record missing_key", "vagas · · record bad_key"]
    );
}

#[test]
fn of_a_key_twice_the_first_good_record_stays() {
    let day = World::default()
        .with(
            Applicants,
            r#"{"1": {"cv_pt": "a", "infos_basicas": {"data_criacao": "x"}}, "2": null,
                "1": {"cv_pt": "b", "infos_basicas": {"data_criacao": "y"}}, "2": {"cv_pt": "c"},
                "01": {"cv_pt": "d"}}"#,
        )
        .with(
            Prospects,
            r#"{"4": {"prospects": [{"codigo": "1"}, {"codigo": "2"}]},
                "4": {"prospects": [{"codigo": "3"}, {"codigo": "5"}]}, "7": {"prospects": [{"codigo": "8"}]}}"#,
        )
        .run()
        .unwrap();
    let cvs: Vec<_> = day.applicants().iter().map(|row| row["cv_pt"].clone()).collect();
    assert_eq!(cvs, ["a", "c", "d"]);
    let people: Vec<_> = day.prospects().iter().map(|row| row["codigo"].clone()).collect();
    assert_eq!(people, ["1", "2", "8"]);
    assert_eq!(
        day.rejects(),
        [
            "applicants 1 infos_basicas.data_criacao field invalid_date",
            "applicants 2 · record not_an_object",
            "applicants 1 · record duplicate_key",
            "prospects 4 · record duplicate_key",
        ]
    );
    assert_eq!(day.profile()["applicants"]["columns"]["cv_pt"]["filled"], 3);
}

#[test]
fn an_application_without_a_candidate_is_left_out_with_its_job() {
    let day = clean(
        Prospects,
        r#"{"4": {"prospects": [{"codigo": ""}, {"nome": "x"}, {"codigo": "a"}, "x", null, [1],
                                    {"codigo": "31000", "data_candidatura": "31-02-2021"}]},
                "5": {"prospects": {"codigo": "1"}}, "6": {"prospects": "x"}}"#,
    );
    assert_eq!(day.prospects().len(), 1);
    assert_eq!(
        day.rejects(),
        [
            "prospects 4 codigo item missing_key",
            "prospects 4 codigo item missing_key",
            "prospects 4 codigo item bad_key",
            "prospects 4 prospects item not_an_object",
            "prospects 4 prospects item not_an_object",
            "prospects 4 prospects item not_an_object",
            "prospects 4 data_candidatura field invalid_date",
            "prospects 5 prospects record wrong_section",
            "prospects 6 prospects record wrong_section",
        ]
    );
}

#[test]
fn a_record_too_large_is_left_out_without_being_loaded() {
    let mut world = World::default().with(
        Applicants,
        format!(r#"{{"1": {{"cv_pt": "{}"}}, "2": {{"cv_pt": "b"}}}}"#, "x".repeat(100_000)),
    );
    world.config.max_record_bytes = 1 << 14;
    world.config.block_bytes = 1 << 10;
    let day = world.run().unwrap();
    assert_eq!(day.applicants().len(), 1);
    assert_eq!(day.rejects(), ["applicants 1 · record too_large"]);
}

#[test]
fn too_many_rejects_fail_the_run_with_the_reasons_in_order() {
    let mut file = String::from("{");
    for i in 0..1000 {
        let record = match i {
            5 | 7 => "null",
            9 => r#"{"cargo_atual": 1}"#,
            _ => r#"{"cv_pt": "x"}"#,
        };
        file.push_str(&format!("{}\"{i}\": {record}", if i == 0 { "" } else { ", " }));
    }
    file.push('}');
    let mut world = World::default().with(Applicants, file);
    world.config.max_reject_share = 0.003;
    world.run().unwrap();
    world.config.max_reject_share = 0.002;
    let error = world.run().err().unwrap();
    assert_eq!(error.name, ErrorName::BadInput);
    assert_eq!(
        error.to_string(),
        "applicants: 3 of 1000 records were set aside (0.30 %), expected at most 0.20 %: \
         not_an_object 2 (first in applicants.json at byte 111), wrong_section 1 \
         (first in applicants.json at byte 175, field `cargo_atual`); see that the files are whole \
         and of the usual shape, or raise `max_reject_share`"
    );
}

#[test]
fn of_very_many_rejects_the_first_are_listed_and_all_are_counted() {
    const BAD: usize = 25_000;
    let mut file = String::from(r#"{"0": {"cv_pt": "x"}"#);
    for i in 1..=BAD {
        let date = i % 2 == 0;
        let record = if date { r#"{"infos_basicas": {"data_criacao": "x"}}"# } else { "null" };
        file.push_str(&format!(", \"{i}\": {record}"));
    }
    file.push_str(r#", "99999": {"cargo_atual": 1}}"#);
    let mut world = World::default().with(Applicants, file);
    let day = world.run().unwrap();
    let rejects = day.rejects();
    let listed = |reason: &str| rejects.iter().filter(|r| r.ends_with(reason)).count();
    assert_eq!(listed("not_an_object"), 10_000);
    assert_eq!(listed("invalid_date"), 1000);
    // A reason that is met late is listed all the same.
    assert_eq!(listed("wrong_section"), 1);
    assert_eq!(rejects[0], "applicants 1 · record not_an_object");

    let profile = &day.profile()["applicants"];
    assert_eq!(profile["rejects_listed"], rejects.len());
    assert_eq!(profile["rejected_by_reason"]["not_an_object"], 12_500);
    let dates = &profile["columns"]["infos_basicas.data_criacao"]["set_aside"];
    assert_eq!(dates["invalid_date"], 12_500);
    assert_eq!(day.metrics.0["rejected_applicants"], 12_501);

    world.config.max_reject_share = 0.4;
    let error = world.run().err().unwrap().to_string();
    assert!(error.starts_with("applicants: 12501 of 25002 records"), "{error}");
}
