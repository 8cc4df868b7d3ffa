//! How well the inputs of a model give an attribute away that is none of them.
//!
//! Leaving an attribute out does not keep a model from it where its inputs stand in for it. So each
//! group of an attribute is predicted from the inputs, against the other groups that are known, by a
//! small boosted model; half of the candidates train it, the other half judge it. An area under the
//! ROC curve of .5 says that the inputs tell nothing, 1 that they tell all. It is a figure and no
//! alarm: inputs may know an attribute and the scores not use it, which is what the rates show.

use std::cmp::Reverse;
use std::ops::ControlFlow;

use boost::{Csr, Importance, Params};
use serde::{Deserialize, Serialize};
use stats::{Estimate, Groups, mix};

use super::{
    attribute::Attribute,
    settings::{FEWEST_CANDIDATES, LEAST_SHARE},
};
use crate::{
    Error,
    baseline::by_gain,
    judge::{Judged, figures},
};

/// Groups that are predicted, at most: those of most rows.
const MOST_GROUPS: usize = 4;

const MOST_COLUMNS: usize = 5;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProxySettings {
    /// Rows that are used, at most: candidates are taken at random, each with all rows.
    pub most_rows: usize,
    /// Resamples of the candidates; with none there are no intervals.
    pub replicates: usize,
    /// Of the candidates taken and of the resamples.
    pub seed: u64,
}

