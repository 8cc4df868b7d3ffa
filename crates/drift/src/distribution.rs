//! Numbers as pictures: quantiles and histograms.

use schema::calendar::{month_of, month_start};

use crate::{
    observed::ratio,
    report::{ColumnKind, Histogram, Quantiles},
};

/// Bins of a histogram of numbers and lengths.
const BINS: usize = 20;
/// Bins of a histogram of days, at most.
const MOST_MONTHS: i32 = 36;

/// The quantiles of ascending values, each a value that is there; none where fewer than
/// `min_support` are, for then they would be somebody's.
pub(crate) fn quantiles(sorted: &[f64], min_support: u64) -> Option<Quantiles> {
    if (sorted.len() as u64) < min_support {
        return None;
    }
    let at = |share: f64| quantile(sorted, share);
    Some(Quantiles {
        min: at(0.0)?,
        p10: at(0.1)?,
        p25: at(0.25)?,
        p50: at(0.5)?,
        p75: at(0.75)?,
        p90: at(0.9)?,
        max: at(1.0)?,
    })
}

/// The value at or below which `share` of the values lie.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at.min(last)).copied()
}

/// Both sides' shares in common bins; none where one side has too few values.
pub(crate) fn histogram(
    kind: ColumnKind,
    before: &[f64],
    after: &[f64],
    min_support: u64,
) -> Option<Histogram> {
    if (before.len().min(after.len()) as u64) < min_support {
        return None;
    }
    let edges = match kind {
        ColumnKind::Date => months(before, after)?,
        _ => widths(before, after)?,
    };
    let (before, after) = (shares(before, &edges), shares(after, &edges));
    Some(Histogram { edges, before, after })
}

/// Equal widths between the outer hundredths of both sides: a single value far off would leave the
/// rest in one bin. What lies beyond counts in the outer bins.
fn widths(before: &[f64], after: &[f64]) -> Option<Vec<f64>> {
    let (low, high) = (quantile(before, 0.01)?, quantile(before, 0.99)?);
    let low = low.min(quantile(after, 0.01)?);
    let high = high.max(quantile(after, 0.99)?);
    if high <= low {
        return Some(vec![low - 0.5, low + 0.5]);
    }
    let width = (high - low) / BINS as f64;
    Some((0..=BINS).map(|i| if i == BINS { high } else { low + width * i as f64 }).collect())
}

/// The shares between edges; what lies beyond them counts in the outer bins.
pub(crate) fn shares(sorted: &[f64], edges: &[f64]) -> Vec<f64> {
    let inner = edges.get(1..edges.len().saturating_sub(1)).unwrap_or_default();
    let ends = inner.iter().map(|edge| sorted.partition_point(|v| v < edge));
    let ends: Vec<usize> = ends.chain([sorted.len()]).collect();
    let starts = std::iter::once(0).chain(ends.iter().copied());
    starts.zip(&ends).map(|(a, b)| ratio((b - a) as u64, sorted.len() as u64)).collect()
}

/// The beginnings of months, quarters or years, whichever are few enough, and one more behind the
/// last day.
fn months(before: &[f64], after: &[f64]) -> Option<Vec<f64>> {
    let first = before.first()?.min(*after.first()?) as i32;
    let last = before.last()?.max(*after.last()?) as i32;
    let (first, last) = (month_of(first), month_of(last));
    let step = [1, 3, 12, 60, 120].into_iter().find(|step| (last - first) / step < MOST_MONTHS);
    let step = step.unwrap_or(1200);
    let begin = first - first.rem_euclid(step);
    let count = (last - begin) / step + 1;
    Some((0..=count).map(|i| f64::from(month_start(begin + i * step))).collect())
}

#[cfg(test)]
mod tests {
    use schema::calendar;

    use super::*;

    #[test]
    fn quantiles_are_values_that_are_there() {
        let values: Vec<f64> = (1..=10).map(f64::from).collect();
        let q = quantiles(&values, 5).unwrap();
        assert_eq!((q.min, q.p10, q.p25, q.p50, q.p90, q.max), (1.0, 1.0, 3.0, 5.0, 9.0, 10.0));
        assert!(quantiles(&values[..4], 5).is_none());
    }

    #[test]
    fn shares_of_a_histogram_sum_to_one() {
        let before: Vec<f64> = (0..1000).map(f64::from).collect();
        let mut after: Vec<f64> = (500..1500).map(f64::from).collect();
        after.push(1e9);
        let h = histogram(ColumnKind::Number, &before, &after, 5).unwrap();
        assert_eq!(h.edges.len(), BINS + 1);
        assert!(h.edges[BINS] < 2000.0);
        for shares in [&h.before, &h.after] {
            assert_eq!(shares.len(), BINS);
            assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-9);
        }
        let same = histogram(ColumnKind::Number, &[3.0; 9], &[3.0; 9], 5).unwrap();
        assert_eq!((same.edges, same.before), (vec![2.5, 3.5], vec![1.0]));
    }

    #[test]
    fn days_are_counted_by_month_quarter_or_year() {
        // 2021-03-25 and on, 100 days: March to July.
        let days: Vec<f64> = (18_711..18_811).map(f64::from).collect();
        let h = histogram(ColumnKind::Date, &days, &days, 5).unwrap();
        let edges: Vec<_> = h.edges.iter().map(|e| calendar::iso(*e as i32)).collect();
        assert_eq!(edges[0], "2021-03-01");
        assert_eq!(edges.last().unwrap(), "2021-08-01");
        assert_eq!(h.before[0], 0.07);
        let long: Vec<f64> = (0..7000).map(f64::from).collect();
        assert!(histogram(ColumnKind::Date, &long, &long, 5).unwrap().edges.len() < 40);
    }
}
