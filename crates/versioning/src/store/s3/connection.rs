//! The client, the runtime that it works on, and the folder for scratch files: made at first use.

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_sdk_s3::{
    Client,
    config::{
        Builder, StalledStreamProtectionConfig,
        interceptors::InterceptorContext,
        retry::{ClassifyRetry, RetryAction, RetryPartition},
    },
    types::ServerSideEncryption,
};
use tokio::runtime::Runtime;

use crate::{
    Error, Uri,
    retry::random,
    store::{Scratch, Session},
};

/// How often a request is sent. With the SDK's doubling pauses and full jitter, and its quota of
/// retries for all requests together, the last one leaves after about a minute.
const ATTEMPTS: u32 = 8;
/// How long a pause is at most.
const LONGEST_PAUSE: Duration = Duration::from_secs(20);
const CONNECT: Duration = Duration::from_secs(5);
/// From the first byte of a request to the first of its answer: a part must be sent within it.
const READ: Duration = Duration::from_secs(60);
/// How long a body may give no byte.
const STALLED: Duration = Duration::from_secs(20);

/// What the stores of one lake share. A clone is cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Connection(Arc<Shared>);

#[derive(Debug, Default)]
struct Shared {
    given: Option<SdkConfig>,
    open: Mutex<Option<Arc<Open>>>,
    workspace: Mutex<Option<Arc<Session>>>,
}

impl Connection {
    pub(super) fn given(config: SdkConfig) -> Self {
        Self(Arc::new(Shared { given: Some(config), ..Shared::default() }))
    }

    /// The client, made now if it was not. `uri` is for the error.
    pub(super) fn open(&self, uri: &Uri) -> Result<Arc<Open>, Error> {
        let mut open = lock(&self.0.open);
        if let Some(open) = &*open {
            return Ok(Arc::clone(open));
        }
        let new = Arc::new(Open::new(self.0.given.as_ref(), uri)?);
        *open = Some(Arc::clone(&new));
        Ok(new)
    }

    /// A folder in the system's place for temporary files. What killed processes have left there is
    /// removed first: a function's host keeps its disk longer than its processes.
    pub(crate) fn scratch(&self) -> Result<Scratch, Error> {
        let mut workspace = lock(&self.0.workspace);
        if let Some(workspace) = &*workspace {
            return workspace.scratch();
        }
        let root = std::env::temp_dir().join("mllab");
        if root.is_dir() {
            Session::clean(&root);
        }
        match Session::open(&root) {
            Ok(new) => workspace.insert(Arc::new(new)).scratch(),
            // Somebody else's folder.
            Err(_) => Scratch::in_system_folder(),
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Holds a whole value or none, whatever panicked beside.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A client with all that its requests need.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) client: Client,
    pub(super) encryption: Encryption,
    /// How often is tried what the SDK does not try again by itself, and the first pause.
    pub(super) attempts: u32,
    pause: Duration,
    /// None only while it is dropped.
    runtime: Option<Runtime>,
}

/// How objects are encrypted at rest.
#[derive(Clone, Debug)]
pub(super) struct Encryption {
    pub(super) kind: ServerSideEncryption,
    pub(super) key: Option<String>,
}

impl Open {
    fn new(given: Option<&SdkConfig>, uri: &Uri) -> Result<Self, Error> {
        let failed = |reason: String| Error::Unavailable { what: uri.to_string(), reason };
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("s3")
            .enable_all()
            .build()
            .map_err(|e| failed(format!("no threads for its client: {e}")))?;
        let config = match given {
            Some(config) => config.clone(),
            None => runtime.block_on(from_environment()),
        };
        let retries = config.retry_config().cloned().unwrap_or_else(retries);
        let mut builder = Builder::from(&config)
            .retry_classifier(TooMany)
            // Else all clients of a process share one quota of retries.
            .retry_partition(RetryPartition::custom("store").build());
        if config.endpoint_url().is_some() || is_set("AWS_ENDPOINT_URL_S3") {
            builder = builder.force_path_style(true);
            if config.region().is_none() {
                // Not Amazon's: any region will do, but requests are signed with one.
                builder = builder.region(Region::new("us-east-1"));
            }
        } else if config.region().is_none() {
            return Err(Error::BadUri {
                found: uri.to_string(),
                reason: "no region is configured: set AWS_REGION".into(),
            });
        }
        Ok(Self {
            client: Client::from_conf(builder.build()),
            encryption: Encryption::from_environment(),
            attempts: retries.max_attempts(),
            pause: retries.initial_backoff().min(Duration::from_millis(250)),
            runtime: Some(runtime),
        })
    }

    /// Blocks this thread until the future is done.
    pub(super) fn block_on<F: Future>(&self, future: F) -> F::Output {
        match &self.runtime {
            Some(runtime) => runtime.block_on(future),
            None => unreachable!("taken only when dropped"),
        }
    }

    /// Waits before attempt `attempt` (from 1): twice as long each time, by a random part.
    pub(super) async fn wait(&self, attempt: u32) {
        let longest = self.pause.saturating_mul(1 << attempt.min(10)).min(LONGEST_PAUSE);
        let part = f64::from(u32::try_from(random() >> 32).unwrap_or(0)) / f64::from(u32::MAX);
        tokio::time::sleep(longest.mul_f64(part)).await;
    }
}

/// 429 is to be tried again: S3 itself says `SlowDown`, which the SDK knows; others say this.
#[derive(Debug)]
struct TooMany;

impl ClassifyRetry for TooMany {
    fn classify_retry(&self, request: &InterceptorContext) -> RetryAction {
        match request.response().map(|response| response.status().as_u16()) {
            Some(429) => RetryAction::throttling_error(),
            _ => RetryAction::NoActionIndicated,
        }
    }

    fn name(&self) -> &'static str {
        "429"
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        // Dropping a runtime blocks, which async code must not: the last user may be there.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

fn retries() -> RetryConfig {
    RetryConfig::standard().with_max_attempts(ATTEMPTS).with_max_backoff(LONGEST_PAUSE)
}

async fn from_environment() -> SdkConfig {
    aws_config::defaults(BehaviorVersion::latest())
        .retry_config(retries())
        .timeout_config(
            TimeoutConfig::builder().connect_timeout(CONNECT).read_timeout(READ).build(),
        )
        .stalled_stream_protection(
            StalledStreamProtectionConfig::enabled().grace_period(STALLED).build(),
        )
        .load()
        .await
}

#[allow(clippy::disallowed_methods, reason = "how to reach S3 is said by the environment")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

fn is_set(name: &str) -> bool {
    variable(name).is_some()
}

impl Encryption {
    fn from_environment() -> Self {
        match variable("MLLAB_SSE_KMS_KEY_ID") {
            Some(key) => Self { kind: ServerSideEncryption::AwsKms, key: Some(key) },
            None => Self { kind: ServerSideEncryption::Aes256, key: None },
        }
    }
}
