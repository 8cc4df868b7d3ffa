//! What the models of texts, vectors and matches say.

use serde::{Deserialize, Serialize};

use super::columns::{Histogram, Measure};

/// A small model that tells the two versions' texts apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classifier {
    /// Its area under the ROC curve on people that it was not fitted on: .5 when it cannot.
    pub auc: f64,
    /// The lower end of the AUC's 95 % interval.
    pub auc_low: f64,
    pub auc_high: f64,
    /// Texts of the baseline that it saw.
    pub rows_before: u64,
    /// Texts of the current version that it saw.
    pub rows_after: u64,
    pub measure: Measure,
    /// The terms that tell most, the strongest first.
    pub terms: Vec<ClassifierTerm>,
}

/// A term that tells the two versions apart.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassifierTerm {
    pub term: String,
    /// Its weight: positive where it speaks for the current version.
    pub weight: f64,
    /// The share of texts that have it, before.
    pub before: f64,
    pub after: f64,
}

/// Whether the embeddings of one side have moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmbeddingDrift {
    /// `people` or `jobs`.
    pub side: String,
    /// The encoder that made both.
    pub encoder: String,
    /// The area under the curve of a model that tells the two versions' embeddings apart.
    pub auc: f64,
    pub measure: Measure,
}

/// The analysis of the Python system: TF-IDF fitted on the baseline over all columns of
/// `candidates.parquet` as one text a row, KSDrift and PSI a term.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Classic {
    /// Whether any term's p lies below `threshold`: the verdict of KSDrift with Bonferroni.
    pub is_drift: bool,
    /// .05 over the number of terms.
    pub threshold: f64,
    /// The verdict of KSDrift with FDR.
    pub is_drift_fdr: bool,
    /// The greatest p below its own bound of Benjamini and Hochberg's, as alibi-detect gives it.
    pub threshold_fdr: f64,
    /// Terms whose p lies below `threshold`.
    pub drifted_terms: u64,
    /// PSI over all weights of all terms at once.
    pub global_psi: f64,
    /// Documents of the baseline.
    pub rows_before: u64,
    /// Documents of the current version.
    pub rows_after: u64,
    /// Every term, by absolute difference of the means, the greatest first.
    pub terms: Vec<ClassicTerm>,
    /// Terms of the analysis that fewer documents than `min_support` have, and so are not listed.
    pub withheld: u64,
}

/// A term of the classic analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassicTerm {
    pub term: String,
    /// KS distance.
    pub distance: f64,
    pub p: f64,
    /// PSI.
    pub psi: f64,
    /// Mean weight before.
    pub mean_before: f64,
    /// Mean weight after.
    pub mean_after: f64,
    /// mean_after − mean_before.
    pub difference: f64,
}

/// What the live model expected of the last mature quarter and what came, of people that it was not
/// trained on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// The first day of the quarter, `YYYY-MM-DD`.
    pub from: String,
    pub to: String,
    pub rows: u64,
    /// The mean score: the share of matches that the model expects.
    pub expected: f64,
    pub observed: f64,
    /// The lower end of its 95 % interval.
    pub low: f64,
    pub high: f64,
    pub measure: Measure,
}

/// How the live model scores today's applications.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LiveScores {
    /// The live version of the match model.
    pub model: String,
    /// The feature-store version that it was trained on.
    pub trained_on: String,
    /// What it expected and what came; none where the last mature quarter has too few rows.
    pub calibration: Option<Calibration>,
    /// Applications that it was judged on when it was made, of people it was not trained on.
    pub rows_before: u64,
    /// Applications of today, of people that it was not trained on; where `live_scores.parquet`
    /// says which applications the label rule keeps (`mature`), only those, as in `rows_before`.
    pub rows_after: u64,
    pub mean_before: f64,
    pub mean_after: f64,
    pub measures: Vec<Measure>,
    /// Scores in tenths.
    pub histogram: Histogram,
}
