//! What `verify` finds of a lake, what repair puts right, and what taking a version out leaves.

use std::sync::Arc;

use versioning::{
    Artefact, Body, DirStore, Error, Key, Lake, MemoryStore, Precondition, Retired, Store,
};

use crate::fixture::{day, key, lines, make, version};

/// A store of a directory, and one of memory, each with two versions of the matching model, of
/// which the second is live by a release.
fn lakes() -> (tempfile::TempDir, [Lake; 2]) {
    let dir = tempfile::tempdir().unwrap();
    let directory: Arc<dyn Store> = Arc::new(DirStore::open(dir.path()).unwrap());
    let memory: Arc<dyn Store> = Arc::new(MemoryStore::default());
    let lakes = [directory, memory].map(|store| {
        let lake = Lake::new(Arc::clone(&store), store);
        let series = lake.series(Artefact::Matching);
        for n in 1..=2 {
            let made = make(&series, n, day(n as u64)).unwrap().version();
            let releases = lake.releases();
            let at = day(n as u64);
            releases.promote(Artefact::Matching, made, &lines(made), at, "test").unwrap();
        }
        lake
    });
    (dir, lakes)
}

fn at(file: &str) -> Key {
    Key::new(format!("models/Modelo_Matching_Classificacao/{file}")).unwrap()
}

fn put(lake: &Lake, key: &Key, text: &str) {
    let body = Body::Bytes(text.to_owned().into());
    lake.data().put(key, &body, &Precondition::None).unwrap();
}

fn get(lake: &Lake, key: &Key) -> String {
    let bytes = lake.data().get(key, None).unwrap().body.bytes().unwrap();
    String::from_utf8(bytes.to_vec()).unwrap()
}

fn findings(lake: &Lake) -> Vec<String> {
    let findings = lake.verify(None).unwrap().findings;
    findings.iter().map(ToString::to_string).collect()
}

/// Expects one finding a text, each of which holds the text.
fn assert_found(lake: &Lake, expected: &[&str]) {
    let found = findings(lake);
    for text in expected {
        assert!(found.iter().any(|finding| finding.contains(text)), "{text}: {found:#?}");
    }
    assert!(!found.is_empty() || expected.is_empty());
}

#[test]
fn a_whole_lake_has_no_finding_and_an_empty_one_is_none() {
    let (_dir, lakes) = lakes();
    for lake in lakes {
        let verified = lake.verify(None).unwrap();
        assert_eq!((verified.files, verified.findings, verified.notes), (4, vec![], vec![]));
        assert!(lake.repair(day(9), "test").unwrap().is_empty());
    }
    assert!(matches!(Lake::in_memory().verify(None), Err(Error::NotFound { .. })));
}

#[test]
fn every_finding_is_given_and_what_is_safe_is_repaired() {
    let (_dir, lakes) = lakes();
    for lake in lakes {
        let pointer = Key::new("release.json").unwrap();
        let binding = at("_keys").join(key(1).as_str()).unwrap();
        let (live, claim) = (get(&lake, &pointer), at("v1/claim.json"));
        put(&lake, &pointer, "{");
        put(&lake, &at("latest.txt"), "v9/model.json");
        put(&lake, &binding, "");
        lake.data().delete(&claim).unwrap();
        let piece = Key::new(format!("memo/group/{}", "0".repeat(64))).unwrap();
        put(&lake, &piece, "x");
        assert_found(
            &lake,
            &["release.json", "latest.txt", "_keys/", "v1/claim.json", "memo/group/"],
        );
        let done = lake.repair(day(9), "test").unwrap();
        assert!(done.len() >= 5, "{done:#?}");
        assert_eq!(findings(&lake), Vec::<String>::new());
        assert_eq!(get(&lake, &pointer), live);
        assert_eq!(get(&lake, &at("latest.txt")), lines(version(2)).join("\n"));
        assert!(lake.series(Artefact::Matching).find(&key(1)).unwrap().is_some());
        assert!(lake.data().head(&piece).unwrap().is_none());
    }
}

