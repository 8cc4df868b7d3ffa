//! The pages that people read say what is there.

use std::{
    collections::BTreeSet,
    env, fs,
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::{Value, to_value};
use stage::Stage;

use crate::tidy::root;

/// A newcomer reads it in three minutes.
const README_WORDS: usize = 900;

#[test]
fn readme_is_short() {
    for name in ["README.md", "README.pt-BR.md"] {
        let text = fs::read_to_string(root().join(name)).unwrap();
        let words = text.split_whitespace().count();
        assert!(words <= README_WORDS, "{name} has {words} words: move details to docs/");
    }
}

/// The pages of the repository.
fn pages() -> Vec<PathBuf> {
    fn add(folder: &Path, found: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() && !["target", ".git", "node_modules"].contains(&name) {
                add(&path, found);
            } else if name.ends_with(".md") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    add(&root(), &mut found);
    found
}

/// The anchor that GitHub gives a heading.
fn anchor(heading: &str) -> String {
    let kept = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = kept.chars().filter(|c| c.is_alphanumeric() || "-_ ".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

#[test]
fn every_link_between_pages_leads_somewhere() {
    let mut broken = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://")) {
            let (file, heading) = target.split_once('#').unwrap_or((target, ""));
            let to = if file.is_empty() { page.clone() } else { page.parent().unwrap().join(file) };
            let is_there = || {
                let text = fs::read_to_string(&to).unwrap_or_default();
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                headings.any(|line| anchor(line) == heading)
            };
            if !to.exists() || !heading.is_empty() && !is_there() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// A struct of the configuration: the table of the file that it is read from, where it is written
/// down, and its defaults.
struct Section {
    table: &'static str,
    file: &'static str,
    name: &'static str,
    defaults: Value,
}

fn section<T: Serialize>(
    table: &'static str,
    (file, name): (&'static str, &'static str),
    defaults: &T,
) -> Section {
    Section { table, file, name, defaults: to_value(defaults).unwrap() }
}

fn gate<S: Stage>(table: &'static str, (file, name): (&'static str, &'static str)) -> Section
where
    S::Gate: Serialize,
{
    section(table, (file, name), &S::Gate::default())
}

fn sections() -> Vec<Section> {
    let matching = matching::Config::default();
    let recommend = recommend::Config::default();
    let drift = drift::Config::default();
    // What changes nothing that is made is in no manifest.
    let mut recommend_keys = to_value(&recommend).unwrap();
    recommend_keys["refit"] = recommend.refit.into();
    recommend_keys["shard_texts"] = recommend.shard_texts.into();
    vec![
        section("ingest", ("ingest/src/config.rs", "Config"), &ingest::Config::default()),
        section("features", ("features/src/config.rs", "Config"), &features::Config::default()),
        section("matching", ("matching/src/config.rs", "Config"), &matching),
        section(
            "matching.baseline",
            ("matching/src/evaluation/baseline.rs", "Params"),
            &matching.baseline,
        ),
        section("matching.boost", ("matching/src/trees.rs", "Boost"), &matching.boost),
        section("matching.leak", ("matching/src/leak/bounds.rs", "LeakBounds"), &matching.leak),
        section("recommend", ("recommend/src/config.rs", "Config"), &recommend_keys),
        section("recommend.lsa", ("encoder/src/lsa/params.rs", "Params"), &recommend.lsa),
        section(
            "recommend.evaluation",
            ("recommend/src/evaluate/config.rs", "Config"),
            &recommend.evaluation,
        ),
        section("drift", ("drift/src/config.rs", "Config"), &drift),
        section("drift.bounds", ("drift/src/config.rs", "SeverityBounds"), &drift.bounds),
        gate::<features::Features>("gate.features", ("contract/src/bounds.rs", "Contract")),
        gate::<matching::Matching>("gate.matching", ("matching/src/gate/bounds.rs", "Bounds")),
        gate::<matching::Matching>(
            "gate.matching.worse_by",
            ("matching/src/gate/bounds.rs", "WorseBy"),
        ),
        gate::<recommend::Recommend>("gate.recommend", ("recommend/src/gate/bounds.rs", "Bounds")),
        gate::<drift::Drift>("gate.drift", ("drift/src/gate.rs", "GateBounds")),
    ]
}

/// The public fields of a struct with what is said of each.
fn fields(file: &str, name: &str) -> Vec<(String, String)> {
    let text = fs::read_to_string(root().join("crates").join(file)).unwrap();
    let head = format!("pub struct {name} {{\n");
    let body = text.split(&head).nth(1).unwrap_or_else(|| panic!("{file} has no {name}"));
    let mut fields = Vec::new();
    let mut said = String::new();
    for line in body.lines().map(str::trim).take_while(|line| *line != "}") {
        if let Some(doc) = line.strip_prefix("///") {
            said += doc;
        } else if let Some((field, _)) =
            line.strip_prefix("pub ").and_then(|line| line.split_once(':'))
        {
            fields.push((field.to_owned(), without_links(said.trim()).replace('|', "\\|")));
            said.clear();
        }
    }
    fields
}

/// A text without the links of the code's own documentation, which lead nowhere on a page.
fn without_links(said: &str) -> String {
    let mut plain = String::new();
    let mut rest = said;
    while let Some((before, link)) = rest.split_once("[`") {
        let (name, after) = link.split_once("`]").expect("a link ends");
        plain += &format!("{before}`{}`", name.rsplit("::").next().unwrap());
        rest = match after.strip_prefix('(') {
            Some(target) => target.split_once(')').expect("a target ends").1,
            None => after,
        };
    }
    plain + rest
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "none".to_owned(),
        Value::Array(items) if items.len() > 4 => format!("a list of {}", items.len()),
        Value::Array(items) if items.iter().any(Value::is_object) => "a list of tables".to_owned(),
        value => format!("`{value}`"),
    }
}

fn reference() -> String {
    let mut page = "# Configuration\n\n\
        A TOML file with a table per stage, given with `--config`. Every key has a default; an \
        unknown key is refused with a suggestion. The manifest of every version holds the whole \
        configuration that made it.\n\n\
        ```toml\n[matching]\npreset = \"default\"          # or \"classic\": the Python system's \
        columns, trees and split\n\n[gate.drift]\nrefuse_at = \"never\"         # or \"watch\", \
        \"alert\"\n```\n\n\
        This page is generated from the code: \
        `MLLAB_WRITE_DOCS=1 cargo test --workspace --test e2e docs::`. \
        Defaults of `[matching]` are those of the preset `default`.\n"
        .to_owned();
    let sections = sections();
    let tables: BTreeSet<&str> = sections.iter().map(|section| section.table).collect();
    for section in &sections {
        page +=
            &format!("\n## `[{}]`\n\n| key | default | meaning |\n|---|---|---|\n", section.table);
        for (field, said) in fields(section.file, section.name) {
            assert!(!said.is_empty(), "{}: {field} says nothing", section.file);
            let below = format!("{}.{field}", section.table);
            let default = if tables.contains(below.as_str()) {
                format!("see `[{below}]`")
            } else {
                shown(section.defaults.pointer(&pointer(section.table, &field)).unwrap())
            };
            page += &format!("| `{field}` | {default} | {said} |\n");
        }
    }
    page
}

/// Where a field's default is: bounds of a gate are nested as their tables are.
fn pointer(table: &str, field: &str) -> String {
    match table {
        "gate.matching.worse_by" => format!("/worse_by/{field}"),
        _ => format!("/{field}"),
    }
}

#[test]
fn every_key_of_the_configuration_is_in_its_reference() {
    let path = root().join("docs/configuration.md");
    let expected = reference();
    if env::var_os("MLLAB_WRITE_DOCS").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let found = fs::read_to_string(&path).unwrap_or_default();
    assert!(found == expected, "docs/configuration.md is old: see its head how to write it anew");
}
