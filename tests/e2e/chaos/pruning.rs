//! Processes that are killed while they prune.

use std::collections::BTreeSet;

use super::{Random, World, rounds, tell};

/// A lake of four days of long ago, all published, and some thirty versions of the features of
/// somewhat later.
fn old() -> World {
    let world = World::empty();
    for n in 0..4 {
        let said = world.at(&format!("-{}d", 100 - n), &world.day(n));
        assert_eq!(said.code(), 0, "{said}");
    }
    for _ in 0..30 {
        let said = world.at("-60d", "features --force");
        assert_eq!(said.code(), 0, "{said}");
    }
    world
}

/// What a command prunes when nothing disturbs it.
fn undisturbed(old: &World, line: &str) -> BTreeSet<String> {
    let world = old.copy();
    let before = world.committed();
    world.ok(line);
    before.difference(&world.committed()).cloned().collect()
}

#[test]
#[ignore = "needs the release binary"]
fn pruning_killed_anywhere_takes_nothing_that_is_live_or_the_way_back() {
    let mut random = Random::of("pruning");
    let old = old();
    let lines = [
        old.day(4),
        "prune features --keep 1".to_owned(),
        "prune features --keep 9".to_owned(),
        "prune matching --keep 1".to_owned(),
        "prune recommend --keep 1".to_owned(),
    ];
    let undisturbed = lines.each_ref().map(|line| undisturbed(&old, line));
    for (line, gone) in lines.iter().zip(&undisturbed) {
        assert!(!gone.is_empty(), "`{line}` prunes nothing");
    }
    let (total, mut hit) = (rounds(20), 0);
    for round in 0..total {
        let n = random.below(lines.len());
        let (line, gone) = (&lines[n], &undisturbed[n]);
        // By what it has done and not by the clock, which says little on a busy machine.
        let done = 1 + random.below(gone.len());
        let what = format!("round {round}, `{line}` killed when {done} had gone");
        let world = old.copy();
        let before = world.committed();
        let mut child = world.begin(line);
        while before.difference(&world.committed()).count() < done
            && child.try_wait().unwrap().is_none()
        {}
        child.kill().unwrap();
        hit += usize::from(!child.wait().unwrap().success());
        assert_eq!(world.check_after_death(), Ok(()), "{what}");
        let said = world.call(line);
        assert_eq!(said.code(), 0, "{what}: again: {said}");
        assert_eq!(world.check_at_rest(), Ok(()), "{what}");
        let now_gone: BTreeSet<_> = before.difference(&world.committed()).cloned().collect();
        // A day that was pruning has published, and the day after prunes again after its release.
        assert!(now_gone.is_subset(gone), "{what}: {now_gone:?} went, {gone:?} may");
        if line.starts_with("prune") {
            assert_eq!(now_gone, *gone, "{what}: what was begun is gone on with");
        }
        world.ok("release rollback");
        assert_eq!(world.check_at_rest(), Ok(()), "{what}, rolled back");
    }
    assert!(hit > 0, "none of {total} kills hit a living process");
    tell(&format!("pruning: {total} kills, {hit} of a living process"));
}
