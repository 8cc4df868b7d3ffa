//! Dates that lie ahead: no row sets a clock.
//!
//! The stages after this one go by the newest date of a table: which jobs are open, which applications
//! are young. One mistyped year would move that date by decades. So a date counts only where it can
//! be true, and where the rows around it bear it out:
//! - it is not later than the end of the ISO week of the day's logical date (an export of a Monday
//!   may hold the week's planned openings; and what follows from the date alone changes weekly);
//! - it does not run ahead of the data by more than [`AHEAD`] days. Where the data ends is the date
//!   that the `k`-th newest row has, `k` being 5 or 0.05 % of the rows: fewer mistyped rows than
//!   that cannot move it. In a sparse table the newest few rows are spread over a longer time, so
//!   four times the time that the `k` rows before those took is allowed too (of arrivals at a
//!   constant rate that sets aside a true date in less than 1 % of the tables); of a table with
//!   fewer than `2 k` dates nothing but the logical date is known.
//!
//! A later date is set aside: it is null, and its row stays. **The two errors**: a true date beyond
//! the bound (a job that opens next month) is null until it comes of age; a slip of less than a
//! month ahead of the data, or into the past, is not seen.

use std::collections::BTreeMap;

use schema::{
    Column, Kind, KnownAt, Table, calendar,
    profile::{ColumnProfile, Profile},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stage::{Asset, Context, Inputs};
use versioning::{Blob, InputRef, KeyBuilder};

use crate::Error;

/// `future_dates.parquet`: one row a date that is set aside.
pub const FUTURE_DATES: Table = Table {
    name: "future_dates",
    columns: &[
        Column::key("coluna", "coluna"),
        Column::key("codigo_vaga", "codigo_vaga"),
        Column::info("codigo", "codigo", Kind::Text, KnownAt::Application),
        Column::info("data", "data", Kind::Date, KnownAt::Application),
    ],
};

/// Days that a date may lie ahead of where the data ends.
const AHEAD: i32 = 31;

/// The time that the rows before the newest ones took is allowed so many times.
const SPARSE: i32 = 4;

/// The name that the bounds have among the version's inputs.
const NAME: &str = "newest-dates";

const FILE: &str = "newest.json";

/// The newest dates that count. Without any, all do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Newest {
    /// The newest day of a job's date (`data_requicisao`, days since 1970-01-01) that counts; none
    /// where all do.
    pub jobs: Option<i32>,
    /// The same of the dates of applications (`data_candidatura`).
    pub applications: Option<i32>,
    /// The day's logical date, for messages alone.
    pub logical_date: String,
}

impl Newest {
    /// What counts on a logical date (days since 1970-01-01) of tables with this profile.
    #[must_use]
    pub fn of(profile: &Profile, logical_date: i32) -> Self {
        let end = calendar::week_end(logical_date);
        let newest = |column: ColumnProfile| newest(&days(&column), end);
        Self {
            jobs: newest(profile.vagas.column("informacoes_basicas.data_requicisao")),
            applications: newest(profile.prospects.column("data_candidatura")),
            logical_date: calendar::iso(logical_date),
        }
    }

    fn is_without_effect(&self) -> bool {
        self.jobs.is_none() && self.applications.is_none()
    }
}

pub(crate) fn days(column: &ColumnProfile) -> BTreeMap<i32, u64> {
    column.days.iter().filter_map(|(day, n)| Some((calendar::parse(day)?, *n))).collect()
}

/// The newest day that counts; none where all do.
fn newest(days: &BTreeMap<i32, u64>, end: i32) -> Option<i32> {
    let rows: u64 = days.values().sum();
    let k = (rows / 2000).max(5);
    let mut bound = end;
    if let (Some(r), Some(earlier)) = (nth_newest(days, end, k), nth_newest(days, end, 2 * k)) {
        bound = bound.min(r + AHEAD.max(SPARSE * (r - earlier)));
    }
    days.range(bound + 1..).next()?;
    // The newest day kept and not the bound: what changes the result, and only that.
    Some(days.range(..=bound).next_back().map_or(bound, |(day, _)| *day))
}

/// The day of the `k`-th newest row, of those up to `end`.
pub(crate) fn nth_newest(days: &BTreeMap<i32, u64>, end: i32, k: u64) -> Option<i32> {
    let mut rows = 0;
    let newest_first = days.range(..=end).rev();
    newest_first
        .map(|(day, n)| {
            (*day, {
                rows += n;
                rows
            })
        })
        .find(|(_, rows)| *rows >= k)
        .map(|(day, _)| day)
}

/// The dates that count, as something that the version depends on where they change it: a later day
/// with the same clean tables is the same version until a date that was set aside comes of age.
pub(crate) fn prepare(place: &Context<'_>, inputs: &Inputs) -> Result<Vec<Asset>, stage::Error> {
    let Some(date) = calendar::parse(&place.event.logical_date) else { return Ok(Vec::new()) };
    let processed = inputs.version("processed")?;
    let profile = processed.open(Profile::FILE)?.bytes()?;
    let profile = Profile::from_json(&profile).map_err(Error::Input)?;
    let newest = Newest::of(&profile, date);
    if newest.is_without_effect() {
        return Ok(Vec::new());
    }
    let effect = json!({"jobs": newest.jobs, "applications": newest.applications});
    let reference = InputRef {
        name: NAME.to_owned(),
        uri: format!("{}{}", processed.uri(), Profile::FILE),
        version: None,
        sha256: KeyBuilder::new(NAME, "", &effect).finish().to_string(),
        rows: None,
    };
    let json = serde_json::to_vec(&newest).map_err(stage::Error::failed)?;
    Ok(vec![Asset { reference, files: [(FILE.to_owned(), Blob::from(json))].into() }])
}

