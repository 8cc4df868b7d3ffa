//! How often the comparison with the live model holds a good model back, and how surely a bad one.
//!
//! A model is trained every day of a year on the applications so far of a world whose law stays, and
//! goes live unless it is held back. Then models of damaged training data are set against good ones.
//!
//! ```text
//! cargo run --release -p matching --example held_back -- [years] [applications at first] [a day] [matches in a hundred]
//! ```

#![allow(clippy::print_stdout, reason = "an example prints what it found")]

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use boost::{Csr, Model};
use matching::{
    Config, Error,
    champion::{Both, Champion, Comparison, LeftOut, compare},
    fairness::Attribute,
    gate::{Bounds, beside_live},
    judge::{Calibration, Judged},
};

/// Columns of the matrix; the first tell of the outcome, the others are noise.
const COLUMNS: usize = 24;
const TELLING: usize = 8;

/// What becomes of the rows that a model is trained and calibrated on.
#[derive(Clone, Copy)]
enum Damage {
    None,
    /// All labels are dealt out anew.
    Shuffled,
    /// Those of so many of a hundred people are.
    Partly(u64),
    /// The strongest column is empty.
    ColumnLost,
}

fn main() -> Result<(), Error> {
    let mut arguments = std::env::args().skip(1).map(|a| a.parse::<usize>().unwrap_or(0));
    let mut next = |otherwise| arguments.next().filter(|&n| n > 0).unwrap_or(otherwise);
    let (years, first, daily, matches) = (next(2), next(10_000), next(25), next(5));

    println!("{years} years, {first} applications at first and {daily} a day, {matches} % matches");
    let law = |seed, rows| World::new(seed, rows, daily, matches as f64 / 100.0);
    let mut all = BTreeMap::new();
    for year in 0..years as u64 {
        let world = law(year + 1, first + 365 * daily);
        let mut champion = world.train(first, Damage::None)?;
        let mut held_back = 0;
        for day in 1..=365 {
            let rows = first + day * daily;
            let challenger = world.train(rows, Damage::None)?;
            let names = world.held_back(rows, &challenger, &champion)?;
            if names.is_empty() {
                champion = challenger;
            } else {
                held_back += 1;
            }
            names.into_iter().for_each(|name| *all.entry(name).or_insert(0) += 1);
        }
        println!("  year {}: {held_back} of 365 days held back", year + 1);
    }
    println!("  by check: {all:?}");

    for (name, damage) in [
        ("labels shuffled", Damage::Shuffled),
        ("labels of half of the people shuffled", Damage::Partly(50)),
        ("labels of a fifth of the people shuffled", Damage::Partly(20)),
        ("the strongest column empty", Damage::ColumnLost),
    ] {
        for rows in [3_000, 10_000, 30_000] {
            let times = 20;
            let mut held_back = 0;
            for seed in 0..times {
                let world = law(100 + seed, rows);
                let champion = world.train(rows - daily, Damage::None)?;
                let challenger = world.train(rows, damage)?;
                held_back +=
                    usize::from(!world.held_back(rows, &challenger, &champion)?.is_empty());
            }
            println!("{name}, {rows} applications: {held_back} of {times} held back");
        }
    }
    Ok(())
}

/// Applications in the order of their days.
struct World {
    config: Config,
    people: Vec<u32>,
    jobs: Vec<u32>,
    days: Vec<Option<i32>>,
    labels: Vec<bool>,
    values: Vec<[f32; COLUMNS]>,
    sexes: Attribute,
}

struct Trained {
    model: Model,
    calibration: Calibration,
}

/// A number of 0 to 1 that depends on what it is of alone.
fn uniform(seed: u64, what: u64, of: u64) -> f64 {
    stats::mix(stats::mix(stats::mix(seed) ^ what) ^ of) as f64 / u64::MAX as f64
}

impl World {
    fn new(seed: u64, rows: usize, daily: usize, share: f64) -> Self {
        let mut world = Self {
            config: Config::default(),
            people: Vec::new(),
            jobs: Vec::new(),
            days: Vec::new(),
            labels: Vec::new(),
            values: Vec::new(),
            sexes: Attribute::new("sexo", [None::<&str>; 0]),
        };
        for row in 0..rows as u64 {
            let draw = |what| uniform(seed, what, row);
            // A third apply again; four applications a job, among those opened of late.
            let person = match draw(1) < 0.33 && row > 10 {
                true => world.people[(draw(2) * row as f64) as usize],
                false => row as u32,
            };
            let job = (row as f64 / 4.0 - draw(3).powi(3) * 200.0).max(0.0) as u32;
            let values: [f32; COLUMNS] = std::array::from_fn(|column| {
                let (what, column) = (10 + column as u64, column as u64);
                let of = match column % 3 {
                    0 => u64::from(job),
                    1 => u64::from(person),
                    _ => row,
                };
                uniform(seed, what, (of << 3) | (column % 3)) as f32
            });
            let told: f64 = values[..TELLING].iter().map(|&value| f64::from(value) - 0.5).sum();
            let log_odds = (share / (1.0 - share)).ln() - 0.6
                + 1.8 * told
                + 2.5 * (f64::from(values[0]) - 0.5);
            world.people.push(person);
            world.jobs.push(job);
            world.days.push(Some((row / daily as u64) as i32));
            world.labels.push(draw(4) < 1.0 / (1.0 + (-log_odds).exp()));
            world.values.push(values);
        }
        let sex = |&person: &u32| match uniform(seed, 5, u64::from(person)) {
            0.0..0.1 => Some("F"),
            0.1..0.2 => Some("M"),
            _ => None,
        };
        world.sexes = Attribute::new("sexo", world.people.iter().map(sex));
        world
    }

