//! The rows by descending probability: sorted once, walked once a resample.

use super::Judged;

/// Bins of the calibration error and of the calibration curve, of equal count.
pub(super) const BINS: usize = 10;

#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    pub(super) probability: f32,
    pub(super) label: bool,
    /// The candidate, counted from 0 in ascending order of the numbers given.
    pub(super) person: u32,
    pub(super) job: u32,
}

/// Rows of one probability.
#[derive(Clone, Copy, Debug)]
struct Run {
    probability: f64,
    /// The first row after it.
    end: usize,
    /// The bin that it lies in; 0 holds the highest probabilities.
    bin: usize,
}

/// The rows by descending probability, and by candidate, job and label where that is equal.
pub(super) struct Sorted {
    pub(super) rows: Vec<Row>,
    /// How many candidates there are.
    pub(super) people: usize,
    runs: Vec<Run>,
}

/// What depends on the order of the probabilities. NaN where not defined.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ranked {
    pub(super) roc_auc: f64,
    pub(super) pr_auc: f64,
    pub(super) ece: f64,
}

/// Rows, matches and the sum of probabilities of a bin.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct BinSums {
    pub(super) rows: u64,
    pub(super) positives: u64,
    pub(super) probability: f64,
    /// Lowest and highest probability of it.
    pub(super) range: (f64, f64),
}

impl Sorted {
    pub(super) fn of(judged: &Judged<'_>) -> Self {
        let count = judged.rows();
        let mut people = judged.people.to_vec();
        people.sort_unstable();
        people.dedup();
        let mut rows: Vec<Row> = (0..count)
            .map(|row| Row {
                probability: judged.probabilities[row],
                label: judged.labels[row],
                person: people.partition_point(|&p| p < judged.people[row]) as u32,
                job: judged.jobs[row],
            })
            .collect();
        rows.sort_unstable_by(|a, b| {
            let others = |row: &Row| (row.person, row.job, row.label);
            b.probability.total_cmp(&a.probability).then_with(|| others(a).cmp(&others(b)))
        });
        let mut runs = Vec::new();
        let mut start = 0;
        for run in rows.chunk_by(|a, b| a.probability == b.probability) {
            let end = start + run.len();
            // A run is in one bin, that of its middle: to part it would be by chance.
            let bin = BINS * (start + end) / (2 * count);
            runs.push(Run { probability: f64::from(run[0].probability), end, bin });
            start = end;
        }
        Self { rows, people: people.len(), runs }
    }

    /// Walks the runs, highest first: `visit(probability, bin, positives, negatives)`, each row
    /// counted as often as its candidate weighs.
    pub(super) fn for_each_run(
        &self,
        weights: &[u32],
        mut visit: impl FnMut(f64, usize, u64, u64),
    ) {
        let mut start = 0;
        for run in &self.runs {
            let mut of_label = [0_u64; 2];
            for row in &self.rows[start..run.end] {
                of_label[usize::from(row.label)] += u64::from(weights[row.person as usize]);
            }
            visit(run.probability, run.bin, of_label[1], of_label[0]);
            start = run.end;
        }
    }

    /// Sums of each bin, highest probabilities first; some are empty where many are equal.
    pub(super) fn bins(&self, weights: &[u32]) -> [BinSums; BINS] {
        let mut bins = [BinSums::default(); BINS];
        self.for_each_run(weights, |probability, bin, positives, negatives| {
            let bin = &mut bins[bin];
            if bin.rows == 0 {
                bin.range.1 = probability;
            }
            bin.range.0 = probability;
            bin.rows += positives + negatives;
            bin.positives += positives;
            bin.probability += probability * (positives + negatives) as f64;
        });
        bins
    }

    pub(super) fn ranked(&self, weights: &[u32]) -> Ranked {
        let (mut positives, mut negatives) = (0_u64, 0_u64);
        // Twice the pairs of a positive above a negative, an equal pair counting half.
        let (mut pairs, mut precisions) = (0_u128, 0.0);
        let mut bins = [(0_u64, 0_u64, 0.0); BINS];
        self.for_each_run(weights, |probability, bin, p, n| {
            pairs += u128::from(n) * u128::from(2 * positives + p);
            positives += p;
            negatives += n;
            if p > 0 {
                precisions += p as f64 * positives as f64 / (positives + negatives) as f64;
            }
            let (rows, matches, sum) = &mut bins[bin];
            *rows += p + n;
            *matches += p;
            *sum += probability * (p + n) as f64;
        });
        let gap = |(_, matches, sum): &(u64, u64, f64)| (sum - *matches as f64).abs();
        Ranked {
            roc_auc: pairs as f64 / (2.0 * positives as f64 * negatives as f64),
            pr_auc: precisions / positives as f64,
            ece: bins.iter().map(gap).sum::<f64>() / (positives + negatives) as f64,
        }
    }
}
