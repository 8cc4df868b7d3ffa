//! Models that tell the people of two versions apart, by their texts and by their embeddings.
//!
//! One row a person, never the joined table, where a person with many applications would count many
//! times. A person is fitted on or judged on in both versions alike, by the first byte of the
//! SHA-256 of the id, so that nobody is known from the other side.

use arrow_array::RecordBatch;
use rayon::prelude::*;
use sha2::{Digest, Sha256};

use crate::{
    Error,
    columns::cut,
    config::Config,
    observed::Observed,
    report::{Absence, Classifier, ClassifierTerm, Measure, MeasureName, Part},
    stats::{
        classifier::{Model, ModelTerm, ScoreScratch},
        measures::{Observation, Significance},
        separation::Separation,
    },
    summary::TermDocuments,
    table::{Cells, VersionTable},
};

/// Rows of a batch: of CVs, half a megabyte.
const BATCH_ROWS: usize = 128;

/// Terms that are told.
const TOLD: usize = 20;

/// A text classifier, all but the judgement.
pub(crate) struct Told {
    separation: Separation,
    rows: (u64, u64),
    terms: Vec<ClassifierTerm>,
}

impl Told {
    /// With its judgement.
    pub(crate) fn judged(self, measure: Measure) -> Classifier {
        let Self { separation, rows: (rows_before, rows_after), terms } = self;
        Classifier {
            auc: separation.auc,
            auc_low: separation.low,
            auc_high: separation.high,
            rows_before,
            rows_after,
            measure,
            terms,
        }
    }
}

/// How well two versions are told apart, as an observation.
pub(crate) fn observed(separation: &Separation, config: &Config) -> Observed {
    let observation = Observation {
        name: MeasureName::Separability,
        value: separation.size(),
        significance: Significance::P(separation.p),
        before: separation.before,
        after: separation.after,
    };
    Observed::of(observation, &config.bounds)
}

/// Whether a record is one that a model is fitted on; else it is judged on it.
pub(crate) fn is_fitted(id: &str) -> bool {
    Sha256::digest(id)[0] < 128
}

/// Tells the people of two versions apart by `columns`, texts that both have.
pub(crate) fn texts(
    (before, after): (&VersionTable, &VersionTable),
    columns: &[&str],
    named: &dyn Fn(&str) -> bool,
    config: &Config,
) -> Result<Part<(Observed, Told)>, Error> {
    let (n, x) = count(before, columns)?;
    let (m, y) = count(after, columns)?;
    let model = Model::fit(TermDocuments::beside(&x, &y, config.min_support), n, m);
    drop((x, y));
    let (mut old, mut new) = (score(before, columns, &model)?, score(after, columns, &model)?);
    let Some(separation) = Separation::of(&mut old, &mut new) else {
        return Ok(Part::Absent(Absence::TooFew));
    };
    let told = |term: &ModelTerm| ClassifierTerm {
        term: cut(&term.term),
        weight: term.weight,
        before: term.before,
        after: term.after,
    };
    let tells = |term: &&ModelTerm| term.information() > 0.0 && named(&term.term);
    let terms = model.told().into_iter().filter(tells).take(TOLD).map(told).collect();
    let rows = (n + separation.before, m + separation.after);
    Ok(Part::Present((observed(&separation, config), Told { separation, rows, terms })))
}

/// How many texts the model is fitted on, and how many of them have each term.
fn count(table: &VersionTable, columns: &[&str]) -> Result<(u64, TermDocuments), Error> {
    let batches = table.read(|name| name == KEY || columns.contains(&name), BATCH_ROWS)?;
    batches
        .par_bridge()
        .try_fold(
            || (0, TermDocuments::default()),
            |(mut texts, mut terms), batch| {
                let mut buffer = String::new();
                each(&batch?, columns, true, |text| {
                    texts += 1;
                    terms.add(text, &mut buffer);
                });
                Ok::<_, Error>((texts, terms))
            },
        )
        .try_reduce(
            || (0, TermDocuments::default()),
            |(a, mut x), (b, y)| {
                x.merge(y);
                Ok((a + b, x))
            },
        )
}

/// The scores of the texts that the model is judged on, in any order.
fn score(table: &VersionTable, columns: &[&str], model: &Model) -> Result<Vec<f64>, Error> {
    let batches = table.read(|name| name == KEY || columns.contains(&name), BATCH_ROWS)?;
    batches
        .par_bridge()
        .try_fold(
            || (Vec::new(), ScoreScratch::default()),
            |(mut scores, mut scratch), batch| {
                each(&batch?, columns, false, |text| scores.push(model.score(text, &mut scratch)));
                Ok::<_, Error>((scores, scratch))
            },
        )
        .map(|part| part.map(|(scores, _)| scores))
        .try_reduce(Vec::new, |mut a, b| {
            a.extend(b);
            Ok(a)
        })
}

const KEY: &str = "codigo";

/// Hands the texts of the people of one half to `of`; a person without any text has none.
fn each(batch: &RecordBatch, columns: &[&str], fitted: bool, mut of: impl FnMut(&str)) {
    let key = batch.column_by_name(KEY).map(Cells::of);
    let cells: Vec<Cells<'_>> =
        columns.iter().filter_map(|name| batch.column_by_name(name)).map(Cells::of).collect();
    let mut text = String::new();
    for row in 0..batch.num_rows() {
        text.clear();
        for word in cells.iter().filter_map(|cells| cells.word(row)) {
            text.push_str(word);
            text.push('\n');
        }
        // In a table without ids the text itself stands for the person.
        let id = key.as_ref().and_then(|key| key.word(row));
        if !text.is_empty() && is_fitted(id.unwrap_or(&text)) == fitted {
            of(&text);
        }
    }
}
