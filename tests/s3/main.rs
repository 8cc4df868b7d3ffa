//! The S3 store against s3s-fs in this process, and against any server that `MLLAB_TEST_S3` names.

#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test panics where it fails, and reads which server it is to use"
)]

mod faults;
// The versions that the store's own tests make.
#[path = "../../crates/versioning/tests/it/fixture.rs"]
mod fixture;
mod large;
mod model;
mod publishers;
mod server;

use std::sync::Arc;

use server::{ATTEMPTS, BUCKET, Fate, Server, config};
use versioning::{
    Artefact, Body, Error, Key, Lake, ListRequest, Precondition, RawTable, S3Store, Store, Uri,
    conformance,
};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn bytes(text: &str) -> Body {
    Body::Bytes(text.to_owned().into())
}

#[test]
fn data_and_features_may_lie_in_any_buckets() {
    let lake = Lake::at("s3://some-data/a/", "s3://other-features").unwrap();
    let features = lake.series(Artefact::Features).uri();
    assert_eq!(features, "s3://other-features/features/");
    assert_eq!(lake.raw_uri(), "s3://some-data/a/raw/");
}

#[test]
fn nothing_is_asked_of_s3_for_what_is_no_raw_file() {
    let lake = Lake::at("s3://lake/", "s3://lake-features/").unwrap();
    for (location, key) in [
        (None, "raw/notes.txt"),
        (None, "raw/2026-11-23/vagas.json"),
        (Some("s3://lake/raw/2026-11-23/"), "raw/vagas.json"),
        (Some("s3://lake/raw/2026-11-23/"), "raw/2026-11-23/x/vagas/part-1.json"),
        (Some("s3://other/raw/"), "raw/vagas.json"),
    ] {
        assert!(lake.raw_file(location, key).unwrap().is_none(), "{key} in {location:?}");
    }
}

#[test]
fn s3s_conforms() {
    let server = Server::start();
    conformance::run(&server.store());
    conformance::run(&server.store_at(&format!("s3://{BUCKET}/a/b/")));
}

/// Any S3: `MLLAB_TEST_S3=http://127.0.0.1:5000`, with a bucket `mllab-conformance` or the right to
/// make it, whoever the caller is. `MLLAB_TEST_S3_LACKS=if-match-at-completion` for one that, like
/// moto 5.2, completes an upload whatever its `If-Match` says.
#[test]
#[ignore = "needs an S3 server: MLLAB_TEST_S3"]
fn the_server_of_the_environment_conforms() {
    let (endpoint, client, runtime) = server_of_the_environment();
    // There already, from an earlier run.
    drop(runtime.block_on(client.create_bucket().bucket(ELSEWHERE).send()));
    let id = std::process::id();
    let store = |prefix: &str| {
        let uri = Uri::parse(&format!("s3://{ELSEWHERE}/{id}/{prefix}/")).unwrap();
        let store = S3Store::with_config(&uri, config(&endpoint, ATTEMPTS)).unwrap();
        store.with_part_bytes(0)
    };
    conformance::run(&store("suite"));
    large::round_trip(&store("large"));
    match variable("MLLAB_TEST_S3_LACKS").as_deref() {
        Some("if-match-at-completion") => {}
        Some(other) => panic!("MLLAB_TEST_S3_LACKS={other}: expected if-match-at-completion"),
        None => large::swap(&store("swap")),
    }
    publishers::publish(|| Arc::new(store("publishers")), 16);
}

