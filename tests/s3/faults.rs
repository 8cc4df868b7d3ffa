//! What the caller sees when S3 or the way to it fails.

use versioning::{Body, Error, ListRequest, Precondition, Store};

use crate::{
    bytes, key,
    server::{BUCKET, Fate, Seen, Server},
};

/// The fates of the first requests; those after are served.
fn first<const N: usize>(fates: [Fate; N]) -> impl FnMut(&Seen) -> Fate + Send + 'static {
    let mut fates = fates.into_iter();
    move |_| fates.next().unwrap_or(Fate::Served)
}

type Operation = fn(&dyn Store) -> Result<(), Error>;

const OPERATIONS: [(&str, Operation); 5] = [
    ("get", |s| s.get(&key("x"), None).map(drop)),
    ("head", |s| s.head(&key("x")).map(drop)),
    ("list", |s| s.list(&ListRequest::below(&key("x"))).map(drop)),
    ("put", |s| s.put(&key("x"), &bytes("x"), &Precondition::None).map(drop)),
    ("delete", |s| s.delete(&key("x")).map(drop)),
];

/// A server with one object.
fn server() -> Server {
    let server = Server::start();
    server.store().put(&key("x"), &bytes("x"), &Precondition::None).unwrap();
    server
}

#[test]
fn what_passes_is_waited_out() {
    for fate in [
        Fate::Answered(503, "SlowDown"),
        Fate::Answered(429, "TooManyRequests"),
        Fate::Answered(500, "InternalError"),
        Fate::Answered(503, "ServiceUnavailable"),
        Fate::Answered(503, ""),
        Fate::Lost,
        Fate::AnswerLost,
        Fate::Late,
    ] {
        for (name, operation) in OPERATIONS {
            let server = server();
            server.when(first([fate.clone(), fate.clone()]));
            let done = operation(&server.store());
            assert!(done.is_ok(), "{name}, {fate:?}: {done:?}");
        }
    }
}

#[test]
fn what_lasts_has_a_name() {
    type Is = fn(&Error) -> bool;
    let throttled: Is = |e| matches!(e, Error::Throttled { .. });
    let unavailable: Is = |e| matches!(e, Error::Unavailable { .. });
    for (fate, is) in [
        (Fate::Answered(503, "SlowDown"), throttled),
        (Fate::Answered(429, "TooManyRequests"), throttled),
        (Fate::Answered(429, ""), throttled),
        (Fate::Answered(500, "InternalError"), unavailable),
        (Fate::Answered(503, "ServiceUnavailable"), unavailable),
        (Fate::Answered(502, ""), unavailable),
        (Fate::Lost, unavailable),
    ] {
        for (name, operation) in OPERATIONS {
            let server = server();
            server.seen();
            let always = fate.clone();
            server.when(move |_| always.clone());
            let error = operation(&server.store()).unwrap_err();
            assert!(is(&error), "{name}, {fate:?}: {error:?}");
            assert!(error.to_string().contains(&format!("s3://{BUCKET}/x")), "{error}");
            assert_eq!(server.seen().len(), 4, "{name}, {fate:?}: as often as configured");
        }
    }
}

#[test]
fn a_permission_that_lacks_is_named() {
    for (name, operation) in OPERATIONS {
        let server = server();
        server.when(|_| Fate::Answered(403, "AccessDenied"));
        let error = operation(&server.store()).unwrap_err();
        assert!(matches!(error, Error::BadUri { .. }), "to be tried again would be in vain");
        let error = error.to_string();
        let permission = match name {
            "get" | "head" => format!("s3:GetObject on arn:aws:s3:::{BUCKET}/x"),
            "list" => format!("s3:ListBucket on arn:aws:s3:::{BUCKET}"),
            "put" => format!("s3:PutObject on arn:aws:s3:::{BUCKET}/x"),
            _ => format!("s3:DeleteObject on arn:aws:s3:::{BUCKET}/x"),
        };
        assert!(error.contains(&permission), "{error}");
        assert_eq!(error.contains("s3:ListBucket on the bucket"), permission.contains("Get"));
    }
}

#[test]
fn a_bucket_that_is_not_there_or_elsewhere_is_no_empty_one() {
    let server = Server::start();
    let nowhere = server.store_at("s3://no-such-bucket/");
    let error = nowhere.list(&ListRequest::below(&key("x"))).unwrap_err().to_string();
    assert!(error.contains("there is no bucket no-such-bucket"), "{error}");
    server.when(|_| Fate::Answered(301, "PermanentRedirect"));
    let error = server.store().get(&key("x"), None).unwrap_err().to_string();
    assert!(error.contains("another region, set AWS_REGION"), "{error}");
}

