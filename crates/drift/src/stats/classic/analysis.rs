//! KSDrift and the population stability index a term, and over all terms.

use rayon::prelude::*;
use text::tfidf::Tfidf;

use super::Weights;
use crate::stats::{
    ks::{self, Method, Sample},
    psi,
};

/// The p under which KSDrift speaks of drift, before correction.
pub const P_VAL: f64 = 0.05;

#[derive(Clone, Debug, PartialEq)]
pub struct Analysis {
    /// Documents before.
    pub before: u64,
    /// Documents after.
    pub after: u64,
    /// Every term, in the vocabulary's order.
    pub terms: Vec<DriftTerm>,
    /// KSDrift with Bonferroni's correction.
    pub bonferroni: KsVerdict,
    /// KSDrift with control of the false discovery rate.
    pub fdr: KsVerdict,
    /// The index over all weights of all terms at once.
    pub global_psi: f64,
}

/// What KSDrift says of all terms together.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct KsVerdict {
    pub is_drift: bool,
    /// The p under which a term drifts. Of FDR without drift it is the greatest of the candidate
    /// thresholds, of which alibi-detect gives all.
    pub threshold: f64,
    /// Terms whose p lies under it, where there is drift.
    pub drifted: u64,
}

/// A term of the analysis.
#[derive(Clone, Debug, PartialEq)]
pub struct DriftTerm {
    pub term: String,
    /// Kolmogorov and Smirnov's distance.
    pub distance: f64,
    /// Its asymptotic p.
    pub p: f64,
    /// Population stability index.
    pub psi: f64,
    /// Mean weight before.
    pub mean_before: f64,
    /// Mean weight after.
    pub mean_after: f64,
    /// Documents that have it, before.
    pub documents_before: u64,
    /// Documents that have it, after.
    pub documents_after: u64,
}

impl DriftTerm {
    /// Mean after less mean before.
    #[must_use]
    pub fn difference(&self) -> f64 {
        self.mean_after - self.mean_before
    }
}

impl Analysis {
    /// The terms by absolute difference of their means, the greatest first; equal ones by name.
    #[must_use]
    pub fn movers(&self) -> Vec<&DriftTerm> {
        let mut movers: Vec<&DriftTerm> = self.terms.iter().collect();
        movers.sort_by(|a, b| {
            b.difference().abs().total_cmp(&a.difference().abs()).then_with(|| a.term.cmp(&b.term))
        });
        movers
    }
}

/// Compares the two versions' weights. None where a version has no documents or there is no term.
#[must_use]
pub fn analyse(tfidf: &Tfidf, before: &Weights, after: &Weights) -> Option<Analysis> {
    let names = tfidf.terms().map(str::to_owned).collect();
    analyse_columns(names, before, after)
}

fn analyse_columns(names: Vec<String>, before: &Weights, after: &Weights) -> Option<Analysis> {
    let (n, m) = (before.documents, after.documents);
    if n == 0 || m == 0 || names.is_empty() {
        return None;
    }
    let global_edges = global_edges(before, after);
    let found: Vec<(DriftTerm, Vec<u64>, Vec<u64>)> = names
        .into_par_iter()
        .zip(before.columns.par_iter().zip(&after.columns))
        .filter_map(|(term, (x, y))| {
            let (x, y) = (Sample::new(x, n - x.len() as u64), Sample::new(y, m - y.len() as u64));
            let test = ks::test(x, y, Method::Asymptotic)?;
            let term = DriftTerm {
                term,
                distance: test.distance,
                p: test.p,
                psi: psi::index(x, y),
                mean_before: mean(x),
                mean_after: mean(y),
                documents_before: x.sorted().len() as u64,
                documents_after: y.sorted().len() as u64,
            };
            Some((term, psi::histogram(x, &global_edges), psi::histogram(y, &global_edges)))
        })
        .collect();
    let mut global = (vec![0; psi::BINS], vec![0; psi::BINS]);
    let mut terms = Vec::with_capacity(found.len());
    for (term, x, y) in found {
        global.0.iter_mut().zip(x).for_each(|(sum, count)| *sum += count);
        global.1.iter_mut().zip(y).for_each(|(sum, count)| *sum += count);
        terms.push(term);
    }
    let width = terms.len() as u64;
    let p: Vec<f64> = terms.iter().map(|term| term.p).collect();
    Some(Analysis {
        before: n,
        after: m,
        bonferroni: bonferroni(&p, P_VAL),
        fdr: fdr(&p, P_VAL),
        global_psi: psi::of_counts(&global.0, n * width, &global.1, m * width),
        terms,
    })
}

