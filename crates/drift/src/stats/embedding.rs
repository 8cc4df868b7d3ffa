//! A small model that tells the embeddings of two versions apart.
//!
//! The difference of the two sides' means, each dimension over its pooled variance: Fisher's
//! discriminant with a diagonal covariance. Half of the records are what it is fitted on, the other
//! half, on both sides, what it is judged on.

use super::separation::Separation;

/// Vectors of one version, row after row, and which rows the model is fitted on.
#[derive(Clone, Copy, Debug)]
pub struct SplitVectors<'a> {
    /// The values, `rows × dimensions`.
    pub values: &'a [f32],
    /// Numbers of a row.
    pub dimensions: usize,
    /// For each row, whether the model is fitted on it; else it is judged on it.
    pub fitted: &'a [bool],
}

impl SplitVectors<'_> {
    fn rows(&self, fitted: bool) -> impl Iterator<Item = &[f32]> {
        let rows = self.values.chunks_exact(self.dimensions.max(1)).zip(self.fitted);
        rows.filter(move |(_, of)| **of == fitted).map(|(row, _)| row)
    }

    /// Rows fitted on, and each dimension's mean and variance.
    fn moments(&self) -> (f64, Vec<f64>, Vec<f64>) {
        let (mut sums, mut squares) = (vec![0.0; self.dimensions], vec![0.0; self.dimensions]);
        let mut rows = 0_u64;
        for row in self.rows(true) {
            rows += 1;
            for ((sum, square), value) in sums.iter_mut().zip(&mut squares).zip(row) {
                let value = f64::from(*value);
                *sum += value;
                *square += value * value;
            }
        }
        let rows = rows.max(1) as f64;
        for (sum, square) in sums.iter_mut().zip(&mut squares) {
            *sum /= rows;
            *square = (*square / rows - *sum * *sum).max(0.0);
        }
        (rows, sums, squares)
    }
}

/// How well the model tells the rows apart that it was not fitted on; none where the two are of
/// unequal dimensions or have too few rows.
pub fn separation(before: SplitVectors<'_>, after: SplitVectors<'_>) -> Option<Separation> {
    if before.dimensions != after.dimensions || before.dimensions == 0 {
        return None;
    }
    let ((n, mean_before, var_before), (m, mean_after, var_after)) =
        (before.moments(), after.moments());
    let pooled: Vec<f64> =
        var_before.iter().zip(&var_after).map(|(x, y)| (n * x + m * y) / (n + m)).collect();
    // A dimension that hardly varies must not decide alone.
    let least = pooled.iter().sum::<f64>() / pooled.len().max(1) as f64 * 1e-3 + 1e-12;
    let direction: Vec<f64> = mean_before
        .iter()
        .zip(&mean_after)
        .zip(&pooled)
        .map(|((before, after), variance)| (after - before) / variance.max(least))
        .collect();
    let scores = |vectors: &SplitVectors<'_>| -> Vec<f64> {
        let score = |row: &[f32]| row.iter().zip(&direction).map(|(x, w)| f64::from(*x) * w).sum();
        vectors.rows(false).map(score).collect()
    };
    Separation::of(&mut scores(&before), &mut scores(&after))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 400 rows of four numbers, the second moved by `shift`.
    fn vectors(seed: u64, shift: f32) -> Vec<f32> {
        let mut random = ::stats::Random::new(seed);
        (0..1600)
            .map(|i| random.uniform() as f32 - 0.5 + if i % 4 == 1 { shift } else { 0.0 })
            .collect()
    }

    #[test]
    fn a_shift_is_seen_and_chance_is_not() {
        let fitted: Vec<bool> = (0..400).map(|i| i % 2 == 0).collect();
        let of = |values| SplitVectors { values, dimensions: 4, fitted: &fitted };
        let (a, b, c) = (vectors(1, 0.0), vectors(2, 0.0), vectors(3, 0.3));
        let same = separation(of(&a), of(&b)).unwrap();
        assert!(same.size() < 0.2 && same.p > 0.001, "{same:?}");
        let moved = separation(of(&a), of(&c)).unwrap();
        assert!(moved.size() > 0.35 && moved.p < 1e-9, "{moved:?}");
        assert_eq!(moved.before, 200);
        let narrow = SplitVectors { values: &a, dimensions: 2, fitted: &fitted };
        assert!(separation(narrow, of(&b)).is_none());
    }
}
