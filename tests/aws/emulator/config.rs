//! What the emulator is told: its functions and its jobs.

use std::{collections::BTreeMap, path::PathBuf};

use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Configuration {
    /// The region in ARNs and in the environment of processes.
    pub(crate) region: String,
    pub(crate) account: String,
    /// Where requests of other services go: `http://host:port`.
    pub(crate) upstream: Option<String>,
    /// A folder: what a function or a job prints is added to `<name>.log` there.
    pub(crate) logs: Option<PathBuf>,
    /// By function name.
    pub(crate) functions: BTreeMap<String, Function>,
    /// By the name of the job definition.
    pub(crate) jobs: BTreeMap<String, JobDefinition>,
}

impl Default for Configuration {
    fn default() -> Self {
        Self {
            region: "us-east-1".to_owned(),
            account: "123456789012".to_owned(),
            upstream: None,
            logs: None,
            functions: BTreeMap::new(),
            jobs: BTreeMap::new(),
        }
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Function {
    pub(crate) binary: PathBuf,
    /// Its environment, beside what Lambda itself sets.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// Qualifiers beside `$LATEST`.
    #[serde(default)]
    pub(crate) aliases: Vec<String>,
    #[serde(default = "Function::timeout")]
    pub(crate) timeout_seconds: f64,
    /// Told to the process; not enforced.
    #[serde(default = "Function::memory")]
    pub(crate) memory_mb: u32,
    /// Reserved concurrency: invocations beyond it are throttled.
    pub(crate) concurrency: Option<usize>,
}

impl Function {
    fn timeout() -> f64 {
        3.0
    }

    fn memory() -> u32 {
        128
    }
}

#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct JobDefinition {
    pub(crate) binary: PathBuf,
    /// Its arguments, unless a job overrides them; `Ref::name` stands for a parameter.
    #[serde(default)]
    pub(crate) command: Vec<String>,
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) parameters: BTreeMap<String, String>,
    #[serde(default)]
    pub(crate) retry_strategy: RetryStrategy,
    /// Seconds that one attempt may take.
    pub(crate) timeout_seconds: Option<f64>,
}

/// When a failed attempt is repeated, spelt as in Batch's API.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct RetryStrategy {
    #[serde(default = "RetryStrategy::once")]
    pub(crate) attempts: u32,
    #[serde(default)]
    pub(crate) evaluate_on_exit: Vec<OnExit>,
}

impl RetryStrategy {
    fn once() -> u32 {
        1
    }

    /// The strategy that a request gives, if it does.
    pub(crate) fn of(given: &serde_json::Value) -> Option<Self> {
        serde_json::from_value(given.clone()).ok()
    }

    /// Whether an attempt that ended so is repeated, if attempts are left: the first condition that
    /// matches decides, and where none does the attempt is repeated.
    pub(crate) fn repeats(
        &self,
        exit_code: Option<i32>,
        status_reason: &str,
        reason: &str,
    ) -> bool {
        let code = exit_code.map(|c| c.to_string()).unwrap_or_default();
        let first = self.evaluate_on_exit.iter().find(|on| {
            let holds = |pattern: &Option<String>, found: &str| {
                pattern.as_deref().is_none_or(|pattern| matches(pattern, found))
            };
            holds(&on.on_exit_code, &code)
                && holds(&on.on_status_reason, status_reason)
                && holds(&on.on_reason, reason)
        });
        first.is_none_or(|on| on.action.eq_ignore_ascii_case("RETRY"))
    }
}

impl Default for RetryStrategy {
    fn default() -> Self {
        Self { attempts: Self::once(), evaluate_on_exit: Vec::new() }
    }
}

/// One of `evaluateOnExit`.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub(crate) struct OnExit {
    on_exit_code: Option<String>,
    on_reason: Option<String>,
    on_status_reason: Option<String>,
    action: String,
}

/// Batch's patterns: text, with a `*` at its end for anything.
fn matches(pattern: &str, found: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => found.starts_with(start),
        None => found == pattern,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn strategy(conditions: &str) -> RetryStrategy {
        let text = format!(r#"{{"attempts": 3, "evaluateOnExit": {conditions}}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn the_first_condition_that_matches_decides() {
        let by_code = strategy(
            r#"[{"onExitCode": "74", "action": "RETRY"}, {"onExitCode": "7*", "action": "exit"}]"#,
        );
        assert!(by_code.repeats(Some(74), "", ""));
        assert!(!by_code.repeats(Some(75), "", ""));
        assert!(by_code.repeats(Some(1), "", ""), "no condition matches: repeated");
    }

    #[test]
    fn all_of_a_condition_must_match() {
        let both = strategy(
            r#"[{"onExitCode": "1", "onStatusReason": "Host EC2*", "action": "RETRY"},
                {"onReason": "*", "action": "EXIT"}]"#,
        );
        assert!(both.repeats(Some(1), "Host EC2 (instance i-1) terminated.", ""));
        assert!(!both.repeats(Some(1), "Essential container in task exited", ""));
    }

    #[test]
    fn an_exit_code_that_there_is_not_matches_none() {
        let started = strategy(
            r#"[{"onExitCode": "7*", "action": "EXIT"}, {"onReason": "Cannot*", "action": "EXIT"}]"#,
        );
        assert!(!started.repeats(None, "Task failed to start", "CannotPullContainerError: x"));
        assert!(started.repeats(None, "Task failed to start", "ResourceInitializationError: x"));
    }

    #[test]
    fn a_key_that_is_misspelt_is_an_error() {
        assert!(serde_json::from_str::<Configuration>(r#"{"function": {}}"#).is_err());
    }
}
