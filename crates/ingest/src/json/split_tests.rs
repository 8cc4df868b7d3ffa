//! The split against serde_json's view of the same bytes, and what it says of files that are none.

use proptest::prelude::*;
use serde_json::Value;

use super::*;

/// Gives at most so many bytes at a time.
struct Drip<'a>(&'a [u8], usize);

impl Read for Drip<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let n = self.1.min(buffer.len()).min(self.0.len());
        buffer[..n].copy_from_slice(&self.0[..n]);
        self.0 = &self.0[n..];
        Ok(n)
    }
}

/// The entries as key and value; a skipped one has no value.
type Split = Vec<(String, Option<Vec<u8>>)>;

fn split(file: &[u8], drip: usize, block: usize, record: usize) -> Result<Split, Error> {
    let splitter = Splitter::new("raw/x.json".into(), Drip(file, drip), block, record);
    let mut all = Vec::new();
    let mut read = 0;
    for block in splitter {
        let block = block?;
        read += block.read;
        for skipped in block.skipped {
            all.push((String::from_utf8(skipped.key).unwrap(), None));
        }
        for entry in block.entries {
            let start = usize::try_from(block.offset).unwrap();
            let value = &block.bytes[entry.value.clone()];
            assert_eq!(value, &file[start + entry.value.start..start + entry.value.end]);
            let key = String::from_utf8(block.bytes[entry.key].to_vec()).unwrap();
            all.push((key, Some(value.to_vec())));
        }
    }
    assert!(read <= file.len() as u64);
    Ok(all)
}

fn whole(file: &[u8]) -> Result<Split, Error> {
    split(file, 1 << 20, 1 << 20, 1 << 20)
}

fn fault(file: &[u8]) -> String {
    let message = whole(file).unwrap_err().to_string();
    for (drip, block) in [(1, 3), (2, 7), (5, 64)] {
        assert_eq!(split(file, drip, block, 1 << 20).unwrap_err().to_string(), message);
    }
    message
}

