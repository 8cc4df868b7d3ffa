//! What a fit is told.

use serde::{Deserialize, Serialize};

use crate::Error;

/// How a state is fitted. The defaults are those that ranked best on one made set (`lsa_params`, an
/// example of `recommend`), and do so on another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table such as { words = 16000 }")]
pub struct Params {
    /// Texts that are fitted on, at most: those whose hash is smallest, whatever their order.
    pub texts: usize,
    /// Words that are kept, at most: those in most texts.
    pub words: usize,
    /// Groups of letters that are kept, at most: those in most words.
    pub groups: usize,
    /// Words in fewer texts are left out; their groups of letters still count.
    pub min_texts: u32,
    /// Words in a greater share of the texts of a language are left out for good, as stop words are.
    pub max_share: f64,
    /// Length of a word's spelling beside the word itself, whose is 1; 0 for none.
    pub spelling: f32,
    /// Directions of singular value s are scaled by `s^-whitening`: 0 for plain latent semantic
    /// analysis, 1 for directions of equal spread.
    pub whitening: f32,
    /// Directions beyond the 384 that the range finder looks for.
    pub oversampling: usize,
    /// Power iterations of the range finder.
    pub power_iterations: usize,
    /// Seed of the choice of texts and of the range finder.
    pub seed: u64,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            texts: 10_000,
            words: 16_000,
            groups: 16_000,
            min_texts: 3,
            max_share: 0.3,
            spelling: 0.25,
            whitening: 0.0,
            oversampling: 16,
            power_iterations: 2,
            seed: 42,
        }
    }
}

impl Params {
    /// Checks every field.
    ///
    /// # Errors
    /// [`Error::LsaParams`], naming the key, what was expected and what was found.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |key: &'static str, expected: &'static str, found: &dyn ToString| {
            Err(Error::LsaParams { key, expected, found: found.to_string() })
        };
        if !(1..=1_000_000).contains(&self.texts) {
            return wrong("texts", "1 to 1000000", &self.texts);
        }
        if !(1..=100_000).contains(&self.words) {
            return wrong("words", "1 to 100000", &self.words);
        }
        if self.groups > 100_000 {
            return wrong("groups", "0 to 100000", &self.groups);
        }
        if self.min_texts == 0 {
            return wrong("min_texts", "1 or more", &self.min_texts);
        }
        if !(self.max_share > 0.0 && self.max_share <= 1.0) {
            return wrong("max_share", "a share above 0, up to 1", &self.max_share);
        }
        if !(0.0..=10.0).contains(&self.spelling) {
            return wrong("spelling", "0 to 10", &self.spelling);
        }
        if !(0.0..=1.0).contains(&self.whitening) {
            return wrong("whitening", "0 to 1", &self.whitening);
        }
        if self.oversampling > 1_000 {
            return wrong("oversampling", "0 to 1000", &self.oversampling);
        }
        if self.power_iterations > 20 {
            return wrong("power_iterations", "0 to 20", &self.power_iterations);
        }
        Ok(())
    }
}
