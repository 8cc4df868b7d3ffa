//! How well each feature ranks the applications by itself.
//!
//! A feature is one column of the feature store, or one relation. Its AUC is the highest of
//! - that of each of its columns of the matrix, folded (`max(a, 1 − a)`), a missing value below all
//!   others or above all others, whichever is higher;
//! - that of all its columns together, for a leak may be spread over many categories or words: the
//!   sum of the log-odds of those that are set (naive Bayes; for a one-hot column this is the rate
//!   of matches of the category). The log-odds that a record is ranked by are counted on the other
//!   records, by folds of people (of jobs, where the column is the job's), so that a rare
//!   category says nothing of its own outcome. They are drawn towards the overall rate. This AUC is
//!   not folded: where each job has one match, say, those of the *other* applications rank the wrong
//!   way round, which nobody could use.
//!
//! The default bound is 0.8. On the source's data `ultima_atualizacao − data_candidatura` gives a
//! model 0.87 where the same model has 0.70 without it; generated data have that leak too, of 0.868
//! by itself. A leak under the bound passes: the bound is against what would make all figures
//! worthless.
//!
//! A relation is never refused. It is made of columns that are judged here themselves, by code that
//! reads no outcome, so strength is not a sign of a leak: on a legitimate day one had 0.847. Above the
//! bound it is reported, as is a column that is accepted by name.
//!
//! An AUC of few matches is noise, so a column is refused only when it exceeds the bound by three
//! standard errors, those of a column whose true AUC is the bound; applications of one person (of one
//! job) are alike and count once. With fewer than 17 matched records nothing is refused at the default.

use boost::{Csr, metrics};
use rayon::prelude::*;
use serde::Serialize;
use stats::{Groups, exact::auc_standard_error};

use crate::{
    Error,
    columns::Side,
    dataset::Application,
    encode::Block,
    fit::Part,
    leak::bounds::{LeakBounds, STANDARD_ERRORS},
    preprocessor::Preprocessor,
    relations::Relation,
};

/// Folds of records that a feature as a whole is judged over.
const FOLDS: usize = 5;

/// Rows of the overall rate that are added to those of a category or word.
const PRIOR_ROWS: f64 = 5.0;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Single {
    /// A column of the feature store, or a relation (`relation=…`).
    pub column: String,
    pub auc: f64,
}

/// How well columns and relations rank by themselves.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Strongest {
    /// The one with the highest AUC; none where a class is missing.
    pub highest: Option<Single>,
    /// Those above the bound for sure that are let pass, the highest first.
    pub above_bound: Vec<Single>,
}

pub fn check(
    train: &Part,
    preprocessor: &Preprocessor,
    bounds: &LeakBounds,
) -> Result<Strongest, Error> {
    let positives = train.positives();
    if positives == 0 || positives == train.labels.len() {
        return Ok(Strongest::default());
    }
    let bound = bounds.single_auc;
    let mut found = features(train, preprocessor);
    // The worst is named first: of what leaks, the whole often shows in several columns.
    found.sort_by(|a, b| b.single.auc.total_cmp(&a.single.auc));
    let limits = [Side::People, Side::Jobs].map(|side| bound + margin(train, side, bound));
    let is_above =
        |feature: &&Feature| feature.single.auc > limits[usize::from(feature.side == Side::Jobs)];
    let is_let_pass =
        |feature: &Feature| feature.is_relation || bounds.accepts(&feature.single.column);
    if let Some(Feature { single, .. }) =
        found.iter().filter(is_above).find(|feature| !is_let_pass(feature))
    {
        return Err(Error::Leak { column: single.column.clone(), auc: single.auc, bound });
    }
    Ok(Strongest {
        highest: found.first().map(|feature| feature.single.clone()),
        above_bound: found.iter().filter(is_above).map(|f| f.single.clone()).collect(),
    })
}

/// What an AUC may exceed the bound by for want of records.
fn margin(train: &Part, side: Side, bound: f64) -> f64 {
    let records = |label: bool| {
        let labels = train.labels.iter();
        let of = train.applications.iter().zip(labels).filter(|&(_, &l)| l == label);
        let records: Vec<u32> = of.map(|(application, _)| record(application, side)).collect();
        Groups::new(&records).count() as f64
    };
    STANDARD_ERRORS * auc_standard_error(bound, records(true), records(false))
}

fn record(application: &Application, side: Side) -> u32 {
    match side {
        Side::People => application.person_group,
        Side::Jobs => application.job_group,
    }
}