#[test]
fn entries_are_found_among_brackets_and_quotes_in_texts() {
    let file =
        br#" {"1" : {"a": "}\"]{", "b\\": [1, {"c": "\\"}]}, "2":[ ],"3": null , "4":-1.5e3}  "#;
    let expected = [
        ("1", r#"{"a": "}\"]{", "b\\": [1, {"c": "\\"}]}"#),
        ("2", "[ ]"),
        ("3", "null"),
        ("4", "-1.5e3"),
    ];
    for (drip, block) in [(1, 3), (3, 5), (7, 16), (1 << 20, 1 << 20)] {
        let found = split(file, drip, block, 1 << 20).unwrap();
        let expected: Split =
            expected.iter().map(|(k, v)| ((*k).to_owned(), Some(v.as_bytes().to_vec()))).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_byte_order_mark_and_an_empty_object_are_no_fault() {
    assert_eq!(whole(b"\xef\xbb\xbf{}\n").unwrap(), []);
    assert_eq!(whole(b"\xef\xbb\xbf{\"1\":{}}").unwrap().len(), 1);
}

#[test]
fn a_file_cut_off_is_refused_with_the_place_where_the_last_entry_begins() {
    let message = fault(b"{\n\"1\": {},\n\"2\": {\"a\": \"b");
    assert!(message.starts_with("raw/x.json: byte 24 (line 3): expected `}`"), "{message}");
    assert!(message.contains("within the entry that begins at byte 11 (line 3)"), "{message}");
    for cut in
        ["{", "{\"1\"", "{\"1\": ", "{\"1\": tru", "{\"1\": {}", "{\"1\": {}, ", "{\"1\": \"\\"]
    {
        assert!(fault(cut.as_bytes()).contains("the end of the file"), "{cut}");
    }
    for empty in ["", " \n", "\u{feff}"] {
        assert!(fault(empty.as_bytes()).contains("an empty file"), "{empty:?}");
    }
}

#[test]
fn a_file_of_another_shape_is_refused_with_byte_and_line() {
    for (file, expected) in [
        (
            "[{\"1\": {}}]",
            "byte 0 (line 1): expected an object of records by id (`{`), found an array",
        ),
        ("\n\n\"x\"", "byte 2 (line 3): expected an object"),
        ("{\"1\": {}} x", "byte 10 (line 1): expected nothing behind the object, found `x`"),
        (
            "{\"1\": {}}\n{\"2\": {}}",
            "byte 10 (line 2): expected nothing behind the object, found `{`",
        ),
        ("{\"1\": {}, }", "expected a key in double quotes, found `}`"),
        ("{1: {}}", "expected a key in double quotes, found `1`"),
        ("{\"1\" {}}", "expected `:` behind a key, found `{`"),
        ("{\"1\": , \"2\": 1}", "expected a record, found `,`"),
        ("{\"1\": {} \"2\": {}}", "expected `,` or `}` behind a record"),
        ("{\"1\": {}]", "expected `,` or `}` behind a record, found `]`"),
    ] {
        let message = fault(file.as_bytes());
        assert!(message.contains(expected), "{file}: {message}");
    }
}

#[test]
fn files_of_another_format_are_named() {
    for (file, expected) in [
        (&b"\xff\xfe{\0}\0"[..], "UTF-16"),
        (&b"\x1f\x8b\x08"[..], "gzip"),
        (&b"PAR1...."[..], "Parquet"),
    ] {
        let message = fault(file);
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn an_unclosed_key_is_refused_and_not_loaded() {
    let mut file = b"{\"1\": {}, \"".to_vec();
    file.resize(1 << 20, b'x');
    let message = split(&file, 1 << 20, 1 << 12, 1 << 12).unwrap_err().to_string();
    assert!(message.contains("unclosed quote"), "{message}");
}

#[test]
fn a_key_too_long_is_refused_whatever_the_blocks() {
    for key in [format!("\"{}\":", "7".repeat(5_000)), format!("\"7\"{}:", " ".repeat(5_000))] {
        let file = format!("{{\"1\": {{}}, {key} {{}}}}");
        for block in [3, 64, 1 << 20] {
            let message = split(file.as_bytes(), 1 << 20, block, 1 << 20).unwrap_err().to_string();
            assert!(message.contains("longer than 4096 bytes"), "{block}: {message}");
        }
    }
}

#[test]
fn a_large_entry_is_skipped_in_bounded_memory() {
    let large = format!("[\"{}\"]", "}\\\"x".repeat(5_000));
    let file = format!("{{\"1\": {{}}, \"2\": {large}, \"3\": {{}}, \"4\": {large}, \"5\": 7}}");
    for (drip, block) in [(1, 64), (100, 1024), (1 << 20, 1 << 20)] {
        let mut splitter = Splitter::new("x".into(), Drip(file.as_bytes(), drip), block, 1_000);
        let mut seen = Vec::new();
        while let Some(part) = splitter.next_block().unwrap() {
            seen.extend(part.skipped.iter().map(|s| (s.offset, true)));
            seen.extend(part.entries.iter().map(|e| (part.offset + e.value.start as u64, false)));
            assert!(splitter.buffer.capacity() <= 2 * block + 2_000);
        }
        seen.sort_unstable();
        let large = seen.iter().map(|(_, large)| *large).collect::<Vec<_>>();
        assert_eq!(large, [false, true, false, true, false], "{drip} {block}");
        assert_eq!(file.as_bytes()[usize::try_from(seen[1].0).unwrap()], b'[');
    }
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "[a-zé\"\\\\{}\\[\\],: \n]{0,12}".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec(("[a-z\"\\\\}]{0,4}", inner), 0..4)
                .prop_map(|m| Value::Object(m.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn the_split_is_what_serde_json_sees(
        entries in prop::collection::btree_map("[0-9]{1,6}", value(), 0..12),
        pretty in any::<bool>(),
        drip in 1_usize..40,
        block in 3_usize..200,
    ) {
        let object = Value::Object(entries.into_iter().collect());
        let text = if pretty { format!("{object:#}") } else { object.to_string() };
        let found: serde_json::Map<String, Value> = split(text.as_bytes(), drip, block, 1 << 20)
            .unwrap()
            .into_iter()
            .map(|(key, value)| (key, serde_json::from_slice(&value.unwrap()).unwrap()))
            .collect();
        prop_assert_eq!(Value::Object(found), object);
    }

    #[test]
    fn no_bytes_break_it_and_their_chunks_do_not_matter(
        file in prop::collection::vec(prop_oneof![
            prop::sample::select(b"{}[]\",:\\ 1\n".to_vec()),
            any::<u8>(),
        ], 0..60),
        drip in 1_usize..9,
        block in 3_usize..20,
        record in 1_usize..30,
    ) {
        let mut file = file;
        file.splice(0..0, *b"{\"1\":");
        let read = |drip, block| {
            let blocks = Splitter::new("x".into(), Drip(&file, drip), block, record);
            let blocks: Result<Vec<JsonBlock>, String> =
                blocks.map(|b| b.map_err(|e| e.to_string())).collect();
            blocks.map(|blocks| {
                let mut places: Vec<(u64, bool)> = blocks
                    .iter()
                    .flat_map(|b| {
                        let entries = b.entries.iter();
                        let entries = entries.map(|e| (b.offset + e.value.start as u64, false));
                        entries.chain(b.skipped.iter().map(|s| (s.offset, true)))
                    })
                    .collect();
                places.sort_unstable();
                places
            })
        };
        let (some, other) = (read(drip, block), read(1 << 10, 1 << 10));
        match (some, other) {
            (Ok(some), Ok(other)) => prop_assert_eq!(some, other),
            (Err(_), Err(_)) => {}
            (some, other) => prop_assert!(false, "{some:?} {other:?}"),
        }
    }
}
