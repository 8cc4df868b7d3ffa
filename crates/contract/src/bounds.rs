//! The bounds, each with its two errors.

use serde::{Deserialize, Serialize};

/// What a day's data must keep. Every bound may be set; those that are not have the defaults below.
///
/// "Stops" is the good day that a bound would refuse, "lets" the bad one that it would not see. Real
/// figures are of a history of six years (53,759 applications, 14,081 jobs, 42,482 people).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { max_orphans = 0.15 }")]
pub struct Contract {
    /// People at least. Stops a trial with a handful of records; lets no real loss matter here.
    pub min_people: u64,
    /// Jobs at least.
    pub min_jobs: u64,
    /// Applications at least, after those that name an absent job or candidate.
    pub min_applications: u64,
    /// The share of applications that name an absent job, and of those that name an absent
    /// candidate, each at most. 4 % is usual. Stops an export whose old jobs are archived away; lets a
    /// loss of up to a tenth of the people or jobs pass on a first day (later, volumes see it).
    pub max_orphans: f64,
    /// The share of statuses that are none of the source's, at most. Usual is none. Stops a source
    /// with a new status used by more than that; lets a rare status go unseen on a first day (later,
    /// `new_status_rows` sees it). Hires are some 5 %: renamed, they are beyond it.
    pub max_unknown_statuses: f64,
    /// The share of applications without a status, at most.
    pub max_missing_statuses: f64,
    /// The share of dates that can be read, at least, of those that are there and no placeholder.
    /// Stops an export with a fiftieth of the dates mistyped; lets dates whose day and month are
    /// swapped pass where both are below 13, which hits two days in five: the rest is refused.
    pub min_readable_dates: f64,
    /// The share of jobs and of applications without a date, at most.
    pub max_missing_dates: f64,
    /// Of the texts of a column with letters beyond ASCII, the share with UTF-8 that was read as
    /// Latin-1, at most. Real CVs have below 1 %. Lets one source among five be broken.
    pub max_mojibake: f64,
    /// The share of people with a CV, at least: 99 % is usual.
    pub min_cvs: f64,
    /// The share of jobs with activities or competences, at least.
    pub min_job_texts: f64,
    /// The share of dates of jobs and of applications that are set aside because they lie ahead, at
    /// most. Stops a company that plans a twentieth of its jobs ahead.
    pub max_future_dates: f64,
    /// The share of applications that are merged into another of the same pair, at most. Usual is
    /// none, in a small company where people apply again one in eight. Every application twice is
    /// 50 %, half of a file twice 33 %. Lets a quarter of a file twice pass: each pair counts once
    /// anyway.
    pub max_duplicates: f64,
    /// The share of records whose key was met before, at most.
    pub max_repeated_records: f64,
    /// Days that the newest record may lie before the logical date. More is told on a first day, with
    /// the date that fits; where something is live it is refused if the live data are not older.
    /// Stops a company that closes for more than a month; lets an export stand still for a month.
    pub max_age_days: i32,
    /// The share of the live version's people, jobs or applications that may be gone. Stops a yearly
    /// clean-up of old records (accept it); lets a loss of 3 % pass.
    pub max_fall: f64,
    /// Rows that may be gone whatever the share: in a table of 100 people three are not a loss.
    pub fall_slack: u64,
    /// The share of what is usual below which four weeks' applications are too few. Usual is the
    /// lesser of the twelve weeks before and of the same weeks a year ago. Real months fall to half
    /// in December. Lets a loss of three quarters of a month pass on its first days.
    pub min_arrivals: f64,
    /// The share of the year before's rate of positives below which the applications of 30 to 120
    /// days ago have too few. Real quarters fell to a quarter of the year before at most.
    pub min_hires: f64,
    /// The probability below which too few is not chance, by the spread of the past year's counts. At
    /// a check a day, such a day comes once in 27 years by chance alone, were the model true.
    pub improbable: f64,
    /// Applications with one and the same unknown status from which on it is in use, where the live
    /// data had fewer, or half as many. Stops the day on which a source introduces a status (accept
    /// it: until then its meaning is unknown); lets two hires under a new name go uncounted.
    pub new_status_rows: u64,
    /// The share of the people known to both versions who may be somebody else: most of name, birth
    /// date, document and address changed. Corrections change one of them.
    pub max_changed_people: f64,
    /// The share of the jobs known to both whose title, contract type or texts may say something
    /// else, for each column. Stops a renaming of contract types (accept it).
    pub max_changed_jobs: f64,
    /// The share of the decided applications that may be open again.
    pub max_reverted: f64,
    /// The share of the hires of 180 days and more before the live data's end that may be gone. Of
    /// that age nothing matures any more. Stops an erasure of more than 5 % of the people.
    pub max_rewritten: f64,
    /// The share of the applications known to both whose date may have changed.
    pub max_redated: f64,
    /// By how much the share of empty CVs may be greater among people of the last four weeks, or new
    /// since the live version, than among the others, unless that is chance (one in a million).
    pub max_empty_rise: f64,
    /// The share of its values that a column which was filled may lose.
    pub max_emptied: f64,
    /// By how much the share of rows without a date may rise.
    pub max_dates_missing_rise: f64,
    /// To which part of the live figure open jobs, or rows left out by age, may fall within 45 days.
    pub min_level: f64,
    /// To which multiple they may rise. A migration that doubles all codes is not a breach.
    pub max_level: f64,
    /// The share of CVs that may be one and the same, where the live version had half of that at
    /// most: a join that went wrong. On a first day it is told.
    pub max_one_text: f64,
    /// Rows that a share needs to be judged against the live data: of fewer, one row is too much.
    pub min_rows: u64,
}

