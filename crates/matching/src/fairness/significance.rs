//! Whether a group fares worse than the others, beyond chance.
//!
//! A group's events `O_g` are set against its part of all events, `π O`, where `π` is its part of
//! the denominators. Two statistics are computed and the weaker one counts: the score test's and the
//! signed root of the likelihood ratio. The first is too bold where many events are expected to
//! fail to come (rates near 1), the second where few are expected at all.
//!
//! Both are divided by a design effect (first-order correction of Rao and Scott, JASA 76, 1981), for
//! applications of one candidate are alike, and so are those for one job: their residuals'
//! covariance is estimated over all groups together, as is their variance, so that a group that
//! happens to have no event does not look certain of it. A covariance below zero counts as zero.

use stats::paired::one_sided;

use super::{
    attribute::Attribute,
    rates::{Marked, RateShare},
};

/// Events of a group that must be expected for it to be tested: Cochran's rule.
const EXPECTED: f64 = 5.0;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Of {
    /// Rows, of which each has the event or not; worse is to have fewer of them.
    Rows,
    /// Expected events; worse is to have more than are expected.
    Expectations,
}

/// The probability for each group, one-sided, of faring so much worse than the others or still
/// worse by chance. None where too few events are expected.
pub(super) fn worse<const N: usize>(
    rows: &Marked<'_, N>,
    attribute: &Attribute,
    share: RateShare,
    of: Of,
) -> Vec<Option<f64>> {
    let Marked { people, jobs, marks } = rows;
    let RateShare { count: events, of: over } = share;
    let mut totals = vec![Total::default(); attribute.groups().len()];
    for (mark, group) in marks.iter().zip(attribute.of_rows()) {
        if let Some(group) = group {
            let total = &mut totals[*group as usize];
            total.events += mark[events];
            total.over += mark[over];
        }
    }
    let all = totals.iter().fold(Total::default(), |sum, total| Total {
        events: sum.events + total.events,
        over: sum.over + total.over,
    });
    let rate = all.events / all.over;
    let residual = |row: u32| -> Option<(usize, f64)> {
        let mark = &marks[row as usize];
        let group = attribute.of_rows()[row as usize]?;
        (mark[over] > 0.0).then(|| (group as usize, mark[events] - rate * mark[over]))
    };
    let squares: f64 = (0..marks.len() as u32).filter_map(residual).map(|(_, e)| e * e).sum();
    let rows = (0..marks.len() as u32).filter_map(residual).count();
    // Var(O_g - π O) = dispersion · O · π (1 - π), of independent rows.
    let dispersion = squares / all.events;
    let clusters = [
        Covariance::of(people.iter(), totals.len(), residual, squares / rows as f64),
        Covariance::of(jobs.iter(), totals.len(), residual, squares / rows as f64),
    ];
    let p = |(group, total): (usize, &Total)| {
        let part = total.over / all.over;
        let expected = part * all.events;
        if !(expected >= EXPECTED && all.events - expected >= EXPECTED) || squares <= 0.0 {
            return None;
        }
        let independent = dispersion * expected * (1.0 - part);
        let variance = independent + clusters.iter().map(|c| c.of_group(group, part)).sum::<f64>();
        let score = (total.events - expected).abs() / libm::sqrt(variance);
        let mut deviance = part_of(total.events, expected)
            + part_of(all.events - total.events, all.events - expected);
        match of {
            Of::Rows => {
                let (misses, all_misses) = (total.over - total.events, all.over - all.events);
                deviance += part_of(misses, part * all_misses)
                    + part_of(all_misses - misses, (1.0 - part) * all_misses);
            }
            Of::Expectations => deviance /= dispersion,
        }
        let root = libm::sqrt((2.0 * deviance).max(0.0) * independent / variance);
        let worse = match of {
            Of::Rows => total.events < expected,
            Of::Expectations => total.events > expected,
        };
        let z = score.min(root);
        Some(one_sided(if worse { z } else { -z }, 1.0))
    };
    totals.iter().enumerate().map(p).collect()
}

#[derive(Clone, Copy, Debug, Default)]
struct Total {
    events: f64,
    over: f64,
}

fn part_of(found: f64, expected: f64) -> f64 {
    if found > 0.0 { found * libm::log(found / expected) } else { 0.0 }
}

/// How alike the rows of one cluster are, and what that adds to the variance of each group.
struct Covariance {
    /// Mean product of the residuals of two rows of a cluster.
    of_pair: f64,
    /// Ordered pairs of rows of a cluster, over all clusters.
    pairs: f64,
    /// Those whose first row is of the group, and those whose rows both are.
    of_groups: Vec<(f64, f64)>,
}

