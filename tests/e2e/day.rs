//! The day: what a user's commands promise.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use serde_json::Value;

/// A folder with raw files and a lake, and the built `mllab` to run on it.
struct Laptop {
    dir: tempfile::TempDir,
}

impl Laptop {
    fn new() -> Self {
        let laptop = Self { dir: tempfile::tempdir().unwrap() };
        laptop.sample(&[]);
        laptop
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn sample(&self, more: &[&str]) {
        let out = self.path("raw");
        let mut args = vec!["sample", "--out", out.to_str().unwrap()];
        args.extend(["--candidates", "600", "--jobs", "200", "--applications", "760"]);
        args.extend(more);
        self.ok(&args);
    }

    fn mllab(&self, args: &[&str]) -> Output {
        let lake = self.path("lake");
        Command::new(mllab_binary())
            .args(args)
            .args(["--lake", lake.to_str().unwrap(), "--json"])
            .output()
            .unwrap()
    }

    /// Runs a command that must succeed; gives its JSON.
    fn ok(&self, args: &[&str]) -> Value {
        let output = self.mllab(args);
        let text = String::from_utf8(output.stdout).unwrap();
        let err = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{args:?}: {text}{err}");
        serde_json::from_str(&text).unwrap_or_else(|e| panic!("{args:?}: {e}: {text}"))
    }

    /// Runs a command that must fail; gives its exit code and its error.
    fn fails(&self, args: &[&str]) -> (i32, Value) {
        let output = self.mllab(args);
        assert!(!output.status.success(), "{args:?} succeeded");
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code().unwrap(), serde_json::from_str(&text).unwrap())
    }

    fn run(&self) -> Value {
        let raw = self.path("raw");
        self.ok(&["run", "--raw", raw.to_str().unwrap()])
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path("lake").join(name)).unwrap()
    }
}

fn mllab_binary() -> &'static str {
    env!("CARGO_BIN_EXE_mllab-e2e")
}

fn stage<'a>(day: &'a Value, name: &str) -> &'a Value {
    day["stages"].as_array().unwrap().iter().find(|s| s["stage"] == name).unwrap()
}

const FEATURES: &str = "decision-data-lake-features/features/latest.txt";
const MODEL: &str = "decision-data-lake/models/Modelo_Matching_Classificacao/latest.txt";

#[test]
fn a_day_makes_versions_and_points_the_services_at_them() {
    let laptop = Laptop::new();
    let day = laptop.run();
    for name in ["ingest", "features", "matching"] {
        assert_eq!(stage(&day, name)["version"], "v1", "{name}");
        assert_eq!(stage(&day, name)["unchanged"], false, "{name}");
    }
    assert_eq!(laptop.read(FEATURES), "v1/candidates.parquet");
    assert_eq!(laptop.read(MODEL), "v1/model_matching.json");
    assert!(laptop.ok(&["verify"])["files"].as_u64().unwrap() >= 10);
}

#[test]
fn the_same_day_again_makes_nothing_new() {
    let laptop = Laptop::new();
    laptop.run();
    let again = laptop.run();
    assert_eq!(again["unchanged"], true);
    assert_eq!(again["promoted"].as_array().unwrap().len(), 0);
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), 3);
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
    ] {
        let bytes = |laptop: &Laptop| fs::read(laptop.path("lake").join(file)).unwrap();
        assert!(bytes(&one) == bytes(&two), "{file} differs");
    }
}

#[test]
fn changed_data_gives_a_new_version_and_rollback_brings_the_old_one_back() {
    let laptop = Laptop::new();
    laptop.run();
    fs::remove_dir_all(laptop.path("raw")).unwrap();
    laptop.sample(&["--seed", "7"]);
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
    fs::remove_dir_all(laptop.path("raw")).unwrap();
    laptop.sample(&["--seed", "7"]);
    let raw = laptop.path("raw");
    let day = laptop.ok(&["run", "--raw", raw.to_str().unwrap(), "--date", "2020-01-01"]);
    assert_eq!(stage(&day, "matching")["version"], "v2");
    assert_eq!(laptop.read(MODEL), "v1/model_matching.json");
}

