//! How often an audit raises an alarm where there is nothing to find, and where there is.

use rayon::prelude::*;
use stats::{Random, mix};

use super::*;

/// A market: candidates and jobs that differ, attributes that most candidates do not state.
struct World {
    labels: Vec<bool>,
    /// What the model gives: the true probability without the bias.
    scores: Vec<f32>,
    people: Vec<u32>,
    jobs: Vec<u32>,
    attributes: Vec<Attribute>,
    held_out: Vec<usize>,
}

/// Applications that end well, on average.
const BASE: f64 = 0.055;

fn exponential(random: &mut Random) -> f64 {
    -libm::log(1.0 - random.uniform())
}

fn pick(random: &mut Random, values: &[(&'static str, f64)], known: f64) -> Option<&'static str> {
    let (known, mut at) = (random.uniform() < known, random.uniform());
    let mut at_value = |&&(_, share): &&(&str, f64)| {
        at -= share;
        at < 0.0
    };
    let value = values.iter().find(&mut at_value).or(values.last())?.0;
    known.then_some(value)
}

const SEX: [(&str, f64); 2] = [("Feminino", 0.5), ("Masculino", 0.5)];
const STATUS: [(&str, f64); 4] =
    [("Casado", 0.2), ("Divorciado", 0.2), ("Solteiro", 0.4), ("União Estável", 0.2)];
const DISABLED: [(&str, f64); 2] = [("Não", 0.97), ("Sim", 0.03)];
const AGE: [(&str, f64); 5] = [
    ("até 24", 0.15),
    ("25 a 34", 0.35),
    ("35 a 44", 0.28),
    ("45 a 54", 0.15),
    ("55 e mais", 0.07),
];
const STATE: [(&str, f64); 8] = [
    ("Bahia", 0.05),
    ("Ceará", 0.04),
    ("Minas Gerais", 0.12),
    ("Paraná", 0.08),
    ("Pernambuco", 0.05),
    ("Rio de Janeiro", 0.15),
    ("Santa Catarina", 0.01),
    ("São Paulo", 0.5),
];

impl World {
    /// `applications` of about two thirds as many candidates; a woman's outcomes have their
    /// probability, and her scores, lowered by these parts.
    fn draw(applications: usize, seed: u64, bias: f64, model_bias: f64) -> Self {
        let mut random = Random::new(mix(seed));
        let people = applications * 2 / 3;
        let jobs = applications / 5;
        let mut eager = 0.0;
        let candidates: Vec<_> = (0..people)
            .map(|_| {
                eager += exponential(&mut random);
                let stated = [
                    pick(&mut random, &SEX, 0.18),
                    pick(&mut random, &STATUS, 0.16),
                    pick(&mut random, &DISABLED, 0.16),
                    pick(&mut random, &AGE, 0.38),
                    pick(&mut random, &STATE, 0.17),
                ];
                // Those who do not say have a sex too.
                let woman = stated[0].map_or_else(|| random.uniform() < 0.5, |s| s == SEX[0].0);
                (eager, 0.5 + random.uniform(), woman, stated)
            })
            .collect();
        let of_job: Vec<f64> = (0..jobs).map(|_| 0.5 + random.uniform()).collect();
        let mut world = Self {
            labels: Vec::new(),
            scores: Vec::new(),
            people: Vec::new(),
            jobs: Vec::new(),
            attributes: Vec::new(),
            held_out: Vec::new(),
        };
        let mut stated: [Vec<Option<&str>>; 5] = Default::default();
        for row in 0..applications {
            let at = random.uniform() * eager;
            let person = candidates.partition_point(|c| c.0 < at).min(people - 1);
            let (_, quality, woman, of) = &candidates[person];
            // Popular jobs have more than five applications of those held out.
            let job = ((random.uniform() * random.uniform() * jobs as f64) as usize).min(jobs - 1);
            let spread = exponential(&mut random);
            let probability = (BASE * quality * of_job[job] * spread * spread / 2.0).min(0.9);
            let lowered = |part: f64| if *woman { 1.0 - part } else { 1.0 };
            world.labels.push(random.uniform() < probability * lowered(bias));
            world.scores.push((probability * lowered(model_bias)) as f32);
            world.people.push(person as u32);
            world.jobs.push(job as u32);
            if mix(person as u64 ^ 0xa5).is_multiple_of(5) {
                world.held_out.push(row);
            }
            for (values, &value) in stated.iter_mut().zip(of) {
                values.push(value);
            }
        }
        let names = ["sexo", "estado_civil", "pcd", "faixa_etaria", "estado"];
        world.attributes =
            names.iter().zip(stated).map(|(name, values)| Attribute::new(name, values)).collect();
        world
    }

    fn audit(&self, replicates: usize) -> Audit {
        fn chosen<T: Copy>(from: &[T], rows: &[usize]) -> Vec<T> {
            rows.iter().map(|&row| from[row]).collect()
        }
        let rows = &self.held_out;
        let attributes: Vec<_> = self.attributes.iter().map(|a| a.select(rows)).collect();
        let judged = Judged {
            probabilities: &chosen(&self.scores, rows),
            labels: &chosen(&self.labels, rows),
            people: &Groups::new(&chosen(&self.people, rows)),
            jobs: &Groups::new(&chosen(&self.jobs, rows)),
        };
        let audited = Audited { judged, attributes: &attributes };
        let outcomes = Outcomes {
            labels: &self.labels,
            people: &Groups::new(&self.people),
            jobs: &Groups::new(&self.jobs),
            attributes: &self.attributes,
        };
        let settings = Settings { threshold: 0.12, replicates, seed: 1, ..Settings::default() };
        audit(&audited, &outcomes, &settings)
    }
}

/// Of how many seeds an audit has an alarm that `is`.
fn alarms(
    applications: usize,
    seeds: std::ops::Range<u64>,
    (bias, model_bias): (f64, f64),
    is: impl Fn(&Alarm) -> bool + Sync,
) -> usize {
    let found = |seed: u64| {
        World::draw(applications, seed, bias, model_bias).audit(0).alarms.iter().any(&is)
    };
    seeds.into_par_iter().filter(|&seed| found(seed)).count()
}

fn of_women(alarm: &Alarm, measure: Measure) -> bool {
    (alarm.attribute.as_str(), alarm.group.as_str(), alarm.measure) == ("sexo", "Feminino", measure)
}

#[test]
fn nothing_to_find_raises_an_alarm_in_at_most_5_of_100_seeds() {
    let found = alarms(20_000, 0..200, (0.0, 0.0), |_| true);
    assert!(found <= 10, "{found} of 200");
}

#[test]
fn biased_outcomes_are_found() {
    // Found in 9 of 10 seeds; the ratio itself is below four fifths in 93 of
    // 100 only, for .7 has a standard error of .07.
    let found = alarms(54_000, 0..30, (0.3, 0.0), |alarm| of_women(alarm, Measure::Outcome));
    assert!(found >= 25, "{found} of 30");
    let strong = alarms(54_000, 0..10, (0.5, 0.0), |alarm| of_women(alarm, Measure::Outcome));
    assert_eq!(strong, 10);
}

#[test]
fn a_biased_model_is_found() {
    let found = alarms(54_000, 0..10, (0.0, 0.6), |alarm| of_women(alarm, Measure::Selection));
    assert!(found >= 9, "{found} of 10");
}
