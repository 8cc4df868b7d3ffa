//! How often a report raises an alarm: without any drift, and after a shift.
//!
//! Each replicate draws the two versions of a small report anew, from independent samples of `n`
//! rows: five categories of 2 to 40 values, a language mix, missing shares and the label, a number,
//! a day, two text columns of 60 terms, and the scores of a classifier. All 30 measures are judged
//! together, as a comparison judges them. Rows are drawn as bytes and bits, so that 400 replicates of
//! 50,000 rows take seconds.

use std::ops::Range;

use drift::{
    report::{Measure, MeasureName, Severity},
    stats::{
        ks::Sample,
        measures::{self, Observation, Significance},
        separation::Separation,
        verdict::{LEVEL, judge, worst},
    },
};
use rayon::prelude::*;

const REPLICATES: u64 = 400;

/// What is drawn differently after.
#[derive(Clone, Copy, Debug, Default)]
struct Shift {
    /// Added to the chance of the first of two values, which is one half.
    category: f64,
    /// Added to the number, in standard deviations.
    number: f64,
    /// Added to the chance of a term that 2 % of the texts have.
    term: f64,
}

/// A shift, and which of the measures must find it.
#[derive(Clone, Copy, Debug)]
struct Planted {
    shift: Shift,
    found_by: fn(&Places) -> Range<usize>,
}

/// Where the measures of a part stand.
#[derive(Clone, Debug, Default)]
struct Places {
    category: Range<usize>,
    number: Range<usize>,
    terms: Range<usize>,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        let mut random = Self(seed.wrapping_mul(0xd134_2543_de82_ef95));
        random.next();
        random
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// How many of `n` rows have something of which the chance is `p`, to 1/256: the bits of the
    /// chance, lowest first, decide 64 rows at once.
    fn hits(&mut self, n: u64, p: f64) -> u64 {
        let chance = (p * 256.0).round() as u64;
        (0..n.div_ceil(64))
            .map(|word| {
                let drawn = (0..8).fold(0, |drawn, bit| {
                    let random = self.next();
                    if chance >> bit & 1 == 1 { drawn | random } else { drawn & random }
                });
                let rows = (n - word * 64).min(64);
                u64::from((drawn & (u64::MAX >> (64 - rows))).count_ones())
            })
            .sum()
    }

    /// Rows of each of the categories that `of` gives a byte.
    fn categories(&mut self, n: u64, of: &[usize; 256], number: usize) -> Vec<u64> {
        let mut counts = vec![0; number];
        let mut left = n;
        while left > 0 {
            for byte in self.next().to_le_bytes().into_iter().take(left.min(8) as usize) {
                counts[of[usize::from(byte)]] += 1;
            }
            left -= left.min(8);
        }
        counts
    }

    /// Nearly normal: the sum of four even draws, of deviation one.
    fn normal(&mut self) -> f64 {
        let bits = self.next();
        let sum: u64 = (0..4).map(|part| bits >> (16 * part) & 0xffff).sum();
        (sum as f64 / 65_536.0 - 2.0) * 3.0_f64.sqrt()
    }

    fn sorted(&mut self, n: u64, mut draw: impl FnMut(&mut Self) -> f64) -> Vec<f64> {
        let mut values: Vec<f64> = (0..n).map(|_| draw(self)).collect();
        values.sort_unstable_by(f64::total_cmp);
        values
    }
}

/// Bytes shared out among categories, each with about two thirds of the rows of the one before.
fn uneven(number: usize) -> [usize; 256] {
    let mut weight = 1.0;
    let weights: Vec<f64> = (0..number)
        .map(|_| {
            weight *= 0.67;
            weight + 0.01
        })
        .collect();
    let total: f64 = weights.iter().sum();
    let mut upper = 0.0;
    let mut of = [number - 1; 256];
    let mut from = 0;
    for (category, weight) in weights.iter().enumerate() {
        upper += weight / total * 256.0;
        let to = (upper.round() as usize).min(256);
        of[from..to].fill(category);
        from = to.max(from);
    }
    of
}

/// The chance of a term, from 1 to 30 %.
fn chance(term: usize) -> f64 {
    if term == 0 { 5.0 / 256.0 } else { 0.01 + 0.3 * (term as f64 / 60.0).powi(2) }
}

