//! Step Functions, asked one thing at a time.

use aws_config::{BehaviorVersion, Region};
use aws_sdk_sfn::{
    error::{DisplayErrorContext, ProvideErrorMetadata, SdkError},
    primitives::DateTime,
    types::ExecutionStatus,
};
use serde_json::Value;
use stage::{Error, ErrorName};
use tokio::runtime::Runtime;

use super::arn::Arn;

/// As many executions of one day are named before giving up.
const NAMES: u32 = 1000;

/// A client, and the runtime that its requests run on.
pub(crate) struct Client {
    sfn: aws_sdk_sfn::Client,
    runtime: Runtime,
}

#[derive(Debug, Default)]
pub(crate) struct Ended {
    pub(crate) succeeded: bool,
    pub(crate) seconds: f64,
    pub(crate) output: Value,
    /// Its status where it reports no error of its own: `ABORTED`, `TIMED_OUT`.
    pub(crate) error: String,
    pub(crate) cause: String,
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

    /// How an execution has ended; none while it runs.
    pub(crate) fn ended(&self, execution: &Arn) -> Result<Option<Ended>, Error> {
        let request = self.sfn.describe_execution().execution_arn(execution.to_string());
        let described = self.runtime.block_on(request.send());
        let described = described.map_err(|e| named("describing the execution", e))?;
        let seconds = |time: &DateTime| time.as_secs_f64();
        let Some(stopped) = described.stop_date.as_ref().map(seconds) else { return Ok(None) };
        Ok(Some(Ended {
            succeeded: described.status == ExecutionStatus::Succeeded,
            seconds: stopped - seconds(&described.start_date),
            output: described
                .output
                .and_then(|o| serde_json::from_str(&o).ok())
                .unwrap_or_default(),
            error: described.error.unwrap_or_else(|| described.status.as_str().to_owned()),
            cause: described.cause.unwrap_or_default(),
        }))
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
