//! Fetching: what comes of a hub that works, and of one that does not.

use std::{fs, net::TcpListener, time::Duration};

use super::{
    Place, REVISION, WEIGHTS, names_the_ways_out,
    server::{Mishap, etag_of},
};
use crate::encoder::hub::checked;

#[test]
fn an_encoder_is_downloaded_checked_and_mirrored() {
    let place = Place::new();
    let fetched = place.fetch(&place.hub()).unwrap();
    assert!(!fetched.was_there);
    assert_eq!(place.held().unwrap(), place.files);
    let first = &place.server.asked()[0];
    assert_eq!(first.path, format!("/made/mini/resolve/{REVISION}/1_Pooling/config.json"));
}

#[test]
fn what_the_lake_holds_is_not_fetched_again() {
    let place = Place::new();
    place.fetch(&place.hub()).unwrap();
    let asked = place.server.asked().len();
    fs::remove_dir_all(place.downloads()).unwrap();
    assert!(place.fetch(&place.hub()).unwrap().was_there);
    assert_eq!(place.server.asked().len(), asked);
}

#[test]
fn what_was_downloaded_whole_is_not_downloaded_again() {
    let place = Place::new();
    place.server.fails(WEIGHTS, [Mishap::Status(404)]);
    place.fails(&place.hub());
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.server.ranges("1_Pooling/config.json"), ["bytes=0-"]);
}

#[test]
fn a_download_that_is_not_needed_any_more_goes() {
    let place = Place::new();
    let hub = place.hub();
    place.fetch(&hub).unwrap();
    hub.forget(&place.known);
    assert!(!place.downloads().exists());
}

#[test]
fn files_that_lie_elsewhere_are_followed() {
    let place = Place::new();
    place.server.redirect();
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
    assert!(place.server.asked().iter().any(|asked| asked.path.contains("/cdn/")));
}

#[test]
fn no_token_is_sent_though_one_lies_beside_the_cache() {
    let place = Place::new();
    fs::File::create(place.dir.path().join("token")).unwrap();
    #[allow(clippy::disallowed_methods, reason = "the test makes a token")]
    fs::write(place.dir.path().join("token"), "hf_secret").unwrap();
    place.fetch(&place.hub()).unwrap();
    for asked in place.server.asked() {
        let headers = asked.headers.join("\n").to_lowercase();
        assert!(!headers.contains("authorization") && !headers.contains("secret"), "{headers}");
    }
}

#[test]
fn an_interrupted_download_goes_on_where_it_stopped() {
    let place = Place::new();
    place.server.fails(WEIGHTS, [Mishap::Cut(200_000)]);
    let (name, message) = place.fails(&place.impatient());
    assert_eq!(name, "StoreUnavailable", "{message}");
    names_the_ways_out(&message);
    let there = place.part(WEIGHTS).metadata().unwrap().len();
    assert!(there > 0 && there <= 200_000, "{there}");

    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
    assert_eq!(place.server.ranges(WEIGHTS), ["bytes=0-".to_owned(), format!("bytes={there}-")]);
    let all: usize = place.files.values().map(Vec::len).sum();
    assert!(place.server.body_bytes() < 2 * all);
}

#[test]
fn a_connection_that_breaks_is_taken_up_again_in_the_same_call() {
    let place = Place::new();
    // More breaks than attempts: those that bring something do not count.
    place.server.fails(WEIGHTS, [Mishap::Cut(50_000); 5]);
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
    assert_eq!(place.server.ranges(WEIGHTS).len(), 6);
    let all: usize = place.files.values().map(Vec::len).sum();
    assert!(place.server.body_bytes() < 2 * all);
}

#[test]
fn a_resumed_download_that_meets_trouble_at_once_is_still_whole() {
    let place = Place::new();
    // hf-hub's own retry would begin at 0 here, and append.
    place.server.fails(WEIGHTS, [Mishap::Cut(100_000)]);
    place.fails(&place.impatient());
    place.server.fails(WEIGHTS, [Mishap::Cut(0), Mishap::Cut(0)]);
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
}

