//! Least privilege, held to what was done: what each stage touched in the store on these days (its
//! functions and jobs log it) is what its policy in the template allows, no more and no less.
//!
//! Run after the other tests of this program, which write down what was touched.

use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    path::Path,
};

use serde_json::{Value, json};

use crate::world::{DATA, FEATURES, STAGES, root};

/// Whether a stage may be allowed something that these days had no need of: to give up the upload of
/// a large object that it may store, and, for recommend, to remove from the memo what two runs have
/// worked out alike. The store's and recommend's own tests do these.
fn without_need(stage: &str, allow: &Touch, allowed: &BTreeSet<Touch>) -> bool {
    match allow.action.as_str() {
        "AbortMultipartUpload" => {
            allowed.contains(&Touch { action: "PutObject".to_owned(), ..allow.clone() })
        }
        "DeleteObject" => stage == "recommend" && allow.key == "memo/*",
        _ => false,
    }
}

/// One thing that was done, or that is allowed: an action, on an object or a listed prefix of a bucket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Touch {
    action: String,
    bucket: String,
    /// A key, or a pattern of keys.
    key: String,
}

impl Touch {
    /// Whether this pattern allows that.
    fn allows(&self, touched: &Touch) -> bool {
        self.action == touched.action
            && self.bucket == touched.bucket
            && matches(&self.key, &touched.key)
    }
}

/// IAM's patterns: `*` for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let Some((start, rest)) = pattern.split_once('*') else { return pattern == text };
    let Some(text) = text.strip_prefix(start) else { return false };
    rest.is_empty() || (0..=text.len()).any(|at| text.get(at..).is_some_and(|t| matches(rest, t)))
}

fn touched() -> BTreeMap<String, BTreeSet<Touch>> {
    let folder = env::var("MLLAB_E2E_TOUCHED").expect("MLLAB_E2E_TOUCHED: run tests/aws/run.sh");
    let mut by_stage: BTreeMap<String, BTreeSet<Touch>> = BTreeMap::new();
    for world in fs::read_dir(folder).unwrap() {
        for file in fs::read_dir(world.unwrap().path()).unwrap() {
            let path = file.unwrap().path();
            let function = path.file_stem().unwrap().to_str().unwrap();
            let stage = function.trim_start_matches("mllab-").trim_end_matches("-job");
            let lines: Vec<[String; 3]> =
                serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
            let lines = lines.into_iter();
            let touches = lines.map(|[action, bucket, key]| Touch { action, bucket, key });
            by_stage.entry(stage.to_owned()).or_default().extend(touches);
        }
    }
    by_stage
}

fn template() -> Value {
    let path = env::var("MLLAB_E2E_TEMPLATE").expect("MLLAB_E2E_TEMPLATE: run tests/aws/run.sh");
    serde_json::from_slice(&fs::read(Path::new(&path)).unwrap()).unwrap()
}

/// Each action on each resource that a stage's policy allows.
fn allowed(template: &Value, stage: &str) -> BTreeSet<Touch> {
    let policy = format!("{}{}LakePolicy", stage[..1].to_uppercase(), &stage[1..]);
    let document = &template["Resources"][&policy]["Properties"]["PolicyDocument"];
    let statements = document["Statement"].as_array().unwrap_or_else(|| panic!("no {policy}"));
    let mut allowed = BTreeSet::new();
    for statement in statements {
        assert_eq!(statement["Effect"], "Allow", "{policy}: {statement}");
        for resource in list(&statement["Resource"]) {
            let (bucket, keys) = resource_of(&resource);
            let keys = match keys {
                Some(keys) => vec![keys],
                None => prefixes(statement),
            };
            for action in list(&statement["Action"]) {
                let action = action.as_str().unwrap().strip_prefix("s3:").unwrap().to_owned();
                allowed.extend(keys.iter().map(|key| Touch {
                    action: action.clone(),
                    bucket: bucket.to_owned(),
                    key: key.clone(),
                }));
            }
        }
    }
    allowed
}

/// The prefixes that a statement on a bucket allows to list.
///
/// `IfExists` is meant: S3 tells who asks for a missing key that it is missing only where they may
/// list the bucket, and asks that without any prefix; to all others it says that they are forbidden
/// to know. So a list of the whole bucket is allowed too: its keys, not what they hold.
fn prefixes(statement: &Value) -> Vec<String> {
    let condition = &statement["Condition"];
    let prefixes = &condition["StringLikeIfExists"]["s3:prefix"];
    assert_eq!(
        condition,
        &json!({"StringLikeIfExists": {"s3:prefix": prefixes}}),
        "a bucket may be listed by prefix, or without any: {statement}"
    );
    let found = list(prefixes).into_iter().map(|prefix| prefix.as_str().unwrap().to_owned());
    let found: Vec<String> = found.collect();
    assert!(!found.is_empty(), "{statement}");
    found
}

