//! An S3 server in this process, s3s-fs, and what may go wrong between it and the client.

use std::{
    fmt, fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig};
use aws_sdk_s3::{
    config::{Credentials, RuntimeComponents, SharedCredentialsProvider},
    primitives::{ByteStream, SdkBody},
};
use aws_smithy_runtime_api::client::{
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
};
use tokio::sync::RwLock;
use versioning::{S3Store, Uri};

pub(crate) const BUCKET: &str = "decision-data-lake";
/// How often a client sends a request.
pub(crate) const ATTEMPTS: u32 = 4;
const KEY: (&str, &str) = ("test", "testtest");

/// What happens to a request.
#[derive(Clone, Debug)]
pub(crate) enum Fate {
    /// It is served.
    Served,
    /// It is answered with a status and an error code (none for an empty body), by somebody else.
    Answered(u16, &'static str),
    /// It is answered with this document, by somebody else.
    Listed(String),
    /// The connection breaks before it arrives.
    Lost,
    /// It is served, and the connection breaks before the answer.
    AnswerLost,
    /// The answer's body ends after so many bytes.
    Cut(usize),
    /// A bit of the answer's body is another.
    Flipped,
    /// It is served after a while.
    Late,
    /// It is served after this was done.
    After(Deed),
}

/// What somebody else does meanwhile.
#[derive(Clone)]
pub(crate) struct Deed(pub(crate) Arc<dyn Fn() + Send + Sync>);

impl fmt::Debug for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Deed")
    }
}

/// A request as the wire sees it.
#[derive(Clone, Debug)]
pub(crate) struct Seen {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) range: Option<String>,
    pub(crate) headers: Vec<(String, String)>,
}

impl Seen {
    fn of(request: &HttpRequest) -> Self {
        let (path, query) = request.uri().split_once('?').unwrap_or((request.uri(), ""));
        Self {
            method: request.method().to_owned(),
            path: path.trim_start_matches("http://localhost").to_owned(),
            query: query.to_owned(),
            range: request.headers().get("range").map(str::to_owned),
            headers: request.headers().iter().map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        }
    }

    pub(crate) fn is(&self, method: &str, query: &str) -> bool {
        self.method == method && self.query.contains(query)
    }
}

type Fates = dyn FnMut(&Seen) -> Fate + Send;

#[derive(Clone)]
struct Wire {
    server: s3s_aws::Connector,
    root: PathBuf,
    order: Arc<RwLock<()>>,
    fates: Arc<Mutex<Box<Fates>>>,
    seen: Arc<Mutex<Vec<Seen>>>,
}

impl fmt::Debug for Wire {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Wire({})", self.root.display())
    }
}

/// The server, with one bucket and its sister.
#[derive(Debug)]
pub(crate) struct Server {
    dir: tempfile::TempDir,
    wire: Wire,
}

impl Server {
    pub(crate) fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        for bucket in [BUCKET.to_owned(), format!("{BUCKET}-features")] {
            fs::create_dir(dir.path().join(bucket)).unwrap();
        }
        let files = s3s_fs::FileSystem::new(dir.path()).unwrap();
        let mut service = s3s::service::S3ServiceBuilder::new(files);
        service.set_auth(s3s::auth::SimpleAuth::from_single(KEY.0, KEY.1));
        let wire = Wire {
            server: s3s_aws::Connector::from(service.build()),
            root: dir.path().to_owned(),
            order: Arc::default(),
            fates: Arc::new(Mutex::new(Box::new(|_| Fate::Served))),
            seen: Arc::default(),
        };
        Self { dir, wire }
    }

    /// From now on `fates` says what happens to each request. It may ask the server itself.
    pub(crate) fn when(&self, fates: impl FnMut(&Seen) -> Fate + Send + 'static) {
        *self.wire.fates.lock().unwrap() = Box::new(fates);
    }

    /// The requests since this was last asked.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        std::mem::take(&mut *self.wire.seen.lock().unwrap())
    }

    /// The store at a URI, as a process of its own would see it, with parts of 5 MiB.
    pub(crate) fn store_at(&self, uri: &str) -> S3Store {
        over(self.wire.clone(), uri, ATTEMPTS)
    }

    /// The store of a client that sends a request up to so many times.
    pub(crate) fn store_trying(&self, attempts: u32) -> S3Store {
        over(self.wire.clone(), &format!("s3://{BUCKET}/"), attempts)
    }

    /// The same server by a line of its own, on which nothing ever happens.
    pub(crate) fn other_line(&self) -> S3Store {
        let fates: Box<Fates> = Box::new(|_| Fate::Served);
        let wire = Wire { fates: Arc::new(Mutex::new(fates)), ..self.wire.clone() };
        over(wire, &format!("s3://{BUCKET}/"), ATTEMPTS)
    }

    pub(crate) fn store(&self) -> S3Store {
        self.store_at(&format!("s3://{BUCKET}/"))
    }

    /// How many uploads, or parts of them, have neither been completed nor aborted.
    pub(crate) fn open_uploads(&self) -> usize {
        let names = fs::read_dir(self.dir.path()).unwrap();
        let names = names.map(|e| e.unwrap().file_name().into_string().unwrap());
        names.filter(|name| name.starts_with(".upload")).count()
    }
}

