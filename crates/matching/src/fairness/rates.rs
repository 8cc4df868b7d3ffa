//! What each row adds to the sums that rates are made of.

use stats::{Bootstrap, Groups, Resampled};

use super::{
    attribute::Attribute,
    settings::{Outcomes, Settings},
};
use crate::judge::Judged;

/// Places in the sums of rows held out; the first two are also those of all rows.
pub(super) const ROWS: usize = 0;
pub(super) const MATCHES: usize = 1;
pub(super) const PREDICTED: usize = 2;
pub(super) const SELECTED: usize = 3;
pub(super) const SELECTED_MATCHES: usize = 4;
/// Rows of jobs that have more applications than are passed on.
pub(super) const CHOICE: usize = 5;
pub(super) const TOP: usize = 6;
pub(super) const ABOVE: usize = 7;

/// A share, by the places of its two sums.
#[derive(Clone, Copy)]
pub(super) struct RateShare {
    pub(super) count: usize,
    pub(super) of: usize,
}

const fn share(count: usize, of: usize) -> RateShare {
    RateShare { count, of }
}

pub(super) const OUTCOME: RateShare = share(MATCHES, ROWS);
pub(super) const SELECTION: RateShare = share(SELECTED, ROWS);
pub(super) const AMONG_FIRST: RateShare = share(TOP, CHOICE);
pub(super) const SCORING: RateShare = share(ABOVE, ROWS);
pub(super) const TRUE_POSITIVES: RateShare = share(SELECTED_MATCHES, MATCHES);
pub(super) const CALIBRATION: RateShare = share(MATCHES, PREDICTED);

/// Rows, with what each adds to `N` sums.
pub(super) struct Marked<'a, const N: usize> {
    pub(super) people: &'a Groups,
    pub(super) jobs: &'a Groups,
    pub(super) marks: Vec<[f64; N]>,
}

impl<'a> Marked<'a, 2> {
    pub(super) fn of_outcomes(outcomes: &Outcomes<'a>) -> Self {
        let Outcomes { labels, people, jobs, attributes } = *outcomes;
        let rows = labels.len();
        assert!(
            people.of_rows().len() == rows && jobs.of_rows().len() == rows,
            "one candidate and job a label"
        );
        assert!(attributes.iter().all(|a| a.of_rows().len() == rows), "one group a label");
        let marks = labels.iter().map(|&label| [1.0, f64::from(u8::from(label))]).collect();
        Self { people, jobs, marks }
    }
}

impl<'a> Marked<'a, 8> {
    /// The rows held out; `median` is that of their probabilities.
    pub(super) fn of_held_out(
        judged: &Judged<'a>,
        median: Option<f64>,
        settings: &Settings<'_>,
    ) -> Self {
        let top = top(judged.jobs, judged.probabilities, settings.top);
        let one = |yes: bool| f64::from(u8::from(yes));
        let mark = |row: usize| {
            let probability = f64::from(judged.probabilities[row]);
            let (label, selected) = (judged.labels[row], probability >= settings.threshold);
            let mut mark = [0.0; 8];
            mark[ROWS] = 1.0;
            mark[MATCHES] = one(label);
            mark[PREDICTED] = probability;
            mark[SELECTED] = one(selected);
            mark[SELECTED_MATCHES] = one(selected && label);
            mark[CHOICE] = one(top[row].is_some());
            mark[TOP] = top[row].unwrap_or(0.0);
            mark[ABOVE] = one(median.is_some_and(|median| probability > median));
            mark
        };
        let marks = (0..judged.rows()).map(mark).collect();
        Self { people: judged.people, jobs: judged.jobs, marks }
    }
}

/// The sums of each group of an attribute, the unknown one last.
pub(super) struct Sums<const N: usize> {
    pub(super) candidates: Vec<usize>,
    pub(super) of_groups: Resampled<Vec<[f64; N]>>,
}