#[test]
fn a_part_that_is_whole_or_too_long_is_no_dead_end() {
    for length in [300_000, 300_007] {
        let place = Place::new();
        place.server.fails(WEIGHTS, [Mishap::Cut(100_000)]);
        place.fails(&place.impatient());
        let mut part = place.files[WEIGHTS].clone();
        part.resize(length, 0);
        #[allow(clippy::disallowed_methods, reason = "the test makes a part file")]
        fs::write(place.part(WEIGHTS), part).unwrap();
        place.fetch(&place.impatient()).unwrap();
        assert_eq!(place.held().unwrap(), place.files);
    }
}

#[test]
fn a_body_without_an_end_is_given_up_beyond_its_length() {
    let place = Place::new();
    place.server.fails(WEIGHTS, [Mishap::Endless]);
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "BadInput", "{message}");
    assert!(message.contains("found more"), "{message}");
    assert!(!place.part(WEIGHTS).exists());
    let length = place.files[WEIGHTS].len();
    let sent = place.server.body_bytes();
    assert!(sent < length + 16_000_000, "{sent}: what sockets hold, and no more");
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
}

#[test]
fn a_redirect_to_itself_is_followed_five_times() {
    let place = Place::new();
    place.server.fails(WEIGHTS, [Mishap::ToItself; 1000]);
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "ConfigInvalid", "{message}");
    let asked = place.server.asked().into_iter().filter(|a| a.path.ends_with(WEIGHTS)).count();
    assert!(asked <= 6, "{asked}");
}

#[test]
fn a_hub_that_is_down_is_named() {
    let place = Place::new();
    let mut hub = place.hub();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    hub.endpoint = format!("http://{closed}");
    let (name, message) = place.fails(&hub);
    assert_eq!(name, "StoreUnavailable");
    assert!(message.starts_with(&hub.endpoint) && message.contains("does not answer"), "{message}");
    names_the_ways_out(&message);
}

#[test]
fn a_file_that_the_hub_has_not_is_named() {
    let place = Place::new();
    place.server.remove(WEIGHTS);
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "BadInput");
    assert!(message.contains("/model.safetensors: ") && message.contains("(404)"), "{message}");
    names_the_ways_out(&message);
    let asked = place.server.asked().into_iter().filter(|a| a.path.ends_with(WEIGHTS));
    assert_eq!(asked.count(), 1, "404 does not pass");
}

#[test]
fn a_hub_that_is_busy_is_tried_again() {
    let place = Place::new();
    place.server.fails("config.json", [Mishap::Status(503), Mishap::Status(503)]);
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
}

#[test]
fn a_hub_that_stays_busy_is_named() {
    for (status, expected) in [(503, "StoreUnavailable"), (429, "Throttled")] {
        let place = Place::new();
        place.server.fails("config.json", [Mishap::Status(status); 9]);
        let (name, message) = place.fails(&place.hub());
        assert_eq!(name, expected);
        assert!(message.contains(&status.to_string()), "{message}");
        names_the_ways_out(&message);
        let asked = place.server.asked().into_iter();
        assert_eq!(asked.filter(|a| a.path.ends_with("33/config.json")).count(), 3);
    }
}

#[test]
fn a_hub_that_wants_a_login_is_named() {
    let place = Place::new();
    place.server.fails("config.json", [Mishap::Status(401)]);
    let (name, message) = place.fails(&place.hub());
    assert!(name == "BadInput" && message.contains("without a login (401)"), "{message}");
}

#[test]
fn a_slow_hub_is_borne_with() {
    let place = Place::new();
    // Longer in all than silence is borne, but never silent so long.
    place.server.fails(WEIGHTS, [Mishap::Slow(10_000, Duration::from_millis(100))]);
    let mut hub = place.impatient();
    hub.patience.silence = Duration::from_secs(2);
    place.fetch(&hub).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
}

