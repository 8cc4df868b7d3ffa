//! Batch: SubmitJob, DescribeJobs and TerminateJob. A job is a process; its exit code decides
//! whether it is tried again.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{body::Bytes, extract::State, response::Response};
use serde_json::{Value, json};
use tokio::sync::{Mutex, watch};

use crate::{
    Emulator, answer,
    config::{JobDefinition, RetryStrategy},
    process,
};

/// The most characters that the overrides of a container may have.
const OVERRIDES_LIMIT: usize = 8192;

#[derive(Default)]
pub(crate) struct Jobs {
    count: AtomicU64,
    jobs: Mutex<BTreeMap<String, Job>>,
}

struct Job {
    /// As DescribeJobs tells of it.
    told: Value,
    /// Why it was terminated, once it was.
    terminated: watch::Sender<Option<String>>,
}

pub(crate) async fn submit(State(emulator): State<Arc<Emulator>>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let configuration = emulator.configuration().await;
    let given = request["jobDefinition"].as_str().unwrap_or_default();
    let definition_name = definition_name(given).to_owned();
    let Some(definition) = configuration.jobs.get(&definition_name) else {
        return refused(&format!("JobDefinition {given} not found"));
    };
    let job_name = request["jobName"].as_str().unwrap_or_default();
    if !is_job_name(job_name) {
        return refused(&format!(
            "Job name should match valid pattern: up to 128 of A-Z, a-z, 0-9, _ and -, found {job_name:?}"
        ));
    }
    let overrides = &request["containerOverrides"];
    if overrides.to_string().len() > OVERRIDES_LIMIT {
        return refused(&format!("Container Overrides length must be at most {OVERRIDES_LIMIT}"));
    }
    let id = process::id(emulator.jobs.count.fetch_add(1, Ordering::Relaxed) + 1);
    let job = Submitted::new(id.clone(), definition_name, definition, &request);
    let arn = format!("arn:aws:batch:{}:{}:job/{id}", configuration.region, configuration.account);
    let (terminated, termination) = watch::channel(None);
    let told = json!({
        "jobId": id, "jobArn": arn, "jobName": job_name,
        "jobQueue": request["jobQueue"], "jobDefinition": given,
        "status": "SUBMITTED", "createdAt": process::now_ms(), "attempts": [],
        "parameters": job.parameters,
        "container": {"command": job.command, "environment": overrides["environment"]},
    });
    emulator.jobs.jobs.lock().await.insert(id.clone(), Job { told, terminated });
    tokio::spawn(run(emulator.clone(), job, termination));
    answer::json(&json!({"jobId": id, "jobArn": arn, "jobName": job_name}))
}

pub(crate) async fn describe(State(emulator): State<Arc<Emulator>>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let jobs = emulator.jobs.jobs.lock().await;
    let asked = request["jobs"].as_array().into_iter().flatten().filter_map(Value::as_str);
    let told: Vec<&Value> = asked.filter_map(|id| Some(&jobs.get(id)?.told)).collect();
    answer::json(&json!({ "jobs": told }))
}

pub(crate) async fn terminate(State(emulator): State<Arc<Emulator>>, body: Bytes) -> Response {
    let request: Value = serde_json::from_slice(&body).unwrap_or_default();
    let id = request["jobId"].as_str().unwrap_or_default();
    match emulator.jobs.jobs.lock().await.get(id) {
        None => refused(&format!("Job {id} not found")),
        Some(job) => {
            let reason = request["reason"].as_str().unwrap_or_default().to_owned();
            job.terminated.send_replace(Some(reason));
            answer::json(&json!({}))
        }
    }
}

/// `GET /_emulator/jobs`
pub(crate) async fn all(State(emulator): State<Arc<Emulator>>) -> Response {
    let jobs = emulator.jobs.jobs.lock().await;
    answer::json(&jobs.values().map(|job| job.told.clone()).collect())
}

fn refused(message: &str) -> Response {
    answer::bad_request("ClientException", message)
}

