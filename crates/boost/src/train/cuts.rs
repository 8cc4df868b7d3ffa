//! Quantile bins: where a column may be split.

use crate::Csr;

/// The ends of a column's bins, ascending: bin `b` holds the values below `ends[b]` and not below
/// `ends[b - 1]`. The last end lies above every value seen. Empty for a column without values.
pub(super) type Ends = Vec<f32>;

/// The bin of `value`; `ends.len()` if it lies above all.
pub(super) fn bin_of(ends: &[f32], value: f32) -> usize {
    ends.partition_point(|end| *end <= value)
}

/// At most `max_bin` bins of about equally many values; one a distinct value if they are few.
pub(super) fn ends(values: &mut [f32], max_bin: usize) -> Ends {
    values.sort_unstable_by(f32::total_cmp);
    let Some(&last) = values.last() else { return vec![] };
    let mut distinct: Vec<f32> = values.to_vec();
    distinct.dedup();
    let mut ends = Vec::new();
    if distinct.len() <= max_bin {
        ends.extend(distinct.windows(2).map(|pair| between(pair[0], pair[1])));
    } else {
        for quantile in 1..max_bin {
            let value = values[values.len() * quantile / max_bin];
            let place = distinct.partition_point(|x| *x < value);
            if place > 0 {
                ends.push(between(distinct[place - 1], value));
            }
        }
        ends.dedup();
    }
    // As XGBoost: above the greatest value by its own size.
    ends.push((last + (last.abs() + 1e-5)).min(f32::MAX).max(last.next_up()));
    ends
}

/// A threshold `t` with `low < t <= high`, half-way where 32 bits allow.
fn between(low: f32, high: f32) -> f32 {
    let middle = low * 0.5 + high * 0.5;
    if middle > low { middle } else { high }
}

/// The columns `first..end` of `rows`, turned: `(starts, rows, values)`, where the entries of column
/// `first + i` stand at `starts[i]..starts[i + 1]` by ascending row.
pub(super) fn turn(rows: &Csr, first: u32, end: u32) -> (Vec<usize>, Vec<u32>, Vec<f32>) {
    let part = |row: usize| {
        let (indices, values) = rows.row(row);
        let from = indices.partition_point(|&c| c < first);
        let to = from + indices[from..].partition_point(|&c| c < end);
        (&indices[from..to], &values[from..to])
    };
    let mut starts = vec![0usize; (end - first) as usize + 1];
    for row in 0..rows.rows() {
        for &column in part(row).0 {
            starts[(column - first) as usize + 1] += 1;
        }
    }
    for i in 1..starts.len() {
        starts[i] += starts[i - 1];
    }
    let mut next = starts.clone();
    let stored = starts[starts.len() - 1];
    let (mut turned_rows, mut turned_values) = (vec![0; stored], vec![0.0; stored]);
    for row in 0..rows.rows() {
        let (columns, values) = part(row);
        for (&column, &value) in columns.iter().zip(values) {
            let place = &mut next[(column - first) as usize];
            turned_rows[*place] = row as u32;
            turned_values[*place] = value;
            *place += 1;
        }
    }
    (starts, turned_rows, turned_values)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn bins_keep_the_order_and_cover_every_value(
            mut values in prop::collection::vec(prop_oneof![
                any::<f32>().prop_filter("finite", |x| x.is_finite()),
                (0..5).prop_map(|x| x as f32),
            ], 1..300),
            max_bin in 2usize..40,
        ) {
            let ends = ends(&mut values, max_bin);
            prop_assert!(ends.len() <= max_bin);
            prop_assert!(ends.windows(2).all(|w| w[0] < w[1]), "{:?}", ends);
            let bins: Vec<_> = values.iter().map(|&v| bin_of(&ends, v)).collect();
            prop_assert!(bins.windows(2).all(|w| w[0] <= w[1]));
            prop_assert!(bins.iter().all(|&b| b < ends.len()));
        }
    }

    #[test]
    fn few_values_are_told_apart_half_way() {
        assert_eq!(ends(&mut [3.0, 1.0, 1.0], 64), [2.0, 6.00001]);
        assert_eq!(ends(&mut [1.0; 9], 64), [2.00001]);
        assert!(ends(&mut [], 64).is_empty());
    }

    #[test]
    fn turns_columns() {
        let csr = Csr::new(vec![0, 2, 3], vec![0, 2, 2], vec![1., 2., 3.], 4).unwrap();
        assert_eq!(turn(&csr, 1, 4), (vec![0, 0, 2, 2], vec![0, 1], vec![2., 3.]));
    }
}
