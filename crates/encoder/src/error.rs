//! What can go wrong. No error holds a text that was to be encoded.

/// Every error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The caller stopped the work.
    #[error("stopped by its caller")]
    Cancelled,
    /// A file of the encoder cannot be read.
    #[error("{source_name}: cannot read {file}: {error}")]
    Read {
        /// Where it was looked for.
        source_name: String,
        /// The file.
        file: String,
        /// Why not.
        error: std::io::Error,
    },
    /// A file of the encoder is not there.
    #[error("{source_name}: {file} is missing, expected {expected}: {remedy}")]
    Missing {
        /// Where it was looked for.
        source_name: String,
        /// The file.
        file: String,
        /// What it should hold.
        expected: &'static str,
        /// What to do.
        remedy: &'static str,
    },
    /// A file of the encoder cannot be understood.
    #[error("{source_name}: {file} is not {expected}: {problem}; fetch it again if it is damaged")]
    Malformed {
        /// Where it lies.
        source_name: String,
        /// The file.
        file: String,
        /// What it should be.
        expected: &'static str,
        /// What is wrong.
        problem: String,
    },
    /// The checkpoint asks for something that this crate does not do.
    #[error(
        "{source_name}: {file} asks for {setting} `{found}`, but only {supported} can be computed: choose another encoder"
    )]
    Unsupported {
        /// Where it lies.
        source_name: String,
        /// The file.
        file: String,
        /// What is set.
        setting: String,
        /// To which value.
        found: String,
        /// The values that work.
        supported: String,
    },
    /// The weights lack a tensor that the configuration calls for.
    #[error(
        "{source_name}: {file} has no tensor {tensor}, expected of shape {expected:?}: the weights are not of this config.json"
    )]
    NoTensor {
        /// Where it lies.
        source_name: String,
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// The shape that it should have.
        expected: Vec<usize>,
    },
    /// A tensor has another shape or type than the configuration says.
    #[error(
        "{source_name}: tensor {tensor} of {file} is {found}, expected {expected}: the weights are not of this config.json"
    )]
    TensorShape {
        /// Where it lies.
        source_name: String,
        /// The file.
        file: String,
        /// The tensor.
        tensor: String,
        /// Its type and shape.
        found: String,
        /// What they should be.
        expected: String,
    },
    /// A text cannot be divided into tokens.
    #[error("text {text} cannot be divided into tokens: {problem}")]
    Tokenize {
        /// Its place among the texts.
        text: usize,
        /// Why not.
        problem: String,
    },
    /// The tokenizer gives a token that the weights do not know.
    #[error(
        "{source_name}: tokenizer.json gives token {token}, but the weights know {vocabulary} tokens: tokenizer and weights are not of one checkpoint"
    )]
    Token {
        /// Where it lies.
        source_name: String,
        /// The token's number.
        token: u32,
        /// Rows of the embedding table.
        vocabulary: usize,
    },
    /// An encoder's name is not known.
    #[error("no encoder is known as `{found}`, expected one of {known}")]
    UnknownEncoder {
        /// The name given.
        found: String,
        /// The names that are known.
        known: String,
    },
    /// A parameter of the latent semantic analysis is out of its range.
    #[error("lsa: {key} must be {expected}, found {found}")]
    LsaParams {
        /// The key.
        key: &'static str,
        /// The values that are allowed.
        expected: &'static str,
        /// The value given.
        found: String,
    },
    /// Bytes that are not a state of the latent semantic analysis.
    #[error("lsa: {bytes} bytes that do not begin as a fitted state does: this is another file")]
    LsaForeign {
        /// How many.
        bytes: usize,
    },
    /// A fitted state is of a format that this version does not know.
    #[error(
        "lsa: the fitted state has format {found}, this version reads format {expected}: fit it again"
    )]
    LsaFormat {
        /// Its format number.
        found: u32,
        /// The one that is understood.
        expected: u32,
    },
    /// A fitted state ends too early.
    #[error(
        "lsa: the fitted state ends after {found} bytes, within its {part}: copy it again, or fit it again"
    )]
    LsaTruncated {
        /// What was being read.
        part: &'static str,
        /// Bytes that are there.
        found: usize,
    },
    /// A fitted state is whole, but not what was written.
    #[error("lsa: the fitted state is damaged ({problem}): copy it again, or fit it again")]
    LsaDamaged {
        /// What is wrong.
        problem: &'static str,
    },
}
