//! Where everything lies.

use std::{fs, path::Path};

use versioning::{Artefact, Body, Error, Lake, Precondition, RawTable};

use crate::fixture::{day, make};

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::io::Write::write_all(&mut fs::File::create(path).unwrap(), text.as_bytes()).unwrap();
}

fn names(files: &[versioning::RawObject], root: &Path) -> Vec<String> {
    let strip = |name: &String| {
        let path = Path::new(name).strip_prefix(root).unwrap();
        path.to_str().unwrap().to_owned()
    };
    files.iter().map(|file| strip(&file.uri)).collect()
}

#[test]
fn the_folders_have_the_names_that_their_readers_know() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("lake");
    let lake = Lake::open(root.to_str().unwrap()).unwrap();
    assert!(!root.exists(), "opening makes nothing");
    for artefact in Artefact::ALL {
        make(&lake.series(artefact), 1, day(0)).unwrap();
    }
    for folder in [
        "decision-data-lake/processed",
        "decision-data-lake-features/features",
        "decision-data-lake/models/Modelo_Matching_Classificacao",
        "decision-data-lake/models/Modelo_Recomendacao_Vagas",
        "decision-data-lake/drift_reports",
    ] {
        assert!(root.join(folder).join("v1/manifest.json").is_file(), "{folder}");
    }
    let uri = lake.series(Artefact::Features).newest().unwrap().unwrap().uri();
    let expected = root.join("decision-data-lake-features/features/v1");
    assert_eq!(uri, format!("{}/", expected.display()));
}

#[test]
fn raw_files_are_found_in_the_lake_and_in_a_plain_folder() {
    let dir = tempfile::tempdir().unwrap();
    let lake = Lake::open(dir.path().join("lake").to_str().unwrap()).unwrap();
    assert!(lake.raw_files(None, RawTable::Vagas).unwrap().is_empty());
    let plain = dir.path().join("plain");
    for raw in [dir.path().join("lake/decision-data-lake/raw"), plain.clone()] {
        write(&raw.join("applicants.json"), "a");
        for part in ["part-2.parquet", "part-1.json", "part-10.json", "notes.txt", "other.json"] {
            write(&raw.join("vagas").join(part), part);
        }
        let location = (raw == plain).then(|| raw.to_str().unwrap());
        let files = |table| lake.raw_files(location, table).unwrap();
        let applicants = files(RawTable::Applicants);
        assert_eq!(names(&applicants, &raw), ["applicants.json"]);
        assert_eq!(applicants[0].blob.bytes().unwrap(), "a");
        let vagas = files(RawTable::Vagas);
        let expected = ["vagas/part-1.json", "vagas/part-10.json", "vagas/part-2.parquet"];
        assert_eq!(names(&vagas, &raw), expected);
        assert!(files(RawTable::Prospects).is_empty());
        write(&raw.join("vagas.parquet"), "");
        let twice = lake.raw_files(location, RawTable::Vagas).unwrap_err().to_string();
        assert!(twice.contains("vagas.parquet, vagas/part-*"), "{twice}");
    }
    // Somebody else's folder is read from, nothing more.
    assert!(!plain.join(".tmp").exists());
}

#[test]
fn raw_folders_are_those_that_exporters_make() {
    let dir = tempfile::tempdir().unwrap();
    let root = dir.path().join("lake");
    let lake = Lake::open(root.to_str().unwrap()).unwrap();
    let raw = root.join("decision-data-lake/raw");
    for file in [
        "applicants/ano=2024/mes=1/data_0.parquet",
        "applicants/ano=2023/part-0.parquet",
        "applicants/ano=2023/_SUCCESS",
        "applicants/old/part-0.parquet",
        "vagas.parquet/_SUCCESS",
        "vagas.parquet/.part-00000.crc.parquet",
        "vagas.parquet/c000.snappy.parquet",
        "prospects.json.gz",
    ] {
        write(&raw.join(file), file);
    }
    let expected: [&[&str]; 3] = [
        &["applicants/ano=2023/part-0.parquet", "applicants/ano=2024/mes=1/data_0.parquet"],
        &["vagas.parquet/c000.snappy.parquet"],
        &["prospects.json.gz"],
    ];
    for (table, expected) in RawTable::ALL.into_iter().zip(expected) {
        assert_eq!(names(&lake.raw_files(None, table).unwrap(), &raw), expected);
        for file in expected {
            let (of, _) = lake.raw_file(None, &format!("raw/{file}")).unwrap().unwrap();
            assert_eq!(of, table, "{file}");
        }
    }
    for file in ["applicants/old/part-0.parquet", "vagas.parquet/_SUCCESS"] {
        assert!(lake.raw_file(None, &format!("raw/{file}")).unwrap().is_none(), "{file}");
    }
}

