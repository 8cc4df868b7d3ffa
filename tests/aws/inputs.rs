//! Inputs of an execution that are not understood: refused before anything runs, by name, and told.

use serde_json::Value;

use crate::world::World;

/// Types of JSON where others are meant, names that are none, values beyond what is allowed.
const WRONG: [&str; 40] = [
    "[]",
    r#""daily""#,
    "3",
    "null",
    r#"{"forse": true}"#,
    r#"{"only": "matching"}"#,
    r#"{"only": []}"#,
    r#"{"only": null}"#,
    r#"{"only": {"first": "matching"}}"#,
    r#"{"only": [3]}"#,
    r#"{"only": [null]}"#,
    r#"{"only": [["matching"]]}"#,
    r#"{"only": [{"stage": "matching"}]}"#,
    r#"{"only": ["matchign"]}"#,
    r#"{"only": ["matching", "matchign"]}"#,
    r#"{"logical_date": 20261124}"#,
    r#"{"logical_date": null}"#,
    r#"{"logical_date": ["2026-11-24"]}"#,
    r#"{"logical_date": "tomorrow"}"#,
    r#"{"logical_date": "T"}"#,
    r#"{"config": null}"#,
    r#"{"config": "x"}"#,
    r#"{"config": []}"#,
    r#"{"config": {"matchign": {}}}"#,
    r#"{"gate": []}"#,
    r#"{"gate": null}"#,
    r#"{"gate": 0.5}"#,
    r#"{"gate": {"matchign": {}}}"#,
    // It has nothing to be bounded.
    r#"{"gate": {"ingest": {}}}"#,
    r#"{"raw": 3}"#,
    r#"{"raw": null}"#,
    r#"{"raw": ["raw/"]}"#,
    r#"{"raw": "raw"}"#,
    // The policies allow to read what begins with `raw`.
    r#"{"raw": "archive/2026-11-24/"}"#,
    r#"{"raw": "models/"}"#,
    r#"{"force": "yes"}"#,
    r#"{"force": null}"#,
    r#"{"batch_rows": "many"}"#,
    r#"{"batch_rows": null}"#,
    // Neither ASCII nor short.
    r#"{"logical_date": "às-três-horas-de-uma-quarta-feira-em-que-choveu-como-poucas-vezes-se-viu-chover-em-São-Paulo", "x": 1}"#,
];

#[test]
#[ignore = "tests/aws/run.sh"]
fn what_is_not_understood_is_refused_by_name_and_told() {
    let world = World::new("inputs");
    for (n, input) in WRONG.into_iter().enumerate() {
        let name = format!("wrong-{n}");
        let ended = world.start(&name, input);
        assert_eq!(
            (&*ended.status, &*ended.error),
            ("FAILED", "ConfigInvalid"),
            "{input}: {ended:?}"
        );
        let found = ended.cause.split_once("; found ").map(|(_, found)| found);
        let found = found.and_then(|found| serde_json::from_str::<Value>(found).ok());
        assert_eq!(found, serde_json::from_str(input).ok(), "{input}: {}", ended.cause);
        let (subject, message) = world.notification();
        assert!(subject.ends_with(": ConfigInvalid"), "{subject}");
        let told = ["error", "execution", "stage"].map(|key| message[key].as_str().unwrap());
        assert_eq!(told, ["ConfigInvalid", &name, "Plan"], "{input}: {message}");
    }
    assert_eq!(world.emulator.invocations(), [] as [Value; 0]);

    let file = world.write("input.json", r#"{"forse": true}"#);
    let said = world.day(&["--input", &file]).failed("ConfigInvalid", 78);
    assert!(said.contains("the input of the execution is not understood"), "{said}");
    let machine = format!("{}-of-nobody", world.machine);
    let said = world.day(&["--state-machine", &machine]).failed("ConfigInvalid", 78);
    assert!(said.contains("StateMachineDoesNotExist"), "{said}");
}

/// What the state machine lets through, the stage looks at.
#[test]
#[ignore = "tests/aws/run.sh"]
fn what_only_the_stage_can_tell_to_be_wrong_is_refused_by_the_stage() {
    let world = World::new("inputs-of-stages");
    for (n, (input, stage)) in [
        (r#"{"logical_date": "às-três-horas"}"#, "Ingest"),
        (r#"{"logical_date": "2026-13-01", "only": ["features"]}"#, "Features"),
        (r#"{"config": {"ingest": 3}}"#, "Ingest"),
        (r#"{"config": {"ingest": {"max_reject_share": "x"}}}"#, "Ingest"),
        (r#"{"config": {"ingest": ["x"]}}"#, "Ingest"),
    ]
    .into_iter()
    .enumerate()
    {
        let ended = world.start(&format!("wrong-{n}"), input);
        assert_eq!(
            (&*ended.status, &*ended.error),
            ("FAILED", "ConfigInvalid"),
            "{input}: {ended:?}"
        );
        let (_, message) = world.notification();
        assert_eq!(
            (&message["stage"], &message["error"]),
            (&stage.into(), &"ConfigInvalid".into())
        );
    }
    assert_eq!(world.latest(), [].into());
}
