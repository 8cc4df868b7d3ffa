//! What the hash of a stage's sources covers.

#![allow(clippy::unwrap_used, clippy::disallowed_methods, reason = "a test writes the files")]

#[allow(dead_code, reason = "a build script, of which the test calls a part")]
#[path = "../source_hash.rs"]
mod source_hash;

use std::{fs, path::Path};

use source_hash::Sources;

/// A workspace: the crate `stage_a` links `leaf` and `reports`, and not `other`.
fn workspace(root: &Path) {
    for name in ["stage_a", "leaf", "reports", "other"] {
        fs::create_dir_all(root.join("crates").join(name).join("src")).unwrap();
        fs::write(root.join(format!("crates/{name}/src/lib.rs")), "//! A crate.\n").unwrap();
        fs::write(root.join(format!("crates/{name}/Cargo.toml")), "[dependencies]\n").unwrap();
    }
    fs::create_dir_all(root.join("crates/reports/src/report")).unwrap();
    let manifest = "[dependencies]\nleaf.workspace = true\nreports.workspace = true\n\n\
                    [dev-dependencies]\nother.workspace = true\n";
    fs::write(root.join("crates/stage_a/Cargo.toml"), manifest).unwrap();
    fs::write(root.join("Cargo.toml"), "[workspace]\n").unwrap();
    fs::write(root.join("Cargo.lock"), "version = 4\n").unwrap();
}

#[test]
fn whatever_changes_bytes_changes_the_hash_and_nothing_else_does() {
    let dir = tempfile::tempdir().unwrap();
    let (root, crates) = (dir.path(), dir.path().join("crates"));
    let hash =
        |compiler: &str| Sources::of(&crates, &crates.join("stage_a")).hash(&crates, compiler);
    workspace(root);
    let before = hash("rustc 1.94.1");
    assert_eq!(hash("rustc 1.94.1"), before);
    assert_ne!(hash("rustc 1.95.0"), before, "another compiler");
    for (file, changes) in [
        ("Cargo.toml", true),
        ("Cargo.lock", true),
        ("crates/stage_a/Cargo.toml", true),
        ("crates/stage_a/src/lib.rs", true),
        ("crates/stage_a/src/new.rs", true),
        ("crates/leaf/src/lib.rs", true),
        ("crates/other/src/lib.rs", false),
        // What pages say and how they look; not how the report that they are of is written.
        ("crates/reports/src/lib.rs", false),
        ("crates/reports/src/page.css", false),
        ("crates/reports/src/report.rs", true),
        ("crates/reports/src/report/part.rs", true),
    ] {
        workspace(root);
        let text = fs::read_to_string(root.join(file)).unwrap_or_default();
        fs::write(root.join(file), text + "# changed\n").unwrap();
        assert_eq!(hash("rustc 1.94.1") != before, changes, "{file}");
        fs::remove_file(root.join(file)).unwrap();
    }
}