impl Default for Contract {
    fn default() -> Self {
        Self {
            min_people: 20,
            min_jobs: 5,
            min_applications: 50,
            max_orphans: 0.15,
            max_unknown_statuses: 0.02,
            max_missing_statuses: 0.2,
            min_readable_dates: 0.98,
            max_missing_dates: 0.1,
            max_mojibake: 0.2,
            min_cvs: 0.8,
            min_job_texts: 0.5,
            max_future_dates: 0.05,
            max_duplicates: 0.25,
            max_repeated_records: 0.02,
            max_age_days: 31,
            max_fall: 0.03,
            fall_slack: 10,
            min_arrivals: 0.25,
            min_hires: 0.1,
            improbable: 1e-4,
            new_status_rows: 3,
            max_changed_people: 0.01,
            max_changed_jobs: 0.05,
            max_reverted: 0.02,
            max_rewritten: 0.05,
            max_redated: 0.01,
            max_empty_rise: 0.25,
            max_emptied: 0.5,
            max_dates_missing_rise: 0.02,
            min_level: 0.4,
            max_level: 3.0,
            max_one_text: 0.5,
            min_rows: 20,
        }
    }
}

impl Contract {
    /// The name and value of each bound that is a share, which must lie between 0 and 1.
    #[must_use]
    pub fn shares(&self) -> [(&'static str, f64); 24] {
        [
            ("max_orphans", self.max_orphans),
            ("max_unknown_statuses", self.max_unknown_statuses),
            ("max_missing_statuses", self.max_missing_statuses),
            ("min_readable_dates", self.min_readable_dates),
            ("max_missing_dates", self.max_missing_dates),
            ("max_mojibake", self.max_mojibake),
            ("min_cvs", self.min_cvs),
            ("min_job_texts", self.min_job_texts),
            ("max_future_dates", self.max_future_dates),
            ("max_duplicates", self.max_duplicates),
            ("max_repeated_records", self.max_repeated_records),
            ("max_fall", self.max_fall),
            ("min_arrivals", self.min_arrivals),
            ("min_hires", self.min_hires),
            ("improbable", self.improbable),
            ("max_changed_people", self.max_changed_people),
            ("max_changed_jobs", self.max_changed_jobs),
            ("max_reverted", self.max_reverted),
            ("max_rewritten", self.max_rewritten),
            ("max_redated", self.max_redated),
            ("max_empty_rise", self.max_empty_rise),
            ("max_emptied", self.max_emptied),
            ("max_dates_missing_rise", self.max_dates_missing_rise),
            ("min_level", self.min_level),
        ]
    }
}
