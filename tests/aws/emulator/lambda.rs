//! Lambda's Invoke: environments are started cold, reused warm, and never shared by two invocations.

use std::{
    collections::BTreeMap,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    extract::{Path, Query, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::sync::Mutex;

use crate::{
    Emulator, answer,
    config::Function,
    faults::Fault,
    process,
    runtime::{Environment, Outcome, Work},
};

/// The largest payload of a synchronous invocation.
const LIMIT: usize = 6 << 20;

/// What is known of the functions while they run.
#[derive(Default)]
pub(crate) struct Functions {
    count: AtomicU64,
    idle: Mutex<BTreeMap<String, Vec<Environment>>>,
    running: Mutex<BTreeMap<String, usize>>,
    invocations: Mutex<Vec<Invocation>>,
}

impl Functions {
    /// Stops the environments that wait for work.
    pub(crate) async fn stop_idle(&self) {
        self.idle.lock().await.clear();
    }

    async fn warm(&self, name: &str) -> Option<Environment> {
        let mut idle = self.idle.lock().await;
        let waiting = idle.get_mut(name)?;
        while let Some(mut environment) = waiting.pop() {
            if environment.is_alive() {
                return Some(environment);
            }
        }
        None
    }
}

/// One invocation, for `GET /_emulator/invocations`.
#[derive(Clone, Debug, Serialize)]
struct Invocation {
    request_id: String,
    function: String,
    qualifier: Option<String>,
    payload: Value,
    /// Whether a process was started for it.
    cold: bool,
    /// `response`, `error` or `throttled`.
    outcome: &'static str,
    /// The `errorType` of an error.
    error: Option<String>,
    answer: Value,
}

/// `?Qualifier=`
#[derive(Deserialize)]
pub(crate) struct Qualified {
    #[serde(rename = "Qualifier")]
    qualifier: Option<String>,
}

/// `GET /_emulator/invocations`
pub(crate) async fn invocations(State(emulator): State<Arc<Emulator>>) -> Response {
    answer::json(&json!(*emulator.functions.invocations.lock().await))
}

pub(crate) async fn invoke(
    State(emulator): State<Arc<Emulator>>,
    Path(given): Path<String>,
    Query(query): Query<Qualified>,
    headers: HeaderMap,
    payload: Bytes,
) -> Response {
    let (name, qualifier) = function_and_qualifier(&given);
    let qualifier = query.qualifier.or(qualifier);
    let configuration = emulator.configuration().await;
    let known = configuration.functions.get(&name).filter(|function| {
        let named = qualifier.as_deref().unwrap_or("$LATEST");
        named == "$LATEST" || function.aliases.iter().any(|alias| alias == named)
    });
    let Some(function) = known.cloned() else {
        let (region, account) = (&configuration.region, &configuration.account);
        let qualifier = qualifier.map(|q| format!(":{q}")).unwrap_or_default();
        return answer::error(
            StatusCode::NOT_FOUND,
            "ResourceNotFoundException",
            &format!(
                "Function not found: arn:aws:lambda:{region}:{account}:function:{name}{qualifier}"
            ),
        );
    };
    if payload.len() > LIMIT {
        let found = payload.len();
        return answer::error(
            StatusCode::PAYLOAD_TOO_LARGE,
            "RequestTooLargeException",
            &format!(
                "Request must be smaller than {LIMIT} bytes for the InvokeFunction operation, found {found}"
            ),
        );
    }
    let payload = if payload.is_empty() { Bytes::from_static(b"{}") } else { payload };
    let Ok(parsed) = serde_json::from_slice::<Value>(&payload) else {
        let message = "Could not parse request body into json: expected JSON text";
        return answer::bad_request("InvalidRequestContentException", message);
    };
    let kind = headers.get("x-amz-invocation-type").and_then(|v| v.to_str().ok());
    if kind == Some("DryRun") {
        return StatusCode::NO_CONTENT.into_response();
    }
    let call = Call { name, qualifier, function, payload, parsed };
    // A task of its own: a caller that hangs up stops no function.
    let run = tokio::spawn(run(emulator, call));
    if kind == Some("Event") {
        return StatusCode::ACCEPTED.into_response();
    }
    match run.await {
        Ok(response) => response,
        Err(error) => {
            let status = StatusCode::INTERNAL_SERVER_ERROR;
            answer::error(status, "ServiceException", &error.to_string())
        }
    }
}

struct Call {
    name: String,
    qualifier: Option<String>,
    function: Function,
    payload: Bytes,
    parsed: Value,
}

impl Call {
    fn record(&self, request_id: String, cold: bool) -> Invocation {
        Invocation {
            request_id,
            function: self.name.clone(),
            qualifier: self.qualifier.clone(),
            payload: self.parsed.clone(),
            cold,
            outcome: "response",
            error: None,
            answer: Value::Null,
        }
    }
}

async fn run(emulator: Arc<Emulator>, call: Call) -> Response {
    let functions = &emulator.functions;
    let request_id = process::id(functions.count.fetch_add(1, Ordering::Relaxed) + 1);
    let fault = emulator.faults.take(&call.name, call.parsed["action"].as_str()).await;
    let used_up = {
        let mut running = functions.running.lock().await;
        let running = running.entry(call.name.clone()).or_default();
        let used_up = call.function.concurrency.is_some_and(|limit| *running >= limit);
        *running += usize::from(!used_up);
        used_up
    };
    let asked_for = fault.as_ref().is_some_and(|fault| fault.throttle);
    if used_up || asked_for {
        if !used_up {
            leave(&emulator, &call.name).await;
        }
        let mut record = call.record(request_id, false);
        record.outcome = "throttled";
        functions.invocations.lock().await.push(record);
        let status = StatusCode::TOO_MANY_REQUESTS;
        return answer::error(status, "TooManyRequestsException", "Rate Exceeded.");
    }
    let mut record = call.record(request_id.clone(), true);
    let outcome = in_environment(&emulator, &call, fault, &mut record).await;
    leave(&emulator, &call.name).await;
    let body = outcome.body();
    record.answer = serde_json::from_slice(&body).unwrap_or(Value::Null);
    if outcome.is_error() {
        record.outcome = "error";
        record.error = record.answer["errorType"].as_str().map(str::to_owned);
    }
    functions.invocations.lock().await.push(record);
    let mut response = Response::new(Body::from(body));
    let mut set = |name: &'static str, value: &str| {
        if let Ok(value) = value.parse() {
            response.headers_mut().insert(name, value);
        }
    };
    set("content-type", "application/json");
    set("x-amzn-requestid", &request_id);
    set("x-amz-executed-version", "$LATEST");
    if outcome.is_error() {
        set("x-amz-function-error", "Unhandled");
    }
    response
}

async fn leave(emulator: &Emulator, name: &str) {
    if let Some(running) = emulator.functions.running.lock().await.get_mut(name) {
        *running -= 1;
    }
}

async fn in_environment(
    emulator: &Emulator,
    call: &Call,
    fault: Option<Fault>,
    record: &mut Invocation,
) -> Outcome {
    let configuration = emulator.configuration().await;
    let warm = if fault.is_none() { emulator.functions.warm(&call.name).await } else { None };
    record.cold = warm.is_none();
    let own = fault.as_ref().map(|fault| fault.environment.clone()).unwrap_or_default();
    let mut environment = match warm {
        Some(environment) => environment,
        None => match Environment::start(&configuration, &call.name, &call.function, &own).await {
            Ok(environment) => environment,
            Err(error) => {
                return Outcome::Lost {
                    error_type: "Runtime.InvalidEntrypoint",
                    message: format!("RequestId: {} Error: {error}", record.request_id),
                };
            }
        },
    };
    let work = Work { request_id: record.request_id.clone(), payload: call.payload.clone() };
    let seconds = fault.as_ref().and_then(|fault| fault.timeout_seconds);
    let timeout = Duration::from_secs_f64(seconds.unwrap_or(call.function.timeout_seconds));
    let kill = fault.as_ref().is_some_and(|fault| fault.kill);
    let outcome = environment.invoke(work, timeout, kill).await;
    let lost = matches!(outcome, Outcome::Lost { .. });
    // A process started under a fault would carry it into the next invocation.
    if fault.is_none() && !lost {
        let mut idle = emulator.functions.idle.lock().await;
        idle.entry(call.name.clone()).or_default().push(environment);
    }
    outcome
}

/// A name, a name with a qualifier, or an ARN, whole or from its account on, with or without one.
fn function_and_qualifier(given: &str) -> (String, Option<String>) {
    let name = given.rsplit_once("function:").map_or(given, |(_, name)| name);
    match name.split_once(':') {
        Some((name, qualifier)) => (name.to_owned(), Some(qualifier.to_owned())),
        None => (name.to_owned(), None),
    }
}

#[cfg(test)]
mod tests {
    use super::function_and_qualifier;

    #[test]
    fn a_function_is_named_in_every_way_that_lambda_takes() {
        let of = |given: &str| {
            let (name, qualifier) = function_and_qualifier(given);
            (name, qualifier.unwrap_or_default())
        };
        let is = |name: &str, qualifier: &str| (name.to_owned(), qualifier.to_owned());
        let arn = "arn:aws:lambda:sa-east-1:123456789012:function:ingest";
        assert_eq!(of("ingest"), is("ingest", ""));
        assert_eq!(of("ingest:live"), is("ingest", "live"));
        assert_eq!(of(arn), is("ingest", ""));
        assert_eq!(of(&format!("{arn}:live")), is("ingest", "live"));
        assert_eq!(of("123456789012:function:ingest:live"), is("ingest", "live"));
    }
}
