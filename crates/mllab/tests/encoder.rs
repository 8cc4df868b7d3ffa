//! The commands on encoders, as an operator meets them: exit codes and what is printed.

#![allow(clippy::unwrap_used, reason = "a test panics where it fails")]

use std::{
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
};

const KNOWN: &str = "paraphrase-multilingual-MiniLM-L12-v2";

fn mllab(dir: &Path, args: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mllab"));
    for proxy in ["ALL_PROXY", "HTTPS_PROXY", "HTTP_PROXY"] {
        command.env_remove(proxy).env_remove(proxy.to_lowercase());
    }
    command.env_remove("HF_ENDPOINT").arg("encoder").args(args).current_dir(dir).output().unwrap()
}

fn ok(dir: &Path, args: &[&str]) -> serde_json::Value {
    let output = mllab(dir, &[args, &["--json"]].concat());
    let (out, err) =
        (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{args:?}: {out}{err}");
    serde_json::from_str(&out).unwrap()
}

fn fails(dir: &Path, args: &[&str]) -> (i32, serde_json::Value) {
    let output = mllab(dir, &[args, &["--json"]].concat());
    assert!(!output.status.success(), "{args:?} succeeded");
    (output.status.code().unwrap(), serde_json::from_slice(&output.stdout).unwrap())
}

fn tiny() -> String {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../encoder/tests/golden/tiny");
    path.display().to_string()
}

#[test]
fn a_directory_is_added_listed_and_verified() {
    let dir = tempfile::tempdir().unwrap();
    let added = ok(dir.path(), &["add", &tiny(), "--name", "ours"]);
    assert_eq!(added["name"], "ours");
    let listed = ok(dir.path(), &["list"]);
    assert_eq!(listed["encoders"][0]["revision"], added["revision"]);
    assert_eq!(listed["missing"][0]["name"], KNOWN);
    assert_eq!(ok(dir.path(), &["verify", "ours"])["files"], 9);
}

#[test]
fn a_hub_that_is_down_ends_with_74_and_the_ways_out() {
    let dir = tempfile::tempdir().unwrap();
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let endpoint = format!("http://{closed}");
    let (code, error) = fails(dir.path(), &["fetch", KNOWN, "--endpoint", &endpoint]);
    assert_eq!((code, error["error"].as_str()), (74, Some("StoreUnavailable")));
    let message = error["message"].as_str().unwrap();
    for way in ["`mllab encoder add DIR", "--encoder-dir", "lsa"] {
        assert!(message.contains(way), "{message}");
    }
    assert_eq!(ok(dir.path(), &["list"])["encoders"].as_array().unwrap().len(), 0);
}

#[test]
fn names_that_cannot_be_fetched_end_with_78() {
    let dir = tempfile::tempdir().unwrap();
    for (name, expected) in [("lsa", "nothing to fetch"), ("MiniLM", KNOWN)] {
        let (code, error) = fails(dir.path(), &["fetch", name]);
        assert_eq!(code, 78);
        assert!(error["message"].as_str().unwrap().contains(expected), "{error}");
    }
}

#[test]
fn other_weights_under_a_known_name_end_with_65() {
    let dir = tempfile::tempdir().unwrap();
    let (code, error) = fails(dir.path(), &["add", &tiny(), "--name", KNOWN]);
    assert_eq!((code, error["error"].as_str()), (65, Some("BadInput")));
}
