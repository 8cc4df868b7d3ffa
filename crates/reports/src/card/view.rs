//! What the page of a model card shows, as the stage fills it from what it writes as
//! `model_card.json`. Estimates have 95 % intervals; shares and probabilities are between 0 and 1.

use stats::Estimate;

pub struct Card<'a> {
    /// The version of the feature store.
    pub features: &'a str,
    /// Days of the first and the last application, since 1970-01-01.
    pub days: Option<(i32, i32)>,
    pub preset: &'a str,
    /// The method of calibration.
    pub calibration: &'a str,
    /// The protected attributes among the model's inputs.
    pub protected: &'a [String],
    pub nothing_to_learn: bool,
    pub beats_baseline: bool,
    pub labels: Labels,
    pub same_people: Same,
    pub same_jobs: Same,
    /// Applications of the training part, of the calibration set, and held out.
    pub rows: [usize; 3],
    pub columns: usize,
    pub trees: usize,
    pub threshold: Option<Threshold>,
    pub roc_auc: Option<f64>,
    pub pr_auc: Option<f64>,
    pub splits: Vec<Split<'a>>,
    pub champion: Option<Champion<'a>>,
    pub baselines: Vec<Baseline<'a>>,
    pub slices: Vec<Slices<'a>>,
    pub curves: Curves,
    /// The share of the gain of each column and pair feature, the greatest first.
    pub importance: Vec<(&'a str, f64)>,
    pub surrogate: Option<Surrogate<'a>>,
    pub checks: Option<Checks<'a>>,
    pub audit: Audit<'a>,
}

pub struct Labels {
    pub applications: usize,
    pub positives: usize,
    pub open_as_negatives: usize,
    pub left_out_young: usize,
    pub left_out_other: usize,
}

/// Records that stand for one another.
pub struct Same {
    pub groups: usize,
    pub in_groups: usize,
}

pub struct Threshold {
    pub threshold: f64,
    pub selected_per_job: f64,
}

/// The figures under one split.
pub struct Split<'a> {
    pub name: &'a str,
    pub rows: usize,
    pub positives: usize,
    pub roc_auc: Estimate,
    pub pr_auc: Estimate,
    pub log_loss: Estimate,
    pub brier: Estimate,
    pub ece: Estimate,
    pub ndcg_at_5_lift: Estimate,
    pub recall_at_5_lift: Estimate,
}

/// The model beside the live one.
pub struct Champion<'a> {
    pub live: &'a str,
    pub rows: usize,
    pub measures: Vec<Compared<'a>>,
}

pub struct Compared<'a> {
    pub measure: ModelMeasure,
    /// The protected attribute that it is of, where it is of one.
    pub of: Option<&'a str>,
    pub new: f64,
    pub live: f64,
    pub worse_by: f64,
    pub standard_error: f64,
    pub p_adjusted: f64,
}

/// What two models are compared by.
#[derive(Clone, Copy)]
pub enum ModelMeasure {
    LogLoss,
    PrAuc,
    Order,
    Calibration,
    ImpactRatio,
}

/// A simpler model on the same applications.
pub struct Baseline<'a> {
    pub name: &'a str,
    pub roc_auc: Estimate,
    pub pr_auc: Estimate,
    pub log_loss: Estimate,
    /// How much greater the model's area under the ROC curve is.
    pub roc_auc_difference: Estimate,
}

/// Groups of applications told apart by something.
pub struct Slices<'a> {
    pub by: &'a str,
    pub groups: Vec<Slice<'a>>,
}

pub struct Slice<'a> {
    pub group: &'a str,
    pub rows: usize,
    pub positives: usize,
    pub roc_auc: Estimate,
    pub mean_probability: Option<f64>,
    pub rate: Option<f64>,
    pub too_few: bool,
}

/// Points and bins that pictures draw.
pub struct Curves {
    pub roc: Vec<(f64, f64)>,
    pub pr: Vec<(f64, f64)>,
    pub calibration: Vec<CalibrationBin>,
    /// From the lowest score to the highest.
    pub scores: Vec<ScoreBin>,
}

pub struct CalibrationBin {
    pub mean_probability: f64,
    pub rate: f64,
    pub low: f64,
    pub high: f64,
}

pub struct ScoreBin {
    pub from: f64,
    pub to: f64,
    pub negatives: usize,
    pub positives: usize,
}

/// A small tree that imitates the model.
pub struct Surrogate<'a> {
    pub agreement: f64,
    pub fidelity: Option<f64>,
    pub rules: Vec<Rule<'a>>,
}

/// A node of the tree.
pub struct Rule<'a> {
    pub depth: usize,
    pub is_below: Option<bool>,
    pub column: Option<&'a str>,
    pub threshold: Option<f64>,
    pub rate: Option<f64>,
}

/// What the checks for leaks measured: columns with their area under the ROC curve.
pub struct Checks<'a> {
    pub highest_single: Option<(&'a str, f64)>,
    pub above_bound: Vec<(&'a str, f64)>,
    /// The area under the ROC curve of a model of shuffled labels.
    pub shuffled_auc: Option<f64>,
    pub shuffled_se: Option<f64>,
}

/// How groups of candidates fare.
pub struct Audit<'a> {
    pub tests: usize,
    /// The probability of any false alarm.
    pub level: f64,
    pub alarms: Vec<Alarm<'a>>,
    pub attributes: Vec<Attribute<'a>>,
    /// Attributes crossed.
    pub intersections: Vec<Attribute<'a>>,
    pub proxies: Vec<Proxy<'a>>,
}

pub struct Alarm<'a> {
    pub attribute: &'a str,
    pub group: &'a str,
    pub measure: GroupMeasure,
    pub figure: f64,
    pub highest_figure: f64,
    pub ratio: f64,
    pub p_adjusted: f64,
}

/// What is compared between groups.
#[derive(Clone, Copy)]
pub enum GroupMeasure {
    Outcome,
    Selection,
    Top,
    Scoring,
    TruePositives,
    Calibration,
}

pub struct Attribute<'a> {
    pub name: &'a str,
    pub known: Option<f64>,
    pub groups: Vec<Group<'a>>,
}

pub struct Group<'a> {
    /// None is unknown.
    pub name: Option<&'a str>,
    pub rows: usize,
    pub observed: Rate,
    pub selection: Rate,
    pub top: Rate,
    pub scoring: Rate,
    pub true_positives: Rate,
    pub calibration_gap: Estimate,
    pub too_few: bool,
}

/// A rate, and over that of the group with the highest.
pub struct Rate {
    pub rate: Estimate,
    pub impact_ratio: Estimate,
}

/// How well inputs give a group of an attribute away.
pub struct Proxy<'a> {
    pub attribute: &'a str,
    pub group: &'a str,
    pub auc: Estimate,
    /// The column that tells most.
    pub column: Option<&'a str>,
}
