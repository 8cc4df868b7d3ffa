//! A disk that is full, where the download goes and where the lake is.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Place, WEIGHTS, names_the_ways_out};
use versioning::Lake;

#[cfg(target_os = "linux")]
#[test]
fn a_disk_that_is_full_while_fetching_is_named() {
    let place = Place::new();
    // Whatever is written there finds the device full.
    let part = place.part(WEIGHTS);
    fs::create_dir_all(part.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink("/dev/full", &part).unwrap();
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "StoreUnavailable");
    assert!(message.contains("is full") && message.contains("--download-dir"), "{message}");
    names_the_ways_out(&message);
    assert_eq!(place.server.ranges(WEIGHTS).len(), 1, "a full disk does not pass");

    fs::remove_file(part).unwrap();
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
}

#[test]
fn a_download_folder_that_cannot_be_made_is_named() {
    let place = Place::new();
    fs::File::create(place.downloads()).unwrap();
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "StoreUnavailable");
    assert!(message.contains("cannot download into"), "{message}");
    names_the_ways_out(&message);
}

/// A file system of a given size; gone when dropped.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path, size: &str) -> Self {
        fs::create_dir_all(at).unwrap();
        let size = format!("size={size}");
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", &size, "tmpfs"]).arg(at).output();
        assert!(mount.unwrap().status.success(), "only root may mount a disk");
        Self(at.to_owned())
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

#[test]
#[ignore = "needs root, to mount a small disk"]
fn a_lake_whose_disk_is_full_holds_no_half_encoder() {
    let mut place = Place::new();
    let small = place.dir.path().join("small");
    let _small = Small::mount(&small, "200k");
    place.lake = Lake::open(small.join("lake").to_str().unwrap()).unwrap();
    let (name, message) = place.fails(&place.hub());
    assert_eq!(name, "StoreUnavailable");
    assert!(message.contains("the disk of the lake is full"), "{message}");
    assert!(place.lake.encoders().list().unwrap().is_empty());
    let weights = small.join("lake/decision-data-lake/encoders/made-mini").join(super::REVISION);
    assert!(!weights.join(WEIGHTS).exists(), "no file is half-written");

    // With room, the downloads are still there.
    let served = place.server.body_bytes();
    place.lake = Lake::open(place.dir.path().join("lake").to_str().unwrap()).unwrap();
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
    assert_eq!(place.server.body_bytes(), served);
}

#[test]
#[ignore = "needs root, to mount a small disk"]
fn a_download_disk_that_fills_up_is_gone_on_with_once_there_is_room() {
    let place = Place::new();
    let _small = Small::mount(&place.downloads(), "200k");
    let (name, message) = place.fails(&place.hub());
    assert!(name == "StoreUnavailable" && message.contains("is full"), "{message}");
    let larger = ["-o", "remount,size=2m"];
    assert!(Command::new("mount").args(larger).arg(place.downloads()).status().unwrap().success());
    place.fetch(&place.hub()).unwrap();
    assert_eq!(place.held().unwrap(), place.files);
    assert_ne!(place.server.ranges(WEIGHTS)[1], "bytes=0-", "it resumed");
}
