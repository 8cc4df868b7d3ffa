//! The figures of groups of rows: by language, area, month, or whatever the caller says.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use stats::{Estimate, Groups};

use super::{Judged, figures};

/// A group of fewer is not judged: its figures would be chance, and might tell of single people.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Least {
    pub rows: usize,
    pub positives: usize,
}

/// A group and how the model does on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Slice {
    pub group: String,
    pub rows: usize,
    pub positives: usize,
    /// Whether it has too few of either to be judged: then what follows is null.
    pub too_few: bool,
    pub roc_auc: Estimate,
    pub log_loss: Estimate,
    /// Expected calibration error.
    pub ece: Estimate,
    /// Mean of the probabilities.
    pub mean_probability: Option<f64>,
    /// Share of matches.
    pub rate: Option<f64>,
}

/// The figures of each group, ascending by name; `groups` names the group of each row.
pub fn slices(
    judged: &Judged<'_>,
    groups: &[impl AsRef<str>],
    least: Least,
    replicates: usize,
    seed: u64,
) -> Vec<Slice> {
    assert_eq!(judged.rows(), groups.len(), "one group a row");
    let mut rows_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (row, group) in groups.iter().enumerate() {
        rows_of.entry(group.as_ref()).or_default().push(row);
    }
    rows_of
        .into_iter()
        .map(|(group, rows)| slice(judged, group, &rows, least, replicates, seed))
        .collect()
}

fn slice(
    judged: &Judged<'_>,
    group: &str,
    rows: &[usize],
    least: Least,
    replicates: usize,
    seed: u64,
) -> Slice {
    fn pick<T: Copy>(from: &[T], rows: &[usize]) -> Vec<T> {
        rows.iter().map(|&row| from[row]).collect()
    }
    let probabilities = pick(judged.probabilities, rows);
    let labels = pick(judged.labels, rows);
    let of = |groups: &Groups| Groups::new(&pick(groups.of_rows(), rows));
    let (people, jobs) = (of(judged.people), of(judged.jobs));
    let judged =
        Judged { probabilities: &probabilities, labels: &labels, people: &people, jobs: &jobs };
    let positives = judged.positives();
    let mut slice = Slice {
        group: group.to_owned(),
        rows: rows.len(),
        positives,
        too_few: rows.len() < least.rows || positives < least.positives,
        roc_auc: Estimate::default(),
        log_loss: Estimate::default(),
        ece: Estimate::default(),
        mean_probability: None,
        rate: None,
    };
    if !slice.too_few {
        let figures = figures(&judged, replicates, seed);
        let mut ascending = probabilities.clone();
        // A sum in the order of the rows would change with it.
        ascending.sort_unstable_by(f32::total_cmp);
        let mean = ascending.iter().map(|&p| f64::from(p)).sum::<f64>() / rows.len() as f64;
        slice.roc_auc = figures.roc_auc;
        slice.log_loss = figures.log_loss;
        slice.ece = figures.ece;
        slice.mean_probability = mean.is_finite().then_some(mean);
        slice.rate = (!rows.is_empty()).then(|| positives as f64 / rows.len() as f64);
    }
    slice
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::judge::tests::Rows;

    #[test]
    fn a_group_of_too_few_is_there_and_says_so() {
        let rows = Rows::alone(&[0.2, 0.4, 0.9, 0.6, 0.5], &[false, true, true, false, true]);
        let groups = ["pt", "en", "pt", "pt", "en"];
        let slices = slices(&rows.judged(), &groups, Least { rows: 3, positives: 1 }, 50, 1);
        let of: Vec<_> =
            slices.iter().map(|s| (&*s.group, s.rows, s.positives, s.too_few)).collect();
        assert_eq!(of, [("en", 2, 2, true), ("pt", 3, 1, false)]);
        assert_eq!((slices[0].roc_auc, slices[0].rate), (Estimate::default(), None));
        assert_eq!((slices[1].roc_auc.value, slices[1].rate), (Some(1.0), Some(1.0 / 3.0)));
        assert!((slices[1].mean_probability.unwrap() - 1.7 / 3.0).abs() < 1e-7);
    }

    #[test]
    fn all_rows_in_one_group_are_all_rows() {
        let probabilities: Vec<f32> = (0..50).map(|i| (i * 7 % 50) as f32 / 50.0).collect();
        let labels: Vec<bool> = (0..50).map(|i| i % 3 == 0).collect();
        let rows = Rows::alone(&probabilities, &labels);
        let all = figures(&rows.judged(), 20, 3);
        let slices = slices(&rows.judged(), &["all"; 50], Least { rows: 1, positives: 1 }, 20, 3);
        assert_eq!(
            (slices[0].roc_auc, slices[0].log_loss, slices[0].ece),
            (all.roc_auc, all.log_loss, all.ece)
        );
        let none = Rows::default();
        assert_eq!(
            super::slices(&none.judged(), &[""; 0], Least { rows: 1, positives: 1 }, 20, 3),
            []
        );
    }
}
