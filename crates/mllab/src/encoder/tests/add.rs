//! Directories, lists, verification.

use std::{fs, path::Path};

use versioning::Lake;

use super::{Place, REVISION, WEIGHTS};
use crate::encoder::{add::add, add_dir, show};

/// A small checkpoint, as sentence-transformers has saved it.
fn tiny() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../encoder/tests/golden/tiny")
}

#[allow(clippy::disallowed_methods, reason = "the test makes files")]
fn write(dir: &Path, file: &str, content: &[u8]) {
    let path = dir.join(file);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

/// A copy of [`tiny`].
fn copy(to: &Path) {
    for file in ["config.json", "model.safetensors", "modules.json", "tokenizer.json"]
        .into_iter()
        .chain(["1_Pooling/config.json", "sentence_bert_config.json"])
    {
        write(to, file, &fs::read(tiny().join(file)).unwrap());
    }
}

impl Place {
    /// A directory with the known encoder's files.
    fn directory(&self) -> std::path::PathBuf {
        let dir = self.dir.path().join("made-mini");
        self.files.iter().for_each(|(file, content)| write(&dir, file, content));
        dir
    }
}

#[test]
fn a_directory_is_added_under_its_own_name_and_the_hash_of_its_contents() {
    let lake = Lake::in_memory();
    let (name, revision) = add_dir(&lake, &tiny(), None).unwrap();
    assert_eq!((name.as_str(), revision.len()), ("tiny", 40));
    let stored = lake.encoders().get(&name, &revision).unwrap().unwrap();
    assert!(stored.content_hash().starts_with(&revision));
    let files: Vec<_> = stored.files().iter().map(|f| f.file.as_str()).collect();
    let expected = [
        "1_Pooling/config.json",
        "config.json",
        "config_sentence_transformers.json",
        "model.safetensors",
        "modules.json",
        "sentence_bert_config.json",
        "special_tokens_map.json",
        "tokenizer.json",
        "tokenizer_config.json",
    ];
    assert_eq!(files, expected);
    assert_eq!(add_dir(&lake, &tiny(), None).unwrap().1, revision);
}

#[test]
fn other_contents_are_another_revision() {
    let (lake, dir) = (Lake::in_memory(), tempfile::tempdir().unwrap());
    copy(dir.path());
    let (_, first) = add_dir(&lake, dir.path(), Some("ours")).unwrap();
    write(dir.path(), "sentence_bert_config.json", b"{\"max_seq_length\": 16}");
    let (_, second) = add_dir(&lake, dir.path(), Some("ours")).unwrap();
    assert_ne!(first, second);
    assert_eq!(lake.encoders().list().unwrap().len(), 2);
}

#[test]
fn a_directory_with_a_file_missing_is_refused() {
    for file in ["config.json", "tokenizer.json", "model.safetensors", "1_Pooling/config.json"] {
        let (lake, dir) = (Lake::in_memory(), tempfile::tempdir().unwrap());
        copy(dir.path());
        fs::remove_file(dir.path().join(file)).unwrap();
        let error = add_dir(&lake, dir.path(), Some("ours")).unwrap_err();
        assert_eq!(error.name.as_str(), "BadInput");
        assert!(error.message.contains(&format!("{file} is missing")), "{error}");
        assert!(error.message.contains("lsa"), "{error}");
        assert!(lake.encoders().list().unwrap().is_empty());
    }
}

#[test]
fn what_is_no_directory_is_named() {
    let (lake, file) = (Lake::in_memory(), tempfile::NamedTempFile::new().unwrap());
    for (path, found) in [(Path::new("not/there"), "found nothing"), (file.path(), "found a file")]
    {
        let error = add_dir(&lake, path, None).unwrap_err();
        assert!(error.message.contains(found), "{error}");
        assert_eq!(error.name.as_str(), "BadInput");
    }
}

#[test]
fn a_name_that_cannot_be_is_refused_before_anything_is_read() {
    for name in ["lsa", "", "a/b", ".."] {
        let error = add_dir(&Lake::in_memory(), &tiny(), Some(name)).unwrap_err();
        assert_eq!(error.name.as_str(), "ConfigInvalid", "{error}");
        assert!(error.message.contains("--name"), "{error}");
    }
}

#[test]
fn a_known_encoder_is_added_at_its_pinned_revision() {
    let place = Place::new();
    let added = add(&place.lake, &place.directory(), None, &[place.known]).unwrap();
    assert_eq!(added, ("made-mini".to_owned(), REVISION.to_owned()));
    assert_eq!(place.held().unwrap(), place.files);
    assert!(place.fetch(&place.hub()).unwrap().was_there);
    assert!(place.server.asked().is_empty());
}

#[test]
fn a_known_encoder_with_another_file_is_refused() {
    let place = Place::new();
    let dir = place.directory();
    let all = [place.known];
    let refused = |expected: &str| {
        let error = add(&place.lake, &dir, None, &all).unwrap_err();
        assert_eq!(error.name.as_str(), "BadInput");
        assert!(error.message.contains(expected), "{error}");
        assert!(error.message.contains("`mllab encoder fetch made-mini`"), "{error}");
        assert_eq!(place.held(), None);
    };
    write(&dir, "config.json", b"[]");
    refused(&format!("expected SHA-256 {}, found ", place.known.files[1].sha256));
    write(&dir, "config.json", b"{ }");
    refused("expected 2 bytes, found 3");
    fs::remove_file(dir.join("1_Pooling/config.json")).unwrap();
    refused("1_Pooling/config.json is missing");
}

#[test]
fn a_list_says_what_is_there_and_how_to_get_what_is_not() {
    let place = Place::new();
    let list = || show::list(&place.lake, &[place.known]).unwrap();
    let before = list();
    assert!(before.text.contains("`mllab encoder fetch made-mini`"), "{}", before.text);
    super::names_the_ways_out(&before.text);
    assert_eq!(before.json["missing"][0]["name"], "made-mini");
    place.fetch(&place.hub()).unwrap();
    let after = list();
    assert!(after.text.contains("made-mini") && after.text.contains(REVISION), "{}", after.text);
    assert_eq!(after.json["missing"].as_array().unwrap().len(), 0);
    assert_eq!(after.json["encoders"][0]["files"][2], WEIGHTS);
}

#[test]
fn verification_reads_every_byte() {
    let place = Place::new();
    let verify = |name| show::verify(&place.lake, &[place.known], name, &stage::Silent);
    assert_eq!(verify(None).unwrap().json["files"], 0);
    place.fetch(&place.hub()).unwrap();
    assert_eq!(verify(Some("made-mini")).unwrap().json["files"], 3);
    let error = verify(Some("other")).unwrap_err();
    assert!(error.message.contains("holds no encoder `other`"), "{error}");

    let folder = format!("lake/decision-data-lake/encoders/made-mini/{REVISION}");
    let path = place.dir.path().join(folder).join("config.json");
    fs::remove_file(&path).unwrap();
    write(path.parent().unwrap(), "config.json", b"[]");
    let error = verify(None).unwrap_err();
    assert_eq!(error.name.as_str(), "StageFailed");
    assert!(error.message.contains("config.json"), "{error}");
    assert!(error.message.contains("remove ") && error.message.contains("fetch made-mini"));
}

#[test]
fn a_listing_with_other_files_than_are_pinned_is_not_the_known_encoder() {
    let place = Place::new();
    let path = place.directory().join("config.json");
    let files = [("config.json".to_owned(), path)];
    place.lake.encoders().put("made-mini", REVISION, &files).unwrap();
    for error in [
        place.fetch(&place.hub()).unwrap_err(),
        show::verify(&place.lake, &[place.known], None, &stage::Silent).unwrap_err(),
    ] {
        assert!(error.message.contains("holds other files than are pinned"), "{error}");
    }
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_directory_and_a_named_pipe_are_refused_unopened() {
    let lake = Lake::in_memory();
    let dir = tempfile::tempdir().unwrap();
    let (inside, outside) = (dir.path().join("mine"), dir.path().join("other.json"));
    copy(&inside);
    write(dir.path(), "other.json", b"{}");
    let link = inside.join("tokenizer_config.json");
    std::os::unix::fs::symlink(&outside, &link).unwrap();
    let error = add_dir(&lake, &inside, None).unwrap_err();
    assert_eq!(error.name, stage::ErrorName::BadInput);
    assert!(error.message.contains("tokenizer_config.json: expected a file"), "{error}");
    fs::remove_file(&link).unwrap();
    let made = std::process::Command::new("mkfifo").arg(&link).status().unwrap();
    assert!(made.success());
    let error = add_dir(&lake, &inside, None).unwrap_err();
    assert!(error.message.contains("tokenizer_config.json") && error.message.contains("pipe"));
    fs::remove_file(&link).unwrap();
    // A link within, and one of a snapshot into the blobs of its cache, are as good as the file.
    std::os::unix::fs::symlink("config.json", &link).unwrap();
    add_dir(&lake, &inside, None).unwrap();
    let cache = dir.path().join("models--a--b");
    copy(&cache.join("snapshots/1"));
    let config = cache.join("snapshots/1/config.json");
    write(&cache, "blobs/x", &fs::read(&config).unwrap());
    fs::remove_file(&config).unwrap();
    std::os::unix::fs::symlink("../../blobs/x", &config).unwrap();
    add_dir(&lake, &cache.join("snapshots/1"), Some("cached")).unwrap();
}