/// The answer to a conditional put is lost; sent again, the put is refused because of itself.
#[test]
fn a_put_that_is_refused_because_of_itself_has_succeeded() {
    let server = Server::start();
    let store = server.store();
    server.when(first([Fate::AnswerLost]));
    let one = store.put(&key("x"), &bytes("1"), &Precondition::IfAbsent).unwrap();
    assert_eq!(store.head(&key("x")).unwrap().unwrap().etag, one);
    server.when(first([Fate::AnswerLost, Fate::AnswerLost]));
    let two = store.put(&key("x"), &bytes("2"), &Precondition::IfMatch(one)).unwrap();
    assert_eq!(store.head(&key("x")).unwrap().unwrap().etag, two);
}

/// The same bytes, but somebody else's: two processes that race for a claim must not both win.
#[test]
fn a_put_that_is_refused_because_of_an_equal_one_has_failed() {
    let server = Server::start();
    let (one, other) = (server.store(), server.store());
    let etag = one.put(&key("x"), &bytes("x"), &Precondition::IfAbsent).unwrap();
    // Ours is lost on its way, twice, and then comes late.
    server.when(first([Fate::Lost, Fate::Lost]));
    let refused = other.put(&key("x"), &bytes("x"), &Precondition::IfAbsent);
    assert!(matches!(refused, Err(Error::PreconditionFailed { .. })), "{refused:?}");
    assert_eq!(one.head(&key("x")).unwrap().unwrap().etag, etag);
}

#[test]
fn a_put_that_was_sent_once_and_refused_asks_nothing_more() {
    let server = server();
    server.seen();
    let refused = server.store().put(&key("x"), &bytes("y"), &Precondition::IfAbsent);
    assert!(matches!(refused, Err(Error::PreconditionFailed { .. })), "{refused:?}");
    assert_eq!(server.seen().len(), 1);
}

#[test]
fn a_write_under_way_beside_ours_is_waited_for() {
    let conflict = Fate::Answered(409, "ConditionalRequestConflict");
    let server = Server::start();
    server.when(first([conflict.clone(), conflict.clone()]));
    server.store().put(&key("x"), &bytes("x"), &Precondition::IfAbsent).unwrap();
    server.when(move |_| conflict.clone());
    let error = server.store().put(&key("y"), &bytes("y"), &Precondition::IfAbsent).unwrap_err();
    assert!(matches!(error, Error::Contended { attempts: 4, .. }), "{error:?}");
}

/// S3 answers 404, not 412, when the object that is to be matched is gone.
#[test]
fn nothing_there_to_match_is_a_failed_condition() {
    let server = Server::start();
    server.when(|seen| match seen.method.as_str() {
        "PUT" => Fate::Answered(404, "NoSuchKey"),
        _ => Fate::Served,
    });
    let condition = Precondition::IfMatch(versioning::ETag("\"x\"".into()));
    let refused = server.store().put(&key("x"), &bytes("x"), &condition);
    assert!(matches!(refused, Err(Error::PreconditionFailed { .. })), "{refused:?}");
}

#[test]
fn a_body_that_is_cut_short_or_changed_is_asked_for_again() {
    let server = Server::start();
    let store = server.store();
    let text = "0123456789".repeat(1000);
    store.put(&key("x"), &bytes(&text), &Precondition::None).unwrap();
    let read = |range| store.get(&key("x"), range).unwrap().body.bytes().unwrap();
    for fate in [Fate::Cut(0), Fate::Cut(9_999), Fate::Flipped] {
        server.when(first([fate.clone(), fate.clone()]));
        assert_eq!(read(None), text, "{fate:?}");
    }
    server.when(first([Fate::Cut(3)]));
    assert_eq!(read(Some(10..20)), "0123456789");
    for (fate, reason) in [(Fate::Cut(5_000), "broke off"), (Fate::Flipped, "checksum")] {
        server.when(move |_| fate.clone());
        let error = store.get(&key("x"), None).unwrap_err();
        assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
        assert!(error.to_string().contains(reason), "{error}");
    }
}

#[test]
fn what_is_put_is_encrypted_and_has_a_checksum() {
    let server = Server::start();
    let store = server.store();
    store.put(&key("x"), &bytes("x"), &Precondition::IfAbsent).unwrap();
    let all = |name: &str| -> Vec<String> {
        let headers = server.seen().into_iter().flat_map(|seen| seen.headers);
        headers.filter(|(n, _)| n == name).map(|(_, value)| value).collect()
    };
    assert_eq!(all("x-amz-server-side-encryption"), ["AES256"]);
    store.put(&key("x"), &bytes("x"), &Precondition::None).unwrap();
    assert_eq!(all("x-amz-checksum-crc64nvme").len(), 1);
    let large = Body::Bytes(vec![7; 6 << 20].into());
    store.put(&key("y"), &large, &Precondition::None).unwrap();
    assert_eq!(all("x-amz-server-side-encryption"), ["AES256"], "the upload as a whole");
    store.put(&key("y"), &large, &Precondition::None).unwrap();
    assert_eq!(all("x-amz-checksum-crc64nvme").len(), 2, "each part");
}
