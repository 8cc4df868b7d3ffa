//! An execution environment: one process and the Runtime API that it alone polls, as on Lambda.

use std::{
    collections::BTreeMap,
    io,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Path, State},
    http::StatusCode,
    response::{AppendHeaders, IntoResponse, Response},
    routing::{get, post},
};
use serde_json::json;
use tokio::{
    process::Child,
    sync::{mpsc, oneshot},
    task::JoinHandle,
};

use crate::{
    config::{Configuration, Function},
    process,
};

/// One invocation, as the process is to get it.
pub(crate) struct Work {
    pub(crate) request_id: String,
    pub(crate) payload: Bytes,
}

#[derive(Debug)]
pub(crate) enum Outcome {
    Response(Bytes),
    Error(Bytes),
    /// The process answered nothing: it ended, or it took too long and was killed.
    Lost {
        error_type: &'static str,
        message: String,
    },
}

impl Outcome {
    /// The body of Invoke's answer.
    pub(crate) fn body(&self) -> Bytes {
        match self {
            Self::Response(body) | Self::Error(body) => body.clone(),
            Self::Lost { error_type, message } => {
                json!({"errorType": error_type, "errorMessage": message}).to_string().into()
            }
        }
    }

    /// Whether Invoke's answer carries `X-Amz-Function-Error`.
    pub(crate) fn is_error(&self) -> bool {
        !matches!(self, Self::Response(_))
    }
}

struct Handed {
    work: Work,
    deadline_ms: u64,
    answer: oneshot::Sender<Outcome>,
}

/// What the Runtime API of one environment shares with its owner.
struct Api {
    arn: String,
    next: tokio::sync::Mutex<mpsc::Receiver<Handed>>,
    pending: Mutex<BTreeMap<String, oneshot::Sender<Outcome>>>,
    init_error: Mutex<Option<Bytes>>,
}

impl Api {
    fn pending(&self) -> std::sync::MutexGuard<'_, BTreeMap<String, oneshot::Sender<Outcome>>> {
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answer(&self, request_id: &str, outcome: Outcome) -> StatusCode {
        match self.pending().remove(request_id) {
            None => StatusCode::BAD_REQUEST,
            Some(waiting) => {
                // Nobody waits any more where the invocation has timed out.
                let _ = waiting.send(outcome);
                StatusCode::ACCEPTED
            }
        }
    }
}

/// One process and its Runtime API; both end when it is dropped.
pub(crate) struct Environment {
    hand: mpsc::Sender<Handed>,
    child: Child,
    api: Arc<Api>,
    server: JoinHandle<()>,
}

impl Drop for Environment {
    fn drop(&mut self) {
        self.server.abort();
    }
}

