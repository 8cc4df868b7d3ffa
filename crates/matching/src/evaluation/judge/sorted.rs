//! The rows by descending probability: sorted once, walked once a resample.

use super::Judged;

/// Bins of the calibration error and of the calibration curve, of equal count.
pub(crate) const BINS: usize = 10;

#[derive(Clone, Copy, Debug)]
pub(crate) struct ScoredRow {
    pub(crate) probability: f32,
    pub(crate) label: bool,
    pub(crate) person: u32,
    pub(crate) job: u32,
}

#[derive(Clone, Copy, Debug)]
struct TiedRun {
    probability: f64,
    /// The first row after it.
    end: usize,
    /// The bin that it lies in; 0 holds the highest probabilities.
    bin: usize,
}

/// The rows by descending probability, and by candidate, job and label where that is equal.
pub(crate) struct Sorted {
    pub(crate) rows: Vec<ScoredRow>,
    pub(crate) people: usize,
    runs: Vec<TiedRun>,
}

/// What depends on the order of the probabilities. NaN where not defined.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Ranked {
    pub(crate) roc_auc: f64,
    pub(crate) pr_auc: f64,
    pub(crate) ece: f64,
}

/// Rows, matches and the sum of probabilities of a bin.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct BinSums {
    pub(crate) rows: u64,
    pub(crate) positives: u64,
    pub(crate) probability: f64,
    /// Lowest and highest probability of it.
    pub(crate) range: (f64, f64),
}

impl Sorted {
    pub(crate) fn of(judged: &Judged<'_>) -> Self {
        let count = judged.rows();
        let (people, jobs) = (judged.people.of_rows(), judged.jobs.of_rows());
        let mut rows: Vec<ScoredRow> = (0..count)
            .map(|row| ScoredRow {
                probability: judged.probabilities[row],
                label: judged.labels[row],
                person: people[row],
                job: jobs[row],
            })
            .collect();
        rows.sort_unstable_by(|a, b| {
            let others = |row: &ScoredRow| (row.person, row.job, row.label);
            b.probability.total_cmp(&a.probability).then_with(|| others(a).cmp(&others(b)))
        });
        let mut runs = Vec::new();
        let mut start = 0;
        for run in rows.chunk_by(|a, b| a.probability == b.probability) {
            let end = start + run.len();
            // A run is in one bin, that of its middle: to part it would be by chance.
            let bin = BINS * (start + end) / (2 * count);
            runs.push(TiedRun { probability: f64::from(run[0].probability), end, bin });
            start = end;
        }
        Self { rows, people: judged.people.count(), runs }
    }

    /// Walks the runs, highest first: `visit(probability, bin, positives, negatives)`, each row
    /// counted as often as its candidate weighs.
    pub(crate) fn for_each_run(&self, weights: &[u8], mut visit: impl FnMut(f64, usize, u64, u64)) {
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
    pub(crate) fn bins(&self, weights: &[u8]) -> [BinSums; BINS] {
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

    pub(crate) fn ranked(&self, weights: &[u8]) -> Ranked {
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
