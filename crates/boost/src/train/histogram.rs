//! The binned matrix by rows, and histograms of gradients over it.
//!
//! A histogram adds whole numbers, so the order of its rows, and with it the number of threads, does
//! not show in the sums. Gradient and hessian of a row are scaled so that the sums over all rows just
//! fit 32 bits each, and are added together as the halves of one 64-bit word. Only the entries that
//! are stored are added up; what is missing is the node's total less the column's sum.

use std::sync::Mutex;

use rayon::prelude::*;

use super::cuts::{Ends, bin_of};
use super::kernel::prefetch;
use crate::{Csr, Error};

/// A gradient (upper half, signed) and a hessian (lower half, at least 0) as scaled whole numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct GradientPair(u64);

impl GradientPair {
    /// No rows.
    pub(super) const ZERO: Self = Self(0);

    /// Packs a scaled gradient and hessian.
    pub(super) fn new(gradient: i32, hessian: u32) -> Self {
        Self(u64::from(gradient as u32) << 32 | u64::from(hessian))
    }

    /// The gradient's sum. The carry of the lower half never reaches it: hessians are not negative
    /// and all of them together stay below 2³¹.
    pub(super) fn gradient(self) -> i32 {
        (self.0 >> 32) as i32
    }

    /// The hessian's sum.
    pub(super) fn hessian(self) -> i32 {
        self.0 as u32 as i32
    }

    /// Gradient and hessian.
    #[inline(always)]
    pub(super) fn parts(self) -> [i32; 2] {
        [self.gradient(), self.hessian()]
    }

    pub(super) fn is_zero(self) -> bool {
        self.0 == 0
    }
}

impl std::ops::Add for GradientPair {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.wrapping_add(other.0))
    }
}

impl std::ops::Sub for GradientPair {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.wrapping_sub(other.0))
    }
}

/// A column that has at least one bin, and where its bins stand in a histogram.
#[derive(Debug, Clone, Copy)]
pub(super) struct Feature {
    /// Column of the matrix.
    pub(super) column: u32,
    /// Place of its first bin.
    pub(super) first: u32,
    /// Number of bins.
    pub(super) bins: u32,
}

impl Feature {
    /// The places of its bins.
    pub(super) fn range(self) -> std::ops::Range<usize> {
        self.first as usize..(self.first + self.bins) as usize
    }
}

/// Most bins of a block: what 16 bits can number.
const BLOCK: usize = 1 << 16;
/// Rows above which a histogram is built by two threads.
const SHARED: usize = 8192;

/// Rows of a node lie apart in memory, where no hardware foresees the next: how many rows ahead their
/// entries are fetched.
const AHEAD: usize = 6;
/// Entries in a cache line.
const LINE: usize = 64 / size_of::<u16>();

/// Some columns' entries by rows: row `i` has the bins `entries[starts[i]..starts[i + 1]]`.
#[derive(Debug)]
struct BinBlock {
    /// Place in the histogram of the block's bin 0.
    first: usize,
    starts: Vec<u32>,
    entries: Vec<u16>,
    /// Cache lines that a row takes on the average.
    lines: usize,
}

/// Rows as lists of bins, in as many blocks of columns as 16 bits per bin ask for.
#[derive(Debug)]
pub(super) struct RowBins {
    /// Those with one bin first.
    pub(super) features: Vec<Feature>,
    /// Number of features that have one bin only.
    pub(super) singles: usize,
    /// Number of the feature at each place of a histogram.
    pub(super) feature_at: Vec<u32>,
    blocks: Vec<BinBlock>,
}

impl RowBins {
    pub(super) fn new(rows: &Csr, ends: &[Ends]) -> Result<Self, Error> {
        let limit = u32::MAX as usize;
        if rows.stored() > limit {
            return Err(Error::TooLarge { what: "stored entries", limit, found: rows.stored() });
        }
        let mut order: Vec<u32> = (0..ends.len() as u32).collect();
        order.retain(|&c| !ends[c as usize].is_empty());
        order.sort_by_key(|&c| ends[c as usize].len() > 1);
        let mut features = Vec::with_capacity(order.len());
        let (mut feature_at, mut first_of_block) = (Vec::new(), vec![0]);
        // Block and bin of a column's first bin.
        let mut place = vec![(0u32, 0u32); ends.len()];
        for column in order {
            let bins = ends[column as usize].len();
            let mut block = first_of_block[first_of_block.len() - 1];
            if feature_at.len() + bins - block > BLOCK {
                block = feature_at.len();
                first_of_block.push(block);
            }
            let first = feature_at.len() as u32;
            place[column as usize] = (first_of_block.len() as u32 - 1, first - block as u32);
            feature_at.extend(std::iter::repeat_n(features.len() as u32, bins));
            features.push(Feature { column, first, bins: bins as u32 });
        }
        let singles = features.iter().filter(|f| f.bins == 1).count();
        let block = |(number, first)| BinBlock::new(rows, ends, &place, number as u32, first);
        let blocks = first_of_block.into_iter().enumerate().map(block).collect();
        Ok(Self { features, singles, feature_at, blocks })
    }

    /// Number of bins of a histogram.
    pub(super) fn bins(&self) -> usize {
        self.feature_at.len()
    }

