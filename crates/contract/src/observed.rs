//! What a day's data is, in figures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What is observed of a version of the feature store and of the clean tables that it was made from.
///
/// Days count from 1970-01-01. The maps by record hold hashes alone, and of a table of more than
/// 65,536 records those of some of them, always the same ones: shares are judged, not counts.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Observed {
    /// The day that it stands for.
    pub logical_date: i32,
    /// A hash of the clean tables: the same data has the same.
    pub content: String,
    /// Rows of `people`, `jobs` and `candidates`.
    pub people: u64,
    pub jobs: u64,
    pub applications: u64,
    /// Applications read, those left out among them.
    pub applications_read: u64,
    /// Applications that name a job that is absent.
    pub orphans_of_jobs: u64,
    /// Applications that name a candidate who is absent.
    pub orphans_of_people: u64,
    /// Applications merged into another of the same candidate and job.
    pub duplicates: u64,
    pub positives: u64,
    /// Jobs that are open: of the 90 days up to the newest job's date.
    pub open_jobs: u64,
    /// Applications that training leaves out by age: undecided, of the 90 days up to the newest.
    pub left_out_by_age: u64,
    /// Dates set aside because they lie ahead, by column (`jobs.data_requicisao`).
    pub future_dates: BTreeMap<String, Share>,
    pub tables: BTreeMap<String, ObservedTable>,
    pub statuses: Statuses,
    /// Rows by day.
    pub dates: Dates,
    /// People, by a hash of their code.
    pub identities: BTreeMap<u64, Identity>,
    /// Jobs, by a hash of their code.
    pub job_contents: BTreeMap<u64, JobContent>,
    /// Applications, by a hash of both codes.
    pub pairs: BTreeMap<u64, Pair>,
}

/// So many of so many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Share {
    pub part: u64,
    pub whole: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedTable {
    pub records: u64,
    /// Records whose key had been met before.
    pub repeated: u64,
    pub columns: BTreeMap<String, ObservedColumn>,
}

/// A column of a clean table.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObservedColumn {
    pub rows: u64,
    pub filled: u64,
    /// Rows whose source has something that is not a value of the column.
    pub unreadable: u64,
    /// How often its key was met, with or without a value.
    pub present: u64,
    /// The commonest form of its unreadable dates: `99/99/9999`.
    pub form: Option<String>,
    /// The unknown key that nearly all records have in its place.
    pub renamed: Option<String>,
    /// Texts with letters beyond ASCII.
    pub non_ascii: u64,
    /// Texts with UTF-8 that was read as Latin-1.
    pub mojibake: u64,
    /// Rows of the commonest text, where that is counted.
    pub commonest: Option<u64>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statuses {
    /// Applications with a status.
    pub filled: u64,
    /// Those whose status is none of the source's.
    pub unknown: u64,
    /// The known status that the unknown ones resemble, and in what they differ from it.
    pub resembles: Option<String>,
    /// Applications by a hash of their unknown status.
    pub texts: BTreeMap<u64, u64>,
}

/// Rows by day, without the dates that are set aside.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Dates {
    /// Jobs by the day of their requisition.
    pub jobs: BTreeMap<i32, u64>,
    pub applications: BTreeMap<i32, u64>,
    /// Applications by the day of their last change.
    pub updates: BTreeMap<i32, u64>,
    /// People by the day on which they were put down.
    pub people: BTreeMap<i32, u64>,
}

/// Rows that share a day for it to be where data ends: fewer may be slips.
const ENOUGH: u64 = 3;

/// The day up to which there is data: that of the third newest row, so that two slips move nothing.
pub(crate) fn end(days: &BTreeMap<i32, u64>) -> Option<i32> {
    let mut rows = 0;
    for (day, n) in days.iter().rev() {
        rows += n;
        if rows >= ENOUGH {
            return Some(*day);
        }
    }
    days.keys().next().copied()
}

/// Rows of the days after `from` up to `to`.
pub(crate) fn between(days: &BTreeMap<i32, u64>, from: i32, to: i32) -> u64 {
    if from >= to { 0 } else { days.range(from + 1..=to).map(|(_, n)| n).sum() }
}

impl Dates {
    /// The day up to which there is data of any kind.
    #[must_use]
    pub fn end(&self) -> Option<i32> {
        let all = [&self.jobs, &self.applications, &self.updates, &self.people];
        all.into_iter().filter_map(end).max()
    }

    /// The newest day by which jobs and people have both come in: a company with a dozen jobs a
    /// month has none of a week often. Last changes are not a sign: they come for weeks after the last
    /// application.
    pub(crate) fn end_of_jobs_and_people(&self) -> Option<i32> {
        [&self.jobs, &self.people]
            .into_iter()
            .filter_map(|days| days.keys().next_back())
            .min()
            .copied()
    }
}

/// Who a person is, by hashes: none where the field is empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Identity {
    /// Name, birth date, document and e-mail address.
    pub fields: [Option<u64>; 4],
    pub has_cv: bool,
    /// The day on which the record was made.
    pub since: Option<i32>,
}

impl Identity {
    /// Whether another person is meant: of the fields that both have, most differ, and at least two
    /// (the name alone where nothing else is there).
    pub(crate) fn is_another(&self, other: &Self) -> bool {
        let both = self.fields.iter().zip(&other.fields);
        let both: Vec<bool> = both.filter_map(|(a, b)| Some((*a)? != (*b)?)).collect();
        let differ = both.iter().filter(|differs| **differs).count();
        differ * 2 > both.len() && (differ >= 2 || both.len() == 1)
    }
}

/// What a job says, by hashes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobContent {
    pub fields: BTreeMap<String, u64>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    pub date: Option<i32>,
    pub outcome: ObservedOutcome,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObservedOutcome {
    /// Nothing has been decided, or the status is unknown or missing.
    #[default]
    Open,
    /// The candidate was right for the job.
    Positive,
    Negative,
    /// It is neither: hired in another way, papers to be signed.
    Other,
}
