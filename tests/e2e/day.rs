//! The day: what a user's commands promise.

use std::{fs, process::Command};

use arrow_array::cast::AsArray;
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use serde_json::Value;

use crate::laptop::{
    FEATURES, Laptop, MODEL, RECOMMENDER, REPORT, RUN, STAGES, VERSIONS, mllab_binary, stage,
};

#[test]
fn a_day_makes_versions_and_points_the_services_at_them() {
    let laptop = Laptop::new();
    let day = laptop.run();
    for name in STAGES {
        assert_eq!(stage(&day, name)["version"], "v1", "{name}");
        assert_eq!(stage(&day, name)["unchanged"], false, "{name}");
    }
    assert_eq!(laptop.read(FEATURES), "v1/candidates.parquet");
    assert_eq!(laptop.read(MODEL), "v1/model_matching.json");
    assert_eq!(
        laptop.read(RECOMMENDER),
        "v1/candidate_embeddings.npy\nv1/job_embeddings.npy\nv1/annoy_index.ann"
    );
    assert_eq!(laptop.read(REPORT), "v1/drift_report.html");
    assert!(laptop.ok(&["verify"])["files"].as_u64().unwrap() >= 10);
    // The manifest names the cached vectors that were used, so that pruning knows those that are not.
    let manifest = "lake/decision-data-lake/models/Modelo_Recomendacao_Vagas/v1/manifest.json";
    let manifest: Value =
        serde_json::from_slice(&fs::read(laptop.path(manifest)).unwrap()).unwrap();
    let group = manifest["extra"]["memo"][0].as_str().unwrap();
    assert!(laptop.path("lake/decision-data-lake/memo").join(group).is_dir(), "{group}");
}

#[test]
fn the_same_day_again_makes_nothing_new() {
    let laptop = Laptop::new();
    laptop.run();
    let again = laptop.run();
    assert_eq!(again["unchanged"], true);
    assert_eq!(again["release"]["release"], Value::Null);
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), VERSIONS);
}

#[test]
fn the_same_data_on_another_lake_gives_the_same_bytes() {
    let (one, two) = (Laptop::new(), Laptop::new());
    one.run();
    two.run();
    for file in [
        "decision-data-lake-features/features/v1/candidates.parquet",
        "decision-data-lake-features/features/v1/people.parquet",
        "decision-data-lake/models/Modelo_Matching_Classificacao/v1/model_matching.json",
        "decision-data-lake/models/Modelo_Matching_Classificacao/v1/preprocessor.json",
        "decision-data-lake/models/Modelo_Matching_Classificacao/v1/predictions.parquet",
        "decision-data-lake/models/Modelo_Matching_Classificacao/v1/metrics.json",
        "decision-data-lake/models/Modelo_Recomendacao_Vagas/v1/candidate_embeddings.npy",
        "decision-data-lake/models/Modelo_Recomendacao_Vagas/v1/job_embeddings.npy",
        "decision-data-lake/models/Modelo_Recomendacao_Vagas/v1/annoy_index.ann",
        "decision-data-lake/models/Modelo_Recomendacao_Vagas/v1/recommendations.parquet",
        "decision-data-lake/models/Modelo_Recomendacao_Vagas/v1/metrics.json",
        "decision-data-lake/drift_reports/v1/drift.json",
        "decision-data-lake/drift_reports/v1/drift_report.html",
    ] {
        let bytes = |laptop: &Laptop| fs::read(laptop.path("lake").join(file)).unwrap();
        assert!(bytes(&one) == bytes(&two), "{file} differs");
    }
}

#[test]
fn changed_data_gives_a_new_version_and_rollback_brings_the_old_one_back() {
    let laptop = Laptop::bare();
    laptop.sample_on("2025-06-02");
    laptop.run();
    laptop.sample_on("2025-06-30");
    let day = laptop.run();
    assert_eq!(stage(&day, "matching")["version"], "v2");
    assert_eq!(laptop.read(MODEL), "v2/model_matching.json");
    let rolled = laptop.ok(&["rollback", "matching"]);
    assert_eq!(rolled["live"], "v1");
    assert_eq!(laptop.read(MODEL), "v1/model_matching.json");
    let history = laptop.ok(&["history", "matching"]);
    let live: Vec<_> = history.as_array().unwrap().iter().map(|p| p["to"].clone()).collect();
    assert_eq!(live, ["v1", "v2", "v1"]);
}

#[test]
fn a_backfill_makes_versions_and_never_moves_what_is_live() {
    let laptop = Laptop::new();
    laptop.run();
    laptop.sample_on("2025-12-01");
    let day = laptop.ok(&["run", "--raw", "raw", "--date", "2025-12-01"]);
    assert_eq!(stage(&day, "matching")["version"], "v2");
    assert_eq!(laptop.read(MODEL), "v1/model_matching.json");
}