    /// The rows of the first `rows` whose people are of a part: a fifth is held out, a tenth is for
    /// the calibration.
    fn part(&self, rows: usize, part: std::ops::Range<u64>) -> Vec<usize> {
        let is = |row: &usize| part.contains(&(stats::mix(u64::from(self.people[*row])) % 10));
        (0..rows).filter(is).collect()
    }

    fn matrix(&self, rows: &[usize], damage: Damage) -> Result<Csr, Error> {
        let is_lost = |column: usize| column == 0 && matches!(damage, Damage::ColumnLost);
        let columns: Vec<u32> = (0..COLUMNS).filter(|&c| !is_lost(c)).map(|c| c as u32).collect();
        let values = rows.iter().flat_map(|&row| columns.iter().map(move |&c| (row, c as usize)));
        let values = values.map(|(row, column)| self.values[row][column]).collect();
        let ends = (0..=rows.len()).map(|row| row * columns.len()).collect();
        Ok(Csr::new(ends, columns.repeat(rows.len()), values, COLUMNS)?)
    }

    fn labels(&self, rows: &[usize], damage: Damage) -> Vec<bool> {
        let is_shuffled = |row: usize| match damage {
            Damage::None | Damage::ColumnLost => false,
            Damage::Shuffled => true,
            Damage::Partly(share) => stats::mix(!u64::from(self.people[row])) % 100 < share,
        };
        let mut labels: Vec<bool> = rows.iter().map(|&row| self.labels[row]).collect();
        let places: Vec<usize> = (0..rows.len()).filter(|&at| is_shuffled(rows[at])).collect();
        for last in (1..places.len()).rev() {
            let other = (uniform(9, 6, last as u64) * last as f64) as usize;
            labels.swap(places[last], places[other]);
        }
        labels
    }

    fn train(&self, rows: usize, damage: Damage) -> Result<Trained, Error> {
        let (train, aside) = (self.part(rows, 3..10), self.part(rows, 2..3));
        let labels = self.labels(&train, damage);
        let positives = labels.iter().filter(|&&label| label).count();
        let params =
            self.config.boost.params(self.config.seed, positives, labels.len() - positives)?;
        let matrix = self.matrix(&train, damage)?;
        let model = boost::train(boost::Dataset::new(&matrix, &labels)?, None, &params, &|_| {
            ControlFlow::Continue(())
        })?;
        let raw = model.predict(&self.matrix(&aside, damage)?)?;
        let calibration = self.config.calibration.fit(&raw, &self.labels(&aside, damage));
        Ok(Trained { model, calibration })
    }

    /// The checks for which the challenger is held back.
    fn held_back(
        &self,
        rows: usize,
        challenger: &Trained,
        champion: &Trained,
    ) -> Result<Vec<String>, Error> {
        let test = self.part(rows, 0..2);
        let matrix = self.matrix(&test, Damage::None)?;
        let score = |of: &Trained| -> Result<Vec<f32>, Error> {
            Ok(of.calibration.apply(&of.model.predict(&matrix)?))
        };
        let (new, live) = (score(challenger)?, score(champion)?);
        let labels: Vec<bool> = test.iter().map(|&row| self.labels[row]).collect();
        let people: Vec<u32> = test.iter().map(|&row| self.people[row]).collect();
        let jobs: Vec<u32> = test.iter().map(|&row| self.jobs[row]).collect();
        let days: Vec<Option<i32>> = test.iter().map(|&row| self.days[row]).collect();
        let judged = Judged { probabilities: &new, labels: &labels, people: &people, jobs: &jobs };
        let both =
            Both { new: judged, live: &live, days: &days, attributes: &[self.sexes.select(&test)] };
        let comparison = Comparison {
            rows: test.len(),
            positives: judged.positives(),
            groups: 0,
            left_out: LeftOut::default(),
            measures: compare(&both, self.config.replicates, self.config.seed),
        };
        let champion = Champion {
            live: Some("v1".to_owned()),
            not_compared: None,
            comparison: Some(comparison),
        };
        let checks = beside_live(&champion, &Bounds::default());
        Ok(checks.into_iter().filter(|check| !check.passed).map(|check| check.name).collect())
    }
}
