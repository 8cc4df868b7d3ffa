//! The drift dial: how the world moves as [`SampleConfig::drift`](crate::SampleConfig::drift) goes
//! from 0 to 1, so that a drift report has something planted to find.
//!
//! With `d` the dial:
//! - **Vocabulary**: each of [`PLANTED_TERMS`] appears in a CV with probability `0.25 d` and among a
//!   job's competences with probability `0.2 d`. At 0 none appears anywhere. They are in no
//!   catalogue and do not touch the outcome.
//! - **Areas**: shares go in a straight line from today's to a world in which data, data science,
//!   cloud and security take 72 % (now 19 %), on both sides, by `0.6 d`.
//! - **Languages of CVs**: the share of English CVs goes from about 8 % to about `8 (1 + 2 d)` %.
//! - **Labels**: the intercept of the law rises by [`LABEL_SHIFT`]` · d`.
//!
//! Everything else is drawn as before: at 0 the bytes are those of a sample without a dial, and at
//! any setting the people keep their names. A sample with another seed and no drift is other people
//! in the same world: what a drift report must stay silent about.

use crate::catalogue::{AREA_COUNT, AREAS};

/// Terms that no undrifted sample contains, lower-case; each is one token of two or more letters.
pub const PLANTED_TERMS: [&str; 12] = [
    "langchain",
    "genai",
    "lakehouse",
    "finops",
    "mlops",
    "webassembly",
    "copilot",
    "vectordb",
    "kubeflow",
    "quantizacao",
    "deepfake",
    "embeddings",
];

/// What the law's intercept gains at full drift.
pub const LABEL_SHIFT: f64 = 0.35;

/// How far the areas' mix goes at full drift.
const AREA_SHIFT: f64 = 0.6;

/// The areas' shares at a setting of the dial.
pub(crate) fn area_shares(drift: f64) -> [f64; AREA_COUNT] {
    AREAS.each_ref().map(|area| area.share + AREA_SHIFT * drift * (area.drifted - area.share))
}

/// The chance that a CV carries one given planted term.
pub(crate) fn term_in_cv(drift: f64) -> f64 {
    0.25 * drift
}

/// The chance that a job's competences carry one given planted term.
pub(crate) fn term_in_job(drift: f64) -> f64 {
    0.2 * drift
}

/// What the chance of an English CV is multiplied by.
pub(crate) fn english_factor(drift: f64) -> f64 {
    1.0 + 2.0 * drift
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_drift_is_todays_mix_to_the_bit() {
        assert_eq!(area_shares(0.0), AREAS.each_ref().map(|area| area.share));
    }

    #[test]
    fn planted_terms_are_new() {
        for term in PLANTED_TERMS {
            for skill in AREAS.iter().flat_map(|area| &area.skills) {
                let names = [skill.name, skill.english(), skill.spanish()];
                for form in names.iter().chain(&skill.variants) {
                    assert!(!form.to_lowercase().contains(term), "{term} in {form}");
                }
            }
        }
    }
}