#[test]
fn a_broken_file_stops_the_day_by_name_and_leaves_nothing() {
    let laptop = Laptop::new();
    let path = laptop.path("raw").join("vagas.json");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let (code, error) = laptop.fails(&RUN);
    assert_eq!((code, &error["error"]), (65, &Value::from("BadInput")));
    assert!(error["message"].as_str().unwrap().contains("vagas.json"), "{error}");
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), 0);
    fs::write(&path, whole).unwrap();
    assert_eq!(stage(&laptop.run(), "ingest")["unchanged"], false);
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), VERSIONS);
}

#[test]
fn missing_raw_files_are_named() {
    let laptop = Laptop::new();
    fs::remove_file(laptop.path("raw").join("prospects.json")).unwrap();
    let (code, error) = laptop.fails(&RUN);
    assert_eq!(code, 65);
    assert!(error["message"].as_str().unwrap().contains("prospects.json"), "{error}");
}

#[test]
fn a_mistyped_configuration_is_refused_with_a_suggestion() {
    let laptop = Laptop::new();
    for (text, expected) in [
        ("[matching]\npresset = \"classic\"\n", "did you mean `preset`"),
        ("[matchin]\npreset = \"classic\"\n", "did you mean [matching]"),
        ("[ingest]\nmax_reject_share = \"x\"\n", "ingest.max_reject_share"),
        ("[ingest]\nmax_reject_share = 2.0\n", "max_reject_share"),
    ] {
        fs::write(laptop.path("mllab.toml"), text).unwrap();
        let (code, error) = laptop.fails(&["run", "--raw", "raw", "--config", "mllab.toml"]);
        assert_eq!(code, 78, "{error}");
        assert!(error["message"].as_str().unwrap().contains(expected), "{error}");
    }
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), 0);
}

#[test]
fn hostile_records_are_set_aside_and_the_day_goes_on() {
    let laptop = Laptop::bare();
    let size = ["--candidates", "4000", "--jobs", "1300", "--applications", "5000"];
    laptop.ok(&[&["sample", "--out", "raw", "--hostile"], &size[..]].concat());
    let day = laptop.run();
    let set_aside = |table: &str| {
        stage(&day, "ingest")["metrics"][format!("rejected_{table}")].as_u64().unwrap()
    };
    assert!(set_aside("applicants") + set_aside("vagas") + set_aside("prospects") > 0, "{day}");
    assert_eq!(stage(&day, "matching")["unchanged"], false);
}

#[test]
fn what_was_rolled_back_stays_so_when_the_same_day_runs_again() {
    let laptop = Laptop::bare();
    laptop.sample_on("2025-06-02");
    laptop.run();
    laptop.sample_on("2025-06-30");
    laptop.run();
    laptop.ok(&["rollback", "matching"]);
    let again = laptop.run();
    assert_eq!(laptop.read(MODEL), "v1/model_matching.json");
    let stays = again["release"]["stays"].to_string();
    assert!(stays.contains("v2 was rolled back"), "{again}");
    laptop.ok(&["promote", "matching", "v2"]);
    assert_eq!(laptop.read(MODEL), "v2/model_matching.json");
}

#[test]
fn a_live_pair_is_scored_and_an_unknown_one_is_named() {
    let laptop = Laptop::new();
    laptop.run();
    let score = |candidate, job| ["matching", "score", "--candidate", candidate, "--job", job];
    let answer = laptop.ok(&score("31000", "4000")).to_string();
    assert!(answer.contains("probability"), "{answer}");
    let (code, error) = laptop.fails(&score("99999999", "4000"));
    assert_eq!(code, 65);
    assert!(error["message"].as_str().unwrap().contains("99999999"), "{error}");
}

#[test]
fn history_answers_what_was_live_at_a_time() {
    let laptop = Laptop::new();
    laptop.run();
    let at = |time| laptop.ok(&["history", "matching", "--at", time])["live"].clone();
    assert_eq!(at("2020-01-01T00:00:00Z"), Value::Null);
    assert_eq!(at("2999-01-01T00:00:00Z"), "v1");
}

#[test]
fn the_first_weeks_of_a_company_go_live_without_a_match_model() {
    let laptop = Laptop::bare();
    laptop.sample(&["--start", "2025-06-01", "--end", "2025-12-31", "--day", "2025-08-20"]);
    let day = laptop.ok(&["run", "--raw", "raw", "--date", "2025-08-20"]);
    assert_eq!(
        day["release"]["published"],
        serde_json::json!(["drift v1", "features v1", "recommend v1"]),
        "{day}"
    );
    let stays = day["release"]["stays"][0].as_str().unwrap();
    assert!(stays.starts_with("matching: nothing to learn: 0 of 0 "), "{stays}");
    // And the day after that is no different.
    let again = laptop.ok(&["run", "--raw", "raw", "--date", "2025-08-20"]);
    assert_eq!(again["unchanged"], true, "{again}");
}