#[test]
fn a_broken_file_stops_the_day_by_name_and_leaves_nothing() {
    let laptop = Laptop::new();
    let path = laptop.path("raw").join("vagas.json");
    let whole = fs::read(&path).unwrap();
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    let raw = laptop.path("raw");
    let (code, error) = laptop.fails(&["run", "--raw", raw.to_str().unwrap()]);
    assert_eq!((code, &error["error"]), (65, &Value::from("BadInput")));
    assert!(error["message"].as_str().unwrap().contains("vagas.json"), "{error}");
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), 0);
    fs::write(&path, whole).unwrap();
    assert_eq!(stage(&laptop.run(), "ingest")["unchanged"], false);
    assert_eq!(laptop.ok(&["versions"]).as_array().unwrap().len(), 3);
}

#[test]
fn missing_raw_files_are_named() {
    let laptop = Laptop::new();
    fs::remove_file(laptop.path("raw").join("prospects.json")).unwrap();
    let raw = laptop.path("raw");
    let (code, error) = laptop.fails(&["run", "--raw", raw.to_str().unwrap()]);
    assert_eq!(code, 65);
    assert!(error["message"].as_str().unwrap().contains("prospects.json"), "{error}");
}

#[test]
fn a_mistyped_configuration_is_refused_with_a_suggestion() {
    let laptop = Laptop::new();
    let config = laptop.path("mllab.toml");
    let config_arg = config.to_str().unwrap();
    let raw = laptop.path("raw");
    let raw = raw.to_str().unwrap();
    fs::write(&config, "[matching]\npresset = \"classic\"\n").unwrap();
    let (code, error) = laptop.fails(&["run", "--raw", raw, "--config", config_arg]);
    assert_eq!(code, 78);
    assert!(error["message"].as_str().unwrap().contains("did you mean `preset`"), "{error}");
    fs::write(&config, "[matchin]\npreset = \"classic\"\n").unwrap();
    let (code, error) = laptop.fails(&["run", "--raw", raw, "--config", config_arg]);
    assert_eq!(code, 78);
    assert!(error["message"].as_str().unwrap().contains("matchin"), "{error}");
}

#[test]
fn hostile_records_are_set_aside_and_the_day_goes_on() {
    let laptop = Laptop::new();
    fs::remove_dir_all(laptop.path("raw")).unwrap();
    laptop.sample(&["--hostile"]);
    let day = laptop.run();
    assert_eq!(stage(&day, "matching")["unchanged"], false);
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
    let (_, error) = laptop.fails(&["verify"]);
    assert!(error["message"].as_str().unwrap().contains("people.parquet"), "{error}");
}

#[test]
fn a_killed_day_leaves_nothing_half_written_and_the_next_one_succeeds() {
    let laptop = Laptop::new();
    let (raw, lake) = (laptop.path("raw"), laptop.path("lake"));
    for wait in [5, 20, 60, 150] {
        let mut child = Command::new(mllab_binary())
            .args(["run", "--quiet", "--raw", raw.to_str().unwrap()])
            .args(["--lake", lake.to_str().unwrap()])
            .spawn()
            .unwrap();
        std::thread::sleep(std::time::Duration::from_millis(wait));
        child.kill().unwrap();
        child.wait().unwrap();
        for version in laptop.ok(&["versions"]).as_array().unwrap() {
            assert!(Path::new(version["uri"].as_str().unwrap()).join("manifest.json").is_file());
        }
        laptop.ok(&["verify"]);
    }
    let day = laptop.run();
    assert!(stage(&day, "matching")["version"].as_str().unwrap().starts_with('v'));
    laptop.ok(&["verify"]);
}

#[test]
fn no_personal_data_leaves_raw_and_processed() {
    let laptop = Laptop::new();
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
    assert!(personal.len() > 300);
    let said = day.to_string().to_lowercase();
    for dir in ["decision-data-lake/models", "decision-data-lake-features"] {
        let mut todo = vec![laptop.path("lake").join(dir)];
        while let Some(dir) = todo.pop() {
            for entry in fs::read_dir(dir).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    todo.push(path);
                } else if path.extension().is_some_and(|e| e == "json") {
                    let text = fs::read_to_string(&path).unwrap().to_lowercase();
                    for value in &personal {
                        assert!(!text.contains(value), "{} holds personal data", path.display());
                    }
                }
            }
        }
    }
    for value in &personal {
        assert!(!said.contains(value.as_str()), "the report holds personal data");
    }
}
