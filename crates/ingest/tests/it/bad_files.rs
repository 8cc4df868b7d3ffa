//! Files that stop the run, with a clear error.

use std::io::Write;

use proptest::prelude::*;
use stage::ErrorName;
use versioning::RawTable::{self, Applicants, Prospects, Vagas};

use crate::world::{APPLICANTS, PROSPECTS, VAGAS, World, clean};

fn refused(table: RawTable, file: &[u8]) -> String {
    let error = World::default().with(table, file).run().err().unwrap();
    assert_eq!(error.name, ErrorName::BadInput);
    error.to_string()
}

#[test]
fn compressed_json_is_read_and_a_cut_one_is_named() {
    let plain = World::default().run().unwrap();
    let gzip = |text: &str| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(text.as_bytes()).unwrap();
        encoder.finish().unwrap()
    };
    let (begin, end) = APPLICANTS.split_at(9);
    let members = [gzip(begin), gzip(end)].concat();
    let zstd = zstd::encode_all(APPLICANTS.as_bytes(), 1).unwrap();
    for (name, bytes) in [("applicants.json.gz", members), ("applicants.json.zst", zstd)] {
        let with = |bytes: &[u8]| {
            let files = vec![(format!("raw/{name}"), bytes.to_vec())];
            World::default().with_files(Applicants, files).run()
        };
        let file = "applicants.parquet";
        assert!(with(&bytes).unwrap().bytes(file) == plain.bytes(file), "{name}");
        let error = with(&bytes[..bytes.len() - 6]).err().unwrap();
        assert_eq!(error.name, ErrorName::BadInput);
        assert!(error.message.contains(name), "{}", error.message);
    }
}

#[test]
fn a_truncated_file_is_refused_wherever_it_is_cut() {
    for (table, file) in [(Applicants, APPLICANTS), (Vagas, VAGAS), (Prospects, PROSPECTS)] {
        for cut in (0..file.len()).step_by(5) {
            let message = refused(table, &file.as_bytes()[..cut]);
            let name = format!("raw/{}.json: byte {cut} (line 1): expected", table.name());
            assert!(message.starts_with(&name), "{message}");
        }
    }
}

#[test]
fn an_array_a_second_root_and_other_formats_are_refused() {
    assert!(refused(Applicants, b"[]").contains("expected an object of records by id"));
    assert!(refused(Vagas, b"{\"1\": {}}{}").contains("expected nothing behind the object"));
    assert!(refused(Prospects, b"\xff\xfe{\0}\0").contains("UTF-16"));
}

#[test]
fn a_byte_order_mark_is_passed_over() {
    let day = clean(Vagas, format!("\u{feff}{VAGAS}"));
    assert_eq!(day.vagas().len(), 1);
}

#[test]
fn a_table_without_records_is_refused() {
    for table in RawTable::ALL {
        let message = refused(table, b"{}");
        let expected = format!("{}: expected records, found none in {0}.json", table.name());
        assert!(message.starts_with(&expected), "{message}");
    }
    assert!(refused(Prospects, br#"{"4": {"prospects": []}}"#).contains("expected records"));
    assert!(refused(Vagas, br#"{"4": null}"#).contains("not_an_object 1"));
}

#[test]
fn a_bad_part_is_named_and_of_two_bad_tables_the_first() {
    let parts = |bad: &str| {
        vec![
            ("raw/applicants/part-0.json".to_owned(), APPLICANTS.as_bytes().to_vec()),
            ("raw/applicants/part-1.json".to_owned(), bad.as_bytes().to_vec()),
        ]
    };
    let world = World::default().with_files(Applicants, parts("[")).with(Vagas, "[");
    let error = world.run().err().unwrap();
    assert!(error.to_string().starts_with("raw/applicants/part-1.json: byte 0"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn no_bytes_make_it_panic(
        at in 0..PROSPECTS.len(),
        bytes in prop::collection::vec(any::<u8>(), 0..12),
        whole in any::<bool>(),
    ) {
        let mut file = if whole { Vec::new() } else { PROSPECTS.as_bytes().to_vec() };
        let at = at.min(file.len());
        file.splice(at..(at + bytes.len()).min(file.len()), bytes);
        for table in RawTable::ALL {
            let world = World::default().with(table, &file);
            if let Err(error) = world.run() {
                prop_assert_eq!(error.name, ErrorName::BadInput);
            }
        }
    }
}
