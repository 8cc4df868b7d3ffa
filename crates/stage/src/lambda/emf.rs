//! What a call has cost and brought, in CloudWatch's embedded metric format: one line of JSON, of
//! which CloudWatch makes metrics.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use crate::{Metrics, Reply};

/// A directive may name no more metrics than this.
const MOST: usize = 100;

/// What is told of a call.
#[derive(Default)]
pub(crate) struct Facts<'a> {
    pub(crate) stage: &'a str,
    /// Of the event; empty where it could not be read.
    pub(crate) action: &'a str,
    pub(crate) execution: &'a str,
    pub(crate) request_id: &'a str,
    /// When the call ended, in milliseconds since 1970.
    pub(crate) at_millis: i64,
    pub(crate) seconds: f64,
    pub(crate) phases: BTreeMap<String, f64>,
    pub(crate) peak_memory_bytes: Option<u64>,
    pub(crate) bytes_read: u64,
    pub(crate) bytes_written: u64,
    pub(crate) reply: Option<&'a Reply>,
    /// The name of the error that the call ended with.
    pub(crate) error: Option<&'a str>,
}

pub(crate) fn line(facts: &Facts<'_>) -> Value {
    let metrics = metrics(facts);
    let names: Vec<Value> =
        metrics.iter().map(|(name, unit, _)| json!({"Name": name, "Unit": unit})).collect();
    let mut directives =
        vec![json!({"Namespace": "MLLab", "Dimensions": [["Stage"]], "Metrics": names})];
    let mut line = Map::new();
    let properties = [
        ("Stage", facts.stage),
        ("Action", facts.action),
        ("Execution", facts.execution),
        ("RequestId", facts.request_id),
        ("Error", facts.error.unwrap_or_default()),
    ];
    for (name, value) in properties.into_iter().filter(|(_, value)| !value.is_empty()) {
        line.insert(name.to_owned(), json!(value));
    }
    if facts.error.is_some() {
        directives.push(json!({
            "Namespace": "MLLab",
            "Dimensions": [["Stage", "Error"]],
            "Metrics": [{"Name": "Errors", "Unit": "Count"}],
        }));
    }
    line.extend(metrics.into_iter().map(|(name, _, value)| (name, value)));
    line.insert(
        "_aws".to_owned(),
        json!({"Timestamp": facts.at_millis, "CloudWatchMetrics": directives}),
    );
    Value::Object(line)
}

