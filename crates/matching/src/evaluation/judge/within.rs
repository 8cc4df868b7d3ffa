//! The order of the applications of one job.
//!
//! Normalised discounted cumulative gain of the first five (Järvelin and Kekäläinen, TOIS 20, 2002;
//! a match of gain 1) and the share of the matches among the first five, each less what a random
//! order of the same applications gives on the mean, which is known exactly. Where probabilities are
//! equal, the mean over all orders of the equals is taken.
//!
//! Both are sums over the matches of a job: each brings the discount of its place. So a resample of
//! candidates counts a match as often as its candidate is drawn, and leaves the places as they are:
//! to draw a candidate twice into one job would set it against itself.

use super::sorted::{ScoredRow, Sorted};

const TOP: usize = 5;

/// What a match brings to its job's figures.
#[derive(Clone, Copy, Debug)]
struct Match {
    person: u32,
    /// One over the matches of the job.
    share: f64,
    ndcg: f64,
    /// The mean of `ndcg` in a random order.
    ndcg_random: f64,
    recall: f64,
    recall_random: f64,
}

/// Means over the jobs. NaN where there are none.
#[derive(Clone, Copy, Debug)]
pub(super) struct Means {
    pub(super) ndcg: f64,
    pub(super) ndcg_lift: f64,
    pub(super) recall: f64,
    pub(super) recall_lift: f64,
}

/// The matches of all jobs that have one, and another application.
pub(super) struct Within {
    pub(super) jobs: usize,
    matches: Vec<Match>,
}

/// What the place `at`, counted from 0, is worth.
fn discount(at: usize) -> f64 {
    if at < TOP { 1.0 / libm::log2(at as f64 + 2.0) } else { 0.0 }
}

impl Within {
    pub(super) fn of(sorted: &Sorted) -> Self {
        let mut rows = sorted.rows.clone();
        // Stable: within a job the rows stay by descending probability.
        rows.sort_by_key(|row| row.job);
        let mut within = Self { jobs: 0, matches: Vec::new() };
        for job in rows.chunk_by(|a, b| a.job == b.job) {
            within.add(job);
        }
        within
    }

    /// Adds the matches of one job, whose rows are by descending probability.
    fn add(&mut self, job: &[ScoredRow]) {
        let positives = job.iter().filter(|row| row.label).count();
        if positives == 0 || job.len() < 2 {
            return;
        }
        self.jobs += 1;
        let sum = |places: std::ops::Range<usize>| places.map(discount).sum::<f64>();
        let (ideal, all, rows) = (sum(0..positives.min(TOP)), sum(0..job.len()), job.len() as f64);
        let share = 1.0 / positives as f64;
        let mut start = 0;
        for run in job.chunk_by(|a, b| a.probability == b.probability) {
            let (end, equal) = (start + run.len(), run.len() as f64);
            let in_top = end.min(TOP).saturating_sub(start) as f64 / equal;
            let gain = sum(start..end) / equal / ideal;
            self.matches.extend(run.iter().filter(|row| row.label).map(|row| Match {
                person: row.person,
                share,
                ndcg: gain,
                ndcg_random: all / rows / ideal,
                recall: in_top * share,
                recall_random: TOP.min(job.len()) as f64 / rows * share,
            }));
            start = end;
        }
    }

    pub(super) fn means(&self, weights: &[u8]) -> Means {
        let (mut jobs, mut sums) = (0.0, [0.0; 4]);
        for of in &self.matches {
            let weight = f64::from(weights[of.person as usize]);
            jobs += weight * of.share;
            let [ndcg, ndcg_lift, recall, recall_lift] = &mut sums;
            *ndcg += weight * of.ndcg;
            *ndcg_lift += weight * (of.ndcg - of.ndcg_random);
            *recall += weight * of.recall;
            *recall_lift += weight * (of.recall - of.recall_random);
        }
        let [ndcg, ndcg_lift, recall, recall_lift] = sums.map(|sum| sum / jobs);
        Means { ndcg, ndcg_lift, recall, recall_lift }
    }
}
