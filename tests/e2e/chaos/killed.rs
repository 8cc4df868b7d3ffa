//! Processes that are killed at random moments of a day.

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::{Duration, Instant},
};

use super::{
    Random, World, rounds, tell,
    world::{DAYS, signal},
};

/// What a reader beside the days has seen: how often it looked, and the first thing that was wrong.
fn read_until(world: &World, is_over: &AtomicBool) -> (usize, Result<(), String>) {
    let mut looks = 0;
    while !is_over.load(Ordering::Relaxed) {
        looks += 1;
        if let Err(wrong) = world.check_latest() {
            return (looks, Err(wrong));
        }
        thread::sleep(Duration::from_millis(2));
    }
    (looks, Ok(()))
}

#[test]
#[ignore = "needs the release binary"]
fn a_day_killed_at_any_moment_is_retried_and_nothing_is_torn() {
    let mut random = Random::of("killed");
    let begun = Instant::now();
    World::empty().ok(&World::empty().day(0));
    let takes = begun.elapsed();
    let (total, mut hit, mut looks) = (rounds(12), 0, 0);
    let mut world = World::empty();
    for round in 0..total {
        let day = world.day(round);
        if round % DAYS.len() == 0 {
            world = World::empty();
        }
        let (name, after) =
            (*random.one_of(&["KILL", "KILL", "TERM", "INT"]), random.part_of(takes));
        let what = format!("round {round}, {name} after {after:?}");
        let before = world.committed();
        let is_over = AtomicBool::new(false);
        let (killed, again) = thread::scope(|scope| {
            let reader = scope.spawn(|| read_until(&world, &is_over));
            let mut child = world.begin(&day);
            thread::sleep(after);
            signal(&child, name);
            let killed = child.wait().unwrap();
            let checked = world.check_after_death();
            let again = world.call(&day);
            is_over.store(true, Ordering::Relaxed);
            let (seen, read) = reader.join().unwrap();
            looks += seen;
            assert_eq!((checked, read), (Ok(()), Ok(())), "{what}");
            (killed, again)
        });
        hit += usize::from(!killed.success());
        assert!(
            killed.success()
                || name != "INT"
                || killed.code() == Some(130)
                || killed.code().is_none(),
            "{what}: {killed}"
        );
        assert_eq!(again.code(), 0, "{what}: the retry: {again}");
        assert_eq!(world.check_at_rest(), Ok(()), "{what}");
        let lost: Vec<_> = before.difference(&world.committed()).cloned().collect();
        assert!(lost.is_empty(), "{what}: {lost:?} are lost");
    }
    assert!(hit * 4 > total, "{hit} of {total} kills hit a living process");
    tell(&format!("killed: {total} days, {hit} hit while they ran, {looks} looks beside them"));
}
