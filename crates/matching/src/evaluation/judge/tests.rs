//! What holds of the figures, whatever the rows.

use boost::metrics;
use proptest::prelude::*;
use stats::{Bootstrap, Estimate, Random};

use super::*;

/// Rows of their own.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    pub(super) probabilities: Vec<f32>,
    pub(super) labels: Vec<bool>,
    people: Groups,
    jobs: Groups,
}

/// A probability, a label, a person and a job.
type Row = (f32, bool, u32, u32);

impl FromIterator<Row> for Rows {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        let (mut of, mut people, mut jobs) = (Self::default(), Vec::new(), Vec::new());
        for (probability, label, person, job) in rows {
            of.probabilities.push(probability);
            of.labels.push(label);
            people.push(person);
            jobs.push(job);
        }
        Self { people: Groups::new(&people), jobs: Groups::new(&jobs), ..of }
    }
}

impl Rows {
    /// Each row is a person and a job of its own.
    pub(super) fn alone(probabilities: &[f32], labels: &[bool]) -> Self {
        let rows = probabilities.iter().zip(labels);
        rows.zip(0..).map(|((&p, &label), number)| (p, label, number, number)).collect()
    }

    pub(super) fn judged(&self) -> Judged<'_> {
        Judged {
            probabilities: &self.probabilities,
            labels: &self.labels,
            people: &self.people,
            jobs: &self.jobs,
        }
    }

    fn figures(&self, replicates: usize, seed: u64) -> Figures {
        figures(&self.judged(), replicates, seed)
    }
}

/// `people` candidates with two applications each, to random jobs of `jobs`; `score` gives
/// probability and true probability of two uniform numbers.
fn random(people: u32, jobs: u32, seed: u64, score: impl Fn(f64, f64) -> (f64, f64)) -> Vec<Row> {
    let mut random = Random::new(seed);
    let mut rows = Vec::new();
    for person in 0..people {
        let own = random.uniform();
        for _ in 0..2 {
            let (probability, truth) = score(own, random.uniform());
            let label = random.uniform() < truth;
            rows.push((probability as f32, label, person, random.below(jobs as usize) as u32));
        }
    }
    rows
}

fn rows_of(rows: &[Row]) -> Rows {
    rows.iter().copied().collect()
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
    // Seven applications, matches at the places 1, 3 and 6.
    let labels = [true, false, true, false, false, true, false];
    let seven = (0..).zip(labels).map(|(at, label)| (0.9 - 0.1 * at as f32, label, at, 5));
    let rows: Rows = seven
        .chain([
            // Two equals, one a match: whatever order, no better than chance.
            (0.5, true, 10, 3),
            (0.5, false, 11, 3),
            // Jobs that do not count: one application, no match.
            (0.5, true, 12, 4),
            (0.5, false, 13, 6),
            (0.6, false, 14, 6),
        ])
        .collect();
    let within = rows.figures(50, 1).within_job;
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
            let row =
                |place| (1.0 - 0.1 * place as f32, place == first || place == second, place, 0);
            let within = (0..6).map(row).collect::<Rows>().figures(0, 1).within_job;
            ndcg += within.ndcg_at_5_lift.value.unwrap();
            recall += within.recall_at_5_lift.value.unwrap();
            orders += 1.0;
        }
    }
    assert!(orders == 15.0 && ndcg.abs() < 1e-12 && recall.abs() < 1e-12, "{ndcg} {recall}");
}

