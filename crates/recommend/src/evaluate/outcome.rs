//! What one ranked list is worth.
//!
//! Jobs of equal score stand in no order, so every figure is its **expectation over the orders of
//! equals**. For a ranker that gives all jobs the same score that is what chance does: the random
//! baseline is exact.

/// The figures of a list: recall@10, recall@50, reciprocal rank of the first relevant job, nDCG@10.
pub(super) type ListFigures = [f64; 4];

/// How many figures there are in [`ListFigures`].
pub(super) const FIGURES: usize = 4;

/// Jobs in the order of their scores, in runs of equals.
pub(super) struct Ranking {
    order: Vec<u32>,
    ends: Vec<usize>,
}

impl Ranking {
    /// Greatest score first; what is not a number comes last.
    pub(super) fn of(scores: &[f32]) -> Self {
        // −0 and 0 are equal scores.
        let key = |place: &u32| match scores[*place as usize] {
            score if score.is_nan() => f32::NEG_INFINITY,
            score => score + 0.0,
        };
        let mut order: Vec<u32> = (0..).take(scores.len()).collect();
        order.sort_by(|a, b| key(b).total_cmp(&key(a)).then(a.cmp(b)));
        let mut ends: Vec<usize> =
            (1..order.len()).filter(|i| key(&order[i - 1]) != key(&order[*i])).collect();
        ends.extend((!order.is_empty()).then_some(order.len()));
        Self { order, ends }
    }

    /// Each run: how many jobs come before it, and its jobs.
    fn runs(&self) -> impl Iterator<Item = (usize, &[u32])> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, end)| (start, &self.order[start..*end]))
    }

    /// What the list is worth where the jobs at `relevant` (ascending, at least one) are sought.
    pub(super) fn outcome(&self, relevant: &[u32]) -> ListFigures {
        let [mut at_10, mut at_50, mut reciprocal, mut gain] = [0.0; FIGURES];
        let mut found = false;
        for (before, run) in self.runs() {
            let sought = run.iter().filter(|job| relevant.binary_search(job).is_ok()).count();
            if sought == 0 {
                continue;
            }
            let (among, sought) = (run.len(), sought as f64);
            at_10 += sought * share_within(10, before, among);
            at_50 += sought * share_within(50, before, among);
            let discounts: f64 = (before + 1..=(before + among).min(10)).map(discount).sum();
            gain += sought * discounts / among as f64;
            if !found {
                found = true;
                reciprocal = first(before, among, sought as usize);
            }
        }
        let ideal: f64 = (1..=relevant.len().min(10)).map(discount).sum();
        let all = relevant.len() as f64;
        [at_10 / all, at_50 / all, reciprocal, gain / ideal]
    }

    /// The jobs that may be among the first `top`, and how likely each is.
    pub(super) fn shown(&self, top: usize) -> impl Iterator<Item = (u32, f64)> {
        self.runs().take_while(move |(before, _)| *before < top).flat_map(move |(before, run)| {
            let share = share_within(top, before, run.len());
            run.iter().map(move |job| (*job, share))
        })
    }
}

/// How likely one of `among` equals, `before` others before them, is among the first `top`.
fn share_within(top: usize, before: usize, among: usize) -> f64 {
    top.saturating_sub(before).min(among) as f64 / among as f64
}

fn discount(rank: usize) -> f64 {
    1.0 / libm::log2((rank + 1) as f64)
}