#[test]
#[cfg(target_os = "linux")]
fn an_answer_that_cannot_be_written_is_no_success() {
    let full = fs::File::options().write(true).open("/dev/full").unwrap();
    let made = Command::new(mllab_binary()).args(["completions", "bash"]).stdout(full).output();
    let made = made.unwrap();
    assert_eq!(made.status.code(), Some(74), "{}", String::from_utf8_lossy(&made.stderr));
}

#[test]
fn a_day_after_tomorrow_is_refused() {
    let laptop = Laptop::new();
    for day in ["2999-01-01", "0000-01-01"] {
        let (code, error) = laptop.fails(&[&RUN[..], &["--date", day]].concat());
        assert_eq!(code, 78, "{error}");
        assert!(error["message"].as_str().unwrap().contains("tomorrow in São Paulo"), "{error}");
    }
}

/// A second day whose publication was killed before the features' `latest.txt`: the four cannot
/// move in one step.
fn broken_off() -> Laptop {
    let laptop = Laptop::bare();
    laptop.sample_on("2025-06-02");
    laptop.run();
    let before = laptop.read(FEATURES);
    laptop.sample_on("2025-06-30");
    laptop.run();
    let path = laptop.path("lake").join(FEATURES);
    fs::write(&path, &before).unwrap();
    let promotions = path.parent().unwrap().join("_promotions");
    let last = fs::read_dir(promotions).unwrap().map(|e| e.unwrap().path()).max().unwrap();
    fs::remove_file(last).unwrap();
    laptop
}

#[test]
fn a_release_that_broke_off_is_carried_out_by_the_next_command() {
    let laptop = broken_off();
    laptop.run();
    assert_eq!(laptop.read(FEATURES), "v2/candidates.parquet");
}

/// What `latest.txt` still names is not what is live.
#[test]
fn a_release_that_broke_off_does_not_swallow_a_promotion() {
    let laptop = broken_off();
    laptop.ok(&["promote", "features", "v1"]);
    laptop.ok(&["verify"]);
    assert_eq!(laptop.read(FEATURES), "v1/candidates.parquet");
    assert_eq!(laptop.ok(&["release", "show"])["versions"]["features"]["version"], "v1");
}

#[test]
fn a_lake_of_the_python_system_is_taken_over() {
    let laptop = Laptop::new();
    let lake = laptop.path("lake");
    for (file, text) in [
        (
            "decision-data-lake/models/Modelo_Matching_Classificacao/v12/model_matching.pkl",
            "pickle",
        ),
        (
            MODEL,
            "s3://decision-data-lake/models/Modelo_Matching_Classificacao/v12/model_matching.pkl",
        ),
        ("decision-data-lake/models/Modelo_Recomendacao_Vagas/v12/annoy_index.ann", "index"),
        (RECOMMENDER, "v12/candidate_embeddings.npy\nv12/job_embeddings.npy\nv12/annoy_index.ann"),
    ] {
        let path = lake.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    laptop.run();
    assert_eq!(laptop.read(MODEL), "v13/model_matching.json");
    let said = laptop.ok(&["history", "matching"]).to_string();
    assert!(said.contains("\"from\":\"v12\""), "{said}");
}

#[test]
fn the_demonstration_runs_by_itself() {
    let laptop = Laptop::bare();
    let demo = laptop.ok(&["demo"]);
    assert_eq!(demo["day"]["stages"].as_array().unwrap().len(), STAGES.len());
    assert!(laptop.path("demo/raw/truth.csv").is_file());
}

#[test]
fn a_corrupted_artefact_is_never_served() {
    let laptop = Laptop::new();
    laptop.run();
    let path = laptop.path("lake").join("decision-data-lake-features/features/v1/people.parquet");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    #[allow(clippy::permissions_set_readonly_false, reason = "the test plays a failing disk")]
    permissions.set_readonly(false);
    fs::set_permissions(&path, permissions).unwrap();
    fs::write(&path, bytes).unwrap();
    for command in [
        &["verify"][..],
        &["matching", "score", "--candidate", "31000", "--job", "4000"],
        &["matching", "--force"],
    ] {
        let (_, error) = laptop.fails(command);
        assert!(error["message"].as_str().unwrap().contains("people.parquet"), "{error}");
    }
}

#[test]
fn a_killed_day_leaves_nothing_half_written_and_the_next_one_succeeds() {
    let whole = Laptop::new();
    whole.run();
    let laptop = Laptop::new();
    for wait in [10, 40, 100, 200, 400, 800] {
        let mut child = Command::new(mllab_binary())
            .args(RUN)
            .arg("--quiet")
            .current_dir(laptop.folder())
            .stdout(std::process::Stdio::null())
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        // Every version that can be seen is whole; a day that is killed at once has begun none.
        if laptop.path("lake/decision-data-lake/processed/v1").exists() {
            laptop.ok(&["verify"]);
        }
    }
    let day = laptop.run();
    for (name, files) in [("features", 3), ("matching", 4)] {
        let uri = |day: &Value| day["uri"].as_str().unwrap().to_owned();
        let made = laptop.path(&uri(stage(&day, name)));
        let mut same = 0;
        for entry in fs::read_dir(whole.path(&format!("lake/{}/v1", folder(name)))).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap();
            if name != "manifest.json" && name != "claim.json" {
                assert!(fs::read(&path).unwrap() == fs::read(made.join(name)).unwrap(), "{name:?}");
                same += 1;
            }
        }
        assert!(same >= files, "{name}: {same} files compared");
    }
}

