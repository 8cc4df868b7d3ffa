//! What the events of an execution's history say: which states have been entered, how often they
//! were tried, and how they ended.
//!
//! Only states that do something are kept: tasks and maps. An event belongs to the state of the
//! event before it; branches of a Parallel run at the same time, and are told apart by that.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

/// One event, of Step Functions' or of a recorded history.
#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    pub(crate) id: i64,
    /// The event that led to it.
    pub(crate) previous: i64,
    /// Milliseconds since 1970.
    pub(crate) at: i64,
    /// Its type: `TaskStateEntered` …
    pub(crate) kind: String,
    /// The state that was entered or left.
    pub(crate) state: Option<String>,
    pub(crate) error: Option<String>,
    pub(crate) cause: Option<String>,
    /// JSON: what a task answered, or what the execution gave.
    pub(crate) output: Option<String>,
    /// JSON: what a task was asked.
    pub(crate) parameters: Option<String>,
    pub(crate) map_run: Option<String>,
}

/// An error, as the state machine saw it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Failure {
    pub(crate) error: String,
    pub(crate) cause: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    Running,
    /// The last try failed; another comes, or the failure is caught.
    Waiting,
    Done,
    Failed,
    /// Stopped, because something beside it failed.
    Stopped,
}

/// A task or a map that was entered.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) state: String,
    /// Milliseconds since 1970, as all times here.
    pub(crate) entered: i64,
    pub(crate) left: Option<i64>,
    pub(crate) standing: Standing,
    pub(crate) failures: Vec<Failure>,
    /// The function that it invokes, where it does.
    pub(crate) function: Option<String>,
    /// The answer of the function: the task's output, or its `Payload`.
    pub(crate) answer: Value,
    /// The run of a Distributed Map.
    pub(crate) map_run: Option<String>,
}

impl Step {
    /// Milliseconds from its entry to its end, or until `now`.
    pub(crate) fn millis(&self, now: i64) -> i64 {
        (self.left.unwrap_or(now) - self.entered).max(0)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Outcome {
    Succeeded(Value),
    Failed(Failure),
}

/// What has changed, for a reader who follows; the number is that of the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Change {
    Entered(usize),
    TryFailed(usize),
    Left(usize),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub(crate) steps: Vec<Step>,
    pub(crate) started: i64,
    pub(crate) ended: Option<i64>,
    pub(crate) outcome: Option<Outcome>,
    /// The step that an event belongs to.
    owners: BTreeMap<i64, usize>,
    last: i64,
}

impl History {
    /// Takes the events of a history in the order of their ids, and tells of each change once it is
    /// made; events that it has seen already are passed over.
    pub(crate) fn take(&mut self, events: &[Event], mut tell: impl FnMut(&Self, Change)) {
        for event in events {
            if event.id > self.last {
                self.last = event.id;
                if let Some(change) = self.one(event) {
                    tell(self, change);
                }
            }
        }
    }

    fn one(&mut self, event: &Event) -> Option<Change> {
        if let Some(at) = self.execution(event) {
            self.ended = Some(at);
            // Whatever still ran has been stopped with it.
            for step in self.steps.iter_mut().filter(|step| step.left.is_none()) {
                let waited = step.standing == Standing::Waiting;
                step.standing = if waited { Standing::Failed } else { Standing::Stopped };
                step.left = Some(at);
            }
            return None;
        }
        let kind = event.kind.as_str();
        if let ("TaskStateEntered" | "MapStateEntered", Some(state)) = (kind, &event.state) {
            self.steps.push(Step {
                state: state.clone(),
                entered: event.at,
                left: None,
                standing: Standing::Running,
                failures: Vec::new(),
                function: None,
                answer: Value::Null,
                map_run: None,
            });
            let step = self.steps.len() - 1;
            self.owners.insert(event.id, step);
            return Some(Change::Entered(step));
        }
        if kind.ends_with("StateEntered") {
            return None;
        }
        let owner = self.owner(event)?;
        self.owners.insert(event.id, owner);
        let step = &mut self.steps[owner];
        match kind {
            "TaskScheduled" | "LambdaFunctionScheduled" => {
                step.standing = Standing::Running;
                step.function = event.parameters.as_deref().and_then(function);
                None
            }
            "TaskSucceeded" | "LambdaFunctionSucceeded" => {
                step.answer = answer(event.output.as_deref());
                None
            }
            "MapRunStarted" | "MapRunRedriven" => {
                step.standing = Standing::Running;
                step.map_run = event.map_run.clone();
                None
            }
            "TaskStateExited" | "MapStateExited" => {
                let failed = step.standing == Standing::Waiting;
                step.standing = if failed { Standing::Failed } else { Standing::Done };
                step.left = Some(event.at);
                Some(Change::Left(owner))
            }
            "TaskStateAborted" | "MapStateAborted" => {
                step.standing = Standing::Stopped;
                step.left = Some(event.at);
                Some(Change::Left(owner))
            }
            // A map's failure is told twice, by its run and by its state.
            "MapStateFailed" if step.standing == Standing::Waiting => None,
            _ if kind.ends_with("Failed") || kind.ends_with("TimedOut") => {
                step.standing = Standing::Waiting;
                step.failures.push(failure(event));
                Some(Change::TryFailed(owner))
            }
            _ => None,
        }
    }

