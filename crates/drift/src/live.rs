//! The live match model on today's applications: whether as many matched as it expected, and how its
//! scores stand beside those that it was judged on.
//!
//! Like with like: the scores of people that it was trained on would look better than they are, so
//! they are left out throughout; applications whose outcome the label rule does not count yet are
//! left out of today's scores, as they are of those that it was judged on.

use hashbrown::HashMap;
use schema::calendar;
use stage::Inputs;
use statrs::distribution::{Binomial, DiscreteCDF};
use versioning::Committed;

use crate::{
    Error,
    applications::{Applications, KEYS},
    cohorts::{self, LabelRate, Outcomes, Quarter},
    config::Config,
    distribution::shares,
    observed::{self, Observed},
    report::{Absence, Calibration, Histogram, LiveScores, Measure, MeasureName, Part},
    stats::{
        ks::Sample,
        measures::{self, Observation, Significance},
    },
    table::{Cells, VersionTable},
};

/// The input that is the embeddings made from the current features.
pub(crate) const RECOMMEND: &str = "recommend";

/// The input that is the version of the match model made from the current features.
pub(crate) const MATCHING: &str = "matching";
/// The input that is the version which was live then.
pub(crate) const LIVE_MODEL: &str = "live_model";

const LIVE_SCORES: &str = "live_scores";
const PREDICTIONS: &str = "predictions";
const PROBABILITY: &str = "probability";
/// Whether the label rule of today's model keeps the application. Earlier releases did not say.
const MATURE: &str = "mature";
const BATCH_ROWS: usize = 1 << 14;

/// Scores on a side below which nothing is said.
const FEWEST: usize = 20;

/// The judgement of the live model, on a day up to which outcomes are as old as they are.
pub(crate) fn live_scores(
    inputs: &Inputs,
    applications: &Applications,
    as_of: Option<i32>,
    config: &Config,
) -> Result<Part<LiveScores>, stage::Error> {
    if !inputs.has(MATCHING) {
        return Ok(Part::Absent(Absence::NotMade));
    }
    let today = inputs.version(MATCHING)?;
    let file = format!("{LIVE_SCORES}.parquet");
    if !inputs.has(LIVE_MODEL) || today.manifest().output(&file).is_none() {
        return Ok(Part::Absent(Absence::NothingLive));
    }
    let live = inputs.version(LIVE_MODEL)?;
    let before = ascending(&scored(&open(live, PREDICTIONS)?, "part", "test")?);
    let unseen = scored(&open(today, LIVE_SCORES)?, "unseen", "true")?;
    let after = ascending(unseen.iter().filter(|scored| scored.mature));
    if before.len().min(after.len()) < FEWEST {
        return Ok(Part::Absent(Absence::TooFew));
    }
    let expected = as_of.and_then(|as_of| Expected::of(&unseen, applications, as_of));
    let found = measures::values(Sample::new(&before, 0), Sample::new(&after, 0));
    let found = found.into_iter().map(|observation| Observed::of(observation, &config.bounds));
    let calibration = expected.as_ref().map(|expected| expected.observed(config));
    let all: Vec<Observed> = calibration.into_iter().chain(found).collect();
    let mut measures = observed::judge(&all, config.level).into_iter();
    let calibration =
        expected.and_then(|expected| measures.next().map(|measure| expected.judged(measure)));
    let edges: Vec<f64> = (0..=10).map(|tenth| f64::from(tenth) / 10.0).collect();
    let trained_on = live.manifest().inputs.iter().find(|input| input.name == "features");
    let trained_on = trained_on.and_then(|input| input.version);
    Ok(Part::Present(LiveScores {
        model: live.version().to_string(),
        trained_on: trained_on.map(|v| v.to_string()).unwrap_or_default(),
        calibration,
        rows_before: before.len() as u64,
        rows_after: after.len() as u64,
        mean_before: mean(&before),
        mean_after: mean(&after),
        measures: measures.collect(),
        histogram: Histogram {
            before: shares(&before, &edges),
            after: shares(&after, &edges),
            edges,
        },
    }))
}

/// What the model expected of the last mature quarter, and what came.
struct Expected {
    quarter: Quarter,
    share: f64,
    outcomes: Outcomes,
    rate: LabelRate,
}

