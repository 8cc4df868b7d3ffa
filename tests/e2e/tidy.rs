//! Holds the house to its plan (ARCHITECTURE.md): which crate may know which, and that the stages
//! are named alike everywhere.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use crate::modules::Modules;

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

/// Our crates and, for each, ours that it depends on outside tests.
fn arrows() -> BTreeMap<String, BTreeSet<String>> {
    let crates: Vec<PathBuf> =
        fs::read_dir(root().join("crates")).unwrap().map(|e| e.unwrap().path()).collect();
    let names: BTreeSet<String> =
        crates.iter().map(|p| p.file_name().unwrap().to_str().unwrap().to_owned()).collect();
    crates
        .iter()
        .map(|path| {
            let text = fs::read_to_string(path.join("Cargo.toml")).unwrap();
            let manifest: toml::Table = text.parse().unwrap();
            let name = manifest["package"]["name"].as_str().unwrap().to_owned();
            let on = manifest.get("dependencies").and_then(|d| d.as_table()).cloned();
            let on = on.unwrap_or_default().into_iter().map(|(k, _)| k);
            (name, on.filter(|k| names.contains(k)).collect())
        })
        .collect()
}

pub(crate) const STAGES: [&str; 5] = ["ingest", "features", "matching", "recommend", "drift"];

#[test]
fn the_arrows_are_those_of_the_plan() {
    let leaves = ["versioning", "schema", "stats", "contract", "text", "boost", "neighbours"];
    for (name, on) in arrows() {
        let allowed: BTreeSet<&str> = match name.as_str() {
            _ if leaves.contains(&name.as_str()) => BTreeSet::new(),
            "stage" => ["versioning"].into(),
            "encoder" => ["text"].into(),
            "reports" => ["stats"].into(),
            "sample" => BTreeSet::new(),
            "testlake" => ["schema", "stage", "versioning"].into(),
            "mllab" => continue,
            stage if STAGES.contains(&stage) => {
                leaves.into_iter().chain(["encoder", "reports", "stage"]).collect()
            }
            other => {
                panic!("crate `{other}` is not in the plan: add it to ARCHITECTURE.md and here")
            }
        };
        for to in on {
            assert!(allowed.contains(to.as_str()), "{name} must not know {to}");
        }
    }
}

/// The packages that each package of `Cargo.lock` may link: its dependencies with every feature
/// on; of our own crates those of `[dependencies]` alone, because the lock file does not tell them
/// from those of tests.
fn linked() -> BTreeMap<String, BTreeSet<String>> {
    let lock: toml::Table = fs::read_to_string(root().join("Cargo.lock")).unwrap().parse().unwrap();
    let text = |value: &toml::Value| value.as_str().unwrap().to_owned();
    // A name alone, or `name version` where the lock file holds several versions.
    let package = |of: &toml::Value| text(of).split(' ').next().unwrap().to_owned();
    let mut linked: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for entry in lock["package"].as_array().unwrap() {
        let on = entry.get("dependencies").and_then(toml::Value::as_array);
        let on = on.into_iter().flatten().map(package);
        linked.entry(text(&entry["name"])).or_default().extend(on);
    }
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let manifest = fs::read_to_string(entry.unwrap().path().join("Cargo.toml")).unwrap();
        let manifest: toml::Table = manifest.parse().unwrap();
        let on = manifest.get("dependencies").and_then(|d| d.as_table()).cloned();
        let on = on.unwrap_or_default().into_iter().map(|(name, _)| name).collect();
        linked.insert(text(&manifest["package"]["name"]), on);
    }
    linked
}

/// Every package that `package` links, itself included.
fn reached(package: &str, linked: &BTreeMap<String, BTreeSet<String>>) -> BTreeSet<String> {
    let (mut reached, mut todo) = (BTreeSet::new(), vec![package.to_owned()]);
    while let Some(next) = todo.pop() {
        let on = linked.get(&next).unwrap_or_else(|| panic!("Cargo.lock has no package {next}"));
        if reached.insert(next) {
            todo.extend(on.iter().cloned());
        }
    }
    reached
}

/// What a cold start must not load: the encoder's engine is `recommend`'s alone. The files of the
/// repository say so: nothing has to be fetched or built before.
#[test]
fn the_functions_of_the_other_stages_carry_no_encoder() {
    let linked = linked();
    for stage in STAGES {
        let reached = reached(stage, &linked);
        assert!(reached.contains("lambda_runtime"), "{stage} is a function too");
        let encoder = reached.contains("tokenizers");
        assert_eq!(encoder, stage == "recommend", "{stage} carries the encoder: {encoder}");
    }
}

#[test]
fn every_stage_is_a_row_of_readme_and_a_short_main() {
    let readme = fs::read_to_string(root().join("README.md")).unwrap();
    for stage in STAGES {
        assert!(readme.contains(&format!("| `{stage}` |")), "README has no row for {stage}");
        let main = root().join("crates").join(stage).join("src/main.rs");
        let main = fs::read_to_string(main).unwrap();
        assert!(main.contains("stage::main::<"), "{stage}'s main goes through the host");
        let code = main.lines().filter(|l| !l.trim().is_empty() && !l.starts_with("//"));
        assert!(code.count() <= 6, "{stage}'s main delegates and stops");
    }
}

#[test]
fn no_file_uses_itself_by_way_of_others() {
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let circles = Modules::parse(&entry.unwrap().path().join("src/lib.rs")).circles();
        assert!(circles.is_empty(), "{circles:#?}");
    }
}

/// Names that say which part a type plays, and whose module says of what.
const PARTS: [&str; 4] = ["Commands", "Config", "Error", "Params"];

#[test]
fn a_type_name_means_one_thing_or_two() {
    let mut crates = BTreeMap::<String, BTreeSet<PathBuf>>::new();
    for entry in fs::read_dir(root().join("crates")).unwrap() {
        let path = entry.unwrap().path();
        for (name, _) in Modules::parse(&path.join("src/lib.rs")).types() {
            crates.entry(name.to_owned()).or_default().insert(path.clone());
        }
    }
    crates.retain(|name, crates| crates.len() > 2 && !PARTS.contains(&name.as_str()));
    assert!(crates.is_empty(), "types of one name in more than two crates: {crates:#?}");
}

/// The Rust files of the crates, as paths from the root.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
}

#[test]
fn every_file_with_unsafe_code_is_named_with_its_reason() {
    let mut files = Vec::new();
    sources(&root().join("crates"), &mut files);
    let is_unsafe = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().any(|line| line.contains("unsafe {") && !line.trim_start().starts_with("//"))
    };
    let found: BTreeSet<String> = files
        .into_iter()
        .filter(is_unsafe)
        .map(|path| path.strip_prefix(root()).unwrap().to_str().unwrap().to_owned())
        .collect();
    let security = fs::read_to_string(root().join("SECURITY.md")).unwrap();
    let rows = security.lines().filter_map(|line| line.strip_prefix("| `crates/"));
    let named: BTreeSet<String> =
        rows.map(|row| format!("crates/{}", row.split('`').next().unwrap())).collect();
    assert_eq!(found, named);
}
