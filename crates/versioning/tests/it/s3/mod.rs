//! The S3 store against s3s-fs in this process, and against any server that `MLLAB_TEST_S3` names.

mod faults;
mod large;
mod publishers;
mod server;

use std::sync::Arc;

use server::{ATTEMPTS, BUCKET, Fate, Server, config};
use versioning::{
    Body, Error, Key, Lake, ListRequest, Precondition, RawTable, S3Store, Store, Uri, conformance,
};

fn key(text: &str) -> Key {
    Key::new(text).unwrap()
}

fn bytes(text: &str) -> Body {
    Body::Bytes(text.to_owned().into())
}

#[test]
fn s3s_conforms() {
    let server = Server::start();
    conformance::run(&server.store());
    conformance::run(&server.store_at(&format!("s3://{BUCKET}/a/b/")));
}

/// Any S3: `MLLAB_TEST_S3=http://127.0.0.1:5000`, with a bucket `mllab-conformance` or the right to
/// make it, whoever the caller is.
#[test]
#[allow(clippy::disallowed_methods, reason = "which server there is, only the environment knows")]
fn the_server_of_the_environment_conforms() {
    let Ok(endpoint) = std::env::var("MLLAB_TEST_S3") else {
        println!("skipped: MLLAB_TEST_S3 names no S3 server");
        return;
    };
    let config = config(&endpoint, ATTEMPTS);
    let client = aws_sdk_s3::Client::from_conf(
        aws_sdk_s3::config::Builder::from(&config).force_path_style(true).build(),
    );
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().unwrap();
    // There already, from an earlier run.
    drop(runtime.block_on(client.create_bucket().bucket("mllab-conformance").send()));
    let id = std::process::id();
    let store = |prefix: &str| {
        let uri = Uri::parse(&format!("s3://mllab-conformance/{id}/{prefix}/")).unwrap();
        S3Store::with_config(&uri, config.clone()).unwrap().with_part_bytes(0)
    };
    conformance::run(&store("suite"));
    large::round_trip(&store("large"));
    publishers::publish(|| Arc::new(store("publishers")), 16);
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
        let [(uri, blob)] = files.as_slice() else { panic!("{files:?}") };
        assert_eq!(format!("s3://{BUCKET}/{}", text(blob)), *uri);
        uri.clone()
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