impl Covariance {
    /// `most` is the mean square of a residual, above which no covariance can be.
    fn of<'a>(
        clusters: impl Iterator<Item = &'a [u32]>,
        groups: usize,
        residual: impl Fn(u32) -> Option<(usize, f64)>,
        most: f64,
    ) -> Self {
        let (mut products, mut pairs) = (0.0, 0.0);
        let mut of_groups = vec![(0.0, 0.0); groups];
        let mut members: Vec<(usize, f64)> = Vec::new();
        for rows in clusters.filter(|rows| rows.len() > 1) {
            members.clear();
            members.extend(rows.iter().filter_map(|&row| residual(row)));
            if members.len() < 2 {
                continue;
            }
            members.sort_unstable_by(|a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
            let size = members.len() as f64;
            let (sum, squares) = members
                .iter()
                .fold((0.0, 0.0), |(sum, squares), (_, e)| (sum + e, squares + e * e));
            products += sum * sum - squares;
            pairs += size * (size - 1.0);
            for run in members.chunk_by(|a, b| a.0 == b.0) {
                let (count, (first, both)) = (run.len() as f64, &mut of_groups[run[0].0]);
                *first += count * (size - 1.0);
                *both += count * (count - 1.0);
            }
        }
        let of_pair = if pairs > 0.0 { (products / pairs).clamp(0.0, most) } else { 0.0 };
        Self { of_pair, pairs, of_groups }
    }

    /// Added to the variance of `Σ (1_g - π) residual`.
    fn of_group(&self, group: usize, part: f64) -> f64 {
        let (first, both) = self.of_groups[group];
        let weights = both - 2.0 * part * first + part * part * self.pairs;
        self.of_pair * weights.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use stats::Groups;

    use super::*;

    /// The p of each group where `counts` has its rows and events, each row a candidate and a job.
    fn of_counts(counts: &[(usize, usize)]) -> Vec<Option<f64>> {
        let (mut marks, mut values) = (Vec::new(), Vec::new());
        for (group, &(rows, events)) in counts.iter().enumerate() {
            for row in 0..rows {
                marks.push([1.0, f64::from(u8::from(row < events))]);
                values.push(Some(group.to_string()));
            }
        }
        let ids = Groups::new(&(0..marks.len() as u32).collect::<Vec<_>>());
        let rows = Marked { people: &ids, jobs: &ids, marks };
        worse(&rows, &Attribute::new("a", values), RateShare { count: 1, of: 0 }, Of::Rows)
    }

    #[test]
    fn two_shares_without_clusters() {
        // Pooled share .4 of 200 and 200: z = (.35 - .45) / sqrt(.24 / 100) = -2.041, the root of
        // the likelihood ratio is -2.045.
        let p = of_counts(&[(200, 70), (200, 90)]);
        assert!((p[0].unwrap() - 0.020_613).abs() < 1e-5, "{p:?}");
        assert!((p[0].unwrap() + p[1].unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(of_counts(&[(200, 4), (200, 5)]), [None, None]);
        assert_eq!(of_counts(&[(200, 0), (200, 0)]), [None, None]);
    }

    #[test]
    fn no_event_of_few_is_not_more_certain_than_it_is() {
        // Of 100 rows with a share of .06, none has a probability of .94^100 = .002.
        let p = of_counts(&[(100, 0), (10_000, 606)])[0].unwrap();
        assert!((0.002..0.01).contains(&p), "{p}");
        // At shares near 1: 20 of 100 fail where 10 are expected, probability .002.
        let p = of_counts(&[(100, 80), (10_000, 9_010)])[0].unwrap();
        assert!((0.0005..0.004).contains(&p), "{p}");
    }

    #[test]
    fn copies_of_a_row_are_no_evidence() {
        let once = of_counts(&[(200, 70), (200, 90)]);
        let (mut marks, mut values, mut people) = (Vec::new(), Vec::new(), Vec::new());
        for person in 0..400_u32 {
            for _ in 0..3 {
                let event = if person < 200 { person < 70 } else { person < 290 };
                marks.push([1.0, f64::from(u8::from(event))]);
                values.push(Some(if person < 200 { "0" } else { "1" }));
                people.push(person);
            }
        }
        let people = Groups::new(&people);
        let jobs = Groups::new(&(0..marks.len() as u32).collect::<Vec<_>>());
        let attribute = Attribute::new("a", values);
        let of = |people, jobs| {
            worse(
                &Marked { people, jobs, marks: marks.clone() },
                &attribute,
                RateShare { count: 1, of: 0 },
                Of::Rows,
            )
        };
        let thrice = of(&people, &jobs);
        assert!((thrice[0].unwrap() - once[0].unwrap()).abs() < 1e-3, "{thrice:?} {once:?}");
        // The same where the copies are of a job.
        assert_eq!(of(&jobs, &people), thrice);
        assert!(of(&jobs, &jobs)[0].unwrap() < 0.001);
    }

    #[test]
    fn more_than_expected_is_worse() {
        let of = |events: usize| {
            let mark = |row: usize| [if row < 200 { row < events } else { row < 260 }, true];
            let marks: Vec<[f64; 2]> = (0..400)
                .map(|row| mark(row).map(|yes| f64::from(u8::from(yes))))
                .map(|[event, _]| [event, 0.3])
                .collect();
            let ids = Groups::new(&(0..400).collect::<Vec<_>>());
            let values = (0..400).map(|row| Some(if row < 200 { "0" } else { "1" }));
            let attribute = Attribute::new("a", values);
            worse(
                &Marked { people: &ids, jobs: &ids, marks },
                &attribute,
                RateShare { count: 0, of: 1 },
                Of::Expectations,
            )[0]
        };
        assert!((of(60).unwrap() - 0.5).abs() < 1e-12);
        assert!(of(85).unwrap() < 0.01 && of(40).unwrap() > 0.95);
    }
}