/// The expectation of 1 / rank of the first of `sought` jobs among equals.
fn first(before: usize, among: usize, sought: usize) -> f64 {
    // How likely the first of them is the one at `place` among the equals, from that of the last.
    let mut likely = sought as f64 / among as f64;
    let mut sum = 0.0;
    for place in 1..=among - sought + 1 {
        sum += likely / (before + place) as f64;
        likely *= (among - place + 1).saturating_sub(sought) as f64 / (among - place).max(1) as f64;
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn near(found: ListFigures, expected: ListFigures) {
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-12, "{found} {expected}");
        }
    }

    #[test]
    fn by_hand() {
        let scores: Vec<f32> = (0..60).map(|i| -(i as f32)).collect();
        let ranking = Ranking::of(&scores);
        near(ranking.outcome(&[0]), [1.0, 1.0, 1.0, 1.0]);
        near(ranking.outcome(&[2]), [1.0, 1.0, 1.0 / 3.0, 0.5]);
        near(ranking.outcome(&[10]), [0.0, 1.0, 1.0 / 11.0, 0.0]);
        near(ranking.outcome(&[59]), [0.0, 0.0, 1.0 / 60.0, 0.0]);
        let two = 1.0 + 1.0 / 3.0_f64.log2();
        near(ranking.outcome(&[2, 20]), [0.5, 1.0, 1.0 / 3.0, 0.5 / two]);
    }

    #[test]
    fn equals_share_their_places() {
        // One ahead, then four equals, of which one is sought: ranks 2 to 5, each a quarter.
        let ranking = Ranking::of(&[0.5, 0.9, 0.5, 0.5, 0.5]);
        let [at_10, at_50, reciprocal, gain] = ranking.outcome(&[2]);
        assert_eq!((at_10, at_50), (1.0, 1.0));
        assert!((reciprocal - (0.5 + 1.0 / 3.0 + 0.25 + 0.2) / 4.0).abs() < 1e-12);
        let discounts: f64 = (2..=5).map(discount).sum();
        assert!((gain - discounts / 4.0).abs() < 1e-12);
        // Two of three equals: the first is first with 2/3, second with 1/3.
        let [_, _, reciprocal, _] = Ranking::of(&[0.0, -0.0, 0.0]).outcome(&[0, 1]);
        assert!((reciprocal - (2.0 / 3.0 + 1.0 / 6.0)).abs() < 1e-12);
        // Chance: 10 and 50 of 200.
        let [at_10, at_50, ..] = Ranking::of(&[f32::NAN; 200]).outcome(&[7, 9]);
        assert!((at_10 - 0.05).abs() < 1e-12 && (at_50 - 0.25).abs() < 1e-12);
        let shown: Vec<(u32, f64)> = Ranking::of(&[1.0, 2.0, 1.0]).shown(2).collect();
        assert_eq!(shown, [(1, 1.0), (0, 0.5), (2, 0.5)]);
    }

    proptest! {
        #[test]
        fn expectations_are_means_over_the_orders_of_equals(
            scores in prop::collection::vec(0_u8..3, 1..7),
            relevant in prop::collection::btree_set(0_u32..7, 1..4),
        ) {
            let relevant: Vec<u32> =
                relevant.into_iter().filter(|r| (*r as usize) < scores.len()).collect();
            prop_assume!(!relevant.is_empty());
            let scores: Vec<f32> = scores.into_iter().map(f32::from).collect();
            let found = Ranking::of(&scores).outcome(&relevant);
            // Every order of all jobs, as a small part of the score.
            let mut sums = [0.0; FIGURES];
            let mut count = 0.0;
            let mut order: Vec<usize> = (0..scores.len()).collect();
            permutations(&mut order, 0, &mut |order| {
                let strict: Vec<f32> =
                    scores.iter().zip(order).map(|(s, o)| s + *o as f32 / 100.0).collect();
                for (sum, x) in sums.iter_mut().zip(Ranking::of(&strict).outcome(&relevant)) {
                    *sum += x;
                }
                count += 1.0;
            });
            for (found, sum) in found.iter().zip(sums) {
                prop_assert!((found - sum / count).abs() < 1e-9, "{found} {}", sum / count);
            }
            prop_assert!(found[1] >= found[0] && found.iter().all(|x| (0.0..=1.0 + 1e-12).contains(x)));
        }
    }

    fn permutations(order: &mut Vec<usize>, from: usize, each: &mut impl FnMut(&[usize])) {
        if from == order.len() {
            return each(order);
        }
        for i in from..order.len() {
            order.swap(from, i);
            permutations(order, from + 1, each);
            order.swap(from, i);
        }
    }
}
