//! Operators who work on one lake at the same time, some of whose processes are killed.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use super::{Random, World, rounds, tell, world::finds_moves_alone};

const OPERATORS: u64 = 6;
/// No command waits for others for longer, on a busy machine.
const LIMIT: Duration = Duration::from_secs(60);

/// A command of an operator.
fn a_line(world: &World, random: &mut Random) -> String {
    let stage = *random.one_of(&["features", "matching", "recommend", "drift"]);
    let version = 1 + random.below(4);
    match random.below(16) {
        0..=2 => world.day(random.below(4)),
        3 => format!("{} --force", world.day(random.below(4))),
        4 => "release rollback".to_owned(),
        5 => format!("release rollback --to {version}"),
        6 => format!("release publish {} --anyway --reason chaos", 1 + random.below(30)),
        7 => format!("rollback {stage}"),
        8 => format!("promote {stage} v{version} --anyway --reason chaos"),
        9 => format!("prune {stage} --keep {version}"),
        10 => "verify".to_owned(),
        11 => "recommend query --job 4000".to_owned(),
        12 => format!("history {stage}"),
        13 => "release list".to_owned(),
        14 => "matching score --candidate 31000 --job 4000".to_owned(),
        _ => "versions".to_owned(),
    }
}

/// Whether a command may end so: done; nothing to do it with (no way back, no such version or
/// release); refused by the gate; in the way of others, to be tried again.
fn is_expected(line: &str, code: i32) -> bool {
    let decides = ["run", "release rollback", "release publish", "rollback", "promote"];
    match code {
        0 => true,
        65 => line.contains("rollback") || line.contains("publish") || line.contains("promote"),
        77 => line.starts_with("run"),
        75 | 76 => decides.iter().any(|command| line.starts_with(command)),
        _ => false,
    }
}

/// What an operator has done: how often each exit code, and how many were killed.
fn work(world: &World, mut random: Random, until: Instant) -> (BTreeMap<i32, usize>, usize) {
    let (mut ends, mut killed) = (BTreeMap::new(), 0);
    while Instant::now() < until {
        let line = a_line(world, &mut random);
        if random.below(8) == 0 {
            let mut child = world.begin(&line);
            thread::sleep(random.part_of(Duration::from_millis(600)));
            child.kill().unwrap();
            killed += usize::from(!child.wait().unwrap().success());
            continue;
        }
        let begun = Instant::now();
        let said = world.call(&line);
        // Who verifies meets releases that others are carrying out.
        let is_between = line == "verify" && finds_moves_alone(&said);
        assert!(is_between || is_expected(&line, said.code()), "{line}: {said}");
        assert!(begun.elapsed() < LIMIT, "{line}: {:?}", begun.elapsed());
        *ends.entry(said.code()).or_default() += 1;
    }
    (ends, killed)
}

#[test]
#[ignore = "needs the release binary"]
fn operators_at_once_and_killed_leave_one_whole_release() {
    let mut random = Random::of("operators");
    let total = rounds(1);
    let (mut ends, mut killed) = (BTreeMap::new(), 0);
    for round in 0..total {
        let world = World::new();
        let until = Instant::now() + Duration::from_secs(20);
        let worked = thread::scope(|scope| {
            let operators: Vec<_> = (0..OPERATORS)
                .map(|_| {
                    let random = Random(random.next());
                    scope.spawn(|| work(&world, random, until))
                })
                .collect();
            operators.into_iter().map(|operator| operator.join().unwrap()).collect::<Vec<_>>()
        });
        for (of_one, dead) in worked {
            of_one.into_iter().for_each(|(code, n)| *ends.entry(code).or_default() += n);
            killed += dead;
        }
        assert_eq!(world.check_after_death(), Ok(()), "round {round}");
        let said = world.call(&world.day(3));
        assert!([0, 77].contains(&said.code()), "round {round}: {said}");
        assert_eq!(world.check_at_rest(), Ok(()), "round {round}");
    }
    let commands: usize = ends.values().sum();
    tell(&format!(
        "operators: {total} lakes, {commands} commands by exit code {ends:?}, {killed} killed"
    ));
}
