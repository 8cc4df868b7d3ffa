//! What holds of the figures, whatever the rows.

use boost::metrics;
use proptest::prelude::*;

use super::*;

/// Rows of their own.
#[derive(Clone, Debug, Default)]
struct Rows {
    probabilities: Vec<f32>,
    labels: Vec<bool>,
    people: Vec<u32>,
    jobs: Vec<u32>,
}

impl Rows {
    fn judged(&self) -> Judged<'_> {
        Judged {
            probabilities: &self.probabilities,
            labels: &self.labels,
            people: &self.people,
            jobs: &self.jobs,
        }
    }

    fn push(&mut self, probability: f32, label: bool, person: u32, job: u32) {
        self.probabilities.push(probability);
        self.labels.push(label);
        self.people.push(person);
        self.jobs.push(job);
    }

    /// `people` candidates with two applications each, to random jobs of `jobs`; `score` gives
    /// probability and true probability of two uniform numbers.
    fn random(people: u32, jobs: u32, seed: u64, score: impl Fn(f64, f64) -> (f64, f64)) -> Self {
        let mut rng = Random(seed);
        let mut rows = Self::default();
        for person in 0..people {
            let own = rng.uniform();
            for _ in 0..2 {
                let (probability, truth) = score(own, rng.uniform());
                let label = rng.uniform() < truth;
                let job = (rng.uniform() * f64::from(jobs)) as u32;
                rows.push(probability as f32, label, person, job);
            }
        }
        rows
    }
}

/// Knuth's linear congruence (MMIX), its high bits.
pub(super) struct Random(pub(super) u64);

impl Random {
    pub(super) fn uniform(&mut self) -> f64 {
        for _ in 0..2 {
            self.0 = self
                .0
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
        }
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }
}

fn near(found: Option<f64>, expected: f64) {
    assert!(found.is_some_and(|found| (found - expected).abs() < 1e-12), "{found:?} {expected}");
}

/// Whether a figure is defined, and as expected where it is.
fn same(found: Estimate, expected: f64) -> bool {
    match found.value {
        Some(found) => (found - expected).abs() < 1e-12,
        None => !expected.is_finite(),
    }
}

#[test]
fn the_order_within_a_job_by_hand() {
    let mut rows = Rows::default();
    // Seven applications, matches at the places 1, 3 and 6.
    let labels = [true, false, true, false, false, true, false];
    for (person, label) in (0..).zip(labels) {
        rows.push(0.9 - 0.1 * person as f32, label, person, 5);
    }
    // Two equals, one a match: whatever order, no better than chance.
    rows.push(0.5, true, 10, 3);
    rows.push(0.5, false, 11, 3);
    // Jobs that do not count: one application, no match.
    rows.push(0.5, true, 12, 4);
    rows.push(0.5, false, 13, 6);
    rows.push(0.6, false, 14, 6);
    let within = figures(&rows.judged(), 50, 1).within_job;
    assert_eq!(within.jobs, 2);

    let discount =
        [1.0, 0.630_929_753_571_457_4, 0.5, 0.430_676_558_073_393_1, 0.386_852_807_234_541_6];
    let all: f64 = discount.iter().sum();
    let ideal = discount[0] + discount[1] + discount[2];
    let (first, random) = ((1.0 + 0.5) / ideal, 3.0 * all / 7.0 / ideal);
    let second = (1.0 + discount[1]) / 2.0;
    near(within.ndcg_at_5, (first + second) / 2.0);
    near(within.ndcg_at_5_lift.value, (first - random) / 2.0);
    near(within.recall_at_5, (2.0 / 3.0 + 1.0) / 2.0);
    near(within.recall_at_5_lift.value, (2.0 / 3.0 - 5.0 / 7.0) / 2.0);
}

#[test]
fn the_mean_over_all_orders_is_what_a_random_order_scores() {
    // All orders of two matches among six.
    let (mut ndcg, mut recall, mut orders) = (0.0, 0.0, 0.0);
    for first in 0..6_u32 {
        for second in 0..first {
            let mut rows = Rows::default();
            for place in 0..6_u32 {
                let label = place == first || place == second;
                rows.push(1.0 - 0.1 * place as f32, label, place, 0);
            }
            let within = figures(&rows.judged(), 0, 1).within_job;
            ndcg += within.ndcg_at_5_lift.value.unwrap();
            recall += within.recall_at_5_lift.value.unwrap();
            orders += 1.0;
        }
    }
    assert!(orders == 15.0 && ndcg.abs() < 1e-12 && recall.abs() < 1e-12, "{ndcg} {recall}");
}

