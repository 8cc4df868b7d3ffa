//! How the live match model scores today's applications beside those that it was judged on.
//!
//! Like with like: the scores of people that it was trained on would look better than they are, so
//! they are left out on both sides.

use stage::Inputs;
use versioning::Committed;

use crate::{
    Error,
    config::Config,
    distribution::shares,
    observed::{self, Observed},
    report::{Absence, Histogram, LiveScores, Part},
    stats::{ks::Sample, measures},
    table::{Cells, Table},
};

/// The input that is the version of the match model made from the current features.
pub(crate) const MATCHING: &str = "matching";
/// The input that is the version which was live then.
pub(crate) const LIVE_MODEL: &str = "live_model";

const LIVE_SCORES: &str = "live_scores";
const PREDICTIONS: &str = "predictions";
const BATCH_ROWS: usize = 1 << 14;

/// Scores on a side below which nothing is said.
const FEWEST: usize = 20;

/// The comparison of the scores, judged.
///
/// # Errors
/// What the store says; [`Error::Parquet`] and [`Error::Unfit`].
pub(crate) fn live_scores(
    inputs: &Inputs,
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
    let is_test = |cells: &Cells<'_>, row: usize| cells.word(row) == Some("test");
    let before = scores(&open(live, PREDICTIONS)?, "part", is_test)?;
    let is_unseen = |cells: &Cells<'_>, row: usize| cells.word(row) == Some("true");
    let after = scores(&open(today, LIVE_SCORES)?, "unseen", is_unseen)?;
    if before.len().min(after.len()) < FEWEST {
        return Ok(Part::Absent(Absence::TooFew));
    }
    let found = measures::values(Sample::new(&before, 0), Sample::new(&after, 0));
    let of = |observation| Observed::of(observation, &config.bounds);
    let measures = observed::judge(&found.into_iter().map(of).collect::<Vec<_>>(), config.level);
    let edges: Vec<f64> = (0..=10).map(|tenth| f64::from(tenth) / 10.0).collect();
    let trained_on = live.manifest().inputs.iter().find(|input| input.name == "features");
    let trained_on = trained_on.and_then(|input| input.version);
    Ok(Part::Present(LiveScores {
        model: live.version().to_string(),
        trained_on: trained_on.map(|v| v.to_string()).unwrap_or_default(),
        rows_before: before.len() as u64,
        rows_after: after.len() as u64,
        mean_before: mean(&before),
        mean_after: mean(&after),
        measures,
        histogram: Histogram {
            before: shares(&before, &edges),
            after: shares(&after, &edges),
            edges,
        },
    }))
}

fn open(version: &Committed, table: &str) -> Result<Table, stage::Error> {
    let blob = version.open(&format!("{table}.parquet"))?;
    Ok(Table::open(table, &format!("matching {}", version.version()), blob)?)
}

/// The probabilities of the rows whose column `of` is so, ascending.
fn scores(
    table: &Table,
    of: &str,
    wanted: impl Fn(&Cells<'_>, usize) -> bool,
) -> Result<Vec<f64>, Error> {
    const PROBABILITY: &str = "probability";
    for column in [of, PROBABILITY] {
        if table.data_type(column).is_none() {
            return Err(table.unfit(format!("it has no column `{column}`")));
        }
    }
    let mut scores = Vec::new();
    for batch in table.read(|name| name == of || name == PROBABILITY, BATCH_ROWS)? {
        let batch = batch?;
        let [of, probability] = [of, PROBABILITY].map(|name| batch.column_by_name(name));
        if let (Some(of), Some(probability)) = (of, probability) {
            let (of, probability) = (Cells::of(of), Cells::of(probability));
            let rows = (0..batch.num_rows()).filter(|&row| wanted(&of, row));
            scores.extend(rows.filter_map(|row| probability.number(row)));
        }
    }
    scores.sort_unstable_by(f64::total_cmp);
    Ok(scores)
}

/// Summed in ascending order, so that it is the same whatever the order of rows.
#[expect(clippy::cast_precision_loss, reason = "a number of rows")]
fn mean(ascending: &[f64]) -> f64 {
    ascending.iter().sum::<f64>() / ascending.len() as f64
}
