//! What each row adds to the sums that rates are made of.

use super::{Outcomes, Settings};
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

/// Rows by candidate and by job, both numbered from 0.
pub(super) struct Order {
    /// The candidate of each row.
    pub(super) person: Vec<u32>,
    /// How many candidates there are.
    pub(super) people: usize,
    people_rows: Clusters,
    job_rows: Clusters,
}

/// Rows in groups.
struct Clusters {
    rows: Vec<u32>,
    ends: Vec<usize>,
}

impl Clusters {
    /// Rows by ascending id, in their order where that is equal.
    fn of(ids: &[u32]) -> Self {
        let mut rows: Vec<u32> = (0..ids.len() as u32).collect();
        rows.sort_by_key(|&row| ids[row as usize]);
        let mut end = 0;
        let same = |a: &u32, b: &u32| ids[*a as usize] == ids[*b as usize];
        let ends = rows.chunk_by(same).map(|chunk| {
            end += chunk.len();
            end
        });
        let ends = ends.collect();
        Self { rows, ends }
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).map(|(start, &end)| &self.rows[start..end])
    }
}

impl Order {
    pub(super) fn of(people: &[u32], jobs: &[u32]) -> Self {
        let people_rows = Clusters::of(people);
        let mut person = vec![0; people.len()];
        for (number, rows) in (0..).zip(people_rows.iter()) {
            rows.iter().for_each(|&row| person[row as usize] = number);
        }
        let people = people_rows.ends.len();
        Self { person, people, people_rows, job_rows: Clusters::of(jobs) }
    }

    /// The rows of each candidate.
    pub(super) fn by_person(&self) -> impl Iterator<Item = &[u32]> {
        self.people_rows.iter()
    }

    /// The rows of each job.
    pub(super) fn by_job(&self) -> impl Iterator<Item = &[u32]> {
        self.job_rows.iter()
    }
}

pub(super) struct All {
    pub(super) order: Order,
    pub(super) marks: Vec<[f64; 2]>,
}

impl All {
    pub(super) fn of(outcomes: &Outcomes<'_>) -> Self {
        let Outcomes { labels, people, jobs, attributes } = *outcomes;
        let rows = labels.len();
        assert!(people.len() == rows && jobs.len() == rows, "one candidate and job a label");
        assert!(attributes.iter().all(|a| a.of_rows().len() == rows), "one group a label");
        let marks = labels.iter().map(|&label| [1.0, f64::from(u8::from(label))]).collect();
        Self { order: Order::of(people, jobs), marks }
    }
}

pub(super) struct HeldOut {
    pub(super) order: Order,
    pub(super) marks: Vec<[f64; 8]>,
    pub(super) median: Option<f64>,
}

impl HeldOut {
    pub(super) fn of(judged: &Judged<'_>, settings: &Settings<'_>) -> Self {
        let rows = judged.rows();
        let order = Order::of(judged.people, judged.jobs);
        let median = median(judged.probabilities);
        let top = top(&order, judged.probabilities, settings.top);
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
        let marks = (0..rows).map(mark).collect();
        Self { order, marks, median }
    }
}

/// The median score; the mean of the two in the middle where their number is even.
fn median(probabilities: &[f32]) -> Option<f64> {
    let mut sorted = probabilities.to_vec();
    sorted.sort_unstable_by(f32::total_cmp);
    let last = sorted.len().checked_sub(1)?;
    Some((f64::from(sorted[last / 2]) + f64::from(sorted[sorted.len() / 2])) / 2.0)
}

/// With what probability each row is among the first of its job: rows of equal score share the
/// places left. None where the job has no more applications than are passed on, for then there is
/// nothing to choose.
fn top(order: &Order, probabilities: &[f32], top: usize) -> Vec<Option<f64>> {
    let mut chances = vec![None; probabilities.len()];
    let mut sorted = Vec::new();
    for rows in order.by_job().filter(|rows| rows.len() > top) {
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
        let jobs = [7, 7, 7, 7, 3, 3];
        let order = Order::of(&[0; 6], &jobs);
        let scores = [0.1, 0.5, 0.5, 0.9, 0.2, 0.3];
        let chances = top(&order, &scores, 2);
        assert_eq!(chances, [Some(0.0), Some(0.5), Some(0.5), Some(1.0), None, None]);
    }

    #[test]
    fn marks_of_a_row() {
        let judged = Judged {
            probabilities: &[0.25, 0.5, 0.75],
            labels: &[false, true, true],
            people: &[9, 2, 9],
            jobs: &[1, 1, 1],
        };
        let settings = Settings { threshold: 0.5, top: 1, ..Settings::default() };
        let HeldOut { order, marks, median } = HeldOut::of(&judged, &settings);
        assert_eq!((order.people, order.person), (2, vec![1, 0, 1]));
        assert_eq!(median, Some(0.5));
        assert_eq!(marks[0], [1.0, 0.0, 0.25, 0.0, 0.0, 1.0, 0.0, 0.0]);
        assert_eq!(marks[1], [1.0, 1.0, 0.5, 1.0, 1.0, 1.0, 0.0, 0.0]);
        assert_eq!(marks[2], [1.0, 1.0, 0.75, 1.0, 1.0, 1.0, 1.0, 1.0]);
    }
}