/// What [`prepare`] has found.
pub(crate) fn prepared(inputs: &Inputs) -> Result<Newest, stage::Error> {
    let Ok(files) = inputs.asset(NAME) else { return Ok(Newest::default()) };
    let Some(file) = files.get(FILE) else { return Ok(Newest::default()) };
    serde_json::from_slice(&file.bytes()?).map_err(stage::Error::failed)
}

/// A date that is set aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Future {
    pub(crate) codigo_vaga: String,
    pub(crate) codigo: Option<String>,
    pub(crate) day: i32,
}

/// Records that a message names.
const NAMED: usize = 3;

/// What an operator should know of the dates of a column that are set aside; nothing where none is.
pub(crate) fn note(
    column: &str,
    newest: Option<i32>,
    logical: &str,
    all: &[Future],
) -> Option<String> {
    let newest = newest.filter(|_| !all.is_empty())?;
    let named = all.iter().take(NAMED).map(|future| {
        let of = future.codigo.as_ref().map_or(String::new(), |codigo| format!(" of {codigo}"));
        format!("{}{of}: {}", future.codigo_vaga, calendar::iso(future.day))
    });
    let more = if all.len() > NAMED { ", …" } else { "" };
    Some(format!(
        "{column}: {} dates are set aside because they lie ahead of the data, which ends on {} \
         (logical date {logical}): {}{more}",
        all.len(),
        calendar::iso(newest),
        named.collect::<Vec<_>>().join(", ")
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A row a day from `from` to `to`, times `n`.
    fn daily(from: i32, to: i32, n: u64) -> BTreeMap<i32, u64> {
        (from..=to).map(|day| (day, n)).collect()
    }

    #[test]
    fn while_nothing_lies_ahead_nothing_is_bounded() {
        let days = daily(0, 1000, 8);
        for end in [1000, 1001, 1007, 5000] {
            assert_eq!(newest(&days, end), None, "{end}");
        }
        assert_eq!(newest(&BTreeMap::new(), 5), None);
    }

    #[test]
    fn a_slip_is_set_aside_whether_it_lies_beyond_the_date_or_only_beyond_the_data() {
        let mut days = daily(0, 1000, 8);
        days.insert(30_000, 1);
        assert_eq!(newest(&days, 1003), Some(1000));
        // Years later, with the same export.
        assert_eq!(newest(&days, 1003 + 700), Some(1000));
        days.insert(1400, 3);
        assert_eq!(newest(&days, 1003 + 700), Some(1000));
        // Within a month of the data it may be true.
        days.insert(1031, 1);
        assert_eq!(newest(&days, 1040), Some(1031));
        assert_eq!(newest(&days, 1030), Some(1000));
    }

    #[test]
    fn as_many_slips_as_fifty_in_a_hundred_thousand_do_not_move_the_end() {
        let mut days = daily(0, 9999, 10);
        days.insert(11_000, 49);
        assert_eq!(newest(&days, 20_000), Some(9999));
        days.insert(11_000, 120);
        assert_eq!(newest(&days, 20_000), None, "that many are not a slip");
    }

    #[test]
    fn a_sparse_table_may_run_ahead_further_and_a_tiny_one_as_it_likes() {
        // A row every forty days.
        let sparse: BTreeMap<i32, u64> = (0..30).map(|i| (i * 40, 1)).collect();
        assert_eq!(newest(&sparse, 5000), None);
        let mut slip = sparse.clone();
        slip.insert(1160 + 2000, 1);
        assert_eq!(newest(&slip, 5000), Some(1160));
        let tiny: BTreeMap<i32, u64> = [(0, 1), (400, 1), (2000, 1)].into();
        assert_eq!(newest(&tiny, 2000), None);
        assert_eq!(newest(&tiny, 1999), Some(400));
        // Before all data, everything lies ahead.
        assert_eq!(newest(&tiny, -1), Some(-1));
    }

    #[test]
    fn the_note_names_some_records() {
        let future = |i: i32| Future { codigo_vaga: i.to_string(), codigo: None, day: 50_000 + i };
        let all: Vec<_> = (1..=4).map(future).collect();
        assert_eq!(
            note("jobs.data_requicisao", Some(20_000), "2025-10-15", &all).unwrap(),
            "jobs.data_requicisao: 4 dates are set aside because they lie ahead of the data, which \
             ends on 2024-10-04 (logical date 2025-10-15): 1: 2106-11-25, 2: 2106-11-26, \
             3: 2106-11-27, …"
        );
        assert_eq!(note("jobs.data_requicisao", Some(20_000), "2025-10-15", &[]), None);
    }
}