    /// Mean number of entries in a row.
    pub(super) fn mean_entries(&self) -> f64 {
        let entries: usize = self.blocks.iter().map(|b| b.entries.len()).sum();
        let rows = self.blocks.first().map_or(1, |b| b.starts.len() - 1);
        entries as f64 / rows.max(1) as f64
    }

    /// Adds the pairs of `rows` to `histogram`.
    fn add(&self, pairs: &[GradientPair], rows: &[u32], histogram: &mut [GradientPair]) {
        for block in &self.blocks {
            // An array of 2¹⁶ needs no bounds check when a `u16` indexes it.
            let sums: &mut [GradientPair; BLOCK] =
                (&mut histogram[block.first..block.first + BLOCK]).try_into().expect("padded");
            for (i, &row) in rows.iter().enumerate() {
                if let Some(&later) = rows.get(i + AHEAD) {
                    let start = block.starts[later as usize] as usize;
                    for line in 0..block.lines {
                        prefetch(&block.entries, start + line * LINE);
                    }
                }
                let pair = pairs[row as usize];
                let mut add = |bin: u16| {
                    let sum = &mut sums[usize::from(bin)];
                    *sum = *sum + pair;
                };
                let (fours, rest) = block.row(row).as_chunks::<4>();
                fours.iter().flatten().for_each(|&bin| add(bin));
                rest.iter().for_each(|&bin| add(bin));
            }
        }
    }

    /// Calls `visit` with the place of every bin of `row`.
    pub(super) fn for_each_bin(&self, row: u32, mut visit: impl FnMut(usize)) {
        for block in &self.blocks {
            for &bin in block.row(row) {
                visit(block.first + usize::from(bin));
            }
        }
    }
}

impl BinBlock {
    fn row(&self, row: u32) -> &[u16] {
        let row = row as usize;
        &self.entries[self.starts[row] as usize..self.starts[row + 1] as usize]
    }

    /// The entries of the columns whose `place` names block `number`.
    fn new(rows: &Csr, ends: &[Ends], place: &[(u32, u32)], number: u32, first: usize) -> Self {
        let mine = |column: &u32| place[*column as usize].0 == number;
        let mut starts = Vec::with_capacity(rows.rows() + 1);
        let mut total = 0u32;
        starts.push(0);
        for row in 0..rows.rows() {
            total += rows.row(row).0.iter().filter(|c| mine(c)).count() as u32;
            starts.push(total);
        }
        let chunks: Vec<Vec<u16>> = (0..rows.rows().div_ceil(CHUNK))
            .into_par_iter()
            .map(|chunk| {
                let mut entries = Vec::new();
                for row in chunk * CHUNK..rows.rows().min((chunk + 1) * CHUNK) {
                    let (columns, values) = rows.row(row);
                    let here = columns.iter().zip(values).filter(|(c, _)| mine(c));
                    entries.extend(here.map(|(&column, &value)| {
                        let column = column as usize;
                        (place[column].1 as usize + bin_of(&ends[column], value)) as u16
                    }));
                }
                entries
            })
            .collect();
        let lines = (total as usize).div_ceil(rows.rows().max(1)).div_ceil(LINE);
        Self { first, starts, entries: chunks.concat(), lines }
    }
}

/// Rows that are binned together.
const CHUNK: usize = 4096;

/// Histograms to be used again.
#[derive(Debug, Default)]
pub(super) struct Pool(Mutex<Vec<Vec<GradientPair>>>);

impl Pool {
    /// An empty histogram of `bins` bins (and what [`RowBins::add`] wants behind them).
    fn take(&self, bins: usize) -> Vec<GradientPair> {
        let free = self.0.lock().expect("no thread panics while it holds the pool").pop();
        match free {
            Some(mut histogram) => {
                histogram[..bins].fill(GradientPair::default());
                histogram
            }
            // Zeroed by the system: pages behind `bins` are never touched, so they take no memory.
            None => vec![GradientPair::default(); bins + BLOCK],
        }
    }

    pub(super) fn give(&self, histogram: Vec<GradientPair>) {
        self.0.lock().expect("no thread panics while it holds the pool").push(histogram);
    }

    /// The histogram of `rows`.
    pub(super) fn build(
        &self,
        matrix: &RowBins,
        pairs: &[GradientPair],
        rows: &[u32],
    ) -> Vec<GradientPair> {
        if rows.len() <= SHARED {
            let mut histogram = self.take(matrix.bins());
            matrix.add(pairs, rows, &mut histogram);
            return histogram;
        }
        let (front, back) = rows.split_at(rows.len() / 2);
        let build = |rows| self.build(matrix, pairs, rows);
        let (mut sum, other) = rayon::join(|| build(front), || build(back));
        for (sum, other) in sum.iter_mut().zip(&other[..matrix.bins()]) {
            *sum = *sum + *other;
        }
        self.give(other);
        sum
    }
}

/// Takes `part` from `whole`, bin by bin.
pub(super) fn subtract(whole: &mut [GradientPair], part: &[GradientPair], bins: usize) {
    for (whole, part) in whole[..bins].iter_mut().zip(&part[..bins]) {
        *whole = *whole - *part;
    }
}