#[test]
fn random_scores_are_no_better_than_chance() {
    let rows = rows_of(&random(6_000, 1_200, 11, |_, own| (own, 0.2)));
    let Figures { roc_auc, pr_auc, within_job, .. } = rows.figures(200, 1);
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
    let all = rows_of(&random(200_000, 50_000, 5, score)).figures(0, 0);
    let of = |f: &Figures| [f.roc_auc, f.pr_auc, f.log_loss, f.brier, f.within_job.ndcg_at_5_lift];
    let truth = of(&all).map(|e| e.value.unwrap());
    let mut held = [0; 5];
    const SETS: u64 = 200;
    for set in 0..SETS {
        let found = of(&rows_of(&random(400, 100, 1_000 + set, score)).figures(200, set));
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
    let one = random(300, 60, 2, |_, own| (own, own / 2.0));
    let ten = rows_of(&one.repeat(10)).figures(100, 1);
    let one = rows_of(&one).figures(100, 1);
    assert_eq!(one.roc_auc, ten.roc_auc);
    let width = |e: Estimate| e.high.unwrap() - e.low.unwrap();
    assert!((width(one.log_loss) - width(ten.log_loss)).abs() < 1e-12);
}

#[test]
fn a_lead_is_surer_than_its_parts() {
    let rows = rows_of(&random(1_500, 300, 4, |_, own| (own, own * own)));
    let mut random = Random::new(8);
    let noisy: Vec<f32> =
        rows.probabilities.iter().map(|&p| 0.85 * p + 0.15 * random.uniform() as f32).collect();
    let bootstrap = Bootstrap::new(rows.people.count(), 200, 1);
    let ours = Judgement::new(&rows.judged(), &bootstrap);
    let theirs = Judgement::new(&Judged { probabilities: &noisy, ..rows.judged() }, &bootstrap);
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
    let none = Rows::default().figures(10, 1);
    let one = Rows::alone(&[0.5], &[true]).figures(10, 1);
    assert_eq!((one.roc_auc, one.within_job.jobs), (Estimate::default(), 0));
    assert_eq!((one.pr_auc.value, one.brier.low), (Some(1.0), Some(0.25)));
    let not_a_number = Rows::alone(&[f32::NAN], &[true]).figures(10, 1);
    assert_eq!(not_a_number.log_loss, Estimate::default());
    for figures in [none, one, not_a_number] {
        let json = serde_json::to_value(figures).unwrap();
        assert!(json["roc_auc"]["value"].is_null() && json["within_job"]["ndcg_at_5"].is_null());
        let read: Figures = serde_json::from_value(json).unwrap();
        assert_eq!(read, figures);
    }
}

fn rows() -> impl Strategy<Value = Vec<Row>> {
    let row = (0_u8..=20, any::<bool>(), 0_u32..12, 0_u32..5);
    let row =
        row.prop_map(|(p, label, person, job)| (f32::from(p) / 20.0, label, 7 * person, 100 - job));
    prop::collection::vec(row, 0..60)
}

proptest! {
    #[test]
    fn figures_are_those_of_boost(rows in rows()) {
        let rows = rows_of(&rows);
        let found = rows.figures(0, 0);
        let (p, y) = (&rows.probabilities, &rows.labels);
        prop_assert!(same(found.roc_auc, metrics::auc(p, y)));
        prop_assert!(same(found.pr_auc, metrics::average_precision(p, y)));
        prop_assert!(same(found.log_loss, metrics::log_loss(p, y)));
        prop_assert!(same(found.brier, metrics::brier(p, y)));
        prop_assert_eq!(found.roc_auc.low, None);
    }

    /// A weight is a row so many times over.
    #[test]
    fn a_resample_is_its_rows(rows in rows(), number in 0_usize..9) {
        let sorted = sorted::Sorted::of(&rows_of(&rows).judged());
        let weights = Bootstrap::new(sorted.people, 9, 3).resample(<[u8]>::to_vec).resamples;
        let Some(weights) = weights.get(number) else { return Ok(()) };
        let found = sorted.ranked(weights);
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
        let f = rows_of(&rows).figures(40, seed);
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
        turned.rotate_left(by % rows.len().max(1));
        let (rows, turned) = (rows_of(&rows), rows_of(&turned));
        prop_assert_eq!(rows.figures(20, 1), turned.figures(20, 1));
        prop_assert_eq!(curves(&rows.judged()), curves(&turned.judged()));
    }
}
