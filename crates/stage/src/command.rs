//! A stage's further commands (`matching score`, …), declared as data: the host parses arguments,
//! opens files, prints and writes; the command itself is a function over handles like the stage.

use std::collections::BTreeMap;

use versioning::{Blob, Lake};

use crate::{Error, Progress};

/// What an argument of a [`Command`] takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ArgKind {
    Text,
    /// Nothing: it is there or not.
    Flag,
    /// A path of a file that the host opens for reading.
    File,
}

/// An argument `--name` of a [`Command`].
#[derive(Clone, Copy, Debug)]
pub struct CommandArg {
    pub name: &'static str,
    /// What its value is called in the help.
    pub value: &'static str,
    pub help: &'static str,
    pub kind: ArgKind,
    /// Whether the command needs it.
    pub required: bool,
}

/// A further command of a stage.
#[derive(Clone, Copy)]
pub struct Command {
    pub name: &'static str,
    pub about: &'static str,
    /// Examples, a line each, shown after the help.
    pub examples: &'static str,
    pub args: &'static [CommandArg],
    /// Whether it gives a file, which the host writes where `--output` says.
    pub writes_file: bool,
    /// Does it.
    pub run: fn(&Call<'_>) -> Result<Answer, Error>,
}

/// A call of a [`Command`].
pub struct Call<'a> {
    pub lake: &'a Lake,
    /// The arguments given, by name; a flag's value is empty.
    pub args: BTreeMap<String, String>,
    /// The files opened for arguments of kind [`ArgKind::File`].
    pub files: BTreeMap<String, Blob>,
    /// The stage's configuration as given, or null.
    pub config: serde_json::Value,
    /// Whether `--output` was given: what [`Answer::file`] holds will be written.
    pub has_output: bool,
    pub progress: &'a dyn Progress,
}

impl Call<'_> {
    /// The value of an argument, if given.
    #[must_use]
    pub fn arg(&self, name: &str) -> Option<&str> {
        self.args.get(name).map(String::as_str)
    }

    /// The file opened for an argument, if given.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&Blob> {
        self.files.get(name)
    }
}

/// What a [`Command`] answers.
#[derive(Clone, Debug, Default)]
pub struct Answer {
    /// For people: printed as it is.
    pub text: String,
    /// For machines: printed with `--json`.
    pub json: serde_json::Value,
    /// The bytes of the file that `--output` names, where the command makes one.
    pub file: Option<Vec<u8>>,
}
