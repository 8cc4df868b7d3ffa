//! Faults that a test asks for, met by the real programs in the real way: a store that is not there
//! is an address where nothing listens, and throttling is the answer that AWS gives.

use std::{collections::BTreeMap, sync::Arc};

use axum::{body::Bytes, extract::State, response::Response};
use serde::Deserialize;
use serde_json::json;
use tokio::sync::Mutex;

use crate::{Emulator, answer};

/// What befalls the next invocations of a function, or the next attempts of a job.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Fault {
    pub(crate) target: String,
    pub(crate) times: u32,
    /// Only where the event has this as its `action`.
    #[serde(default)]
    pub(crate) action: Option<String>,
    /// Run in a process of its own with these variables, which go before the configured ones.
    #[serde(default)]
    pub(crate) environment: BTreeMap<String, String>,
    /// Do not run at all: 429, as where a function's concurrency is used up.
    #[serde(default)]
    pub(crate) throttle: bool,
    /// Of a function: kill the process once it has its event, as where its memory has run out.
    #[serde(default)]
    pub(crate) kill: bool,
    /// Of a function: this much time and no more.
    #[serde(default)]
    pub(crate) timeout_seconds: Option<f64>,
    /// Of a job: no container starts, for the reason that its last one is told to have, as in
    /// `CannotPullContainerError: …`.
    #[serde(default)]
    pub(crate) unstarted: Option<String>,
}

/// The faults still to come.
#[derive(Default)]
pub(crate) struct Faults(Mutex<Vec<Fault>>);

impl Faults {
    /// The fault that befalls `target` now, if one does; it is counted.
    pub(crate) async fn take(&self, target: &str, action: Option<&str>) -> Option<Fault> {
        let mut faults = self.0.lock().await;
        let fault = faults.iter_mut().find(|fault| {
            let concerned = fault.action.is_none() || fault.action.as_deref() == action;
            fault.target == target && concerned && fault.times > 0
        })?;
        fault.times -= 1;
        let fault = fault.clone();
        faults.retain(|fault| fault.times > 0);
        Some(fault)
    }
}

/// `POST /_emulator/faults`
pub(crate) async fn add(State(emulator): State<Arc<Emulator>>, body: Bytes) -> Response {
    match serde_json::from_slice(&body) {
        Err(error) => answer::bad_request("FaultException", &error.to_string()),
        Ok(fault) => {
            emulator.faults.0.lock().await.push(fault);
            answer::json(&json!({}))
        }
    }
}

/// `DELETE /_emulator/faults`
pub(crate) async fn clear(State(emulator): State<Arc<Emulator>>) -> Response {
    emulator.faults.0.lock().await.clear();
    answer::json(&json!({}))
}
