//! Means over queries and how sure they are: people are drawn, each with all queries, for the queries
//! of one person are alike.

use stats::Bootstrap;

use super::{
    metrics::{Estimate, Figures},
    outcome::{FIGURES, ListFigures},
};

/// The figures of some queries, each with the number of its person; `bootstrap` draws `people`.
pub(super) fn figures(
    bootstrap: &Bootstrap,
    people: usize,
    outcomes: &[(u32, ListFigures)],
) -> Figures {
    // Sums of each person, and how many queries.
    let mut sums = vec![([0.0; FIGURES], 0_u32); people];
    for (person, outcome) in outcomes {
        let (sum, queries) = &mut sums[*person as usize];
        sum.iter_mut().zip(outcome).for_each(|(sum, x)| *sum += x);
        *queries += 1;
    }
    let people = sums.iter().filter(|(_, queries)| *queries > 0).count();
    if people == 0 {
        return Figures::default();
    }
    // Not defined on a resample without any of these people.
    let means = bootstrap.resample(|weights| -> ListFigures {
        let (mut total, mut queries) = ([0.0; FIGURES], 0.0);
        for ((sum, count), weight) in sums.iter().zip(weights).filter(|(s, _)| s.1 > 0) {
            let weight = f64::from(*weight);
            total.iter_mut().zip(sum).for_each(|(total, x)| *total += weight * x);
            queries += weight * f64::from(*count);
        }
        total.map(|total| total / queries)
    });
    let estimate = |figure: usize| {
        let of = means.estimate(|outcome| outcome[figure]);
        let value = of.value?;
        Some(Estimate { value, low: of.low.unwrap_or(value), high: of.high.unwrap_or(value) })
    };
    Figures {
        queries: outcomes.len(),
        people,
        recall_10: estimate(0),
        recall_50: estimate(1),
        mrr: estimate(2),
        ndcg_10: estimate(3),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn drawn(
        people: usize,
        resamples: usize,
        seed: u64,
        outcomes: &[(u32, ListFigures)],
    ) -> Figures {
        figures(&Bootstrap::new(people, resamples, seed), people, outcomes)
    }

    #[test]
    fn the_interval_is_as_wide_as_theory_says() {
        // 400 candidates with one query each, half of them 1: standard error .5 / 20 = .025.
        let outcomes: Vec<(u32, ListFigures)> =
            (0..400).map(|i| (i, [f64::from(i % 2), 1.0, 0.0, 0.5])).collect();
        let figures = drawn(400, 2_000, 1, &outcomes);
        let recall = figures.recall_10.unwrap();
        assert_eq!(recall.value, 0.5);
        assert!((recall.low - (0.5 - 1.96 * 0.025)).abs() < 0.006, "{recall:?}");
        assert!((recall.high - (0.5 + 1.96 * 0.025)).abs() < 0.006, "{recall:?}");
        for (estimate, value) in
            [(figures.recall_50, 1.0), (figures.mrr, 0.0), (figures.ndcg_10, 0.5)]
        {
            assert_eq!(estimate, Some(Estimate { value, low: value, high: value }));
        }
        assert_eq!((figures.queries, figures.people), (400, 400));
    }

    #[test]
    fn a_candidate_is_drawn_with_all_its_queries() {
        // Ten candidates whose hundred queries are all alike: no surer than ten queries.
        let alike = |queries: u32| -> Vec<(u32, ListFigures)> {
            (0..10).flat_map(|i| vec![(i, [f64::from(i % 2); 4]); queries as usize]).collect()
        };
        let [ten, thousand] = [1, 100].map(|n| drawn(10, 1_000, 1, &alike(n)).mrr.unwrap());
        assert!((ten.low - thousand.low).abs() < 1e-9 && (ten.high - thousand.high).abs() < 1e-9);
    }

    #[test]
    fn nothing_and_one() {
        for people in [0, 5] {
            assert_eq!(drawn(people, 100, 1, &[]), Figures::default());
        }
        let one = drawn(1, 100, 1, &[(0, [0.25; 4])]);
        assert_eq!(one.mrr, Some(Estimate { value: 0.25, low: 0.25, high: 0.25 }));
    }

    proptest! {
        #[test]
        fn the_interval_holds_the_mean(
            outcomes in prop::collection::vec((0_u32..8, 0.0..1.0_f64), 1..20),
            seed in 0_u64..50,
        ) {
            let outcomes: Vec<(u32, ListFigures)> =
                outcomes.into_iter().map(|(person, x)| (person, [x; 4])).collect();
            let figures = drawn(8, 100, seed, &outcomes);
            let Estimate { value, low, high } = figures.ndcg_10.unwrap();
            prop_assert!(low <= value && value <= high);
            let mean = outcomes.iter().map(|(_, o)| o[0]).sum::<f64>() / outcomes.len() as f64;
            prop_assert!((value - mean).abs() < 1e-12);
        }
    }
}