impl<const N: usize> Sums<N> {
    /// `bootstrap` draws the candidates of the rows.
    pub(super) fn of(rows: &Marked<'_, N>, attribute: &Attribute, bootstrap: &Bootstrap) -> Self {
        let groups = attribute.groups().len() + 1;
        let cells = cells(rows, attribute);
        let mut candidates = vec![0; groups];
        cells.iter().for_each(|cell| candidates[cell.group as usize] += 1);
        let of_groups = bootstrap.resample(|weights| {
            let mut sums = vec![[0.0; N]; groups];
            for cell in &cells {
                let weight = f64::from(weights[cell.person]);
                for (sum, x) in sums[cell.group as usize].iter_mut().zip(cell.sums) {
                    *sum += weight * x;
                }
            }
            sums
        });
        Self { candidates, of_groups }
    }
}

/// What the rows of one candidate in one group sum to.
struct GroupSums<const N: usize> {
    person: usize,
    group: u32,
    sums: [f64; N],
}

fn cells<const N: usize>(rows: &Marked<'_, N>, attribute: &Attribute) -> Vec<GroupSums<N>> {
    let unknown = attribute.groups().len() as u32;
    let mut cells: Vec<GroupSums<N>> = Vec::new();
    for (person, of_person) in rows.people.iter().enumerate() {
        let first = cells.len();
        for &row in of_person {
            let group = attribute.of_rows()[row as usize].unwrap_or(unknown);
            let at = cells[first..].iter().position(|cell| cell.group == group);
            let at = at.map_or(cells.len(), |at| first + at);
            if at == cells.len() {
                cells.push(GroupSums { person, group, sums: [0.0; N] });
            }
            for (sum, x) in cells[at].sums.iter_mut().zip(rows.marks[row as usize]) {
                *sum += x;
            }
        }
    }
    cells
}

/// The median score; the mean of the two in the middle where their number is even.
pub(super) fn median(probabilities: &[f32]) -> Option<f64> {
    let mut sorted = probabilities.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some((f64::from(sorted[last / 2]) + f64::from(sorted[sorted.len() / 2])) / 2.0)
}

/// With what probability each row is among the first of its job: rows of equal score share the
/// places left. None where the job has no more applications than are passed on, for then there is
/// nothing to choose.
fn top(jobs: &Groups, probabilities: &[f32], top: usize) -> Vec<Option<f64>> {
    let mut chances = vec![None; probabilities.len()];
    let mut sorted = Vec::new();
    for rows in jobs.iter().filter(|rows| rows.len() > top) {
        let score = |row: u32| probabilities[row as usize];
        sorted.clear();
        sorted.extend_from_slice(rows);
        sorted.sort_by(|&a, &b| score(b).total_cmp(&score(a)));
        let mut left = top;
        for run in sorted.chunk_by(|&a, &b| score(a) == score(b)) {
            let places = left.min(run.len());
            left -= places;
            let chance = places as f64 / run.len() as f64;
            run.iter().for_each(|&row| chances[row as usize] = Some(chance));
        }
    }
    chances
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_shared_where_scores_are_equal() {
        let jobs = Groups::new(&[7, 7, 7, 7, 3, 3]);
        let scores = [0.1, 0.5, 0.5, 0.9, 0.2, 0.3];
        let chances = top(&jobs, &scores, 2);
        assert_eq!(chances, [Some(0.0), Some(0.5), Some(0.5), Some(1.0), None, None]);
    }

    #[test]
    fn marks_of_a_row() {
        let (people, jobs) = (Groups::new(&[9, 2, 9]), Groups::new(&[1, 1, 1]));
        let judged = Judged {
            probabilities: &[0.25, 0.5, 0.75],
            labels: &[false, true, true],
            people: &people,
            jobs: &jobs,
        };
        let settings = Settings { threshold: 0.5, top: 1, ..Settings::default() };
        let median = median(judged.probabilities);
        assert_eq!(median, Some(0.5));
        let Marked { marks, .. } = Marked::of_held_out(&judged, median, &settings);
        assert_eq!(marks[0], [1.0, 0.0, 0.25, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(marks[1], [1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(marks[2], [1.0, 1.0, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0]);
    }
}