impl Expected {
    /// None where there are too few applications, or no match was expected.
    #[allow(clippy::disallowed_types, reason = "hashbrown's; its order reaches no output")]
    fn of(scored: &[Scored], applications: &Applications, as_of: i32) -> Option<Self> {
        let quarter = Quarter::last_mature(as_of)?;
        let of_quarter = applications.rows.iter().filter(|a| a.day.is_some_and(|d| quarter.has(d)));
        let ended: HashMap<(u32, u32), bool> =
            of_quarter.filter_map(|a| Some(((a.person, a.job), a.positive?))).collect();
        let (mut scores, mut outcomes) = (Vec::new(), Outcomes::new());
        for Scored { person, job, probability, .. } in scored {
            let pair = applications.people.find(person).zip(applications.jobs.find(job));
            if let Some((pair, &positive)) = pair.and_then(|pair| Some((pair, ended.get(&pair)?))) {
                scores.push(*probability);
                outcomes.push((pair.1, positive));
            }
        }
        scores.sort_unstable_by(f64::total_cmp);
        let share = mean(&scores);
        let enough = outcomes.len() >= cohorts::FEWEST && share > 0.0;
        enough.then_some(Self { quarter, share, rate: cohorts::rate(&outcomes)?, outcomes })
    }

    /// The difference, in the size of what was expected. Its chance is that of as many matches or as
    /// few among rows that each match with the mean score (so more than where scores differ), as many
    /// rows as independent ones would tell as much.
    fn observed(&self, config: &Config) -> Observed {
        let rows = self.outcomes.len() as u64;
        let few = cohorts::effective(
            cohorts::share(&self.outcomes),
            cohorts::design_effect(&[&self.outcomes]),
        );
        let tails = Binomial::new(self.share.min(1.0), few.rows).ok().map(|law| {
            let above = few.hits.checked_sub(1).map_or(1.0, |hits| law.sf(hits));
            2.0 * law.cdf(few.hits).min(above)
        });
        let observation = Observation {
            name: MeasureName::RelativeChange,
            value: (self.rate.value - self.share).abs() / self.share,
            significance: Significance::P(tails.unwrap_or(1.0).min(1.0)),
            before: rows,
            after: rows,
        };
        Observed { observation, bound: config.bounds.label.into() }
    }

    fn judged(self, measure: Measure) -> Calibration {
        Calibration {
            from: calendar::iso(self.quarter.from),
            to: calendar::iso(self.quarter.to),
            rows: self.outcomes.len() as u64,
            expected: self.share,
            observed: self.rate.value,
            low: self.rate.low,
            high: self.rate.high,
            measure,
        }
    }
}

fn open(version: &Committed, table: &str) -> Result<VersionTable, stage::Error> {
    let blob = version.open(&format!("{table}.parquet"))?;
    Ok(VersionTable::open(table, &format!("matching {}", version.version()), blob)?)
}

/// An application and its score.
struct Scored {
    person: Box<str>,
    job: Box<str>,
    probability: f64,
    /// Whether the label rule keeps it; true where the file does not say.
    mature: bool,
}

/// The scored rows whose column `of` is `wanted`.
fn scored(table: &VersionTable, of: &str, wanted: &str) -> Result<Vec<Scored>, Error> {
    for column in [of, PROBABILITY] {
        if table.data_type(column).is_none() {
            return Err(table.unfit(format!("it has no column `{column}`")));
        }
    }
    let columns = [KEYS[0], KEYS[1], of, PROBABILITY, MATURE];
    let mut found = Vec::new();
    for batch in table.read(|name| columns.contains(&name), BATCH_ROWS)? {
        let batch = batch?;
        let cells = columns.map(|name| batch.column_by_name(name).map(Cells::of));
        let word = |at: usize, row: usize| cells[at].as_ref().and_then(|cells| cells.word(row));
        for row in (0..batch.num_rows()).filter(|&row| word(2, row) == Some(wanted)) {
            let Some(probability) = cells[3].as_ref().and_then(|cells| cells.number(row)) else {
                continue;
            };
            found.push(Scored {
                person: word(0, row).unwrap_or_default().into(),
                job: word(1, row).unwrap_or_default().into(),
                probability,
                mature: word(4, row) != Some("false"),
            });
        }
    }
    Ok(found)
}

fn ascending<'a>(scored: impl IntoIterator<Item = &'a Scored>) -> Vec<f64> {
    let mut scores: Vec<f64> = scored.into_iter().map(|scored| scored.probability).collect();
    scores.sort_unstable_by(f64::total_cmp);
    scores
}

/// Summed in ascending order, so that it is the same whatever the order of rows.
fn mean(ascending: &[f64]) -> f64 {
    ascending.iter().sum::<f64>() / ascending.len() as f64
}