/// Multiplied by a number without pattern (2³² over the golden ratio): what is numbered in turn with
/// the records must not fall together with the folds.
fn fold_of(record: u32) -> usize {
    (record.wrapping_mul(0x9e37_79b9) >> 16) as usize % FOLDS
}

struct Feature {
    single: Single,
    /// The side whose records it is the same for.
    side: Side,
    is_relation: bool,
}

fn features(train: &Part, preprocessor: &Preprocessor) -> Vec<Feature> {
    let columns = of_columns(&train.rows, &train.labels);
    let mut first = 0;
    let blocks: Vec<(&Block, std::ops::Range<usize>)> = preprocessor
        .blocks()
        .iter()
        .map(|block| {
            let range = first..first + block.width();
            first = range.end;
            (block, range)
        })
        .collect();
    let relations = columns[first..].iter().zip(Relation::ALL).map(|(&auc, relation)| Feature {
        single: Single { column: relation.name().to_owned(), auc },
        side: Side::People,
        is_relation: true,
    });
    let of_block = |(block, range): &(&Block, std::ops::Range<usize>)| {
        let together = of_block(train, block.side(), range);
        let auc = columns[range.clone()].iter().copied().fold(together, f64::max);
        let single = Single { column: block.column().to_owned(), auc };
        Feature { single, side: block.side(), is_relation: false }
    };
    let blocks: Vec<_> = blocks.par_iter().map(of_block).collect();
    blocks.into_iter().chain(relations).collect()
}

fn of_columns(rows: &Csr, labels: &[bool]) -> Vec<f64> {
    // Each entry is its value, in an order of integers, and its label.
    let mut columns = vec![Vec::new(); rows.columns()];
    for (row, &label) in labels.iter().enumerate() {
        let (of_row, values) = rows.row(row);
        for (&column, &value) in of_row.iter().zip(values) {
            columns[column as usize].push(u64::from(ascending(value)) << 1 | u64::from(label));
        }
    }
    let positives = labels.iter().filter(|&&label| label).count() as u64;
    let negatives = labels.len() as u64 - positives;
    columns.into_par_iter().map(|column| folded(column, positives, negatives)).collect()
}

/// A number that is greater where the value is; both zeros are the same.
fn ascending(value: f32) -> u32 {
    let bits = (value + 0.0).to_bits();
    if bits >> 31 == 1 { !bits } else { bits | 1 << 31 }
}

/// The folded AUC of a column's entries; the rest of all `positives` and `negatives` is missing.
fn folded(mut entries: Vec<u64>, positives: u64, negatives: u64) -> f64 {
    entries.sort_unstable();
    let (mut p, mut n) = (0, 0);
    // Twice the pairs of a positive above a negative, an equal pair counting half.
    let mut pairs = 0_u128;
    for run in entries.chunk_by(|a, b| a >> 1 == b >> 1) {
        let of_run = run.iter().map(|entry| entry & 1).sum::<u64>();
        let others = run.len() as u64 - of_run;
        pairs += u128::from(of_run) * u128::from(2 * n + others);
        p += of_run;
        n += others;
    }
    let (p_missing, n_missing) = (positives - p, negatives - n);
    let product = |a: u64, b: u64| u128::from(a) * u128::from(b);
    let tied = product(p_missing, n_missing);
    let all = 2.0 * product(positives, negatives) as f64;
    let below = (pairs + 2 * product(p, n_missing) + tied) as f64 / all;
    let above = (pairs + 2 * product(p_missing, n) + tied) as f64 / all;
    [below, above].into_iter().map(|auc| auc.max(1.0 - auc)).fold(0.5, f64::max)
}

