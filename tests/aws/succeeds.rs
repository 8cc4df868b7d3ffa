//! Days that go well.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::Command,
};

use serde_json::{Value, json};

use crate::world::{DATA, FEATURES, MATCHING, RECOMMEND, World, binary, sample, subject_of, today};

#[test]
#[ignore = "tests/aws/run.sh"]
fn a_day_makes_every_version_and_publishes_it_and_the_next_finds_nothing_to_do() {
    let world = World::new("succeeds");
    let cut = world.write("mllab.toml", "[recommend]\nshard_texts = 1000\n");
    let day = world.day(&["--config", &cut]).succeeded();
    assert_eq!(day.told["execution"], format!("daily-{}-1", today()));
    for state in ["Ingest", "Features", "Matching", "Recommend", "Drift"] {
        let step = day.step(state);
        assert_eq!(
            (&step["version"], &step["unchanged"]),
            (&json!("v1"), &json!(false)),
            "{state}"
        );
    }
    let published = ["drift v1", "features v1", "matching v1", "recommend v1"];
    let release = day.step("Release");
    let mut found: Vec<_> = release["published"].as_array().unwrap().clone();
    found.sort_by_key(ToString::to_string);
    assert_eq!((&release["release"], found), (&json!(1), published.map(Value::from).to_vec()));
    let latest = world.latest();
    assert_eq!(latest["features/latest.txt"], "v1/candidates.parquet");
    assert_eq!(latest[&format!("{MATCHING}/latest.txt")], "v1/model_matching.json");
    assert_eq!(
        latest[&format!("{RECOMMEND}/latest.txt")].lines().collect::<Vec<_>>(),
        ["v1/candidate_embeddings.npy", "v1/job_embeddings.npy", "v1/annoy_index.ann"]
    );
    let (subject, message) = world.notification();
    assert_eq!(subject, subject_of("done"));
    let stages = ["ingest", "features", "matching", "recommend", "drift"];
    assert_eq!(
        message["versions"],
        stages.map(|stage| (stage, "v1")).into_iter().collect::<Value>()
    );
    three_shards(&world);
    what_passes_between_states_is_small(&world.cloud.history(&day.arn));
    as_on_a_laptop(&world);

    let before: BTreeSet<_> = world.objects().into_iter().collect();
    let next = world.day(&["--config", &cut]).succeeded();
    assert_eq!(next.told["execution"], format!("daily-{}-2", today()));
    let states = world.states(&next.arn);
    assert_eq!(states.last().map(String::as_str), Some("Unchanged"), "{states:?}");
    for state in ["Ingest", "Features", "Matching", "Recommend", "Drift"] {
        let step = next.step(state);
        assert_eq!((&step["version"], &step["unchanged"]), (&json!("v1"), &json!(true)), "{state}");
    }
    let mut written = world.objects();
    // The list of what is left to encode, which is nothing, for the Distributed Map to read.
    written.retain(|key, etag| {
        let is_list = key.starts_with(&format!("{DATA}/recommend_shards/"));
        !is_list && !before.contains(&(key.clone(), etag.clone()))
    });
    assert_eq!(written, [].into(), "nothing else is written on such a day");
    assert_eq!(world.published(), [], "and nobody is told");
}

/// The raw files went to a function each, and so did the parts of the texts.
fn three_shards(world: &World) {
    let texts = world.invocations("recommend", "shard");
    let of = texts[0]["payload"]["shard"]["of"].as_u64().unwrap();
    assert!(of >= 3 && texts.len() as u64 == of, "{of} shards, {} functions", texts.len());
    let encoded: u64 = texts.iter().map(|shard| shard["answer"]["rows"].as_u64().unwrap()).sum();
    assert!(encoded > 2000, "{encoded} texts");

    let shards = world.invocations("ingest", "shard");
    let keys: BTreeSet<&str> =
        shards.iter().map(|i| i["payload"]["shard"]["key"].as_str().unwrap()).collect();
    let tables = ["raw/applicants.json", "raw/prospects.json", "raw/vagas.json"];
    assert_eq!(keys, BTreeSet::from(tables));
    for shard in shards {
        assert!(shard["answer"]["rows"].as_u64().unwrap() > 0, "{shard}");
    }
}

/// URIs and small numbers: a state's output is limited to 256 KiB, and data does not belong there.
fn what_passes_between_states_is_small(events: &[Value]) {
    for event in events {
        let details = &event["stateExitedEventDetails"];
        let output = details["output"].as_str().unwrap_or_default();
        assert!(output.len() < 8192, "{}: {} bytes: {output}", details["name"], output.len());
        assert!(!output.contains("\"metrics\""), "{}: {output}", details["name"]);
    }
}

/// The same raw files, run on a directory, give the same bytes.
fn as_on_a_laptop(world: &World) {
    let lake = world.dir.path().join("laptop");
    let ran = Command::new(binary("mllab"))
        .args(["run", "--quiet", "--date", &today(), "--raw"])
        .arg(sample())
        .arg("--lake")
        .arg(&lake)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let series = [
        (DATA, "processed"),
        (FEATURES, "features"),
        (DATA, MATCHING),
        (DATA, RECOMMEND),
        (DATA, "drift_reports"),
    ];
    for (bucket, prefix) in series {
        let folder = lake.join(bucket).join(prefix).join("v1");
        let mut compared = 0;
        for (name, bytes) in files(&folder) {
            // These two hold times and the name of the execution.
            if name != "manifest.json" && name != "claim.json" {
                let key = format!("{prefix}/v1/{name}");
                let stored = world.cloud.get(bucket, &key);
                assert!(stored.as_ref() == Some(&bytes), "{key} differs from the laptop's");
                compared += 1;
            }
        }
        assert!(compared > 0, "{prefix}: nothing to compare");
    }
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let files = entries.filter(|path| path.is_file());
    files
        .map(|path| {
            (path.file_name().unwrap().to_str().unwrap().to_owned(), fs::read(&path).unwrap())
        })
        .collect()
}