#[test]
fn a_hub_that_falls_silent_is_given_up_and_gone_on_with_later() {
    for mishap in [Mishap::Stall(100_000), Mishap::Mute] {
        let mut place = Place::new();
        place.server.fails(WEIGHTS, [mishap]);
        let mut hub = place.hub();
        hub.patience.silence = Duration::from_millis(500);
        let (name, message) = place.fails(&hub);
        assert_eq!(name, "StoreUnavailable");
        assert!(message.contains("no byte came for 0.5 s"), "{message}");
        names_the_ways_out(&message);
        // The old server ends, and with it the attempt that waits for it.
        place.server = super::Server::start(REVISION, &place.files);
        place.fetch(&place.hub()).unwrap();
        assert_eq!(place.held().unwrap(), place.files);
        if matches!(mishap, Mishap::Stall(_)) {
            assert_ne!(place.server.ranges(WEIGHTS), ["bytes=0-"], "it resumed");
        }
    }
}

#[test]
fn a_file_with_another_hash_is_removed_and_named() {
    let place = Place::new();
    let mut other = place.files[WEIGHTS].clone();
    other[7] ^= 1;
    place.server.replace(WEIGHTS, &other);
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "BadInput");
    let pinned = place.known.files[2].sha256;
    assert!(message.contains(&format!("expected SHA-256 {pinned}, found ")), "{message}");
    names_the_ways_out(&message);
    let blob = place.part(WEIGHTS).with_extension("");
    assert!(!blob.exists() && !place.part(WEIGHTS).exists());

    place.server.replace(WEIGHTS, &place.files[WEIGHTS]);
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
}

#[test]
fn a_file_of_another_length_is_named_before_it_is_downloaded() {
    let place = Place::new();
    place.server.replace(WEIGHTS, b"short");
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "BadInput");
    assert!(message.contains("expected 300000 bytes, found 5"), "{message}");
    names_the_ways_out(&message);
    assert!(place.server.ranges(WEIGHTS).is_empty());
}

#[test]
fn a_download_that_was_damaged_on_the_disk_is_downloaded_again() {
    let place = Place::new();
    place.server.fails(WEIGHTS, [Mishap::Status(404)]);
    place.fails(&place.hub());
    let blob = place.part("config.json").with_extension("");
    #[allow(clippy::disallowed_methods, reason = "the test damages a file")]
    fs::write(blob, "[]").unwrap();
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
}

#[test]
fn another_commit_than_the_pinned_one_is_refused() {
    let place = Place::new();
    place.server.commit("main");
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "BadInput");
    assert!(message.contains(&format!("expected commit {REVISION}, found main")), "{message}");
}

#[test]
fn an_etag_that_leads_elsewhere_is_refused() {
    let place = Place::new();
    place.server.etag("../../../../escaped");
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "ConfigInvalid");
    assert!(message.contains("the hub's etag is not a hash"), "{message}");
    assert!(!place.dir.path().join("escaped").exists());
}

#[test]
fn a_server_that_is_no_hub_is_named() {
    let place = Place::new();
    place.server.is_no_hub();
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "ConfigInvalid");
    assert!(message.contains("the answer is not a hub's"), "{message}");
}

#[test]
fn a_download_under_way_elsewhere_is_left_alone() {
    let place = Place::new();
    let blob = place.downloads().join("models--made--mini/blobs").join(etag_of("config.json"));
    fs::create_dir_all(blob.parent().unwrap()).unwrap();
    let lock = fs::File::create(blob.with_extension("lock")).unwrap();
    lock.lock().unwrap();
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "VersionContended");
    assert!(message.contains("another process downloads it"), "{message}");
}

#[test]
fn an_endpoint_is_a_url_without_a_password() {
    assert_eq!(checked("https://hub.example.com/").unwrap(), "https://hub.example.com");
    for endpoint in ["", "hub.example.com", "ftp://hub", "https://"] {
        let error = checked(endpoint).unwrap_err();
        assert!(error.message.contains("expected a URL"), "{error}");
    }
    let error = checked("https://me:hunter2@hub.example.com").unwrap_err();
    assert!(error.message.contains("none is needed") && !error.message.contains("hunter2"));
}