/// A report of `n` rows before and `m` after, not judged yet.
fn draw(seed: u64, n: u64, m: u64, shift: Shift) -> (Vec<Observation>, Places) {
    let mut random = Random::new(seed);
    let mut found = Vec::new();
    let mut places = Places::default();

    let first = [random.hits(n, 0.5), random.hits(m, 0.5 + shift.category)];
    found.extend(measures::categories(&[(first[0], first[1]), (n - first[0], m - first[1])]));
    places.category = 0..found.len();
    // The last is the language mix.
    for number in [3, 5, 12, 40, 4] {
        let of = uneven(number);
        let before = random.categories(n, &of, number);
        let after = random.categories(m, &of, number);
        let counts: Vec<(u64, u64)> = before.into_iter().zip(after).collect();
        found.extend(measures::categories(&counts));
    }

    for missing in [0.03, 0.4, 0.08] {
        let hits = (random.hits(n, missing), random.hits(m, missing));
        found.extend(measures::share(hits.0, n, hits.1, m));
    }

    let before = random.sorted(n, Random::normal);
    let after = random.sorted(m, |random| random.normal() + shift.number);
    places.number = found.len()..found.len() + 3;
    found.extend(measures::values(Sample::new(&before, 0), Sample::new(&after, 0)));
    // Days of a year, so many rows a day.
    let mut days = |rows| random.sorted(rows, |random| (random.next() % 365) as f64);
    let (before, after) = (days(n), days(m));
    found.extend(measures::values(Sample::new(&before, 0), Sample::new(&after, 0)));

    places.terms = found.len()..found.len() + 1;
    for column in 0..2 {
        let counts: Vec<(u64, u64)> = (0..60)
            .map(|term| {
                let p = chance(term);
                let moved = if term == 0 && column == 0 { shift.term } else { 0.0 };
                (random.hits(n, p), random.hits(m, p + moved))
            })
            .collect();
        found.extend(measures::terms(&counts, n, m));
    }

    // Half of the people are judged on, 5,000 at most.
    let mut scores = |rows: u64| random.sorted((rows / 2).min(5_000), Random::normal);
    if let Some(told) = Separation::of(&mut scores(n), &mut scores(m)) {
        found.push(Observation {
            name: MeasureName::Separability,
            value: told.size(),
            significance: Significance::P(told.p),
            before: told.before,
            after: told.after,
        });
    }
    (found, places)
}

fn judged(seed: u64, n: u64, m: u64, shift: Shift) -> (Vec<Measure>, Places) {
    let (found, places) = draw(seed, n, m, shift);
    (judge(&found, LEVEL), places)
}

/// How many of the replicates raise a watch or an alert without drift.
fn false_alarms(n: u64, m: u64) -> usize {
    (0..REPLICATES)
        .into_par_iter()
        .filter(|&seed| worst(&judged(seed, n, m, Shift::default()).0) > Severity::None)
        .count()
}

#[test]
fn at_most_one_report_in_twenty_is_a_false_alarm() {
    for (n, m) in [(100, 100), (1_000, 1_000), (50_000, 50_000), (1_000, 150)] {
        let alarms = false_alarms(n, m);
        assert!(alarms * 20 <= REPLICATES as usize, "{alarms} of {REPLICATES} at {n} and {m} rows");
    }
}

/// What must be found, by number of rows.
const SHIFTS: [(u64, Shift); 3] = [
    (100, Shift { category: 0.35, number: 1.2, term: 0.4 }),
    (1_000, Shift { category: 0.16, number: 0.4, term: 0.12 }),
    (50_000, Shift { category: 0.12, number: 0.3, term: 0.07 }),
];

#[test]
fn a_shift_is_an_alert_in_nineteen_reports_of_twenty() {
    for (n, shift) in SHIFTS {
        let none = Shift::default();
        let each = [
            Planted {
                shift: Shift { category: shift.category, ..none },
                found_by: |places| places.category.clone(),
            },
            Planted {
                shift: Shift { number: shift.number, ..none },
                found_by: |places| places.number.clone(),
            },
            Planted {
                shift: Shift { term: shift.term, ..none },
                found_by: |places| places.terms.clone(),
            },
        ];
        for planted in each {
            let found = (0..REPLICATES)
                .into_par_iter()
                .filter(|&seed| {
                    let (measures, places) = judged(seed, n, n, planted.shift);
                    worst(&measures[(planted.found_by)(&places)]) == Severity::Alert
                })
                .count();
            assert!(
                found * 20 >= 19 * REPLICATES as usize,
                "{found} of {REPLICATES} at {n} rows: {:?}",
                planted.shift
            );
        }
    }
}

/// A difference that does not matter is none, however sure it is.
#[test]
fn many_rows_do_not_make_an_alarm_of_a_small_shift() {
    let shift = Shift { number: 0.03, ..Shift::default() };
    let mut significant = 0;
    for seed in 0..20 {
        let (measures, places) = judged(seed, 50_000, 50_000, shift);
        assert_eq!(worst(&measures), Severity::None);
        significant += usize::from(measures[places.number][0].p.unwrap() < LEVEL);
    }
    assert!(significant > 10, "the test alone would speak of drift: {significant} of 20");
}

#[test]
fn a_report_has_thirty_measures() {
    assert_eq!(draw(1, 500, 400, Shift::default()).0.len(), 30);
}
