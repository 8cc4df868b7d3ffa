//! Disks that fill up at every stage of a day, and within its publication.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Random, World, rounds, tell};

/// A file system of a given size in KiB; gone when dropped.
struct Disk(PathBuf);

impl Disk {
    fn mount(at: PathBuf, kib: u64) -> Self {
        fs::create_dir_all(&at).unwrap();
        let disk = Self(at);
        disk.call(&["-t", "tmpfs", "-o", &format!("size={kib}k"), "tmpfs"]);
        disk
    }

    fn resize(&self, kib: u64) {
        self.call(&["-o", &format!("remount,size={kib}k")]);
    }

    fn call(&self, args: &[&str]) {
        let mounted = Command::new("mount").args(args).arg(&self.0).output().unwrap();
        assert!(mounted.status.success(), "only root may mount a disk");
    }

    fn used_kib(&self) -> u64 {
        let used = Command::new("df").args(["-k", "--output=used"]).arg(&self.0).output().unwrap();
        let text = String::from_utf8(used.stdout).unwrap();
        text.lines().nth(1).unwrap().trim().parse().unwrap()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.0).output();
    }
}

const ROOM: u64 = 200_000;

/// Runs a line on a copy of a lake with so many KiB left, then again with room; whether it fitted.
fn on_a_disk(of: &World, place: &Path, left_kib: u64, line: &str) -> bool {
    let disk = Disk::mount(place.to_owned(), ROOM);
    let world = of.copy_to(place);
    let before = (world.committed(), world.live());
    disk.resize(disk.used_kib() + left_kib);
    let what = format!("{left_kib} KiB left, `{line}`");
    let said = world.call(line);
    assert_eq!(world.check_latest(), Ok(()), "{what}");
    let message = said.message();
    let name = said.json()["error"].as_str().unwrap_or_default().to_owned();
    let is_named =
        matches!((said.code(), name.as_str()), (74, "StoreUnavailable") | (70, "StageFailed"))
            && message.contains("No space left");
    assert!(said.code() == 0 || is_named, "{what}: {said}");
    // Who reads needs no room.
    if !before.1.is_empty() {
        assert_eq!(world.check_after_death(), Ok(()), "{what}");
        world.ok("versions");
    }
    disk.resize(ROOM);
    let again = world.call(line);
    assert_eq!(again.code(), 0, "{what}: with room: {again}");
    assert_eq!(world.check_at_rest(), Ok(()), "{what}: with room");
    assert!(before.0.is_subset(&world.committed()), "{what}: nothing is lost");
    said.code() == 0
}

#[test]
#[ignore = "needs the release binary and root, to mount a disk"]
fn a_disk_that_fills_up_anywhere_is_named_and_the_next_day_has_all() {
    let mut random = Random::of("full_disk");
    let dir = tempfile::tempdir().unwrap();
    let place = dir.path().join("disk");
    let (mut total, mut full) = (0, 0);
    let mut look = |world: &World, kib: u64, line: &str| {
        total += 1;
        full += usize::from(!on_a_disk(world, &place, kib, line));
    };
    // A first day, and one after another, from nothing to more than it needs.
    for world in [World::empty(), World::new()] {
        let day = world.day(2);
        let sizes = rounds(8) as u64;
        for n in 0..sizes {
            let part = (n as f64 + random.below(100) as f64 / 100.0) / sizes as f64;
            look(&world, 16 + (9_000.0 * part * part) as u64, &day);
        }
    }
    // All is made, and the room ends within the release: its entry, `release.json`, four times a log
    // and a `latest.txt`, each a page.
    let made = World::new();
    made.ok(&format!("{} --no-promote", made.day(2)));
    for n in 0..rounds(1) as u64 {
        for pages in 0..16 {
            look(&made, 4 * (pages + n % 3), &made.day(2));
        }
    }
    assert!(full * 3 > total, "{full} of {total} disks were too small");
    tell(&format!("full_disk: {total} disks, {full} too small"));
}