impl Environment {
    /// Starts a process; `fault` goes before the function's own variables.
    pub(crate) async fn start(
        configuration: &Configuration,
        name: &str,
        function: &Function,
        fault: &BTreeMap<String, String>,
    ) -> io::Result<Self> {
        let (hand, next) = mpsc::channel(1);
        let (region, account) = (&configuration.region, &configuration.account);
        let api = Arc::new(Api {
            arn: format!("arn:aws:lambda:{region}:{account}:function:{name}"),
            next: tokio::sync::Mutex::new(next),
            pending: Mutex::default(),
            init_error: Mutex::default(),
        });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?.to_string();
        let routes = routes(api.clone());
        let server = tokio::spawn(async move {
            // It ends with the environment; until then a failed accept is tried again by axum.
            let _ = axum::serve(listener, routes).await;
        });
        let of_lambda: BTreeMap<String, String> = [
            ("AWS_LAMBDA_RUNTIME_API", address),
            ("AWS_LAMBDA_FUNCTION_NAME", name.to_owned()),
            ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST".to_owned()),
            ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", function.memory_mb.to_string()),
            ("AWS_LAMBDA_LOG_GROUP_NAME", format!("/aws/lambda/{name}")),
            ("AWS_LAMBDA_LOG_STREAM_NAME", "emulator".to_owned()),
            ("AWS_LAMBDA_INITIALIZATION_TYPE", "on-demand".to_owned()),
            ("LAMBDA_TASK_ROOT", "/var/task".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        let environments = [&function.environment, fault, &of_lambda];
        let child =
            process::command(configuration, name, &function.binary, &environments)?.spawn()?;
        Ok(Self { hand, child, api, server })
    }

    pub(crate) fn is_alive(&mut self) -> bool {
        matches!(self.child.try_wait(), Ok(None))
    }

    /// Hands the process an invocation and waits for its end; `kill` brings that about at once.
    pub(crate) async fn invoke(&mut self, work: Work, timeout: Duration, kill: bool) -> Outcome {
        let request = format!("RequestId: {} Error:", work.request_id);
        let (answer, answered) = oneshot::channel();
        let millis = u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX);
        let deadline_ms = process::now_ms().saturating_add(millis);
        // The receiver lives as long as `self`, so that this can only wait, never fail.
        let _ = self.hand.send(Handed { work, deadline_ms, answer }).await;
        if kill {
            // It fails only where the process has ended already.
            let _ = self.child.start_kill();
        }
        tokio::select! {
            biased;
            Ok(outcome) = answered => outcome,
            ended = self.child.wait() => {
                let said = self.api.init_error.lock().unwrap_or_else(PoisonError::into_inner).take();
                if let Some(body) = said {
                    return Outcome::Error(body);
                }
                let how = match ended.map(process::exit_code) {
                    Ok(code) if code < 128 => format!("exit status {code}"),
                    Ok(code) => format!("signal {}", code - 128),
                    Err(error) => error.to_string(),
                };
                Outcome::Lost {
                    error_type: "Runtime.ExitError",
                    message: format!("{request} Runtime exited with error: {how}"),
                }
            }
            () = tokio::time::sleep(timeout) => {
                let _ = self.child.kill().await;
                let seconds = timeout.as_secs_f64();
                Outcome::Lost {
                    error_type: "Sandbox.Timedout",
                    message: format!("{request} Task timed out after {seconds:.2} seconds"),
                }
            }
        }
    }
}

fn routes(api: Arc<Api>) -> Router {
    Router::new()
        .route("/2018-06-01/runtime/invocation/next", get(next))
        .route("/2018-06-01/runtime/invocation/{id}/response", post(response))
        .route("/2018-06-01/runtime/invocation/{id}/error", post(error))
        .route("/2018-06-01/runtime/init/error", post(init_error))
        .layer(DefaultBodyLimit::max(8 << 20))
        .with_state(api)
}

async fn next(State(api): State<Arc<Api>>) -> Response {
    let Some(handed) = api.next.lock().await.recv().await else {
        // No more will come; Lambda would freeze the process here.
        return std::future::pending().await;
    };
    let request_id = handed.work.request_id;
    let headers = AppendHeaders([
        ("lambda-runtime-aws-request-id", request_id.clone()),
        ("lambda-runtime-deadline-ms", handed.deadline_ms.to_string()),
        ("lambda-runtime-invoked-function-arn", api.arn.clone()),
        ("lambda-runtime-trace-id", "Root=1-00000000-000000000000000000000000".to_owned()),
        ("content-type", "application/json".to_owned()),
    ]);
    api.pending().insert(request_id, handed.answer);
    (headers, handed.work.payload).into_response()
}

async fn response(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    const LIMIT: usize = 6 << 20;
    if body.len() > LIMIT {
        let found = body.len();
        let message = format!(
            "Response payload size ({found} bytes) exceeded maximum allowed payload size ({LIMIT} bytes)."
        );
        let lost = Outcome::Lost { error_type: "Function.ResponseSizeTooLarge", message };
        api.answer(&id, lost);
        return StatusCode::PAYLOAD_TOO_LARGE;
    }
    api.answer(&id, Outcome::Response(body))
}

async fn error(State(api): State<Arc<Api>>, Path(id): Path<String>, body: Bytes) -> StatusCode {
    api.answer(&id, Outcome::Error(body))
}

async fn init_error(State(api): State<Arc<Api>>, body: Bytes) -> StatusCode {
    *api.init_error.lock().unwrap_or_else(PoisonError::into_inner) = Some(body);
    StatusCode::ACCEPTED
}
