//! An emulator of the parts of AWS that no test server runs real programs for: Lambda's Invoke with
//! its Runtime API, and Batch's jobs. A function is a binary that polls the Runtime API, a job one
//! that ends with an exit code; both are started as processes, as they are deployed. Every other
//! request goes on to `upstream`, so that one address serves as all of AWS.
//!
//! ```text
//! aws-emulator [--port N] [CONFIGURATION.json]
//! ```
//! It listens on 127.0.0.1 (port 0, the default: any free one) and prints one line, `{"port": N}`,
//! once it does. What tests need beyond AWS lies under `/_emulator/`:
//!
//! | | |
//! |---|---|
//! | `PUT configuration` | replaces the configuration ([`config::Configuration`]) |
//! | `POST faults` | makes the next invocations or attempts fail ([`faults::Fault`]) |
//! | `DELETE faults` | takes back what is left of them |
//! | `GET invocations` | every invocation so far, in the order of their ends |
//! | `GET jobs` | every job so far, as DescribeJobs tells of it |

#![forbid(unsafe_code)]
#![allow(
    clippy::disallowed_methods,
    reason = "the emulator is a host: it has the clock that stages have not"
)]

mod config;

mod answer;
mod faults;
mod process;

mod runtime;

mod batch;
mod lambda;
mod proxy;

use std::{process::ExitCode, sync::Arc};

use axum::{
    Router,
    body::Bytes,
    extract::{DefaultBodyLimit, State},
    response::Response,
    routing::{get, post, put},
};
use config::Configuration;
use serde_json::json;

#[derive(Default)]
pub(crate) struct Emulator {
    configuration: tokio::sync::RwLock<Arc<Configuration>>,
    faults: faults::Faults,
    functions: lambda::Functions,
    jobs: batch::Jobs,
    upstream: proxy::Upstream,
}

impl Emulator {
    async fn configuration(&self) -> Arc<Configuration> {
        self.configuration.read().await.clone()
    }
}

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            #[allow(clippy::print_stderr, reason = "a command says why it ends")]
            {
                eprintln!("aws-emulator: {error}");
            }
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Result<(), String> {
    let (mut port, mut configuration) = (0, Configuration::default());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        if argument == "--port" {
            let given = arguments.next().unwrap_or_default();
            port =
                given.parse().map_err(|_| format!("--port: expected a port, found {given:?}"))?;
        } else {
            let text = std::fs::read(&argument).map_err(|e| format!("{argument}: {e}"))?;
            configuration =
                serde_json::from_slice(&text).map_err(|e| format!("{argument}: {e}"))?;
        }
    }
    let emulator = Emulator {
        configuration: tokio::sync::RwLock::new(Arc::new(configuration)),
        ..Emulator::default()
    };
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", port))
        .await
        .map_err(|e| format!("127.0.0.1:{port} cannot be listened on: {e}"))?;
    let port = listener.local_addr().map_err(|e| e.to_string())?.port();
    #[allow(clippy::print_stdout, reason = "whoever starts the emulator reads its port here")]
    {
        println!("{}", json!({ "port": port }));
    }
    axum::serve(listener, routes(Arc::new(emulator))).await.map_err(|e| e.to_string())
}

fn routes(emulator: Arc<Emulator>) -> Router {
    Router::new()
        .route("/2015-03-31/functions/{name}/invocations", post(lambda::invoke))
        .route("/v1/submitjob", post(batch::submit))
        .route("/v1/describejobs", post(batch::describe))
        .route("/v1/terminatejob", post(batch::terminate))
        .route("/_emulator/configuration", put(configure))
        .route("/_emulator/faults", post(faults::add).delete(faults::clear))
        .route("/_emulator/invocations", get(lambda::invocations))
        .route("/_emulator/jobs", get(batch::all))
        .fallback(proxy::forward)
        .layer(DefaultBodyLimit::max(64 << 20))
        .with_state(emulator)
}

/// Takes a new configuration; environments of the old one are stopped.
async fn configure(State(emulator): State<Arc<Emulator>>, body: Bytes) -> Response {
    match serde_json::from_slice::<Configuration>(&body) {
        Err(error) => answer::bad_request("ConfigurationException", &error.to_string()),
        Ok(configuration) => {
            *emulator.configuration.write().await = Arc::new(configuration);
            emulator.functions.stop_idle().await;
            answer::json(&json!({}))
        }
    }
}