#[test]
fn data_and_features_may_lie_anywhere() {
    let dir = tempfile::tempdir().unwrap();
    let place = |name: &str| dir.path().join(name).to_str().unwrap().to_owned();
    let lake = Lake::at(&place("d"), &place("f")).unwrap();
    make(&lake.series(Artefact::Features), 1, day(0)).unwrap();
    make(&lake.series(Artefact::Processed), 1, day(0)).unwrap();
    assert!(dir.path().join("f/features/v1/manifest.json").is_file());
    assert!(dir.path().join("d/processed/v1/manifest.json").is_file());
}

#[cfg(unix)]
#[test]
fn raw_data_may_lie_elsewhere() {
    let dir = tempfile::tempdir().unwrap();
    write(&dir.path().join("elsewhere/vagas/part-1.json"), "x");
    let lake = dir.path().join("lake/decision-data-lake");
    fs::create_dir_all(&lake).unwrap();
    std::os::unix::fs::symlink(dir.path().join("elsewhere"), lake.join("raw")).unwrap();
    let lake = Lake::open(dir.path().join("lake").to_str().unwrap()).unwrap();
    assert_eq!(lake.raw_files(None, RawTable::Vagas).unwrap().len(), 1);
}

#[test]
fn a_lake_in_memory_is_a_lake() {
    let lake = Lake::in_memory();
    let key = "raw/prospects.json".parse().unwrap();
    lake.data().put(&key, &Body::Bytes("{}".into()), &Precondition::None).unwrap();
    let files = lake.raw_files(None, RawTable::Prospects).unwrap();
    assert_eq!(files[0].uri, "memory://decision-data-lake/raw/prospects.json");
    assert_eq!(lake.raw_uri(), "memory://decision-data-lake/raw/");
    assert_eq!(
        lake.clone().series(Artefact::Matching).uri(),
        lake.series(Artefact::Matching).uri()
    );
}

#[test]
fn a_raw_object_is_read_when_it_is_needed_and_must_then_be_what_was_found() {
    let lake = Lake::in_memory();
    let put = |text: &'static str| {
        let key = "raw/vagas.json".parse().unwrap();
        lake.data().put(&key, &Body::Bytes(text.into()), &Precondition::None).unwrap();
    };
    put("one");
    let found = || lake.raw_files(None, RawTable::Vagas).unwrap().remove(0);
    let (read, left) = (found(), found());
    assert_eq!(read.blob.bytes().unwrap(), "one");
    put("two");
    assert_eq!(read.blob.bytes().unwrap(), "one", "what was read stays");
    assert_eq!((left.blob.len(), &left.etag), (3, &read.etag));
    assert!(matches!(left.blob.bytes(), Err(Error::Changed { .. })));
    let (_, one) = lake.raw_file(None, "raw/vagas.json").unwrap().unwrap();
    assert_ne!(one.etag, read.etag);
    assert_eq!(one.blob.bytes().unwrap(), "two");
    assert!(matches!(lake.raw_file(None, "raw/prospects.json"), Err(Error::NotFound { .. })));
}

#[test]
fn one_raw_file_is_found_where_all_of_them_are_and_nowhere_else() {
    let lake = Lake::in_memory();
    let is_none = |key: &str| assert!(lake.raw_file(None, key).unwrap().is_none(), "{key}");
    is_none("raw/notes.txt");
    is_none("raw/");
    is_none("raw/2026-11-23/vagas.json");
    is_none("raw/2026-11-23/vagas/part-1.json");
    is_none("raw-archive/vagas.json");
    for at in ["raw/vagas/part-1.json", "raw/applicants.parquet"] {
        lake.data()
            .put(&at.parse().unwrap(), &Body::Bytes("x".into()), &Precondition::None)
            .unwrap();
    }
    let found = |key: &str| lake.raw_file(None, key).unwrap().unwrap().0;
    assert_eq!(found("raw/vagas/part-1.json"), RawTable::Vagas);
    assert_eq!(found("raw/applicants.parquet"), RawTable::Applicants);
}

#[test]
fn what_this_build_cannot_open_is_refused() {
    for location in ["s3://decision-data-lake/prefix/", "gs://x/y", "", "a\nb", "s3://-x-/"] {
        assert!(matches!(Lake::open(location), Err(Error::BadUri { .. })), "{location}");
    }
    for (data, features) in [("memory://x/", "y"), ("x", "gs://y/"), ("", "y")] {
        assert!(matches!(Lake::at(data, features), Err(Error::BadUri { .. })), "{data} {features}");
    }
}