/// The name in a definition's name or ARN, with or without its revision.
fn definition_name(given: &str) -> &str {
    let name = given.rsplit('/').next().unwrap_or(given);
    name.split(':').next().unwrap_or(name)
}

fn is_job_name(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    (1..=128).contains(&name.len()) && name.chars().all(fits)
}

/// A job with its definition and its overrides put together.
struct Submitted {
    id: String,
    definition_name: String,
    definition: JobDefinition,
    queue: String,
    parameters: BTreeMap<String, String>,
    command: Vec<String>,
    environment: BTreeMap<String, String>,
    retry: RetryStrategy,
    timeout: Option<Duration>,
}

impl Submitted {
    fn new(id: String, name: String, definition: &JobDefinition, request: &Value) -> Self {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let mut parameters = definition.parameters.clone();
        for (key, value) in request["parameters"].as_object().into_iter().flatten() {
            parameters.insert(key.clone(), text(value));
        }
        let overrides = &request["containerOverrides"];
        let command = match overrides["command"].as_array() {
            Some(command) => command.iter().map(text).collect(),
            None => definition.command.clone(),
        };
        let refer = |word: String| {
            let parameter = word.strip_prefix("Ref::").and_then(|name| parameters.get(name));
            parameter.cloned().unwrap_or(word)
        };
        let mut environment = definition.environment.clone();
        for variable in overrides["environment"].as_array().into_iter().flatten() {
            environment.insert(text(&variable["name"]), text(&variable["value"]));
        }
        let own: Option<RetryStrategy> = RetryStrategy::of(&request["retryStrategy"]);
        let seconds = request["timeout"]["attemptDurationSeconds"].as_f64();
        Self {
            id,
            definition_name: name,
            queue: text(&request["jobQueue"]),
            command: command.into_iter().map(refer).collect(),
            parameters: parameters.clone(),
            environment,
            retry: own.unwrap_or_else(|| definition.retry_strategy.clone()),
            timeout: seconds.or(definition.timeout_seconds).map(Duration::from_secs_f64),
            definition: definition.clone(),
        }
    }
}

struct Ended {
    exit_code: Option<i32>,
    reason: String,
    /// What is said of the container, where it is the cause.
    container: Option<String>,
    /// Terminated or timed out: never tried again.
    stopped: bool,
}

async fn run(
    emulator: Arc<Emulator>,
    job: Submitted,
    mut terminated: watch::Receiver<Option<String>>,
) {
    for attempt in 1..=job.retry.attempts {
        let started = process::now_ms();
        tell(&emulator, &job.id, |told| {
            told["status"] = json!("RUNNING");
            told["startedAt"] = json!(started);
        })
        .await;
        let ended = run_once(&emulator, &job, attempt, &mut terminated).await;
        let done = ended.exit_code == Some(0);
        let again = !done
            && !ended.stopped
            && attempt < job.retry.attempts
            && job.retry.repeats(
                ended.exit_code,
                &ended.reason,
                ended.container.as_deref().unwrap_or_default(),
            );
        tell(&emulator, &job.id, |told| {
            let stopped = process::now_ms();
            let mut container = json!({"logStreamName": job.definition_name});
            if let Some(code) = ended.exit_code {
                container["exitCode"] = json!(code);
            }
            if let Some(reason) = &ended.container {
                container["reason"] = json!(reason);
            }
            if let Some(attempts) = told["attempts"].as_array_mut() {
                attempts.push(json!({
                    "startedAt": started, "stoppedAt": stopped,
                    "statusReason": ended.reason, "container": &container,
                }));
            }
            told["status"] = json!(match (done, again) {
                (true, _) => "SUCCEEDED",
                (false, true) => "RUNNABLE",
                (false, false) => "FAILED",
            });
            told["statusReason"] = json!(ended.reason);
            told["stoppedAt"] = json!(stopped);
            for key in ["exitCode", "reason"] {
                told["container"][key] = container[key].clone();
            }
        })
        .await;
        if !again {
            return;
        }
    }
}

