//! Step Functions, asked one thing at a time.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sfn::{
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    primitives::DateTime,
    types::HistoryEvent,
};
use serde_json::Value;
use stage::{Error, ErrorName};
use tokio::runtime::Runtime;

use super::{arn::Arn, history::Event};

/// As many executions of one day are named before giving up.
const NAMES: u32 = 1000;

/// A client, and the runtime that its requests run on.
pub(crate) struct Client {
    sfn: aws_sdk_sfn::Client,
    runtime: Runtime,
}

/// Items of a Distributed Map.
pub(crate) struct Items {
    pub(crate) done: u64,
    pub(crate) total: u64,
}

impl Client {
    /// A client for the region of a state machine; credentials and endpoint are the SDK's own.
    pub(crate) fn connect(machine: &Arn) -> Result<Self, Error> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .map_err(|e| Error::failed(format!("no runtime for the requests to AWS: {e}")))?;
        let region = Region::new(machine.region().to_owned());
        let config = aws_config::defaults(BehaviorVersion::latest()).region(region).load();
        let sfn = aws_sdk_sfn::Client::new(&runtime.block_on(config));
        Ok(Self { sfn, runtime })
    }

    /// Starts an execution under the first free name of the day, `daily-<day>-<n>`.
    pub(crate) fn start(&self, machine: &Arn, day: &str, input: &Value) -> Result<Arn, Error> {
        for n in 1..=NAMES {
            let request = self
                .sfn
                .start_execution()
                .state_machine_arn(machine.to_string())
                .name(format!("daily-{day}-{n}"))
                .input(input.to_string());
            match self.runtime.block_on(request.send()) {
                Ok(started) => return Arn::of_execution(&started.execution_arn),
                Err(error) => {
                    let taken = error.as_service_error();
                    if !taken.is_some_and(|e| e.is_execution_already_exists()) {
                        return Err(named("starting the execution", error));
                    }
                }
            }
        }
        Err(Error::config(format!("{day} has had {NAMES} executions: no name is left")))
    }

    /// The whole history of an execution so far.
    pub(crate) fn history(&self, execution: &Arn) -> Result<Vec<Event>, Error> {
        let mut events = Vec::new();
        let mut page = None;
        loop {
            let request = self
                .sfn
                .get_execution_history()
                .execution_arn(execution.to_string())
                .include_execution_data(true)
                .max_results(1000)
                .set_next_token(page);
            let answer = self.runtime.block_on(request.send());
            let answer = answer.map_err(|e| named("reading the execution's history", e))?;
            events.extend(answer.events.iter().map(event));
            page = answer.next_token;
            if page.is_none() {
                return Ok(events);
            }
        }
    }

    /// How far a Distributed Map is; none where that cannot be said.
    pub(crate) fn items(&self, map_run: &str) -> Option<Items> {
        let request = self.sfn.describe_map_run().map_run_arn(map_run);
        let told = self.runtime.block_on(request.send()).ok()?;
        let counts = told.item_counts()?;
        let count = |n: i64| u64::try_from(n).unwrap_or(0);
        Some(Items { done: count(counts.succeeded()), total: count(counts.total()) })
    }
}

/// An error of AWS by one of our names: what the caller must mend, what it must wait for, and what
/// may go well when it is asked again.
fn named<E, R>(doing: &str, error: SdkError<E, R>) -> Error
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
    R: std::fmt::Debug + 'static,
{
    let code = error.code().unwrap_or_default().to_owned();
    let name = match &error {
        SdkError::ConstructionFailure(_) => ErrorName::ConfigInvalid,
        SdkError::ServiceError(_) if code.contains("Throttl") || code.contains("LimitExceeded") => {
            ErrorName::Throttled
        }
        SdkError::ServiceError(answered) => match answered.err().message() {
            _ if code.is_empty() || code.contains("Internal") || code.contains("Unavailable") => {
                ErrorName::StoreUnavailable
            }
            _ => ErrorName::ConfigInvalid,
        },
        // Also where no credentials are found: what the chain says is in the text.
        _ => ErrorName::StoreUnavailable,
    };
    Error::new(name, format!("aws: {doing}: {}", DisplayErrorContext(&error)))
}

fn event(event: &HistoryEvent) -> Event {
    let entered = event.state_entered_event_details.as_ref().map(|e| e.name.clone());
    let exited = event.state_exited_event_details.as_ref().map(|e| e.name.clone());
    let (error, cause) = failure(event);
    let output = event
        .task_succeeded_event_details
        .as_ref()
        .and_then(|e| e.output.clone())
        .or_else(|| event.lambda_function_succeeded_event_details.as_ref()?.output.clone())
        .or_else(|| event.execution_succeeded_event_details.as_ref()?.output.clone());
    let map_run = event
        .map_run_started_event_details
        .as_ref()
        .and_then(|e| e.map_run_arn.clone())
        .or_else(|| event.map_run_redriven_event_details.as_ref()?.map_run_arn.clone());
    Event {
        id: event.id,
        previous: event.previous_event_id,
        at: millis(&event.timestamp),
        kind: event.r#type.as_str().to_owned(),
        state: entered.or(exited),
        error,
        cause,
        output,
        parameters: event.task_scheduled_event_details.as_ref().map(|e| e.parameters.clone()),
        map_run,
    }
}

/// The error and the cause of whichever failure an event tells of.
fn failure(event: &HistoryEvent) -> (Option<String>, Option<String>) {
    macro_rules! first_of {
        ($($details:ident),+) => {
            $(if let Some(told) = &event.$details {
                return (told.error.clone(), told.cause.clone());
            })+
        };
    }
    first_of!(
        task_failed_event_details,
        task_timed_out_event_details,
        task_start_failed_event_details,
        task_submit_failed_event_details,
        map_run_failed_event_details,
        lambda_function_failed_event_details,
        lambda_function_timed_out_event_details,
        lambda_function_schedule_failed_event_details,
        lambda_function_start_failed_event_details,
        evaluation_failed_event_details,
        execution_failed_event_details,
        execution_aborted_event_details,
        execution_timed_out_event_details
    );
    (None, None)
}

fn millis(time: &DateTime) -> i64 {
    time.to_millis().unwrap_or_else(|_| time.secs().saturating_mul(1000))
}