/// The bucket of a resource and, where it names objects, the pattern of their keys.
fn resource_of(resource: &Value) -> (&'static str, Option<String>) {
    let text = match (&resource["Fn::Sub"], &resource["Fn::GetAtt"]) {
        (Value::String(text), _) => text.clone(),
        (_, Value::Array(parts)) => {
            let parts: Vec<&str> = parts.iter().map(|part| part.as_str().unwrap()).collect();
            format!("${{{}}}", parts.join("."))
        }
        (_, Value::String(text)) => format!("${{{text}}}"),
        _ => panic!("a resource that is not understood: {resource}"),
    };
    for (bucket, name) in [("${DataBucket.Arn}", DATA), ("${FeaturesBucket.Arn}", FEATURES)] {
        if let Some(rest) = text.strip_prefix(bucket) {
            return (name, rest.strip_prefix('/').map(str::to_owned));
        }
    }
    panic!("a resource that is not a bucket of the lake: {text}")
}

fn list(value: &Value) -> Vec<Value> {
    value.as_array().cloned().unwrap_or_else(|| vec![value.clone()])
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn every_policy_allows_what_its_stage_touched() {
    let (template, touched) = (template(), touched());
    let mut refused = Vec::new();
    for stage in STAGES {
        let allowed = allowed(&template, stage);
        let touched = touched.get(stage).unwrap_or_else(|| panic!("{stage} touched nothing"));
        let not = touched.iter().filter(|touch| !allowed.iter().any(|a| a.allows(touch)));
        refused.extend(not.map(|touch| format!("{stage}: {touch:?}")));
    }
    assert!(refused.is_empty(), "on AWS these would be denied:\n{}", refused.join("\n"));
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn every_policy_allows_nothing_that_its_stage_did_not_touch() {
    let (template, touched) = (template(), touched());
    let mut unused = Vec::new();
    for stage in STAGES {
        let allowed = allowed(&template, stage);
        for allow in &allowed {
            let used = touched[stage].iter().any(|touch| allow.allows(touch));
            if !used && !without_need(stage, allow, &allowed) {
                unused.push(format!("{stage}: {allow:?}"));
            }
        }
    }
    assert!(unused.is_empty(), "allowed, but never needed:\n{}", unused.join("\n"));
}

/// Where keys lie, as the diagram of the day in docs/aws.md names it: their first folder, of models also the
/// second. Raw files of past days lie beside those of today.
fn place(key: &str) -> String {
    if key.starts_with("raw") {
        return "raw/".to_owned();
    }
    let depth = if key.starts_with("models/") { 2 } else { 1 };
    key.split_inclusive('/').take(depth).collect()
}

/// The places that a stage reads and those that it writes, by the diagram's lines
/// `Stage->>S3: reads a/, b/, writes c/v‹N›/`; `_gate/`, `latest.txt` and "the new version" are its own
/// series', which it need not say that it reads.
fn drawn(diagram: &str, stage: &str) -> [BTreeSet<String>; 2] {
    let [mut reads, mut writes] = [BTreeSet::new(), BTreeSet::new()];
    for by in [stage, if stage == "Matching" { "Batch" } else { stage }] {
        let lines = diagram.lines().filter_map(|line| line.trim().strip_prefix(by));
        for line in lines.filter_map(|line| line.strip_prefix("->>S3: ")) {
            let mut writing = false;
            for word in line.split([' ', ',']) {
                writing = (writing || word == "writes") && word != "reads";
                if (word.contains('/') || word == "release.json") && word != "_gate/" {
                    if writing { &mut writes } else { &mut reads }.insert(place(word));
                }
            }
        }
    }
    if reads.remove("models/") {
        let models = [crate::world::MATCHING, crate::world::RECOMMEND];
        reads.extend(models.map(|model| format!("{model}/")));
    }
    [reads.difference(&writes).cloned().collect(), writes]
}

#[test]
#[ignore = "tests/aws/run.sh"]
fn the_diagram_in_the_docs_names_the_places_that_its_stages_touched() {
    let page = fs::read_to_string(root().join("docs/aws.md")).unwrap();
    let diagram = page.split("```mermaid").nth(1).unwrap().split("```").next().unwrap();
    let touched = touched();
    for stage in STAGES {
        let of = |write: bool| -> BTreeSet<String> {
            let some = touched[stage].iter().filter(|touch| {
                write == (touch.action == "PutObject" || touch.action == "DeleteObject")
            });
            some.map(|touch| place(&touch.key)).collect()
        };
        let (reads, writes) = (of(false), of(true));
        let reads = reads.difference(&writes).cloned().collect();
        let name = format!("{}{}", stage[..1].to_uppercase(), &stage[1..]);
        assert_eq!(
            drawn(diagram, &name),
            [reads, writes],
            "{stage}: left the diagram in docs/aws.md: reads, writes"
        );
    }
}

#[test]
fn patterns_are_those_of_iam() {
    assert!(matches("raw*", "raw/vagas.json") && matches("raw*", "raw"));
    assert!(matches("a/v*", "a/v1/x") && !matches("a/v*", "a/latest.txt"));
    assert!(matches("a*c*e", "abcde") && !matches("a*c*e", "abcd"));
    assert!(matches("a", "a") && !matches("a", "ab"));
}
