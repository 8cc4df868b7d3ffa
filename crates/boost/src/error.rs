//! What can go wrong, with what was expected and what was found.

/// Every error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller stopped the training.
    #[error("stopped by its caller")]
    Cancelled,
    /// A training parameter is out of its range.
    #[error("parameter `{name}` must be {expected}, found {found}")]
    Parameter {
        /// The parameter, as XGBoost names it.
        name: &'static str,
        /// The values that are allowed.
        expected: &'static str,
        /// The value given.
        found: String,
    },
    /// Two things that belong together differ in length.
    #[error("{what}: expected length {expected}, found {found}")]
    Length {
        /// What was measured.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// `indptr` of a [`Csr`](crate::Csr) goes down, or does not start at 0.
    #[error("indptr must start at 0 and never go down, but entry {at} is {found} after {previous}")]
    Indptr {
        /// Position in `indptr`.
        at: usize,
        /// The entry before it (0 for the first).
        previous: usize,
        /// The entry itself.
        found: usize,
    },
    /// A row names its columns out of order or twice.
    #[error("row {row}: columns must go up strictly, but {column} follows {previous}")]
    RowOrder {
        /// The row.
        row: usize,
        /// The column before.
        previous: u32,
        /// The offending column.
        column: u32,
    },
    /// A row names a column that the matrix does not have.
    #[error("row {row}: column {column} is out of range, the matrix has {columns}")]
    ColumnOutOfRange {
        /// The row.
        row: usize,
        /// The offending column.
        column: u32,
        /// Columns of the matrix.
        columns: usize,
    },
    /// A stored value is NaN or infinite.
    #[error(
        "row {row}, column {column}: values must be finite, found {value}; leave a missing value out"
    )]
    NotFinite {
        /// The row.
        row: usize,
        /// The column.
        column: u32,
        /// The value.
        value: f32,
    },
    /// The matrix is larger than what this crate indexes with 32 bits.
    #[error("{what}: at most {limit} are supported, found {found}; train on a sample")]
    TooLarge {
        /// What is too many.
        what: &'static str,
        /// The limit.
        limit: usize,
        /// The number found.
        found: usize,
    },
    /// The labels hold one class only, so there is nothing to learn.
    #[error("labels must hold both classes, found {positives} positives in {rows} rows")]
    OneClass {
        /// Number of positive labels.
        positives: usize,
        /// Number of labels.
        rows: usize,
    },
    /// A matrix has another number of columns than the model or the other matrix.
    #[error(
        "expected {expected} columns, found {found}; use the columns that the model was trained on"
    )]
    Columns {
        /// Columns of the model.
        expected: usize,
        /// Columns of the matrix.
        found: usize,
    },
    /// Feature names must be unique and fit for XGBoost.
    #[error("feature name {at} ({name:?}) {problem}")]
    FeatureName {
        /// Position of the name.
        at: usize,
        /// The name.
        name: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// `early_stopping_rounds` was given without rows to judge by.
    #[error("`early_stopping_rounds` needs a validation set: pass one to `train`, or unset it")]
    NoValidation,
    /// The text is not a model in XGBoost's JSON schema.
    #[error("not a model in XGBoost's JSON schema: {0}")]
    Json(#[from] serde_json::Error),
    /// The model uses something of XGBoost that this crate does not.
    #[error("model has {what} {found:?}, this crate reads {expected:?} only")]
    Unsupported {
        /// The part of the model.
        what: &'static str,
        /// What is supported.
        expected: &'static str,
        /// What the model has.
        found: String,
    },
    /// Training has left the finite numbers.
    #[error(
        "tree {tree} has a leaf that is not finite: `learning_rate` or `scale_pos_weight` is too large for these rows, or `lambda` and `min_child_weight` too small"
    )]
    Diverged {
        /// The tree.
        tree: usize,
    },
    /// A number that XGBoost's schema writes as text does not read as a number.
    #[error("model's `{field}` must be {expected}, found {found:?}")]
    Field {
        /// The field of the schema.
        field: &'static str,
        /// What it should hold.
        expected: &'static str,
        /// What it holds.
        found: String,
    },
    /// A tree of the model is broken.
    #[error("tree {tree}, node {node}: {problem}")]
    Tree {
        /// The tree.
        tree: usize,
        /// The node.
        node: usize,
        /// What is wrong with it.
        problem: String,
    },
}
