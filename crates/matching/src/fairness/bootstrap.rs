//! Sums of groups, over all rows and over resamples of the candidates.

use rayon::prelude::*;

use super::{Attribute, Settings, rates::Order};
use crate::judge::draw;

/// How often each candidate is drawn in each resample: drawn once, the same for all attributes.
pub(super) struct Resamples {
    people: usize,
    weights: Vec<u8>,
}

impl Resamples {
    pub(super) fn of(people: usize, settings: &Settings<'_>) -> Self {
        let mut weights = vec![0_u8; people * settings.replicates];
        weights.par_chunks_mut(people.max(1)).enumerate().for_each_init(
            || vec![0; people],
            |drawn, (number, weights)| {
                draw(drawn, settings.seed, number as u64);
                for (weight, &drawn) in weights.iter_mut().zip(&*drawn) {
                    // One candidate drawn 256 times has a probability under 10⁻⁵⁰⁰.
                    *weight = u8::try_from(drawn).unwrap_or(u8::MAX);
                }
            },
        );
        Self { people, weights }
    }
}

/// What the rows of one candidate in one group sum to.
struct Cell<const N: usize> {
    person: u32,
    group: u32,
    sums: [f64; N],
}

/// The sums of each group, the unknown one last.
pub(super) struct Sums<const N: usize> {
    /// Candidates of each group.
    pub(super) candidates: Vec<usize>,
    /// Over all rows.
    pub(super) sums: Vec<[f64; N]>,
    /// Over each resample.
    pub(super) resampled: Vec<Vec<[f64; N]>>,
}

impl<const N: usize> Sums<N> {
    /// `marks` has what each row adds.
    pub(super) fn of(
        order: &Order,
        marks: &[[f64; N]],
        attribute: &Attribute,
        resamples: &Resamples,
    ) -> Self {
        let groups = attribute.groups().len() + 1;
        let cells = cells(order, marks, attribute);
        let mut candidates = vec![0; groups];
        let mut sums = vec![[0.0; N]; groups];
        for cell in &cells {
            candidates[cell.group as usize] += 1;
            for (sum, x) in sums[cell.group as usize].iter_mut().zip(cell.sums) {
                *sum += x;
            }
        }
        let each = resamples.weights.par_chunks(resamples.people.max(1));
        let resampled = each.map(|weights| {
            let mut sums = vec![[0.0; N]; groups];
            for cell in &cells {
                let weight = f64::from(weights[cell.person as usize]);
                for (sum, x) in sums[cell.group as usize].iter_mut().zip(cell.sums) {
                    *sum += weight * x;
                }
            }
            sums
        });
        Self { candidates, sums, resampled: resampled.collect() }
    }
}

fn cells<const N: usize>(order: &Order, marks: &[[f64; N]], attribute: &Attribute) -> Vec<Cell<N>> {
    let unknown = attribute.groups().len() as u32;
    let mut cells: Vec<Cell<N>> = Vec::new();
    for rows in order.by_person() {
        let first = cells.len();
        for &row in rows {
            let group = attribute.of_rows()[row as usize].unwrap_or(unknown);
            let at = cells[first..].iter().position(|cell| cell.group == group);
            let at = at.map_or(cells.len(), |at| first + at);
            if at == cells.len() {
                cells.push(Cell { person: order.person[row as usize], group, sums: [0.0; N] });
            }
            for (sum, x) in cells[at].sums.iter_mut().zip(marks[row as usize]) {
                *sum += x;
            }
        }
    }
    cells
}
