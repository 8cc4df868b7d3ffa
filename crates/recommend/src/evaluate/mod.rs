//! Whether the job that a candidate was forwarded to, or hired for, ranks high among the jobs open
//! that month.
//!
//! ```text
//! applications ──after the cut──▶ Queries ──judge──▶ Metrics
//!                                    ▲ vectors, texts
//! ```
//!
//! A **query** is a candidate in a month in which the candidate was forwarded ([`Config::forwarded`]).
//! Every job that was open on some day of that month is ranked; sought are those that the candidate
//! was forwarded for. Jobs of one text are one job: which of them was meant no ranking can tell. A job that was not open by its date is neither ranked nor sought, and counted
//! ([`QueryCounts::forwarded_for_jobs_not_open`]): the recommendations leave it out too. Only applications
//! from the cut on are judged by, by default the last fifth.
//!
//! Each encoder stands beside four baselines on the same queries: TF-IDF cosine, BM25, what is most
//! applied for before the month, and chance. Intervals are a bootstrap over people.
//!
//! **What it can say and what not.** That somebody was forwarded says that a recruiter thought of
//! it, not that no other open job would have been as good, so figures are low and only their
//! differences speak. Texts hold nothing of applications, hence not of later ones; but the source
//! keeps one CV a candidate, the latest, which may be newer than the application: all rankers that
//! read texts gain by it alike. An encoder that is fitted on texts (`lsa`) has seen those of the
//! whole store, not how any application ended.

mod answers;
mod config;
mod metrics;
mod queries;

mod outcome;

mod estimate;

mod words;

mod judge;

pub use answers::{Answer, RankerComparison, RankerDifference, Ranks};
pub use config::Config;
pub(crate) use judge::gini;
pub use judge::{Encoded, Evaluation, Texts, evaluate};
pub use metrics::{Estimate, Figures, QueryCounts, Ranker, RankingMetrics};
pub use queries::Queries;
pub use words::TextOf;

#[cfg(test)]
mod tests;