impl Default for ProxySettings {
    /// 10,000 rows, 200 resamples.
    fn default() -> Self {
        Self { most_rows: 10_000, replicates: 200, seed: 0 }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proxy {
    pub attribute: String,
    pub rows_train: usize,
    pub rows_test: usize,
    /// The groups, those of most rows first, at most four. Of two groups the second is left out: it
    /// is the first one mirrored. Empty where fewer than two groups have enough candidates.
    pub groups: Vec<GroupProxy>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GroupProxy {
    pub group: String,
    /// Area under the ROC curve on the half of the candidates that the model has not seen.
    pub auc: Estimate,
    /// The columns that tell most, at most five.
    pub columns: Vec<Gain>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    pub column: String,
    /// Its part of the gain of all splits.
    pub share: f64,
}

/// Tests how well `rows`, the inputs of a model, give `attribute` away; `columns` names theirs.
pub fn proxy(
    rows: &Csr,
    columns: &[String],
    people: &[u32],
    attribute: &Attribute,
    settings: &ProxySettings,
) -> Result<Proxy, Error> {
    assert!(
        rows.rows() == people.len() && people.len() == attribute.of_rows().len(),
        "one candidate and group a row"
    );
    let [train, test] = halves(people, attribute, settings);
    let group_of = |half: &[usize]| -> Vec<Option<u32>> {
        half.iter().map(|&row| attribute.of_rows()[row]).collect()
    };
    let (of_train, of_test) = (group_of(&train), group_of(&test));
    let (x_train, x_test) = (rows.select(&train), rows.select(&test));
    let of_person = Groups::new(&test.iter().map(|&row| people[row]).collect::<Vec<_>>());
    let params = Params {
        n_estimators: 30,
        max_depth: 3,
        learning_rate: 0.2,
        min_child_weight: 5.0,
        max_bin: 16,
        seed: settings.seed,
        ..Params::default()
    }
    .check()?;
    let mut groups = Vec::new();
    for group in largest(people, attribute, [&train, &test]) {
        let is = |of: &[Option<u32>]| of.iter().map(|&g| g == Some(group)).collect::<Vec<bool>>();
        let (y_train, y_test) = (is(&of_train), is(&of_test));
        let both = |labels: &[bool]| labels.contains(&true) && labels.contains(&false);
        if !both(&y_train) || !both(&y_test) {
            continue;
        }
        let model = boost::train(boost::Dataset::new(&x_train, &y_train)?, None, &params, &|_| {
            ControlFlow::Continue(())
        })?;
        let judged = Judged {
            probabilities: &model.predict(&x_test)?,
            labels: &y_test,
            people: &of_person,
            // Who stands beside whom for a job does not matter here.
            jobs: &of_person,
        };
        groups.push(GroupProxy {
            group: attribute.groups()[group as usize].clone(),
            auc: figures(&judged, settings.replicates, settings.seed).roc_auc,
            columns: told(&model.importance(Importance::TotalGain), columns),
        });
    }
    Ok(Proxy {
        attribute: attribute.name().to_owned(),
        rows_train: train.len(),
        rows_test: test.len(),
        groups,
    })
}

/// The rows of known group of two halves of the candidates, ascending.
fn halves(people: &[u32], attribute: &Attribute, settings: &ProxySettings) -> [Vec<usize>; 2] {
    let key = mix(mix(settings.seed) ^ 0x70_72_6f_78_79);
    let mut known: Vec<(u64, u32, usize)> = attribute
        .of_rows()
        .iter()
        .enumerate()
        .filter(|(_, group)| group.is_some())
        .map(|(row, _)| (mix(key ^ u64::from(people[row])), people[row], row))
        .collect();
    known.sort_unstable();
    let mut halves = [Vec::new(), Vec::new()];
    let mut taken = 0;
    for (number, rows) in known.chunk_by(|a, b| a.1 == b.1).enumerate() {
        taken += rows.len();
        if taken > settings.most_rows {
            break;
        }
        halves[number % 2].extend(rows.iter().map(|&(.., row)| row));
    }
    halves.iter_mut().for_each(|half| half.sort_unstable());
    halves
}

/// The groups that have enough candidates, those of most rows first; one of two.
fn largest(people: &[u32], attribute: &Attribute, halves: [&[usize]; 2]) -> Vec<u32> {
    let mut of_group = vec![(0_usize, Vec::new()); attribute.groups().len()];
    for &row in halves.into_iter().flatten() {
        if let Some(group) = attribute.of_rows()[row] {
            let (rows, candidates) = &mut of_group[group as usize];
            *rows += 1;
            candidates.push(people[row]);
        }
    }
    let known: usize = of_group.iter().map(|(rows, _)| rows).sum();
    let mut enough: Vec<(Reverse<usize>, u32)> = Vec::new();
    for (group, (rows, candidates)) in (0..).zip(of_group) {
        if Groups::new(&candidates).count() >= FEWEST_CANDIDATES
            && rows as f64 >= LEAST_SHARE * known as f64
        {
            enough.push((Reverse(rows), group));
        }
    }
    enough.sort_unstable();
    let most = match enough.len() {
        0 | 1 => 0,
        2 => 1,
        _ => MOST_GROUPS,
    };
    enough.into_iter().take(most).map(|(_, group)| group).collect()
}

fn told(gains: &[f64], names: &[String]) -> Vec<Gain> {
    let total: f64 = gains.iter().sum();
    by_gain(gains)
        .into_iter()
        .take(MOST_COLUMNS)
        .map(|column| Gain {
            column: names.get(column).cloned().unwrap_or_else(|| format!("column {column}")),
            share: gains[column] / total,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns: group a is `leak`, in three of four rows; two others are noise.
    fn rows(count: u32) -> (Csr, Vec<u32>, Attribute) {
        let random = |row: u32, column: u64| mix(column << 32 | u64::from(row));
        let (mut indptr, mut indices) = (vec![0], Vec::new());
        let mut values = Vec::new();
        for row in 0..count {
            // Two rows a candidate.
            let a = random(row / 2, 9).is_multiple_of(3);
            let right = !random(row, 8).is_multiple_of(4);
            let has = [random(row, 0).is_multiple_of(2), a == right, random(row, 1) % 5 < 2];
            indices.extend((0..3_u32).filter(|&column| has[column as usize]));
            indptr.push(indices.len());
            let known = !random(row / 2, 7).is_multiple_of(5);
            values.push(known.then_some(if a { "a" } else { "b" }));
        }
        let stored = indices.len();
        let csr = Csr::new(indptr, indices, vec![1.0; stored], 3).unwrap();
        (csr, (0..count).map(|row| row / 2).collect(), Attribute::new("attribute", values))
    }

    #[test]
    fn an_input_that_stands_in_is_named() {
        let (csr, people, attribute) = rows(4_000);
        let names = ["noise", "leak", "other"].map(String::from);
        let settings = ProxySettings { replicates: 50, ..ProxySettings::default() };
        let found = proxy(&csr, &names, &people, &attribute, &settings).unwrap();
        assert!((3_000..3_400).contains(&(found.rows_train + found.rows_test)), "{found:?}");
        let [GroupProxy { group, auc, columns }] = found.groups.as_slice() else {
            panic!("{found:?}")
        };
        assert_eq!((group.as_str(), columns[0].column.as_str()), ("b", "leak"));
        let (low, high) = (auc.low.unwrap(), auc.high.unwrap());
        assert!(low < 0.75 && 0.75 < high && low > 0.7 && high < 0.8, "{auc:?}");
        assert!(columns[0].share > 0.8);
        // The same again, and with fewer rows no candidate in both halves.
        assert_eq!(proxy(&csr, &names, &people, &attribute, &settings).unwrap(), found);
        let few = ProxySettings { most_rows: 1_000, ..settings };
        let [train, test] = halves(&people, &attribute, &few);
        assert!((990..=1_000).contains(&(train.len() + test.len())));
        assert!(train.iter().all(|&a| test.iter().all(|&b| people[a] != people[b])));
    }

    #[test]
    fn noise_tells_nothing() {
        let (csr, people, _) = rows(4_000);
        let values =
            people.iter().map(|&p| Some(["x", "y", "z"][(mix(u64::from(p)) % 3) as usize]));
        let attribute = Attribute::new("attribute", values);
        let settings = ProxySettings { replicates: 50, ..ProxySettings::default() };
        let found = proxy(&csr, &[], &people, &attribute, &settings).unwrap();
        assert_eq!(found.groups.len(), 3);
        for group in &found.groups {
            assert!((group.auc.value.unwrap() - 0.5).abs() < 0.05, "{group:?}");
        }
    }

    #[test]
    fn too_few_to_tell() {
        let (csr, people, attribute) = rows(60);
        let settings = ProxySettings::default();
        let found = proxy(&csr, &[], &people, &attribute, &settings).unwrap();
        assert!(found.groups.is_empty());
        let unknown = Attribute::new("attribute", vec![None::<&str>; 60]);
        let found = proxy(&csr, &[], &people, &unknown, &settings).unwrap();
        assert_eq!((found.rows_train, found.groups.len()), (0, 0));
    }
}