/// Region, credentials, endpoint and key by variables, as a function or a job has them.
#[test]
#[ignore = "needs an S3 server: MLLAB_TEST_S3"]
fn a_lake_opens_by_the_environment() {
    let (endpoint, client, runtime) = server_of_the_environment();
    drop(runtime.block_on(client.create_bucket().bucket(ELSEWHERE).send()));
    let key = format!("environment/{}", std::process::id());
    let child = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "child", "--ignored", "--nocapture"])
        .env(CHILD, &key)
        .env("AWS_ENDPOINT_URL", endpoint)
        .env("AWS_REGION", "sa-east-1")
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "testtest")
        .env("MLLAB_SSE_KMS_KEY_ID", "the-key")
        .output()
        .unwrap();
    assert!(child.status.success(), "{}", String::from_utf8_lossy(&child.stderr));
    let head = runtime.block_on(client.head_object().bucket(ELSEWHERE).key(key).send()).unwrap();
    let encryption = head.server_side_encryption().map(|kind| kind.as_str());
    assert_eq!((encryption, head.ssekms_key_id()), (Some("aws:kms"), Some("the-key")));
}

/// Not a test: a process that knows S3 by its environment alone.
#[test]
#[ignore = "started by the test above"]
fn child() {
    let Some(at) = variable(CHILD) else { return };
    let lake = Lake::open(&format!("s3://{ELSEWHERE}")).unwrap();
    lake.data().put(&key(&at), &bytes("x"), &Precondition::IfAbsent).unwrap();
    assert_eq!(text(&lake.data().get(&key(&at), None).unwrap().body), "x");
    let error = lake.features().get(&key(&at), None).unwrap_err().to_string();
    assert!(error.contains(&format!("there is no bucket {ELSEWHERE}-features")), "{error}");
}

const ELSEWHERE: &str = "mllab-conformance";
const CHILD: &str = "MLLAB_TEST_S3_CHILD";

#[allow(clippy::disallowed_methods, reason = "which server there is, only the environment knows")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn server_of_the_environment() -> (String, aws_sdk_s3::Client, tokio::runtime::Runtime) {
    let endpoint = variable("MLLAB_TEST_S3").expect("MLLAB_TEST_S3: the address of an S3 server");
    let config = aws_sdk_s3::config::Builder::from(&config(&endpoint, ATTEMPTS));
    let client = aws_sdk_s3::Client::from_conf(config.force_path_style(true).build());
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    (endpoint, client, runtime)
}

#[test]
fn a_store_below_a_prefix_sees_nothing_else() {
    let server = Server::start();
    let (all, below) = (server.store(), server.store_at(&format!("s3://{BUCKET}/a")));
    for at in ["a/x", "ab/x", "x"] {
        all.put(&key(at), &bytes(at), &Precondition::None).unwrap();
    }
    below.put(&key("y/z"), &bytes("z"), &Precondition::IfAbsent).unwrap();
    let everything = ListRequest { folder: None, delimiter: false, after: None, limit: 10 };
    let listed = |store: &S3Store| -> Vec<String> {
        store.list(&everything).unwrap().objects.iter().map(|m| m.key.to_string()).collect()
    };
    assert_eq!(listed(&below), ["x", "y/z"]);
    assert_eq!(listed(&all), ["a/x", "a/y/z", "ab/x", "x"]);
    assert_eq!(below.uri().of(&key("y/z")), format!("s3://{BUCKET}/a/y/z"));
    assert_eq!(below.get(&key("x"), None).unwrap().body.bytes().unwrap(), "a/x");
}

/// What other tools leave in a bucket is in nobody's way.
#[test]
fn a_key_that_is_none_of_ours_is_passed_over() {
    let server = Server::start();
    let etag = "<ETag>&quot;x&quot;</ETag><Size>0</Size>";
    let keys = ["raw/", "raw/a//b", "raw/x"];
    let keys = keys.map(|key| format!("<Contents><Key>{key}</Key>{etag}</Contents>")).concat();
    let prefixes = "<CommonPrefixes><Prefix>raw//</Prefix></CommonPrefixes>";
    let listing = format!("<ListBucketResult>{keys}{prefixes}</ListBucketResult>");
    server.when(move |_| Fate::Listed(listing.clone()));
    let page = server.store().list(&ListRequest::children(&key("raw"))).unwrap();
    let keys: Vec<_> = page.objects.iter().map(|meta| meta.key.as_str()).collect();
    assert_eq!((keys, page.prefixes), (vec!["raw/x"], vec![]));
}

