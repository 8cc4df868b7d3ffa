//! What a stage is.

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::{Asset, Check, Error, Event, Host, Inputs, Metrics, Outputs, Progress, Shard};

/// Where one of a stage's inputs comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum InputSource {
    Raw,
    /// A version of a series of the lake.
    Series(versioning::Artefact),
}

/// Which version of a series an input is, where the event does not say.
///
/// A choice depends on versions and promotions, never on a clock. A rerun with the same inputs by
/// name has the same key; where the event leaves a choice open, versions that were added (a backfill)
/// or pruned since may change it, and so the key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pick {
    /// The newest: of the latest logical date and, of those, the greatest number.
    Newest,
    /// The one before the version given as this input, which is of the same series.
    Before(&'static str),
    /// The newest that stands for a day at least so many days before that of the version given as
    /// this input, which is of the same series.
    DaysBefore { given: &'static str, days: u32 },
    /// None: there is one where the event names it.
    Named,
    /// The newest that was made from what another input is.
    MadeFrom {
        given: &'static str,
        /// The name that it has among the inputs of the version looked for.
        as_input: &'static str,
    },
    /// What another input was made from.
    InputOf {
        of: &'static str,
        /// The name that the version looked for has among that one's inputs.
        input: &'static str,
    },
    /// The one that was live when the version given as this input was made.
    LiveWhenMade(&'static str),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InputSpec {
    /// Its name in the event's `inputs`.
    pub name: &'static str,
    pub source: InputSource,
    pub pick: Pick,
    /// Whether the stage does without where there is none.
    pub optional: bool,
    /// The files that the stage reads of something it only compares with: where one of them cannot
    /// be read, it does without the version, and says so ([`crate::Inputs::unreadable`]). Empty for
    /// an input without which the result would be wrong.
    pub compared: &'static [&'static str],
}

impl InputSpec {
    #[must_use]
    pub const fn raw() -> Self {
        Self {
            name: "raw",
            source: InputSource::Raw,
            pick: Pick::Newest,
            optional: false,
            compared: &[],
        }
    }

    /// The newest version of a series, without which the stage cannot run.
    #[must_use]
    pub const fn newest(name: &'static str, artefact: versioning::Artefact) -> Self {
        let source = InputSource::Series(artefact);
        Self { name, source, pick: Pick::Newest, optional: false, compared: &[] }
    }

    /// A version of a series that the stage reads where there is one. What `pick` refers to must
    /// stand before this one among the stage's inputs.
    #[must_use]
    pub const fn optional(name: &'static str, artefact: versioning::Artefact, pick: Pick) -> Self {
        Self { name, source: InputSource::Series(artefact), pick, optional: true, compared: &[] }
    }

    /// As [`InputSpec::optional`], of a version that is only compared with.
    #[must_use]
    pub const fn compared(
        name: &'static str,
        artefact: versioning::Artefact,
        pick: Pick,
        files: &'static [&'static str],
    ) -> Self {
        Self { compared: files, ..Self::optional(name, artefact, pick) }
    }
}

/// What [`Stage::prepare`] may use.
pub struct Context<'a> {
    pub lake: &'a versioning::Lake,
    pub event: &'a Event,
    pub host: &'a Host<'a>,
}

/// The bounds of a gate that has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NoBounds {}

/// A stage of the day: reads versions, writes one version of its own series.
///
/// An implementation is synchronous and pure: no clock, no environment, no network, no global
/// state; the same inputs, config and code give the same output bytes.
pub trait Stage {
    /// Its name, as in `statemachine.asl.json`.
    const NAME: &'static str;
    const OUTPUT: versioning::Artefact;
    const INPUTS: &'static [InputSpec];
    /// A hash of the sources that it is built from (`STAGE_CODE`, set by `stage/source_hash.rs`):
    /// part of every version's key, so that changed code makes a new version.
    const CODE: &'static str;
    /// Its configuration: serde's `deny_unknown_fields`, a default for every field.
    type Config: Serialize + DeserializeOwned + Default;
    /// The bounds of [`Stage::verify`]: as the configuration, and [`NoBounds`] where it has none.
    type Gate: DeserializeOwned + Default;

    /// Checks what types cannot say of a configuration.
    ///
    /// # Errors
    /// [`crate::ErrorName::ConfigInvalid`], naming the key, what was expected and what was found.
    fn check(config: &Self::Config) -> Result<(), Error>;

    /// Makes sure of what the stage needs beside its inputs, before the version's key is built.
    fn prepare(_: &Context<'_>, _: &Inputs, _: &Self::Config) -> Result<Vec<Asset>, Error> {
        Ok(Vec::new())
    }

    /// Does the stage's work.
    ///
    /// # Errors
    /// An error named for the orchestrator; nothing of the version is visible then.
    fn run(
        inputs: &Inputs,
        config: &Self::Config,
        out: &mut Outputs,
        progress: &dyn Progress,
    ) -> Result<Metrics, Error>;

    /// Into which shards the work may be cut: parts that need none of the others, for as many
    /// machines. What a shard leaves in the memo is for a later run to use; a run that finds
    /// nothing there does all of the work itself, and gives the same bytes.
    fn plan(_: &Inputs, _: &Self::Config) -> Result<Vec<Shard>, Error> {
        Ok(vec![Shard::Part { index: 0, of: 1 }])
    }

    /// Does one shard of the work; gives how many rows, or texts, it worked on. Of
    /// [`Shard::File`], the inputs are that raw file alone.
    fn shard(_: &Inputs, _: &Self::Config, _: &Shard, _: &dyn Progress) -> Result<u64, Error> {
        Ok(0)
    }

    /// Checks what types cannot say of bounds.
    fn check_gate(_: &Self::Gate) -> Result<(), Error> {
        Ok(())
    }

    /// What a version must keep to go live, looked at with the code that serves it; its files are
    /// those of its manifest already.
    ///
    /// # Errors
    /// That something could not be looked at; a bound that is not kept is not an error here.
    fn verify(
        _: &versioning::Committed,
        _: &versioning::Lake,
        _: &Self::Gate,
        _: &dyn Progress,
    ) -> Result<Vec<Check>, Error> {
        Ok(Vec::new())
    }

    /// The lines of the series' `latest.txt` when `version` (as in `v7`) is promoted; none when
    /// the series has no `latest.txt`.
    fn latest(version: &str) -> Vec<String>;
}