#[test]
fn what_cannot_be_repaired_is_told_with_its_remedy() {
    let (_dir, lakes) = lakes();
    for lake in lakes {
        let manifest = at("v2/manifest.json");
        let whole = get(&lake, &manifest);
        put(&lake, &manifest, &whole.replace("\"abc\"", "\"abd\""));
        assert_found(&lake, &["v2/manifest.json: expected sha256"]);
        assert_found(&lake, &["mllab rollback matching"]);
        lake.data().delete(&manifest).unwrap();
        assert_found(&lake, &["v2/manifest.json: it is gone", "release.json: matching v2 is live"]);
        put(&lake, &manifest, &whole);
        put(&lake, &at("v1/model.json"), "another");
        assert_found(&lake, &["`mllab retire matching v1 --reason TEXT`"]);
        lake.repair(day(9), "test").unwrap();
        assert_eq!(findings(&lake).len(), 1, "no file of a version is touched");
    }
}

#[test]
fn a_lake_of_an_earlier_release_is_told_and_not_failed() {
    let (_dir, lakes) = lakes();
    for lake in lakes {
        for n in 1..=2 {
            let binding = at("_keys").join(key(n).as_str()).unwrap();
            put(&lake, &binding, &format!("{{ \"version\": \"v{n}\" }}"));
        }
        let verified = lake.verify(None).unwrap();
        assert_eq!((verified.findings.len(), verified.notes.len()), (0, 2), "{verified:?}");
        lake.repair(day(9), "test").unwrap();
        assert!(lake.verify(None).unwrap().notes.is_empty());
    }
}

#[test]
fn a_version_that_is_taken_out_can_be_made_anew_and_its_number_is_not_given_again() {
    let (_dir, lakes) = lakes();
    for lake in lakes {
        let series = lake.series(Artefact::Matching);
        let retired = |n| Retired {
            version: version(n),
            at: day(5),
            by: "test".to_owned(),
            reason: "damaged".to_owned(),
        };
        assert!(matches!(series.retire(&retired(2)), Err(Error::StillLive { .. })));
        assert!(matches!(series.retire(&retired(7)), Err(Error::NotFound { .. })));
        let third = make(&series, 3, day(3)).unwrap().version();
        // Neither can be read, and both go.
        put(&lake, &at("v3/manifest.json"), "{");
        put(&lake, &at("v1/claim.json"), "");
        assert!(matches!(series.find(&key(3)), Err(Error::Malformed { .. })));
        for n in [1, 3] {
            series.retire(&retired(n)).unwrap();
            assert!(series.find_version(version(n)).unwrap().is_none());
        }
        let noted: Vec<_> = series.retired().unwrap().iter().map(|r| r.version.number()).collect();
        assert_eq!((third, noted), (version(3), vec![1, 3]));
        assert_eq!(make(&series, 3, day(6)).unwrap().version(), version(4));
        assert_eq!(make(&series, 1, day(6)).unwrap().version(), version(5));
        assert_eq!(findings(&lake), Vec::<String>::new());
    }
}

#[test]
fn a_manifest_that_cannot_be_understood_takes_part_in_no_selection() {
    let (_dir, lakes) = lakes();
    for lake in lakes {
        let series = lake.series(Artefact::Matching);
        put(&lake, &at("v1/manifest.json"), "{");
        assert_eq!(series.oldest().unwrap().unwrap().version(), version(2));
        assert_eq!(series.newest().unwrap().unwrap().version(), version(2));
        let third = make(&series, 3, day(3)).unwrap().version();
        put(&lake, &at(&format!("{third}/manifest.json")), "{");
        assert!(series.newest().is_err(), "it may be the newest");
        series
            .retire(&Retired { version: third, at: day(5), by: "t".into(), reason: "t".into() })
            .unwrap();
        let listed = series.list_all().unwrap();
        assert_eq!((listed.versions.len(), listed.unreadable.len()), (1, 1));
        let error = listed.unreadable[0].1.to_string();
        assert!(error.contains("`mllab retire matching v1 --reason TEXT`"), "{error}");
    }
}

#[test]
fn a_live_version_is_looked_at_by_hash_in_a_folder_and_by_length_elsewhere() {
    let (_dir, [directory, memory]) = lakes();
    for (lake, text, found) in
        [(&directory, "model 9", true), (&memory, "model 9", false), (&memory, "model", true)]
    {
        put(lake, &at("v2/model.json"), text);
        let live = lake.series(Artefact::Matching).get(version(2)).unwrap();
        assert_eq!(live.check_whole().is_err(), found, "{text}");
    }
}

#[test]
fn a_file_in_the_place_of_a_folder_is_found() {
    let (dir, [lake, _]) = lakes();
    let models = dir.path().join("models");
    std::fs::remove_dir_all(&models).unwrap();
    std::fs::File::create(&models).unwrap();
    assert_found(&lake, &["models: expected a folder, found a file", "matching v2 is live"]);
}
