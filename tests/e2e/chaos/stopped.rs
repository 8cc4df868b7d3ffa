//! Processes that live, hold a lock and do not go on.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    process::{Child, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::{
    Random, World, rounds, tell,
    world::{Said, ends_within, finds_moves_alone, signal},
};

const READING: [&str; 7] = [
    "versions",
    "history matching",
    "release list",
    "verify",
    "matching score --candidate 31000 --job 4000",
    "recommend query --job 4000",
    "drift report",
];
const WRITING: [&str; 3] =
    ["release rollback", "promote matching v1 --anyway --reason chaos", "rollback recommend"];
/// Long enough for a busy machine, and far from the 30 seconds after which who writes gives up.
const SOON: Duration = Duration::from_secs(10);

fn lock_of(world: &World, name: &str) -> File {
    let path = world.path("decision-data-lake/.tmp").join(name);
    File::options().write(true).create(true).truncate(false).open(path).unwrap()
}

/// A day that was stopped while it held the lock under which objects are replaced.
fn stop_with_lock(world: &World, random: &mut Random) -> Child {
    for _ in 0..40 {
        let mut child = world.begin(&format!("{} --force", world.day(1)));
        while child.try_wait().unwrap().is_none() {
            thread::sleep(random.part_of(Duration::from_millis(6)));
            signal(&child, "STOP");
            if child.try_wait().unwrap().is_none()
                && world.path("decision-data-lake/.tmp/swap").exists()
                && lock_of(world, "swap").try_lock().is_err()
            {
                return child;
            }
            signal(&child, "CONT");
        }
    }
    panic!("40 days, and none was stopped while it held the lock");
}

/// What a command says that waits in vain; how long until it says that it waits, and until it ends.
fn waits(world: &World, line: &str) -> (Said, Duration, Duration) {
    let begun = Instant::now();
    let mut command = world.command(line);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stderr = BufReader::new(child.stderr.take().unwrap());
    let mut err = String::new();
    stderr.read_line(&mut err).unwrap();
    let told = begun.elapsed();
    stderr.read_to_string(&mut err).unwrap();
    let said = Said { err, ..Said::from(child.wait_with_output().unwrap()) };
    (said, told, begun.elapsed())
}

/// While a lock is held: who reads has an answer, who writes says that it waits, and gives up.
fn check_locked(world: &World, reading: &[&str]) {
    thread::scope(|scope| {
        let writing = WRITING.map(|line| (line, scope.spawn(move || waits(world, line))));
        for line in reading {
            let begun = Instant::now();
            let said = world.call(line);
            // A day may be stopped between the release that it decided and the files that follow it.
            let is_between = *line == "verify" && finds_moves_alone(&said);
            assert!(said.code() == 0 || is_between, "{line}: {said}");
            assert!(begun.elapsed() < SOON, "{line}: {:?}", begun.elapsed());
        }
        for (line, waited) in writing {
            let (said, told, ended) = waited.join().unwrap();
            assert_eq!(
                (said.code(), said.json()["error"].as_str()),
                (74, Some("StoreUnavailable")),
                "{line}: {said}"
            );
            assert!(said.message().contains("has held this lock for 30 s"), "{line}: {said}");
            assert!(said.err.starts_with("waiting for "), "{line}: {said}");
            let seconds = |of: Duration| of.as_secs_f64();
            assert!(
                (2.0..SOON.as_secs_f64()).contains(&seconds(told)),
                "{line}: said so after {told:?}"
            );
            assert!((30.0..60.0).contains(&seconds(ended)), "{line}: ended after {ended:?}");
        }
    });
}

#[test]
#[ignore = "needs the release binary"]
fn while_a_stopped_day_holds_the_lock_readers_are_answered_and_writers_end() {
    let mut random = Random::of("stopped");
    let total = rounds(1);
    for round in 0..total {
        let world = World::new();
        let mut day = stop_with_lock(&world, &mut random);
        check_locked(&world, &READING);
        signal(&day, "CONT");
        let ended = ends_within(&mut day, SOON);
        assert!(ended.is_some_and(|status| status.success()), "round {round}: {ended:?}");
        assert_eq!(world.check_at_rest(), Ok(()), "round {round}");
        world.ok("release rollback");
        assert_eq!(world.check_at_rest(), Ok(()), "round {round}");
    }
    tell(&format!("stopped: {total} days stopped with the lock of replacing"));
}

/// The lock under which sessions are made is held too shortly to be met by chance: a process of
/// ours holds it.
#[test]
#[ignore = "needs the release binary"]
fn while_a_living_process_holds_the_lock_of_sessions_readers_are_answered_and_writers_end() {
    let world = World::new();
    // Makes the folder of the locks.
    world.ok("promote matching v1 --anyway --reason chaos");
    world.ok(&world.day(1));
    let held = lock_of(&world, "guard");
    held.lock().unwrap();
    // A day on which nothing has changed only reads.
    let unchanged = world.day(1);
    check_locked(&world, &[&READING[..], &[unchanged.as_str()]].concat());
    drop(held);
    world.ok("release rollback");
    assert_eq!(world.check_at_rest(), Ok(()));
}
