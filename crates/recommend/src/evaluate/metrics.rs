//! The content of `metrics.json` that says how good the recommendations are.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::answers::RankerComparison;

/// What was judged, by what, and how the rankers came off. A figure that is not defined is null.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RankingMetrics {
    /// Applications from this day on are judged by; none where no application has a date.
    pub cut_date: Option<String>,
    /// A job is open for so many days.
    pub open_days: u32,
    pub forwarded: Vec<String>,
    pub hired: Vec<String>,
    /// Length of a list of recommendations, for coverage and concentration.
    pub top: usize,
    /// Why there is nothing to judge by; none where there is.
    pub nothing: Option<String>,
    pub counts: QueryCounts,
    /// The encoders in the order given, then `tf-idf`, `bm25`, `popular` and `random`.
    pub rankers: Vec<Ranker>,
    /// The first ranker against chance, on the same queries; none where there are too few to say.
    pub against_random: Option<RankerComparison>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct QueryCounts {
    pub applications: usize,
    /// Those of a candidate or job that is in no table.
    pub applications_of_unknown_rows: usize,
    /// Others without a date: of no use here.
    pub applications_without_date: usize,
    /// Those from the cut on, of whatever status.
    pub applications_after_cut: usize,
    /// Candidates forwarded for a job, in a month, that was not open then by its date: left out,
    /// for a job that is not open is not recommended.
    pub forwarded_for_jobs_not_open: usize,
    /// Candidates that were forwarded for an open job.
    pub candidates_forwarded: usize,
    pub candidates: usize,
    /// The people whom these are: a person may have several codes.
    pub people: usize,
    /// Candidates in a month in which they were forwarded.
    pub queries: usize,
    /// Those with a job that the candidate was hired for.
    pub queries_hired: usize,
    /// Pairs of a query and a job forwarded for.
    pub forwarded: usize,
    pub hired: usize,
    /// Jobs that are open in a month that is asked for; jobs of one text are one.
    pub jobs: usize,
    /// Jobs open then that repeat the text of one of these: neither sought nor ranked beside it.
    pub jobs_repeated: usize,
    /// Mean number of jobs open at a query: what is chosen from.
    pub jobs_open_a_query: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ranker {
    pub name: String,
    /// How high the jobs rank that candidates were forwarded for.
    pub forwarded: Figures,
    /// How high the jobs rank that candidates were hired for, over the queries that have one.
    pub hired: Figures,
    /// `forwarded` by the language of the candidate's text.
    pub languages: BTreeMap<String, Figures>,
    /// What the first ranker is ahead of this one by in `forwarded`, resampled together: where an
    /// interval does not hold 0, the difference is not chance. None for the first.
    pub behind: Option<Figures>,
    /// Share of the jobs open at some query that are among the top of some list; where equal scores
    /// leave the list to chance, its expectation.
    pub coverage: Option<f64>,
    /// Gini coefficient of how often those jobs are: 0 when all are equally often, near 1 when a few
    /// jobs fill all lists.
    pub gini: Option<f64>,
    /// Share of the candidates asked for of whose text something was cut; none where the ranker cuts
    /// nothing.
    pub candidates_cut: Option<f64>,
    /// Share of the jobs of whose text something was cut.
    pub jobs_cut: Option<f64>,
}

#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Figures {
    pub queries: usize,
    pub people: usize,
    /// Share of the jobs sought that are among the first 10.
    pub recall_10: Option<Estimate>,
    /// Share of the jobs sought that are among the first 50.
    pub recall_50: Option<Estimate>,
    pub mrr: Option<Estimate>,
    /// Normalised discounted cumulative gain of the first 10, every job sought of gain 1 (Järvelin and
    /// Kekäläinen, TOIS 20, 2002).
    pub ndcg_10: Option<Estimate>,
}

/// A mean with its bootstrap 95 % confidence interval over people.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    pub value: f64,
    pub low: f64,
    pub high: f64,
}