/// The AUC of all columns of a block together.
fn of_block(train: &Part, side: Side, range: &std::ops::Range<usize>) -> f64 {
    let fold = |row: usize| fold_of(record(&train.applications[row], side));
    // Rows of both classes of each fold, and those that have each column.
    let mut rows = [[0_u32; 2]; FOLDS];
    let mut with = vec![[[0_u32; 2]; FOLDS]; range.len()];
    let set = |row: usize| {
        let columns = train.rows.row(row).0;
        let place = |column: usize| columns.partition_point(|&c| (c as usize) < column);
        columns[place(range.start)..place(range.end)].iter().map(|&c| c as usize - range.start)
    };
    for (row, &label) in train.labels.iter().enumerate() {
        let (fold, class) = (fold(row), usize::from(label));
        rows[fold][class] += 1;
        set(row).for_each(|column| with[column][fold][class] += 1);
    }
    let outside = |counts: &[[u32; 2]; FOLDS], fold: usize| {
        let of = |class: usize| {
            f64::from(counts.iter().map(|fold| fold[class]).sum::<u32>() - counts[fold][class])
        };
        [of(0), of(1)]
    };
    let prior: [f64; FOLDS] = std::array::from_fn(|fold| {
        let [negatives, positives] = outside(&rows, fold);
        positives / (positives + negatives)
    });
    // Where the others have one class, there is nothing to judge by.
    if prior.iter().any(|&rate| !(rate > 0.0 && rate < 1.0)) {
        return 0.5;
    }
    let weights: Vec<[f32; FOLDS]> = with
        .iter()
        .map(|counts| {
            std::array::from_fn(|fold| {
                let ([n, p], rate) = (outside(counts, fold), prior[fold]);
                // Said outright, for rounding would rank the folds.
                if n + p == 0.0 {
                    return 0.0;
                }
                let odds = (p + PRIOR_ROWS * rate) / (n + PRIOR_ROWS * (1.0 - rate));
                (libm::log(odds) - libm::log(rate / (1.0 - rate))) as f32
            })
        })
        .collect();
    let score = |row: usize| set(row).map(|column| weights[column][fold(row)]).sum();
    let scores: Vec<f32> = (0..train.labels.len()).map(score).collect();
    metrics::auc(&scores, &train.labels)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_column_is_ranked_as_the_metric_ranks_it(
            rows in proptest::collection::vec((proptest::option::of(-3_i8..4), any::<bool>()), 2..60)
        ) {
            let labels: Vec<bool> = rows.iter().map(|row| row.1).collect();
            prop_assume!(labels.contains(&true) && labels.contains(&false));
            let (mut indptr, mut values) = (vec![0], Vec::new());
            for (value, _) in &rows {
                values.extend(value.map(f32::from));
                indptr.push(values.len());
            }
            let csr = Csr::new(indptr, vec![0; values.len()], values, 1).unwrap();
            let with = |missing: f32| {
                let full: Vec<f32> =
                    rows.iter().map(|row| row.0.map_or(missing, f32::from)).collect();
                let auc = metrics::auc(&full, &labels);
                auc.max(1.0 - auc)
            };
            let expected = with(-9.0).max(with(9.0));
            prop_assert!((of_columns(&csr, &labels)[0] - expected).abs() < 1e-12);
        }
    }

    /// Rows with one of many categories each; the category of row `i` is `category(i)`.
    fn part(rows: usize, category: impl Fn(usize) -> u32, label: impl Fn(usize) -> bool) -> Part {
        let indices: Vec<u32> = (0..rows).map(category).collect();
        let columns = *indices.iter().max().unwrap() as usize + 1;
        let labels: Vec<bool> = (0..rows).map(label).collect();
        let application = |(i, &positive): (usize, &bool)| Application {
            person: i as u32,
            job: i as u32 / 10,
            person_group: i as u32,
            job_group: i as u32 / 10,
            positive,
            outcome: schema::statuses::Outcome::Negative,
            day: None,
        };
        let applications = labels.iter().enumerate().map(application).collect();
        Part::new(
            applications,
            Csr::new((0..=rows).collect(), indices, vec![1.0; rows], columns).unwrap(),
        )
    }

    #[test]
    fn a_category_for_each_record_says_nothing() {
        let part = part(1_000, |i| i as u32, |i| i % 7 == 0);
        assert!((of_block(&part, Side::People, &(0..1_000)) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn one_match_a_job_is_no_leak_of_the_job() {
        let part = part(1_000, |i| i as u32 / 10, |i| i % 10 == i / 10 % 10);
        // By candidates, the other nine of a job give the tenth away, the wrong way round.
        assert!(of_block(&part, Side::People, &(0..100)) < 0.2);
        assert!((of_block(&part, Side::Jobs, &(0..100)) - 0.5).abs() < 1e-12);
    }

    #[test]
    fn a_leak_over_many_categories_is_found_in_the_whole_alone() {
        // Of 100 categories every other one is that of matches.
        let part = part(5_000, |i| (i % 100) as u32, |i| i % 2 == 0);
        let columns = of_columns(&part.rows, &part.labels);
        assert!(columns.iter().all(|&auc| auc < 0.52));
        assert!((of_block(&part, Side::People, &(0..100)) - 1.0).abs() < 1e-12);
    }
}
