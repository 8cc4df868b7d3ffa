//! A wall clock that steps, between commands and within them.

use std::{
    fs,
    process::Stdio,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use super::{
    Random, World, rounds, tell,
    world::{DAYS, ends_within, faketime, signal},
};

/// A step of at most three days, either way.
fn a_step(random: &mut Random) -> String {
    format!("{:+}m", i64::try_from(random.below(2 * 3 * 24 * 60)).unwrap() - 3 * 24 * 60)
}

/// A command whose clock steps, by up to three days either way, as long as it runs.
fn on_a_stepping_clock(world: &World, line: &str, random: &mut Random) -> std::process::Output {
    // The library's place is known to its own command alone.
    let library = faketime("+0").args(["printenv", "LD_PRELOAD"]).output().unwrap().stdout;
    let library = String::from_utf8(library).unwrap();
    let clock = tempfile::NamedTempFile::new().unwrap();
    fs::write(clock.path(), "+0").unwrap();
    let mut command = world.command(line);
    command
        .env("LD_PRELOAD", library.trim())
        .env("FAKETIME_TIMESTAMP_FILE", clock.path())
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let is_over = AtomicBool::new(false);
    thread::scope(|scope| {
        scope.spawn(|| {
            while !is_over.load(Ordering::Relaxed) {
                // A reader must not meet an empty file.
                let next = clock.path().with_extension("next");
                fs::write(&next, a_step(random)).unwrap();
                #[allow(clippy::disallowed_methods, reason = "not in a lake")]
                fs::rename(&next, clock.path()).unwrap();
                thread::sleep(Duration::from_millis(5));
            }
        });
        let output = child.unwrap().wait_with_output().unwrap();
        is_over.store(true, Ordering::Relaxed);
        output
    })
}

#[test]
#[ignore = "needs the release binary"]
fn days_on_clocks_that_differ_follow_each_other_and_nothing_fresh_is_pruned() {
    let mut random = Random::of("clock");
    let total = rounds(1);
    for round in 0..total {
        let world = World::empty();
        for (n, day) in DAYS.iter().enumerate() {
            let line = format!("{} --date {day}", world.day(n));
            let clock = a_step(&mut random);
            let what = format!("round {round}, {day} at {clock}");
            let said = match n % 2 {
                0 => world.at(&clock, &line),
                _ => on_a_stepping_clock(&world, &line, &mut random).into(),
            };
            assert_eq!(said.code(), 0, "{what}: {said}");
            let version = format!("v{}", n + 1);
            assert!(world.live().values().all(|live| *live == version), "{what}: {said}");
            assert_eq!(world.check_at_rest(), Ok(()), "{what}");
            // Up to three days ahead of a clock that was up to three days behind.
            let before = world.committed();
            for stage in ["features", "matching", "recommend", "drift", "ingest"] {
                let said = world.at(&a_step(&mut random), &format!("prune {stage} --keep 1"));
                assert_eq!(said.code(), 0, "{what}: {said}");
            }
            assert_eq!(world.committed(), before, "{what}: fresh versions are pruned");
        }
        // However wrong the clock is, what is live and the way back stay.
        for stage in ["features", "matching", "recommend", "drift"] {
            let said = world.at("+900d", &format!("prune {stage} --keep 1"));
            assert_eq!(said.code(), 0, "round {round}: {said}");
        }
        assert_eq!(world.check_at_rest(), Ok(()), "round {round}");
        world.ok("release rollback");
        assert!(world.live().values().all(|live| live == "v7"), "round {round}");
        assert_eq!(world.check_at_rest(), Ok(()), "round {round}");
    }
    tell(&format!("clock: {} days on clocks up to three days wrong", total * DAYS.len()));
}

#[test]
#[ignore = "needs the release binary"]
fn a_lock_is_not_taken_from_who_lives_because_a_clock_has_stepped() {
    let mut random = Random::of("clock_lock");
    let world = World::new();
    world.ok("promote matching v1 --anyway --reason chaos");
    let swap = world.path("decision-data-lake/.tmp/swap");
    let held = fs::File::options().write(true).open(swap).unwrap();
    held.lock().unwrap();
    let said = thread::scope(|scope| {
        let line = "promote matching v2 --anyway --reason chaos";
        let waiting = scope.spawn(|| on_a_stepping_clock(&world, line, &mut random));
        thread::sleep(Duration::from_secs(6));
        assert!(!waiting.is_finished(), "it waits, whatever the clock says");
        assert_eq!(world.live()["matching"], "v1");
        drop(held);
        waiting.join().unwrap()
    });
    assert!(said.status.success(), "{said:?}");
    assert_eq!(world.live()["matching"], "v2");
    assert_eq!(world.check_at_rest(), Ok(()));
}

/// A laptop that sleeps in the middle of a run, or a clock a week ahead: the run is taken for dead,
/// and wakes up.
#[test]
#[ignore = "needs the release binary"]
fn a_run_that_wakes_up_after_it_was_taken_for_dead_does_no_harm() {
    let mut random = Random::of("clock_sleeper");
    let (total, mut pruned, mut held) = (rounds(12), 0, 0);
    for round in 0..total {
        let world = World::new();
        let mut sleeper = world.begin("features --force");
        thread::sleep(random.part_of(Duration::from_millis(300)));
        signal(&sleeper, "STOP");
        let said = world.call("features --force");
        if said.code() == 74 && said.message().contains("has held this lock") {
            // It sleeps with the lock in its hand: what that does is told by `stopped`.
            held += 1;
        } else {
            assert_eq!(said.code(), 0, "round {round}: {said}");
            let said = world.at("+8d", "prune features");
            assert_eq!(said.code(), 0, "round {round}: {said}");
            pruned += said.json()["unfinished"].as_array().map_or(0, Vec::len);
        }
        let before = world.committed();
        signal(&sleeper, "CONT");
        let ended = ends_within(&mut sleeper, Duration::from_secs(30)).expect("it ends");
        assert!(before.is_subset(&world.committed()), "round {round}: ended with {ended}");
        world.ok("features --force");
        assert_eq!(world.check_at_rest(), Ok(()), "round {round}: ended with {ended}");
    }
    assert!(pruned > 0, "none of {total} runs was taken for dead");
    tell(&format!(
        "clock_sleeper: {total} runs, {pruned} taken for dead, {held} asleep with a lock"
    ));
}

/// A clock that was ahead once must not end all publishing without a word.
#[test]
#[ignore = "needs the release binary"]
fn after_a_day_from_the_future_the_next_day_does_not_end_as_if_all_were_well() {
    let world = World::new();
    let said = world.at("+400d", &world.day(2));
    assert_eq!(said.code(), 0, "{said}");
    let said = world.call(&world.day(3));
    assert_eq!(said.code(), 78, "{said}");
    assert!(said.message().contains("mllab release rollback"), "{said}");
    world.ok("release rollback");
    world.ok(&world.day(3));
    assert_eq!(world.live()["features"], "v4");
    assert_eq!(world.check_at_rest(), Ok(()));
}