/// Name, unit and value.
fn metrics(facts: &Facts<'_>) -> Vec<(String, &'static str, Value)> {
    let mut all: Vec<(String, &'static str, Value)> = Vec::new();
    let mut add = |name: &str, unit, value: Option<Value>| {
        all.extend(value.map(|value| (name.to_owned(), unit, value)));
    };
    add("Seconds", "Seconds", Some(json!(facts.seconds)));
    add("Errors", "Count", Some(json!(u8::from(facts.error.is_some()))));
    add("PeakMemoryBytes", "Bytes", facts.peak_memory_bytes.map(Value::from));
    add("BytesRead", "Bytes", Some(json!(facts.bytes_read)));
    add("BytesWritten", "Bytes", Some(json!(facts.bytes_written)));
    if facts.action == "verify" {
        add("GateRefused", "Count", Some(json!(u8::from(facts.error == Some("GateRefused")))));
    }
    match facts.reply {
        Some(Reply::Made(made)) => {
            add("Rows", "Count", sum(&made.metrics, "rows_").map(Value::from));
            add("Rejects", "Count", sum(&made.metrics, "rejected_").map(Value::from));
            let number = made.version.strip_prefix('v').and_then(|n| n.parse::<u64>().ok());
            add("Version", "None", number.map(Value::from));
            add("Unchanged", "Count", Some(json!(u8::from(made.unchanged))));
            add("DriftSeverity", "None", severity(&made.metrics).map(Value::from));
        }
        Some(Reply::Shard(done)) => {
            add("Rows", "Count", Some(json!(done.rows)));
        }
        _ => {}
    }
    for (phase, seconds) in &facts.phases {
        let name = format!("Seconds_{}", phase.replace(|c: char| !c.is_ascii_alphanumeric(), "_"));
        if all.len() < MOST && all.iter().all(|(there, ..)| *there != name) {
            all.push((name, "Seconds", json!(seconds)));
        }
    }
    all
}

/// The sum of the figures whose names begin so; none where there is none.
fn sum(metrics: &Metrics, prefix: &str) -> Option<u64> {
    let named = metrics.0.iter().filter(|(name, _)| name.starts_with(prefix));
    named.filter_map(|(_, value)| value.as_u64()).reduce(|a, b| a + b)
}

/// How much of a drift there is, as a number that an alarm can have a threshold on.
fn severity(metrics: &Metrics) -> Option<u8> {
    match metrics.0.get("severity")?.as_str()? {
        "none" => Some(0),
        "watch" => Some(1),
        "alert" => Some(2),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Response;

    fn made(metrics: Value) -> Reply {
        Reply::Made(Response {
            version: "v7".to_owned(),
            uri: "s3://lake/processed/v7/".to_owned(),
            metrics: serde_json::from_value(metrics).unwrap(),
            unchanged: false,
            live: false,
        })
    }

    /// What the specification of the format asks of a line: https://docs.aws.amazon.com/
    /// AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
    fn keeps_the_specification(line: &Value) {
        assert!(line["_aws"]["Timestamp"].is_u64());
        for directive in line["_aws"]["CloudWatchMetrics"].as_array().unwrap() {
            assert!(directive["Namespace"].is_string());
            for set in directive["Dimensions"].as_array().unwrap() {
                for dimension in set.as_array().unwrap() {
                    assert!(line[dimension.as_str().unwrap()].is_string(), "{dimension}");
                }
            }
            let metrics = directive["Metrics"].as_array().unwrap();
            assert!((1..=MOST).contains(&metrics.len()));
            for metric in metrics {
                assert!(line[metric["Name"].as_str().unwrap()].is_number(), "{metric}");
                assert!(metric["Unit"].is_string());
            }
        }
    }

    #[test]
    fn a_run_is_told_as_the_specification_has_it() {
        let reply = made(json!({"rows_vagas": 2, "rows_prospects": 3, "rejected_vagas": 1}));
        let facts = Facts {
            stage: "ingest",
            action: "run",
            execution: "daily-1",
            request_id: "r1",
            at_millis: 1_795_500_000_000,
            seconds: 2.5,
            phases: [("read the raw".to_owned(), 1.5)].into(),
            peak_memory_bytes: Some(1024),
            bytes_read: 10,
            bytes_written: 20,
            reply: Some(&reply),
            error: None,
        };
        let line = line(&facts);
        keeps_the_specification(&line);
        let metric = |name: &str, unit: &str| json!({"Name": name, "Unit": unit});
        assert_eq!(
            line,
            json!({
                "_aws": {
                    "Timestamp": 1_795_500_000_000_u64,
                    "CloudWatchMetrics": [{
                        "Namespace": "MLLab",
                        "Dimensions": [["Stage"]],
                        "Metrics": [
                            metric("Seconds", "Seconds"),
                            metric("Errors", "Count"),
                            metric("PeakMemoryBytes", "Bytes"),
                            metric("BytesRead", "Bytes"),
                            metric("BytesWritten", "Bytes"),
                            metric("Rows", "Count"),
                            metric("Rejects", "Count"),
                            metric("Version", "None"),
                            metric("Unchanged", "Count"),
                            metric("Seconds_read_the_raw", "Seconds"),
                        ],
                    }],
                },
                "Stage": "ingest", "Action": "run", "Execution": "daily-1", "RequestId": "r1",
                "Seconds": 2.5, "Errors": 0, "PeakMemoryBytes": 1024,
                "BytesRead": 10, "BytesWritten": 20, "Rows": 5, "Rejects": 1, "Version": 7,
                "Unchanged": 0, "Seconds_read_the_raw": 1.5,
            })
        );
    }

    #[test]
    fn an_error_is_counted_by_its_name_and_drift_by_its_weight() {
        let refused = Facts {
            stage: "matching",
            action: "verify",
            error: Some("GateRefused"),
            ..Facts::default()
        };
        let line = super::line(&refused);
        keeps_the_specification(&line);
        assert_eq!((&line["Error"], &line["Errors"]), (&json!("GateRefused"), &json!(1)));
        assert_eq!(line["GateRefused"], 1);
        assert_eq!(line["_aws"]["CloudWatchMetrics"][1]["Dimensions"], json!([["Stage", "Error"]]));
        for (severity, weight) in [("none", 0), ("watch", 1), ("alert", 2)] {
            let reply = made(json!({"severity": severity}));
            let facts = Facts { stage: "drift", reply: Some(&reply), ..Facts::default() };
            assert_eq!(super::line(&facts)["DriftSeverity"], weight);
        }
    }

    #[test]
    fn many_phases_stay_within_what_a_directive_may_name() {
        let phases = (0..300).map(|n| (format!("phase {n}"), 1.0)).collect();
        let line = line(&Facts { stage: "recommend", phases, ..Facts::default() });
        keeps_the_specification(&line);
    }
}