async fn tell(emulator: &Emulator, id: &str, change: impl FnOnce(&mut Value)) {
    if let Some(job) = emulator.jobs.jobs.lock().await.get_mut(id) {
        change(&mut job.told);
    }
}

async fn run_once(
    emulator: &Emulator,
    job: &Submitted,
    attempt: u32,
    terminated: &mut watch::Receiver<Option<String>>,
) -> Ended {
    let configuration = emulator.configuration().await;
    let fault = emulator.faults.take(&job.definition_name, None).await;
    let unstarted = |reason: String| Ended {
        exit_code: None,
        reason: "Task failed to start".to_owned(),
        container: Some(reason),
        stopped: false,
    };
    if let Some(reason) = fault.as_ref().and_then(|fault| fault.unstarted.clone()) {
        return unstarted(reason);
    }
    let of_fault = fault.map(|fault| fault.environment).unwrap_or_default();
    let of_batch: BTreeMap<String, String> = [
        ("AWS_BATCH_JOB_ID", job.id.clone()),
        ("AWS_BATCH_JOB_ATTEMPT", attempt.to_string()),
        ("AWS_BATCH_JQ_NAME", job.queue.clone()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into();
    let environments = [&job.environment, &of_fault, &of_batch];
    let name = &job.definition_name;
    let started = process::command(&configuration, name, &job.definition.binary, &environments)
        .and_then(|mut command| command.args(&job.command).spawn());
    let mut child = match started {
        Ok(child) => child,
        Err(error) => return unstarted(format!("CannotStartContainerError: {error}")),
    };
    let stop =
        |reason: String| Ended { exit_code: Some(137), reason, container: None, stopped: true };
    let too_long = async {
        match job.timeout {
            Some(timeout) => tokio::time::sleep(timeout).await,
            None => std::future::pending().await,
        }
    };
    // Dropping the child at the end kills it where it still runs.
    tokio::select! {
        biased;
        ended = child.wait() => Ended {
            exit_code: ended.ok().map(process::exit_code),
            reason: "Essential container in task exited".to_owned(),
            container: None,
            stopped: false,
        },
        Ok(reason) = terminated.wait_for(Option::is_some) => {
            stop(reason.clone().unwrap_or_default())
        }
        () = too_long => stop("Job attempt duration exceeded timeout".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_definition_is_named_in_every_way_that_batch_takes() {
        let arn = "arn:aws:batch:sa-east-1:123456789012:job-definition/matching:3";
        for given in ["matching", "matching:3", arn] {
            assert_eq!(definition_name(given), "matching");
        }
    }

    #[test]
    fn a_name_that_batch_would_refuse_is_refused() {
        assert!(is_job_name("matching-daily-2026-11-24-1"));
        assert!(!is_job_name("matching 2026") && !is_job_name("a.b") && !is_job_name(""));
        assert!(!is_job_name(&"a".repeat(129)));
    }

    #[test]
    fn overrides_go_before_the_definition() {
        let definition = r#"{"binary": "/b", "command": ["--event", "Ref::event"],
            "environment": {"A": "1", "B": "1"}, "parameters": {"event": "{}"}}"#;
        let definition: JobDefinition = serde_json::from_str(definition).unwrap();
        let job = |request| Submitted::new("1".into(), "n".into(), &definition, &request);
        let plain = job(json!({}));
        assert_eq!(plain.command, ["--event", "{}"]);
        let changed = job(json!({
            "parameters": {"event": "x"},
            "containerOverrides": {"environment": [{"name": "B", "value": "2"}]},
            "retryStrategy": {"attempts": 2},
            "timeout": {"attemptDurationSeconds": 60},
        }));
        assert_eq!(changed.command, ["--event", "x"]);
        assert_eq!((&*changed.environment["A"], &*changed.environment["B"]), ("1", "2"));
        assert_eq!(changed.retry.attempts, 2);
        assert_eq!(changed.timeout, Some(Duration::from_secs(60)));
        let other = job(json!({"containerOverrides": {"command": ["--help"]}}));
        assert_eq!(other.command, ["--help"]);
    }
}