/// The whole way over a socket and TLS: what answers there is no server of TLS, and says so.
#[test]
fn what_speaks_no_tls_is_unavailable() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}", listener.local_addr().unwrap());
    let greeted = std::thread::spawn(move || {
        let mut greetings = Vec::new();
        for _ in 0..2 {
            let (mut connection, _) = listener.accept().unwrap();
            let mut greeting = [0; 3];
            std::io::Read::read_exact(&mut connection, &mut greeting).unwrap();
            std::io::Write::write_all(&mut connection, b"HTTP/1.1 400 Bad Request\r\n\r\n")
                .unwrap();
            greetings.push(greeting);
        }
        greetings
    });
    let uri = Uri::parse(&format!("s3://{BUCKET}")).unwrap();
    let store = S3Store::with_config(&uri, config(&endpoint, 2)).unwrap();
    let error = store.head(&key("x")).unwrap_err();
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    // A TLS handshake of version 3.x.
    assert!(greeted.join().unwrap().iter().all(|greeting| greeting[..2] == [22, 3]));
}

#[test]
fn nothing_is_asked_before_the_first_operation() {
    let server = Server::start();
    let store = server.store();
    assert_eq!(store.uri().to_string(), format!("s3://{BUCKET}/"));
    assert!(server.seen().is_empty());
    Lake::open("s3://decision-data-lake").unwrap();
    assert!(S3Store::open(&Uri::parse("a/folder").unwrap()).is_err());
}

#[test]
fn raw_files_are_read_from_any_prefix_of_the_lake() {
    let server = Server::start();
    let data: Arc<dyn Store> = Arc::new(server.store());
    let features = server.store_at(&format!("s3://{BUCKET}-features/"));
    let lake = Lake::new(Arc::clone(&data), Arc::new(features));
    for at in ["raw/vagas.json", "raw/2026-11-24/vagas/part-1.json", "raw/other/vagas.json"] {
        data.put(&key(at), &bytes(at), &Precondition::None).unwrap();
    }
    let found = |location: Option<&str>| {
        let files = lake.raw_files(location, RawTable::Vagas).unwrap();
        let [file] = files.as_slice() else { panic!("{files:?}") };
        assert_eq!(format!("s3://{BUCKET}/{}", text(&file.blob)), file.uri);
        file.uri.clone()
    };
    assert_eq!(found(None), format!("s3://{BUCKET}/raw/vagas.json"));
    for end in ["", "/"] {
        let day = format!("s3://{BUCKET}/raw/2026-11-24{end}");
        assert!(found(Some(&day)).ends_with("raw/2026-11-24/vagas/part-1.json"));
    }
}

fn text(blob: &versioning::Blob) -> String {
    String::from_utf8(blob.bytes().unwrap().to_vec()).unwrap()
}

/// The store is dropped, last of all, by async code: which must not block.
#[test]
fn it_may_be_dropped_anywhere() {
    let server = Server::start();
    let store = server.store();
    store.put(&key("x"), &bytes("x"), &Precondition::None).unwrap();
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(async move {
        let work = tokio::task::spawn_blocking(move || {
            let read = store.get(&key("x"), None).map(|object| text(&object.body));
            (read, store)
        });
        let (read, store) = work.await.unwrap();
        assert_eq!(read.unwrap(), "x");
        drop(store);
    });
}

#[test]
fn a_range_outside_is_an_error_that_says_so() {
    let server = Server::start();
    let store = server.store();
    store.put(&key("x"), &bytes("0123"), &Precondition::None).unwrap();
    for range in [2..5, 4..6, 9..12, 5..5] {
        let error = store.get(&key("x"), Some(range)).unwrap_err();
        assert!(matches!(error, Error::Io { .. }), "{error}");
        assert!(error.to_string().contains("range is not within"), "{error}");
    }
    assert!(store.get(&key("x"), Some(4..4)).unwrap().body.is_empty());
}
