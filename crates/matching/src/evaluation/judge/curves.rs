//! What a chart of a model draws.

use serde::{Deserialize, Serialize};
use stats::wilson;

use super::{
    Judged,
    sorted::{BinSums, Sorted},
};

/// The plane of a curve is cut into so many steps, and each has at most one point.
const STEPS: f64 = 198.0;

const HISTOGRAM_BINS: usize = 20;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curves {
    /// Share of the negatives (x) and of the matches (y) that are called at one threshold, from
    /// (0, 0) to (1, 1); at most 200 points. Empty where there are rows of one class only.
    pub roc: Vec<Point>,
    /// Recall (x) and precision (y) at one threshold, recall ascending; at most 200 points. Empty
    /// without a match.
    pub pr: Vec<Point>,
    /// Predicted against observed, ascending: the bins of the expected calibration error, without
    /// empty ones.
    pub calibration: Vec<CalibrationBin>,
    /// How the probabilities are distributed: twenty bins of equal width.
    pub histogram: Vec<HistogramBin>,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub x: f64,
    pub y: f64,
}

/// A bin of the calibration curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CalibrationBin {
    pub from: f64,
    /// Highest probability, inclusive.
    pub to: f64,
    pub rows: usize,
    pub positives: usize,
    pub mean_probability: f64,
    pub rate: f64,
    /// Lower end of the share's 95 % Wilson interval.
    pub low: f64,
    /// Upper end of the share's 95 % Wilson interval.
    pub high: f64,
}

#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistogramBin {
    pub from: f64,
    /// Highest probability, exclusive but for the last bin.
    pub to: f64,
    /// Applications that are not a match.
    pub negatives: usize,
    pub positives: usize,
}

pub fn curves(judged: &Judged<'_>) -> Curves {
    let sorted = Sorted::of(judged);
    let once = vec![1; sorted.people];
    let matches = judged.positives() as f64;
    let others = judged.rows() as f64 - matches;
    let (mut roc, mut pr) = (Vec::new(), Vec::new());
    let (mut called, mut hits) = (0.0, 0.0);
    let point = |x, y| Point { x, y };
    roc.push(point(0.0, 0.0));
    sorted.for_each_run(&once, |_, _, positives, negatives| {
        called += (positives + negatives) as f64;
        hits += positives as f64;
        roc.push(point((called - hits) / others, hits / matches));
        // A threshold that calls no further match is behind the one before it.
        if positives > 0 {
            pr.push(point(hits / matches, hits / called));
        }
    });
    if matches == 0.0 || others == 0.0 {
        roc.clear();
    }
    let bins = sorted.bins(&once);
    Curves {
        roc: thin(roc, |p| (p.x + p.y) / 2.0),
        pr: thin(pr, |p| p.x),
        calibration: bins.iter().rev().filter_map(calibration_bin).collect(),
        histogram: histogram(judged),
    }
}

/// The first point of each step along the curve, and the last of all.
fn thin(points: Vec<Point>, along: impl Fn(&Point) -> f64) -> Vec<Point> {
    let last = points.len().saturating_sub(1);
    let mut step = None;
    let mut keep = |(at, point): (usize, Point)| {
        let own = Some((along(&point) * STEPS) as usize);
        (std::mem::replace(&mut step, own) != own || at == last).then_some(point)
    };
    points.into_iter().enumerate().filter_map(&mut keep).collect()
}

fn calibration_bin(bin: &BinSums) -> Option<CalibrationBin> {
    let (rows, positives) = (bin.rows as usize, bin.positives as usize);
    let (low, high) = wilson(positives, rows)?;
    Some(CalibrationBin {
        from: bin.range.0,
        to: bin.range.1,
        rows,
        positives,
        mean_probability: bin.probability / rows as f64,
        rate: positives as f64 / rows as f64,
        low,
        high,
    })
}

fn histogram(judged: &Judged<'_>) -> Vec<HistogramBin> {
    let edge = |bin: usize| bin as f64 / HISTOGRAM_BINS as f64;
    let mut bins: Vec<HistogramBin> = (0..HISTOGRAM_BINS)
        .map(|bin| HistogramBin { from: edge(bin), to: edge(bin + 1), negatives: 0, positives: 0 })
        .collect();
    for (&probability, &label) in judged.probabilities.iter().zip(judged.labels) {
        let bin = (f64::from(probability) * HISTOGRAM_BINS as f64) as usize;
        let bin = &mut bins[bin.min(HISTOGRAM_BINS - 1)];
        *(if label { &mut bin.positives } else { &mut bin.negatives }) += 1;
    }
    bins
}

#[cfg(test)]
mod tests {
    use super::*;

    use crate::judge::tests::Rows;

    const PROBABILITIES: [f32; 5] = [0.9, 0.7, 0.7, 0.2, 0.05];

    #[test]
    fn curves_by_hand() {
        let curves =
            curves(&Rows::alone(&PROBABILITIES, &[true, true, false, false, true]).judged());
        let of = |points: &[Point]| points.iter().map(|p| (p.x, p.y)).collect::<Vec<_>>();
        let (third, two) = (1.0 / 3.0, 2.0 / 3.0);
        assert_eq!(of(&curves.roc), [(0.0, 0.0), (0.0, third), (0.5, two), (1.0, two), (1.0, 1.0)]);
        assert_eq!(of(&curves.pr), [(third, 1.0), (two, two), (1.0, 0.6)]);
        // Equal probabilities are in one bin.
        let bins: Vec<_> = curves.calibration.iter().map(|b| (b.rows, b.rate)).collect();
        assert_eq!(bins, [(1, 1.0), (1, 0.0), (2, 0.5), (1, 1.0)]);
        assert!((curves.calibration[2].from - 0.7).abs() < 1e-6);
        let counts =
            |bin: usize| (curves.histogram[bin].negatives, curves.histogram[bin].positives);
        assert_eq!((counts(1), counts(4), counts(17)), ((0, 1), (1, 0), (0, 1)));
        assert_eq!((curves.histogram[19].from, curves.histogram[19].to), (0.95, 1.0));
    }

    #[test]
    fn many_rows_make_few_points() {
        let probabilities: Vec<f32> = (0..5_000).map(|i| i as f32 / 5_000.0).collect();
        let labels: Vec<bool> = (0..5_000_u32).map(|i| i * 31 % 5_000 < i).collect();
        let rows = Rows::alone(&probabilities, &labels);
        let Curves { roc, pr, calibration, histogram } = curves(&rows.judged());
        assert!((150..=200).contains(&roc.len()), "{}", roc.len());
        assert!((150..=200).contains(&pr.len()), "{}", pr.len());
        assert!(roc.windows(2).all(|w| w[0].x <= w[1].x && w[0].y <= w[1].y));
        assert!(pr.windows(2).all(|w| w[0].x < w[1].x));
        assert_eq!(roc.last(), Some(&Point { x: 1.0, y: 1.0 }));
        assert_eq!(calibration.iter().map(|b| b.rows).collect::<Vec<_>>(), [500; 10]);
        assert!(calibration.iter().all(|b| b.low < b.rate && b.rate < b.high));
        assert_eq!(histogram.iter().map(|b| b.negatives + b.positives).sum::<usize>(), 5_000);
    }

    #[test]
    fn one_class_and_nothing_have_no_curve() {
        let one = curves(&Rows::alone(&PROBABILITIES, &[false; 5]).judged());
        assert_eq!((one.roc.len(), one.pr.len()), (0, 0));
        let none = curves(&Rows::default().judged());
        assert_eq!((none.roc.len(), none.calibration.len(), none.histogram.len()), (0, 0, 20));
    }
}