/// The bins of all weights together.
fn global_edges(before: &Weights, after: &Weights) -> Vec<f64> {
    let sides = [before, after];
    let columns = || sides.iter().flat_map(|s| s.columns.iter().map(|c| (c, s.documents)));
    let high = columns().filter_map(|(column, _)| column.last()).copied().fold(0.0, f64::max);
    let dense = columns().all(|(column, rows)| column.len() as u64 == rows);
    let low = if dense {
        columns().filter_map(|(column, _)| column.first()).copied().fold(high, f64::min)
    } else {
        0.0
    };
    psi::edges(low, high)
}

#[expect(clippy::cast_precision_loss, reason = "a mean of counts")]
fn mean(sample: Sample<'_>) -> f64 {
    sample.sorted().iter().sum::<f64>() / sample.len() as f64
}

/// KSDrift's verdict with `correction="bonferroni"`.
#[expect(clippy::cast_precision_loss, reason = "a number of terms")]
fn bonferroni(p: &[f64], p_val: f64) -> KsVerdict {
    let threshold = p_val / p.len() as f64;
    let drifted = p.iter().filter(|&&p| p < threshold).count() as u64;
    KsVerdict { is_drift: drifted > 0, threshold, drifted }
}

/// KSDrift's verdict with `correction="fdr"`: the greatest `p_val·i/n` that the i-th smallest p lies
/// under.
#[expect(clippy::cast_precision_loss, reason = "a number of terms")]
fn fdr(p: &[f64], p_val: f64) -> KsVerdict {
    let mut sorted = p.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let candidate = |rank: usize| p_val * (rank + 1) as f64 / p.len() as f64;
    let last = (0..sorted.len()).rev().find(|&rank| sorted[rank] < candidate(rank));
    let threshold = last.map_or(p_val, candidate);
    let drifted = last.map_or(0, |last| last as u64 + 1);
    KsVerdict { is_drift: last.is_some(), threshold, drifted }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Deserialize)]
    struct Golden {
        cases: Vec<Case>,
    }

    #[derive(Deserialize)]
    struct Case {
        baseline: Vec<Vec<f64>>,
        current: Vec<Vec<f64>>,
        ks: Corrections,
        psi: Vec<f64>,
        psi_global: f64,
    }

    #[derive(Deserialize)]
    struct Corrections {
        bonferroni: Predicted,
        fdr: Predicted,
    }

    #[derive(Deserialize)]
    struct Predicted {
        is_drift: u8,
        threshold: serde_json::Value,
        p_val: Vec<f64>,
        distance: Vec<f64>,
    }

    /// KSDrift's float32 input.
    fn weights(rows: &[Vec<f64>]) -> Weights {
        let columns = (0..rows[0].len())
            .map(|column| {
                let values = rows.iter().map(|row| f64::from(row[column] as f32));
                let mut values: Vec<f64> = values.filter(|&value| value != 0.0).collect();
                values.sort_unstable_by(f64::total_cmp);
                values
            })
            .collect();
        Weights { documents: rows.len() as u64, columns }
    }

    #[test]
    fn equal_to_alibi_detect() {
        let golden: Golden =
            serde_json::from_str(include_str!("../../../tests/golden/drift.json")).unwrap();
        for case in golden.cases {
            let names = (0..case.psi.len()).map(|i| i.to_string()).collect();
            let (before, after) = (weights(&case.baseline), weights(&case.current));
            let found = analyse_columns(names, &before, &after).unwrap();
            for (i, term) in found.terms.iter().enumerate() {
                for predicted in [&case.ks.bonferroni, &case.ks.fdr] {
                    assert!((term.p - predicted.p_val[i]).abs() <= 1e-6, "{term:?}");
                    let error = (term.distance - predicted.distance[i]).abs();
                    assert!(error <= 1e-6, "{term:?}");
                }
                assert!((term.psi - case.psi[i]).abs() <= 1e-6, "{term:?} {}", case.psi[i]);
            }
            assert!((found.global_psi - case.psi_global).abs() <= 1e-6);
            for (verdict, predicted) in
                [(found.bonferroni, case.ks.bonferroni), (found.fdr, case.ks.fdr)]
            {
                assert_eq!(verdict.is_drift, predicted.is_drift == 1);
                let threshold = match &predicted.threshold {
                    serde_json::Value::Array(candidates) => candidates.last().unwrap(),
                    one => one,
                };
                assert!((verdict.threshold - threshold.as_f64().unwrap()).abs() < 1e-12);
            }
        }
    }
}
