//! What is said of an execution: a line for each thing that happens, and what came of it all.

use serde_json::{Value, json};
use stage::{Error, ErrorName, Released, cli::Printed};

use super::{
    arn::Arn,
    history::{Change, Failure, History, Outcome, Standing, Step},
};
use crate::table::render;

/// The line for a change; none where there is nothing to say.
pub(crate) fn line(history: &History, change: Change) -> Option<String> {
    let (Change::Entered(at) | Change::TryFailed(at) | Change::Left(at)) = change;
    let step = history.steps.get(at)?;
    let state = &step.state;
    match change {
        Change::Entered(_) => Some(format!("{state:>16}  started")),
        Change::TryFailed(_) => {
            let Failure { error, cause } = step.failures.last()?;
            let tries = step.failures.len();
            Some(format!("{state:>16}  try {tries} failed with {error}: {cause}"))
        }
        Change::Left(_) => {
            let seconds = seconds(step.millis(step.entered));
            let (how, what) = match step.standing {
                Standing::Stopped => ("stopped", String::new()),
                Standing::Failed => ("failed", String::new()),
                _ => ("done", told(&step.answer)),
            };
            Some(format!("{state:>16}  {how} after {seconds} s  {what}").trim_end().to_owned())
        }
    }
}

/// What a bar says of a step that is under way.
pub(crate) fn doing(step: &Step) -> String {
    let tries = step.failures.len();
    match (&step.standing, step.failures.last()) {
        (Standing::Waiting, Some(failure)) => format!("waits after {}", failure.error),
        (_, Some(failure)) => format!("try {} after {}", tries + 1, failure.error),
        _ => String::new(),
    }
}

/// An answer of a stage in a few words.
fn told(answer: &Value) -> String {
    let is = |key: &str| answer[key].as_bool();
    if let Ok(released) = serde_json::from_value::<Released>(answer.clone()) {
        return released.to_string();
    }
    let Some(version) = answer["version"].as_str() else {
        return String::new();
    };
    if let Some(checks) = answer["checks"].as_array() {
        let passed = checks.iter().filter(|check| check["passed"] == true).count();
        return format!("{version}: {passed} of {} checks passed", checks.len());
    }
    match is("unchanged") {
        Some(true) => format!("{version}, unchanged"),
        Some(false) => format!("{version}, new"),
        None => version.to_owned(),
    }
}

/// What came of an execution that has ended.
///
/// # Errors
/// What it ended with: by its own name where that is one of ours, else as `StageFailed`.
pub(crate) fn ended(history: &History, execution: &Arn) -> Result<Printed, Error> {
    match &history.outcome {
        None => Err(Error::failed(format!("{execution} has not ended"))),
        Some(Outcome::Failed(failure)) => Err(failed(history, failure, execution)),
        Some(Outcome::Succeeded(output)) => Ok(succeeded(history, output, execution)),
    }
}

fn failed(history: &History, failure: &Failure, execution: &Arn) -> Error {
    let Failure { error, cause } = failure;
    let cause = super::history::cause(cause);
    let culprit = history.culprit(failure);
    let mut message = match culprit {
        Some(step) => format!("{} ended in {}", execution.name(), step.state),
        None => format!("{} ended", execution.name()),
    };
    let name = ErrorName::parse(error);
    if name.is_none() {
        message.push_str(&format!(" with {error}"));
    }
    if !cause.is_empty() {
        message.push_str(&format!(": {cause}"));
    }
    message.push_str(&format!("\nexecution: {}", execution.console()));
    if let Some(function) = culprit.and_then(|step| step.function.as_deref()) {
        message.push_str(&format!("\nlog: {}", execution.console_of_log(function)));
    }
    Error::new(name.unwrap_or(ErrorName::StageFailed), message)
}

fn succeeded(history: &History, output: &Value, execution: &Arn) -> Printed {
    let end = history.ended.unwrap_or(history.started);
    let mut rows = vec![["state", "seconds", "tries", "what came of it"].map(str::to_owned).into()];
    for step in &history.steps {
        rows.push(vec![
            step.state.clone(),
            seconds(step.millis(end)),
            (step.failures.len() + 1).to_string(),
            told(&step.answer),
        ]);
    }
    let whole = seconds(end - history.started);
    let text = format!(
        "{}{} succeeded after {whole} s: {}",
        render(&rows),
        execution.name(),
        execution.console()
    );
    let steps: Vec<Value> = history.steps.iter().map(|step| as_json(step, end)).collect();
    let json = json!({
        "status": "SUCCEEDED",
        "seconds": (end - history.started) as f64 / 1000.0,
        "steps": steps,
        "output": output,
    });
    Printed { text, json }
}

fn as_json(step: &Step, end: i64) -> Value {
    let failures: Vec<Value> =
        step.failures.iter().map(|f| json!({"error": f.error, "cause": f.cause})).collect();
    let mut told = json!({
        "state": step.state,
        "seconds": step.millis(end) as f64 / 1000.0,
        "failed_tries": failures,
    });
    for key in ["version", "uri", "unchanged", "live", "release", "published", "held_back", "stays"]
    {
        if let Some(value) = step.answer.get(key) {
            told[key] = value.clone();
        }
    }
    told
}

pub(super) fn seconds(millis: i64) -> String {
    format!("{:.1}", millis as f64 / 1000.0)
}