#[test]
fn random_scores_are_no_better_than_chance() {
    let rows = Rows::random(6_000, 1_200, 11, |_, own| (own, 0.2));
    let Figures { roc_auc, pr_auc, within_job, .. } = figures(&rows.judged(), 200, 1);
    let holds = |e: Estimate, truth: f64| e.low.unwrap() <= truth && truth <= e.high.unwrap();
    assert!(holds(roc_auc, 0.5), "{roc_auc:?}");
    assert!((pr_auc.value.unwrap() - 0.2).abs() < 0.02, "{pr_auc:?}");
    assert!(within_job.jobs > 1_000);
    assert!(holds(within_job.ndcg_at_5_lift, 0.0), "{within_job:?}");
    assert!(holds(within_job.recall_at_5_lift, 0.0), "{within_job:?}");
    assert!(within_job.ndcg_at_5_lift.value.unwrap().abs() < 0.02);
}

/// Of intervals at 95 %, about that many hold what they are of: here with two applications of a
/// candidate that share half of what decides.
#[test]
fn intervals_hold_the_truth() {
    let score = |person: f64, own: f64| {
        let truth = 0.6 * (0.5 * person + 0.5 * own).powi(2);
        (truth, truth)
    };
    // The truth, of many rows; jobs of the same size.
    let all = figures(&Rows::random(200_000, 50_000, 5, score).judged(), 0, 0);
    let of = |f: &Figures| [f.roc_auc, f.pr_auc, f.log_loss, f.brier, f.within_job.ndcg_at_5_lift];
    let truth = of(&all).map(|e| e.value.unwrap());
    let mut held = [0; 5];
    const SETS: u64 = 200;
    for set in 0..SETS {
        let rows = Rows::random(400, 100, 1_000 + set, score);
        let found = of(&figures(&rows.judged(), 200, set));
        for ((held, estimate), truth) in held.iter_mut().zip(found).zip(truth) {
            *held += i32::from(estimate.low.unwrap() <= truth && truth <= estimate.high.unwrap());
        }
    }
    for held in held {
        assert!((178..=200).contains(&held), "of {SETS} intervals {held} hold the truth");
    }
}

#[test]
fn a_candidate_is_drawn_with_all_applications() {
    let one = Rows::random(300, 60, 2, |_, own| (own, own / 2.0));
    let mut ten = Rows::default();
    for _ in 0..10 {
        let Rows { probabilities, labels, people, jobs } = one.clone();
        ten.probabilities.extend(probabilities);
        ten.labels.extend(labels);
        ten.people.extend(people);
        ten.jobs.extend(jobs);
    }
    let (one, ten) = (figures(&one.judged(), 100, 1), figures(&ten.judged(), 100, 1));
    assert_eq!(one.roc_auc, ten.roc_auc);
    let width = |e: Estimate| e.high.unwrap() - e.low.unwrap();
    assert!((width(one.log_loss) - width(ten.log_loss)).abs() < 1e-12);
}

#[test]
fn a_lead_is_surer_than_its_parts() {
    let rows = Rows::random(1_500, 300, 4, |_, own| (own, own * own));
    let mut rng = Random(8);
    let noisy: Vec<f32> =
        rows.probabilities.iter().map(|&p| 0.85 * p + 0.15 * rng.uniform() as f32).collect();
    let ours = Resampled::of(&rows.judged(), 200, 1);
    let theirs = Resampled::of(&Judged { probabilities: &noisy, ..rows.judged() }, 200, 1);
    let lead = ours.lead(&theirs);
    let none = ours.lead(&ours);
    let (ours, theirs) = (ours.figures(), theirs.figures());
    near(lead.roc_auc.value, ours.roc_auc.value.unwrap() - theirs.roc_auc.value.unwrap());
    assert!(lead.roc_auc.low.unwrap() > 0.0, "{lead:?}");
    assert!(ours.roc_auc.low < theirs.roc_auc.high, "the intervals of the two overlap");
    assert_eq!((none.roc_auc.low, none.log_loss.high), (Some(0.0), Some(0.0)));
}

