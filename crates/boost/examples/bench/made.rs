//! A matrix in the shape of the full set's: applications of candidates to jobs, 16 one-hot groups and
//! seven TF-IDF texts; about 5.5 % positives, drawn from a probability that depends on the relation
//! of the two sides and on each alone.

/// One application.
pub(crate) struct Row {
    pub(crate) label: bool,
    /// By ascending column.
    pub(crate) entries: Vec<(u32, f32)>,
}

/// SplitMix64.
struct Random(u64);

impl Random {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let x = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((x ^ (x >> 31)) >> 11) as f64 / (1u64 << 53) as f64
    }

    fn below(&mut self, n: usize) -> usize {
        ((self.next() * n as f64) as usize).min(n - 1)
    }

    /// A normal number, near enough: Irwin and Hall's sum of twelve.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.next()).sum::<f64>() - 6.0
    }
}

/// Categories of the one-hot groups of a candidate and of a job, 125 in all.
const CANDIDATE_GROUPS: [usize; 9] = [3, 6, 2, 25, 10, 12, 5, 5, 12];
const JOB_GROUPS: [usize; 7] = [2, 3, 6, 16, 9, 5, 4];
/// Terms of the texts, and how many of them a row has about.
const CANDIDATE_TEXTS: [(usize, f64); 5] =
    [(20, 2.0), (20, 6.0), (10, 1.0), (30, 3.0), (100, 55.0)];
const JOB_TEXTS: [(usize, f64); 2] = [(20, 3.0), (50, 31.0)];

/// One side of an application: entries from column 0, and what it is like.
struct Side {
    entries: Vec<(u32, f32)>,
    width: u32,
    /// What the other side is compared with.
    taste: [f64; 4],
    quality: f64,
}

fn side(random: &mut Random, groups: &[usize], texts: &[(usize, f64)]) -> Side {
    let taste = [0; 4].map(|_| random.normal());
    let (mut entries, mut base, mut quality) = (vec![], 0u32, 0.0);
    for &categories in groups {
        // A few categories hold most rows.
        let pick = ((random.next().powi(3)) * categories as f64) as usize;
        entries.push((base + pick as u32, 1.0));
        quality += ((base as usize + pick * 7) % 5) as f64 * 0.1;
        base += categories as u32;
    }
    for &(terms, mean) in texts {
        let length = mean * (0.4 + 1.2 * random.next());
        let mut text: Vec<(u32, f64)> = vec![];
        for term in 0..terms {
            // Earlier terms are commoner; a term belongs to one taste.
            let common = 1.5 - term as f64 / terms as f64;
            let liking = (taste[term % 4] * 0.5).exp();
            let expected = length / terms as f64 * common * liking;
            if random.next() < 1.0 - (-expected * 1.6).exp() {
                let times = 1.0 + (expected * 3.0 * random.next()).floor();
                let idf = 1.0 + term as f64 / terms as f64 * 3.0;
                text.push((base + term as u32, times * idf));
            }
        }
        let norm = text.iter().map(|(_, v)| v * v).sum::<f64>().sqrt();
        entries.extend(text.iter().map(|&(column, v)| (column, (v / norm) as f32)));
        base += terms as u32;
    }
    Side { entries, width: base, taste, quality }
}

/// `rows` applications.
pub(crate) fn matrix(rows: usize, seed: u64) -> Vec<Row> {
    let mut random = Random(seed);
    let jobs: Vec<Side> =
        (0..rows / 4).map(|_| side(&mut random, &JOB_GROUPS, &JOB_TEXTS)).collect();
    let candidates: Vec<Side> =
        (0..rows * 4 / 5).map(|_| side(&mut random, &CANDIDATE_GROUPS, &CANDIDATE_TEXTS)).collect();
    let application = |_| {
        let (c, j) = (random.below(candidates.len()), random.below(jobs.len()));
        let (candidate, job) = (&candidates[c], &jobs[j]);
        let relation: f64 = candidate.taste.iter().zip(job.taste).map(|(a, b)| a * b).sum();
        let alone = 1.2 * candidate.taste[1] + 0.9 * job.taste[2] + candidate.quality + job.quality;
        let odds = -7.0 + 0.8 * relation + alone;
        let label = random.next() < 1.0 / (1.0 + (-odds).exp());
        let mut entries = candidate.entries.clone();
        entries.extend(job.entries.iter().map(|&(column, v)| (candidate.width + column, v)));
        Row { label, entries }
    };
    (0..rows).map(application).collect()
}
