//! Processes that are killed inside the publication of a release.

use std::{process::Child, thread, time::Duration};

use super::{
    Random, World, rounds, tell,
    world::{SERIES, names},
};

/// How many records of releases and promotions there are.
fn records(world: &World) -> usize {
    let promotions = SERIES.iter().map(|(_, folder)| format!("{folder}/_promotions"));
    let logs = promotions.chain(["decision-data-lake/releases".to_owned()]);
    logs.map(|log| names(&world.path(&log)).len()).sum()
}

/// Kills a process `after` its `n`th record; whether it lived.
fn kill_at(world: &World, child: &mut Child, n: usize, after: Duration) -> bool {
    while records(world) < n {
        if child.try_wait().unwrap().is_some() {
            return false;
        }
    }
    thread::sleep(after);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

#[test]
#[ignore = "needs the release binary"]
fn a_publication_killed_anywhere_is_carried_out_by_the_next_command_that_writes() {
    let mut random = Random::of("publication");
    let prepared = World::new();
    prepared.ok(&prepared.day(2));
    // Made and judged: the day that publishes it does nothing else.
    prepared.ok(&format!("{} --no-promote", prepared.day(3)));
    let (total, mut hit, mut broken_off) = (rounds(36), 0, 0);
    for round in 0..total {
        let world = prepared.copy();
        let publishing = [
            world.day(3),
            "release rollback".to_owned(),
            "release rollback --to 1".to_owned(),
            "rollback matching".to_owned(),
            "promote recommend v1 --anyway --reason chaos".to_owned(),
        ];
        let line = random.one_of(&publishing).clone();
        // A release and up to four promotions.
        let (n, after) = (1 + random.below(5), random.part_of(Duration::from_millis(3)));
        let after = if random.below(2) == 0 { Duration::ZERO } else { after };
        let what = format!("round {round}, `{line}` killed {after:?} after record {n}");
        let (before, was_live) = (world.committed(), world.live());
        let n = records(&world) + n;
        let mut child = world.begin(&line);
        hit += usize::from(kill_at(&world, &mut child, n, after));
        assert_eq!(world.check_after_death(), Ok(()), "{what}");
        let decided = world.live();
        broken_off += usize::from(world.latest() != decided);
        // Whatever writes next carries it out; who asks for what is decided gets it, and who asks
        // for what was live before gets that.
        let was = &was_live["matching"];
        let next = random
            .one_of(&[
                line.clone(),
                world.day(3),
                format!("promote matching {was} --anyway --reason chaos"),
                "release rollback".to_owned(),
                "prune recommend".to_owned(),
                "prune features --keep 1".to_owned(),
            ])
            .clone();
        let said = world.call(&next);
        let nowhere = next.contains("rollback") && said.code() == 65;
        assert!(said.code() == 0 || nowhere, "{what}, then `{next}`: {said}");
        assert_eq!(world.check_at_rest(), Ok(()), "{what}, then `{next}`");
        if next.starts_with("promote") {
            assert_eq!(world.live()["matching"], *was, "{what}, then `{next}`");
        }
        if next.starts_with("prune") {
            assert_eq!(world.live(), decided, "{what}, then `{next}`");
        }
        assert_eq!(world.committed(), before, "{what}, then `{next}`");
    }
    assert!(hit * 8 > total && broken_off > 0, "{hit} of {total} kills, {broken_off} broken off");
    tell(&format!(
        "publication: {total} kills, {hit} of a living process, {broken_off} releases broken off"
    ));
}
