//! Any monotone map: as many straight lines as the rows can tell apart.

use super::map::{Calibration, ascending};

/// Rows whose share of matches the map does not tell apart.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub(super) rows: f64,
    positives: f64,
    /// Sum of the raw probabilities.
    raw: f64,
}

impl Block {
    pub(super) fn rate(&self) -> f64 {
        self.positives / self.rows
    }

    fn centre(&self) -> f64 {
        self.raw / self.rows
    }
}

/// The monotone map of least squares, by pooling adjacent violators (Ayer et al., *Annals of
/// Mathematical Statistics* 26, 1955); rows ascending, blocks of strictly rising rates.
pub(super) fn pool(rows: &[(f32, bool)]) -> Vec<Block> {
    let mut blocks: Vec<Block> = Vec::new();
    // Equal probabilities are one block from the beginning.
    for run in rows.chunk_by(|a, b| a.0 == b.0) {
        let count = run.len() as f64;
        let positives = run.iter().filter(|(_, label)| *label).count() as f64;
        let mut block = Block { rows: count, positives, raw: f64::from(run[0].0) * count };
        while let Some(before) = blocks.pop_if(|before| before.rate() >= block.rate()) {
            block.rows += before.rows;
            block.positives += before.positives;
            block.raw += before.raw;
        }
        blocks.push(block);
    }
    blocks
}

/// Isotonic regression, with straight lines between the centres of its blocks, so that rows of one
/// block keep their order. A first block without a match and a last block of nothing else are held
/// off 0 and 1 by the rule of succession, `1 / (rows + 2)`, but by no more than half the way to the
/// next block. Under the first centre and over the last the nearest line goes on, at most half the
/// way to 0 and 1. [`Calibration::None`] without rows.
pub fn fit_isotonic(probabilities: &[f32], labels: &[bool]) -> Calibration {
    let blocks = pool(&ascending(probabilities, labels));
    let mut points: Vec<(f64, f64)> = blocks.iter().map(|b| (b.centre(), b.rate())).collect();
    let (Some(first), Some(last)) = (blocks.first(), blocks.last()) else {
        return Calibration::None;
    };
    let end = points.len() - 1;
    if first.rate() == 0.0 {
        let next = points.get(1).map_or(1.0, |point| point.1);
        points[0].1 = (1.0 / (first.rows + 2.0)).min(next / 2.0);
    }
    if last.rate() == 1.0 {
        let before = end.checked_sub(1).map_or(0.0, |at| points[at].1);
        points[end].1 = (1.0 - 1.0 / (last.rows + 2.0)).max((1.0 + before) / 2.0);
    }
    let slope = |at: usize| match points.get(at..at + 2) {
        Some([from, to]) => (to.1 - from.1) / (to.0 - from.0),
        _ => 0.0,
    };
    let ((x, y), (last_x, last_y)) = (points[0], points[end]);
    let low = (y - slope(0) * x).max(y / 2.0);
    let high = (last_y + slope(end.saturating_sub(1)) * (1.0 - last_x)).min((1.0 + last_y) / 2.0);
    if x > 0.0 {
        points.insert(0, (0.0, low));
    }
    if last_x < 1.0 {
        points.push((1.0, high));
    }
    let (x, y) = points.iter().map(|&(x, y)| (x as f32, y as f32)).unzip();
    Calibration::Isotonic { x, y }
}