    /// Takes what is said of the execution itself; the time, where it has ended.
    fn execution(&mut self, event: &Event) -> Option<i64> {
        match event.kind.as_str() {
            "ExecutionStarted" => {
                self.started = event.at;
                return None;
            }
            // As if it had not ended yet.
            "ExecutionRedriven" => {
                (self.ended, self.outcome) = (None, None);
                return None;
            }
            "ExecutionSucceeded" => {
                let output = event.output.as_deref().and_then(|o| serde_json::from_str(o).ok());
                self.outcome = Some(Outcome::Succeeded(output.unwrap_or_default()));
            }
            "ExecutionFailed" => self.outcome = Some(Outcome::Failed(failure(event))),
            "ExecutionAborted" => self.failed_by(event, "States.Aborted"),
            "ExecutionTimedOut" => self.failed_by(event, "States.Timeout"),
            _ => return None,
        }
        Some(event.at)
    }

    fn failed_by(&mut self, event: &Event, name: &str) {
        let mut failure = failure(event);
        if event.error.is_none() {
            failure.error = name.to_owned();
        }
        self.outcome = Some(Outcome::Failed(failure));
    }

    /// The step that an event belongs to: that of the event before it. An exit names its state,
    /// which also finds it where the event before it is the end of something within.
    fn owner(&self, event: &Event) -> Option<usize> {
        let by_name = || {
            let name = event.state.as_deref()?;
            self.steps.iter().rposition(|step| step.left.is_none() && step.state == name)
        };
        let before = self.owners.get(&event.previous).copied();
        match &event.state {
            Some(name) => by_name().or(before.filter(|step| self.steps[*step].state == *name)),
            None => before,
        }
    }

    /// The steps that are under way, with their numbers.
    pub(crate) fn under_way(&self) -> impl Iterator<Item = (usize, &Step)> {
        self.steps.iter().enumerate().filter(|(_, step)| step.left.is_none())
    }

    /// The step whose failure the execution ended with: the last that failed with that error, else
    /// the last that failed.
    pub(crate) fn culprit(&self, failure: &Failure) -> Option<&Step> {
        let failed = || self.steps.iter().rev().filter(|step| step.standing == Standing::Failed);
        let same = |step: &&Step| step.failures.last().is_some_and(|f| f.error == failure.error);
        failed().find(same).or_else(|| failed().next())
    }
}

fn failure(event: &Event) -> Failure {
    let error = event.error.clone().unwrap_or_else(|| match event.kind.as_str() {
        kind if kind.ends_with("TimedOut") => "States.Timeout".to_owned(),
        kind => kind.to_owned(),
    });
    Failure { error, cause: cause(event.cause.as_deref().unwrap_or_default()) }
}

/// A cause for people: of a function's error its message, of a job's its reason. Within a Parallel
/// the state machine puts the state's name before it, as in `Matching: {"errorType":…}`.
pub(crate) fn cause(text: &str) -> String {
    let object = |text: &str| serde_json::from_str::<Map<String, Value>>(text).ok();
    let after_name = || object(text.split_once(": ")?.1);
    let said = object(text).or_else(after_name).and_then(|told| {
        let message = ["errorMessage", "StatusReason"].iter().find_map(|key| told.get(*key));
        Some(message?.as_str()?.to_owned())
    });
    said.unwrap_or_else(|| text.to_owned())
}

/// The name of the function in the parameters of `lambda:invoke`, without its qualifier.
fn function(parameters: &str) -> Option<String> {
    let parameters: Value = serde_json::from_str(parameters).ok()?;
    let name = parameters["FunctionName"].as_str()?;
    let name = name.rsplit_once("function:").map_or(name, |(_, name)| name);
    Some(name.split(':').next().unwrap_or(name).to_owned())
}

fn answer(output: Option<&str>) -> Value {
    let output: Value = output.and_then(|o| serde_json::from_str(o).ok()).unwrap_or_default();
    match output.get("Payload") {
        Some(payload) => payload.clone(),
        None => output,
    }
}
