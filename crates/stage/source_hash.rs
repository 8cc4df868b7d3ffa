//! Build script of every stage: sets `STAGE_CODE`, a hash of what the stage is built from: its
//! sources, those of our crates that it links, the locked versions of all others with the features
//! that the workspace turns on, and the compiler.
//!
//! It is part of each version's key, so code that changed makes a new version, and nobody has to
//! remember to bump a number. What pages say is left out ([`PAGES`]): a caption that is reworded
//! trains no model.

#![allow(clippy::print_stdout, reason = "cargo reads what a build script prints")]

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn main() {
    let manifest = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").expect("set by cargo"));
    let crates = manifest.parent().expect("crates/");
    let sources = Sources::of(crates, &manifest);
    for path in sources.files.iter().chain(&sources.folders) {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    println!("cargo:rustc-env=STAGE_CODE={:032x}", sources.hash(crates, &compiler()));
}

/// What `rustc -vV` says, but for the machine that compiles: what is compiled for a target on two
/// hosts is the same program. Cargo runs this script again when the compiler is another one.
fn compiler() -> String {
    let rustc = std::env::var_os("RUSTC").expect("set by cargo");
    let said = Command::new(rustc).arg("-vV").output().expect("rustc runs: it compiled this");
    let said = String::from_utf8(said.stdout).expect("rustc says its version in UTF-8");
    said.lines().filter(|line| !line.starts_with("host:")).collect::<Vec<_>>().join("\n")
}

/// The crate that makes pages. Of it only `report` counts, which says how `drift.json` is written.
const PAGES: &str = "reports";

/// The files that a stage is built from.
pub(crate) struct Sources {
    files: BTreeSet<PathBuf>,
    /// Where a new file would be one of them.
    folders: BTreeSet<PathBuf>,
}

impl Sources {
    pub(crate) fn of(crates: &Path, manifest: &Path) -> Self {
        let mut names = BTreeSet::new();
        linked(crates, manifest, &mut names);
        let mut files = BTreeSet::new();
        for name in &names {
            let src = crates.join(name).join("src");
            if name == PAGES {
                collect(&src.join("report"), &mut files);
                files.insert(src.join("report.rs"));
                continue;
            }
            collect(&src, &mut files);
            files.insert(crates.join(name).join("Cargo.toml"));
        }
        // Which versions of the other crates, and which features of theirs change what they compute.
        files.insert(crates.join("../Cargo.lock"));
        files.insert(crates.join("../Cargo.toml"));
        Self { files, folders: names.iter().map(|name| crates.join(name).join("src")).collect() }
    }

    /// FNV-1a, 128 bits: no dependency, and nobody attacks their own build.
    pub(crate) fn hash(&self, crates: &Path, compiler: &str) -> u128 {
        let mut hash = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d_u128;
        let mut feed = |bytes: &[u8]| {
            for byte in bytes.iter().chain(&[0xff]) {
                hash = (hash ^ u128::from(*byte))
                    .wrapping_mul(0x0000_0000_0100_0000_0000_0000_0000_013b);
            }
        };
        feed(compiler.as_bytes());
        for file in &self.files {
            let name = file.strip_prefix(crates).unwrap_or(file);
            feed(name.to_string_lossy().as_bytes());
            feed(&fs::read(file).unwrap_or_default());
        }
        hash
    }
}

/// The crate at `dir` and, through its `[dependencies]`, our others.
fn linked(crates: &Path, dir: &Path, names: &mut BTreeSet<String>) {
    let Some(name) = dir.file_name().and_then(|n| n.to_str()) else { return };
    if !names.insert(name.to_owned()) {
        return;
    }
    let text = fs::read_to_string(dir.join("Cargo.toml")).unwrap_or_default();
    let dependencies = text.split("[dependencies]").nth(1).unwrap_or_default();
    let section = dependencies.split("\n[").next().unwrap_or_default();
    for line in section.lines() {
        let key: String =
            line.chars().take_while(|c| c.is_ascii_alphanumeric() || "-_".contains(*c)).collect();
        let path = crates.join(&key);
        if !key.is_empty() && path.join("Cargo.toml").is_file() {
            linked(crates, &path, names);
        }
    }
}

fn collect(dir: &Path, files: &mut BTreeSet<PathBuf>) {
    let Ok(entries) = fs::read_dir(dir) else { return };
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(&path, files);
        } else if path
            .extension()
            .and_then(|e| e.to_str())
            .is_some_and(|e| ["rs", "json", "toml", "txt", "html", "css", "js"].contains(&e))
        {
            files.insert(path);
        }
    }
}
