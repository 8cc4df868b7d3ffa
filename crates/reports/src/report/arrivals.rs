//! What has arrived lately beside what arrived before.

use serde::{Deserialize, Serialize};

use super::columns::{ColumnDrift, Measure};

/// The rows that arrived lately beside those that arrived before: applications by their date, jobs by
/// theirs, people by that of their first application.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Arrivals {
    /// The last day on which an application was made or a job opened, not after the version's own
    /// day, `YYYY-MM-DD`.
    pub as_of: String,
    /// How many measures of columns were tested at once.
    pub tests: u64,
    /// The last 30 days, the last 90 days, and what the live version does not have.
    pub windows: Vec<Window>,
    /// The quarters in which applications were made, the latest last; at most twelve.
    pub cohorts: Vec<Cohort>,
    /// The last mature quarter beside the year before it.
    pub rate: Option<CohortRate>,
}

/// What counts as having arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WindowName {
    /// Rows of the last 30 days.
    Days30,
    /// Rows of the last 90 days.
    Days90,
    /// Rows whose keys the live version does not have.
    SinceLive,
}

/// What arrived in a window, beside the year before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Window {
    pub name: WindowName,
    /// Its days; none for what the live version does not have.
    pub days: Option<u32>,
    /// By table: `people`, `jobs`, `candidates`.
    pub tables: Vec<TableArrivals>,
}

/// What arrived at a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableArrivals {
    pub table: String,
    /// Rows that arrived in the window.
    pub rows: u64,
    /// Rows of the year before it.
    pub rows_before: u64,
    /// How much that is a week.
    pub volumes: Option<Volumes>,
    /// Each column of which both sides have enough rows. Of `candidates` its own columns and the
    /// categories of its jobs; the rows of a measure are then as many as independent jobs (or
    /// people) would tell as much, for the applications to one job are alike.
    pub columns: Vec<ColumnDrift>,
}

/// Rows a week.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Volumes {
    pub before: f64,
    /// The lower end of where 95 % of such windows lie, by how much 28 days of that year differ.
    pub usual_low: f64,
    pub usual_high: f64,
    pub after: f64,
    pub measure: Measure,
}

/// The applications of a quarter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cohort {
    /// Its first day, `YYYY-MM-DD`.
    pub from: String,
    pub to: String,
    /// Applications whose status says that they are a match, are none, or may become one.
    pub applications: u64,
    pub positives: u64,
    pub rate: Option<f64>,
    /// The lower end of its 95 % interval, which allows for jobs with many matches.
    pub low: Option<f64>,
    pub high: Option<f64>,
    /// Whether its last day lies 90 days back, so that nearly all outcomes are known.
    pub mature: bool,
}

/// The share of matches of a quarter beside that of the year before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CohortRate {
    /// The first day of the quarter.
    pub from: String,
    pub to: String,
    /// Applications of the year before.
    pub rows_before: u64,
    /// Applications of the quarter.
    pub rows_after: u64,
    /// The share of the year before.
    pub before: f64,
    /// That of the quarter.
    pub after: f64,
    /// The lower end of the quarter's 95 % interval.
    pub low: f64,
    pub high: f64,
    pub measure: Measure,
}
