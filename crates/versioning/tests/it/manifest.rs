//! Manifests of every release so far are read, and the present one writes them as it says.

use serde_json::{Value, json};
use versioning::{Error, Manifest, Version};

/// As release 0.1.0 wrote it. Never changed: a new format gets a file of its own beside it.
const FORMAT_1: &[u8] = include_bytes!("../golden/manifest-1.json");

fn changed(change: impl FnOnce(&mut Value)) -> Result<Manifest, Error> {
    let mut json: Value = serde_json::from_slice(FORMAT_1).unwrap();
    change(&mut json);
    Manifest::from_json("v7/manifest.json", &serde_json::to_vec(&json).unwrap())
}

#[test]
fn format_1_is_read_and_written() {
    let manifest = Manifest::from_json("m", FORMAT_1).unwrap();
    assert_eq!(manifest.version, Version::new(7).unwrap());
    assert_eq!(manifest.inputs[0].version, Version::new(12));
    assert_eq!(manifest.created_at.to_string(), "2026-01-02T03:04:05.678Z");
    assert_eq!(manifest.output("predictions.parquet").unwrap().rows, Some(8600));
    assert_eq!(manifest.output("x"), None);
    assert_eq!(manifest.to_json().unwrap(), FORMAT_1, "the same bytes");
}

#[test]
fn another_format_is_named_whatever_else_is_in_it() {
    let newer = Manifest::from_json("v7/manifest.json", br#"{"format": 2, "files": []}"#);
    assert_eq!(
        newer.unwrap_err().to_string(),
        "v7/manifest.json has format 2, but this release reads formats up to 1: use a newer release"
    );
    assert!(matches!(changed(|m| m["format"] = json!(0)), Err(Error::UnsupportedFormat { .. })));
}

#[test]
fn a_field_may_be_added_but_not_lost() {
    assert!(changed(|m| m["added"] = json!(1)).is_ok());
    let without = |field: &str| changed(|m| drop(m.as_object_mut().unwrap().remove(field)));
    for field in ["extra", "seconds", "peak_memory_bytes"] {
        assert!(without(field).is_ok(), "{field}");
    }
    for field in ["format", "version", "key", "outputs", "metrics"] {
        assert!(matches!(without(field), Err(Error::Malformed { .. })), "{field}");
    }
    for version in ["7", "v0", "v07", "v", "v-1", "v1x", "../v1", "v99999999999999999999"] {
        let read = changed(|m| m["version"] = json!(version));
        assert!(matches!(read, Err(Error::Malformed { .. })), "{version}");
    }
    assert!(changed(|m| m["key"] = json!("ABC")).is_err());
    assert!(Manifest::from_json("m", b"{").is_err());
}

#[test]
fn content_is_names_and_hashes_alone() {
    let hash = |change: &dyn Fn(&mut Value)| changed(change).unwrap().content_hash();
    let base = hash(&|_| ());
    assert_eq!(base, hash(&|m| m["version"] = json!("v8")));
    assert_eq!(base, hash(&|m| m["outputs"].as_array_mut().unwrap().reverse()));
    assert_ne!(base, hash(&|m| m["outputs"][0]["file"] = json!("other")));
    assert_ne!(base, hash(&|m| m["outputs"][0]["sha256"] = m["outputs"][1]["sha256"].clone()));
    assert_ne!(base, hash(&|m| drop(m["outputs"].as_array_mut().unwrap().pop())));
    assert_eq!(base, "bc70b934078288f714e165f2e34b283558871c001d0ecd95fd9afba0b7434721");
}