fn over(wire: Wire, uri: &str, attempts: u32) -> S3Store {
    let config = config("http://localhost", attempts).into_builder().http_client(wire).build();
    S3Store::with_config(&Uri::parse(uri).unwrap(), config).unwrap().with_part_bytes(0)
}

/// How a client of an emulator is configured. Pauses between retries are short.
pub(crate) fn config(endpoint: &str, attempts: u32) -> SdkConfig {
    let credentials = Credentials::new(KEY.0, KEY.1, None, None, "test");
    let retries = RetryConfig::standard().with_max_attempts(attempts);
    SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(Region::new("us-east-1"))
        .endpoint_url(endpoint)
        .credentials_provider(SharedCredentialsProvider::new(credentials))
        .retry_config(retries.with_initial_backoff(Duration::from_millis(1)))
        .build()
}

impl HttpClient for Wire {
    fn http_connector(
        &self,
        _: &HttpConnectorSettings,
        _: &RuntimeComponents,
    ) -> SharedHttpConnector {
        SharedHttpConnector::new(self.clone())
    }
}

impl HttpConnector for Wire {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let wire = self.clone();
        HttpConnectorFuture::new(async move { wire.carry(request).await })
    }
}

impl Wire {
    async fn carry(&self, request: HttpRequest) -> Result<HttpResponse, ConnectorError> {
        let seen = Seen::of(&request);
        self.seen.lock().unwrap().push(seen.clone());
        let fate = (self.fates.lock().unwrap())(&seen);
        match fate {
            Fate::Served => self.serve(request, &seen).await,
            Fate::Late => {
                tokio::time::sleep(Duration::from_millis(20)).await;
                self.serve(request, &seen).await
            }
            Fate::After(Deed(deed)) => {
                tokio::task::spawn_blocking(move || deed()).await.unwrap();
                self.serve(request, &seen).await
            }
            Fate::Answered(status, code) => Ok(answer(status, code)),
            Fate::Listed(document) => {
                Ok(HttpResponse::new(200.try_into().unwrap(), document.into()))
            }
            Fate::Lost => Err(reset()),
            Fate::AnswerLost => {
                self.serve(request, &seen).await?;
                Err(reset())
            }
            Fate::Cut(bytes) => self.serve(request, &seen).await.map(|mut response| {
                let body = response.body().bytes().unwrap();
                *response.body_mut() = SdkBody::from(&body[..bytes.min(body.len())]);
                response
            }),
            Fate::Flipped => self.serve(request, &seen).await.map(|mut response| {
                let mut body = response.body().bytes().unwrap().to_vec();
                body[0] ^= 1;
                *response.body_mut() = SdkBody::from(body);
                response
            }),
        }
    }

    /// Asks the server, and mends what s3s-fs does otherwise than S3.
    async fn serve(
        &self,
        request: HttpRequest,
        seen: &Seen,
    ) -> Result<HttpResponse, ConnectorError> {
        // It writes an object and what it knows of it one after the other: nobody may look between.
        let reads = matches!(seen.method.as_str(), "GET" | "HEAD");
        let (_reading, _writing) = match reads {
            true => (Some(self.order.read().await), None),
            false => (None, Some(self.order.write().await)),
        };
        // It has objects as files, and takes the folders above them for objects too.
        let folder = self.root.join(seen.path.trim_start_matches('/'));
        if reads && !is_bucket(&seen.path) && folder.is_dir() {
            return Ok(answer(404, if seen.method == "GET" { "NoSuchKey" } else { "" }));
        }
        let mut response = self.server.call(request).await?;
        // It says of an upload that is done that access is denied.
        if seen.query.contains("uploadId=") && response.status().as_u16() == 403 {
            return Ok(answer(404, "NoSuchUpload"));
        }
        let body = ByteStream::new(response.take_body()).collect().await;
        *response.body_mut() = SdkBody::from(body.map_err(|e| other(e.into()))?.into_bytes());
        // It shows the checksum of an earlier object for one that was put in parts.
        if response.headers().get("etag").is_some_and(|etag| etag.contains('-')) {
            let headers: Vec<String> =
                response.headers().iter().map(|(n, _)| n.to_owned()).collect();
            for name in headers.iter().filter(|name| name.starts_with("x-amz-checksum")) {
                response.headers_mut().remove(name);
            }
        }
        Ok(response)
    }
}

fn is_bucket(path: &str) -> bool {
    !path.trim_matches('/').contains('/')
}

fn answer(status: u16, code: &str) -> HttpResponse {
    let body = match code {
        "" => String::new(),
        code => format!("<Error><Code>{code}</Code><Message>so says the test</Message></Error>"),
    };
    HttpResponse::new(status.try_into().unwrap(), SdkBody::from(body))
}

fn reset() -> ConnectorError {
    ConnectorError::io("connection reset by peer".into())
}

fn other(error: Box<dyn std::error::Error + Send + Sync>) -> ConnectorError {
    ConnectorError::other(error, None)
}

/// A file of `bytes` bytes that differ from place to place, beginning with `first`.
pub(crate) fn file(dir: &Path, first: u8, bytes: usize) -> (PathBuf, Vec<u8>) {
    let content: Vec<u8> =
        (0..bytes).map(|n| (n / 251) as u8 ^ (n as u8).wrapping_add(first)).collect();
    let path = dir.join(format!("{first}"));
    std::io::Write::write_all(&mut fs::File::create(&path).unwrap(), &content).unwrap();
    (path, content)
}