fn folder(stage: &str) -> &'static str {
    match stage {
        "features" => "decision-data-lake-features/features",
        _ => "decision-data-lake/models/Modelo_Matching_Classificacao",
    }
}

/// Ctrl-C, as a terminal sends it.
#[cfg(unix)]
#[test]
fn an_interrupted_sample_leaves_nothing() {
    let laptop = Laptop::bare();
    let mut child = Command::new(mllab_binary())
        .args(["sample", "--out", "raw", "--quiet"])
        .current_dir(laptop.folder())
        .spawn()
        .unwrap();
    let partial = laptop.path("raw/.applicants.json.partial");
    while !partial.exists() {
        assert!(child.try_wait().unwrap().is_none(), "the sample ended before it was interrupted");
        std::thread::yield_now();
    }
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    assert_eq!(child.wait().unwrap().code(), Some(130));
    assert_eq!(fs::read_dir(laptop.path("raw")).unwrap().count(), 0);
}

#[test]
fn no_personal_data_leaves_raw_and_processed() {
    let laptop = Laptop::bare();
    laptop.sample(&["--personal"]);
    let day = laptop.run();
    let applicants: Value =
        serde_json::from_slice(&fs::read(laptop.path("raw").join("applicants.json")).unwrap())
            .unwrap();
    let mut personal = Vec::new();
    for record in applicants.as_object().unwrap().values().take(200) {
        let info = &record["infos_basicas"];
        for field in ["email", "telefone", "nome"] {
            if let Some(text) = info[field].as_str().filter(|t| t.len() > 6) {
                personal.push(text.to_lowercase());
            }
        }
    }
    // What CVs say of their own person; of others one in twenty may stay.
    let planted = fs::read_to_string(laptop.path("raw").join("personal.csv")).unwrap();
    let own = planted.lines().skip(1).filter_map(|line| {
        let [_, kind, personal] = line.splitn(3, ',').collect::<Vec<_>>()[..] else { return None };
        let of_others = ["parents", "referee", "spouse"].contains(&kind);
        (!of_others && personal.len() > 8).then(|| personal.trim_matches('"').to_lowercase())
    });
    personal.extend(own.take(300));
    assert!(personal.len() > 600, "{}", personal.len());
    let said = day.to_string().to_lowercase();
    let mut files = 0;
    for dir in [
        "decision-data-lake/models",
        "decision-data-lake/encoders",
        "decision-data-lake/memo",
        "decision-data-lake/drift_reports",
        "decision-data-lake-features",
    ] {
        let mut todo = vec![laptop.path("lake").join(dir)];
        while let Some(dir) = todo.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    todo.push(path);
                    continue;
                }
                let text = match path.extension().and_then(|e| e.to_str()) {
                    Some("parquet") => texts_of(&path),
                    _ => String::from_utf8_lossy(&fs::read(&path).unwrap()).into_owned(),
                };
                let text = text.to_lowercase();
                files += 1;
                for value in &personal {
                    assert!(!text.contains(value), "{} holds personal data", path.display());
                }
            }
        }
    }
    assert!(files > 10, "{files} files read");
    for value in &personal {
        assert!(!said.contains(value.as_str()), "the report holds personal data");
    }
}

/// Every text of a Parquet file.
fn texts_of(path: &std::path::Path) -> String {
    let reader = ParquetRecordBatchReaderBuilder::try_new(fs::File::open(path).unwrap()).unwrap();
    let mut texts = String::new();
    for batch in reader.build().unwrap() {
        for column in batch.unwrap().columns() {
            if let Some(values) = column.as_string_opt::<i32>() {
                for value in values.iter().flatten() {
                    texts.push_str(value);
                    texts.push('\n');
                }
            }
        }
    }
    texts
}