#[test]
fn what_is_not_defined_is_null_in_json() {
    let none = figures(&Rows::default().judged(), 10, 1);
    let mut rows = Rows::default();
    rows.push(0.5, true, 1, 1);
    let one = figures(&rows.judged(), 10, 1);
    assert_eq!((one.roc_auc, one.within_job.jobs), (Estimate::default(), 0));
    assert_eq!((one.pr_auc.value, one.brier.low), (Some(1.0), Some(0.25)));
    rows.probabilities[0] = f32::NAN;
    let not_a_number = figures(&rows.judged(), 10, 1);
    assert_eq!(not_a_number.log_loss, Estimate::default());
    for figures in [none, one, not_a_number] {
        let json = serde_json::to_value(figures).unwrap();
        assert!(json["roc_auc"]["value"].is_null() && json["within_job"]["ndcg_at_5"].is_null());
        let read: Figures = serde_json::from_value(json).unwrap();
        assert_eq!(read, figures);
    }
}

fn rows() -> impl Strategy<Value = Rows> {
    let row = (0_u8..=20, any::<bool>(), 0_u32..12, 0_u32..5);
    prop::collection::vec(row, 0..60).prop_map(|all| {
        let mut rows = Rows::default();
        for (probability, label, person, job) in all {
            rows.push(f32::from(probability) / 20.0, label, 7 * person, 100 - job);
        }
        rows
    })
}

proptest! {
    #[test]
    fn figures_are_those_of_boost(rows in rows()) {
        let found = figures(&rows.judged(), 0, 0);
        let (p, y) = (&rows.probabilities, &rows.labels);
        prop_assert!(same(found.roc_auc, metrics::auc(p, y)));
        prop_assert!(same(found.pr_auc, metrics::average_precision(p, y)));
        prop_assert!(same(found.log_loss, metrics::log_loss(p, y)));
        prop_assert!(same(found.brier, metrics::brier(p, y)));
        prop_assert_eq!(found.roc_auc.low, None);
    }

    /// A weight is a row so many times over.
    #[test]
    fn a_resample_is_its_rows(rows in rows(), number in 0_u64..9) {
        let sorted = sorted::Sorted::of(&rows.judged());
        let mut weights = vec![0; sorted.people];
        draw(&mut weights, 3, number);
        let found = sorted.ranked(&weights);
        let (mut p, mut y) = (Vec::new(), Vec::new());
        for row in &sorted.rows {
            for _ in 0..weights[row.person as usize] {
                p.push(row.probability);
                y.push(row.label);
            }
        }
        for (found, expected) in [
            (found.roc_auc, metrics::auc(&p, &y)),
            (found.pr_auc, metrics::average_precision(&p, &y)),
        ] {
            prop_assert!((found - expected).abs() < 1e-12 || found.is_nan() && expected.is_nan());
        }
    }

    #[test]
    fn intervals_hold_their_figure(rows in rows(), seed in 0_u64..20) {
        let f = figures(&rows.judged(), 40, seed);
        let within = [f.within_job.ndcg_at_5_lift, f.within_job.recall_at_5_lift];
        for e in [f.roc_auc, f.pr_auc, f.log_loss, f.brier, f.ece].into_iter().chain(within) {
            let Some(value) = e.value else {
                prop_assert_eq!(e, Estimate::default());
                continue;
            };
            prop_assert!(e.low.is_none_or(|low| low <= value));
            prop_assert!(e.high.is_none_or(|high| value <= high));
        }
        prop_assert!(f.ece.value.is_none_or(|ece| (0.0..=1.0).contains(&ece)));
    }

    #[test]
    fn the_order_of_rows_changes_nothing(rows in rows(), by in 0_usize..60) {
        let mut turned = rows.clone();
        let by = by % rows.labels.len().max(1);
        turned.probabilities.rotate_left(by);
        turned.labels.rotate_left(by);
        turned.people.rotate_left(by);
        turned.jobs.rotate_left(by);
        prop_assert_eq!(figures(&rows.judged(), 20, 1), figures(&turned.judged(), 20, 1));
        prop_assert_eq!(curves(&rows.judged()), curves(&turned.judged()));
    }
}
