//! How recommendations are judged.

use schema::{
    calendar,
    statuses::{self, KNOWN, Outcome},
};
use serde::{Deserialize, Serialize};

use crate::Error;

/// How recommendations are judged. Every key has a default.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { candidates = 2000 }")]
pub struct Config {
    /// Applications from this day on (`YYYY-MM-DD`) are judged by; none for the day that leaves
    /// [`share`](Self::share) of the applications.
    pub cut_date: Option<String>,
    /// Share of the dated applications that are judged by, where no day is given.
    pub share: f64,
    /// Statuses of a candidate that was forwarded for a job, or came further and was not refused.
    pub forwarded: Vec<String>,
    /// Those of them that say the candidate was right for the job; by default those whose
    /// [`statuses::outcome`] is [`Outcome::Positive`], as everywhere.
    pub hired: Vec<String>,
    /// Candidates that are judged by, at most: those the SHA-256 of whose ids is smallest.
    pub candidates: usize,
    /// Length of a list of recommendations, for coverage and concentration.
    pub top: usize,
    /// Resamples of the confidence intervals.
    pub resamples: usize,
    /// Seed of the resamples.
    pub seed: u64,
}

impl Default for Config {
    fn default() -> Self {
        let of = |outcome| KNOWN.into_iter().filter(move |s| statuses::outcome(s) == outcome);
        let owned = |status: &str| status.to_owned();
        let on_the_way =
            ["Encaminhado ao Requisitante", "Entrevista Técnica", "Entrevista com Cliente"];
        // The papers of a contract, and a hire in another way, are not a refusal.
        let not_refused = of(Outcome::Positive).chain(of(Outcome::Other));
        Self {
            cut_date: None,
            share: 0.2,
            forwarded: on_the_way.into_iter().chain(not_refused).map(owned).collect(),
            hired: of(Outcome::Positive).map(owned).collect(),
            candidates: 2_000,
            top: 20,
            resamples: 1_000,
            seed: 42,
        }
    }
}

impl Config {
    /// Checks what types cannot say.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |key: &str, expected: &str, found: &dyn ToString| {
            Err(Error::Config {
                key: format!("evaluation.{key}"),
                expected: expected.to_owned(),
                found: found.to_string(),
            })
        };
        if let Some(date) = &self.cut_date
            && calendar::parse(date).is_none()
        {
            return wrong("cut_date", "a day as YYYY-MM-DD", date);
        }
        if !(self.share > 0.0 && self.share <= 1.0) {
            return wrong("share", "a share above 0, up to 1", &self.share);
        }
        // A status that never occurs would leave nothing to judge by, in silence.
        for (key, statuses) in [("forwarded", &self.forwarded), ("hired", &self.hired)] {
            if let Some(status) = statuses.iter().find(|s| !KNOWN.contains(&s.as_str())) {
                return wrong(key, &format!("some of {}", KNOWN.join(", ")), status);
            }
        }
        if self.forwarded.is_empty() {
            return wrong("forwarded", "at least one status", &"none");
        }
        if let Some(status) = self.hired.iter().find(|s| !self.forwarded.contains(s)) {
            return wrong("hired", "statuses that stand in evaluation.forwarded too", status);
        }
        if !(1..=1_000_000).contains(&self.candidates) {
            return wrong("candidates", "1 to 1000000", &self.candidates);
        }
        if !(1..=1_000).contains(&self.top) {
            return wrong("top", "1 to 1000", &self.top);
        }
        if !(100..=100_000).contains(&self.resamples) {
            return wrong("resamples", "100 to 100000", &self.resamples);
        }
        Ok(())
    }
}
