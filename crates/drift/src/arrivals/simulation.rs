//! How often arrivals raise an alarm without any drift: windows of 40 to 2,000 rows and the year
//! before them, drawn alike, judged together as a report judges them.
//!
//! Jobs of four categorical columns, people with a text and a number, applications that share the
//! columns of one of a few jobs, as many a job as chance deals out; outcomes that half depend on the
//! job. 400 replicates at each size.

use std::collections::BTreeMap;

use rayon::prelude::*;

use super::*;
use crate::{
    report::Severity,
    summary::{ColumnSummary, Values},
};

const REPLICATES: u64 = 400;

/// Numbers from a seed.
struct Random(u64);

impl Random {
    fn below(&mut self, n: u64) -> u64 {
        self.0 = self.0.wrapping_add(1);
        stats::mix(self.0) % n
    }
}

/// One of some values, each with half of the rows of the one before.
fn uneven(random: &mut Random, values: u64) -> u64 {
    (0..values - 1).find(|_| random.below(2) == 0).unwrap_or(values - 1)
}

fn categories(values: &[Option<u64>]) -> Summary {
    let mut counts: BTreeMap<Box<str>, u64> = BTreeMap::new();
    values.iter().flatten().for_each(|v| *counts.entry(v.to_string().into()).or_default() += 1);
    let missing = values.iter().filter(|v| v.is_none()).count() as u64;
    column(ColumnKind::Category, values.len(), missing, Values::Categories(counts))
}

fn numbers(mut values: Vec<f64>) -> Summary {
    values.sort_unstable_by(f64::total_cmp);
    column(ColumnKind::Number, values.len(), 0, Values::Numbers(values))
}

fn column(kind: ColumnKind, rows: usize, missing: u64, values: Values) -> Summary {
    let column = ColumnSummary::of_values("c", kind, missing, values);
    Summary { rows: rows as u64, columns: vec![column] }
}

/// Groups of which the first has the window's rows and the others those before it.
fn beside(before: &Summary, after: &Summary) -> Vec<Summary> {
    let empty = |like: &Summary| Summary { rows: 0, columns: vec![like.columns[0].emptied()] };
    let mut groups: Vec<Summary> = (0..GROUPS).map(|_| empty(after)).collect();
    groups[0] = after.clone();
    groups[2] = before.clone();
    groups
}

/// A report's arrivals of a window of so many applications.
fn drawn(seed: u64, rows: u64) -> Arrivals {
    let config = Config::default();
    let mut random = Random(seed << 32);
    let (sides, year) = (&WINDOWS[0], rows * 6);
    let mut tables = Vec::new();
    let mut push = |before: &Summary, after: &Summary, independent: Independent| {
        tables.push(table("t", &beside(before, after), sides, |_| independent, &config));
    };
    // Three applications a job.
    let jobs = [year / 3, rows / 3].map(|jobs| {
        let mut value = |of| (random.below(10) > 0).then(|| uneven(&mut random, of));
        (0..jobs.max(1)).map(|_| [2, 5, 12, 30].map(&mut value)).collect::<Vec<_>>()
    });
    let applied = [(year, 0), (rows, 1)].map(|(rows, side): (u64, usize)| {
        (0..rows).map(|_| random.below(jobs[side].len() as u64)).collect::<Vec<u64>>()
    });
    for at in 0..4 {
        let of_jobs =
            |side: usize| categories(&jobs[side].iter().map(|job| job[at]).collect::<Vec<_>>());
        push(&of_jobs(0), &of_jobs(1), Independent::ALL);
        let of_applications = |side: usize| {
            let of = applied[side].iter().map(|&job| jobs[side][job as usize][at]);
            categories(&of.collect::<Vec<_>>())
        };
        let clusters =
            |side: usize| cohorts::independent(applied[side].iter().map(|&job| job as u32));
        let independent = Independent { before: clusters(0), after: clusters(1) };
        push(&of_applications(0), &of_applications(1), independent);
    }
    for _ in 0..2 {
        let mut of = |rows: u64| numbers((0..rows).map(|_| random.below(10_000) as f64).collect());
        push(&of(year), &of(rows), Independent::ALL);
    }
    // Two years of as many applications a day; a job's outcomes are half its own.
    let chance: Vec<u64> = (0..rows * 8).map(|_| [5, 40][random.below(2) as usize]).collect();
    let applications: Vec<ApplicationRow> = (0..rows * 24)
        .map(|_| {
            let job = random.below(chance.len() as u64);
            let positive = Some(random.below(100) < chance[job as usize]);
            let day = Some(random.below(730) as i32);
            ApplicationRow { person: 0, job: job as u32, day, positive }
        })
        .collect();
    let days: Vec<_> = applications.iter().map(|a| a.day).collect();
    for (table, window) in tables.iter_mut().zip([30, 90]) {
        table.flow = flow(&days, 729, window, &config.bounds);
    }
    let fall = cohorts::fall(&applications, 729, &config);
    assert!(fall.is_some() && tables[1].flow.is_some(), "something is judged");
    judged(vec![(sides, tables)], fall, (&applications, 729), &config)
}

fn is_alarm(arrivals: &Arrivals) -> bool {
    let tables = arrivals.windows.iter().flat_map(|window| &window.tables);
    let columns = tables.clone().flat_map(|t| &t.columns).map(|c| c.severity);
    let counts = tables.filter_map(|t| t.volumes.as_ref()).map(|v| v.measure.severity);
    let rate = arrivals.rate.iter().map(|rate| rate.measure.severity);
    columns.chain(counts).chain(rate).any(|severity| severity > Severity::None)
}

#[test]
fn arrivals_of_the_same_world_are_an_alarm_no_more_often_than_the_level() {
    for rows in [40, 300, 2_000] {
        let alarms = (0..REPLICATES)
            .into_par_iter()
            .filter(|&seed| is_alarm(&drawn(seed + 1, rows)))
            .count();
        println!("{rows} rows: {alarms} of {REPLICATES}");
        assert!(alarms as f64 <= 0.05 * REPLICATES as f64, "{alarms} of {REPLICATES} at {rows}");
    }
}
