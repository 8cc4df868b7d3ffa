//! The fitted state of the encoder `lsa`: versions of their own, so that the vectors of yesterday
//! stay valid as long as their state does.

use encoder::lsa::{self, Sample};
use serde::{Deserialize, Serialize};
use serde_json::json;
use stage::{Context, Event, InputSpec, Inputs, Metrics, Outputs, Progress, Stage};
use versioning::{Artefact, Committed, Version};

use crate::{
    Error,
    columns::{self, Side},
    compose::{TEXT_FORMAT, Texts},
    config::Config,
};

pub const STATE: &str = "lsa.bin";

/// By how much the texts must have grown since a state was fitted for it to be fitted anew.
pub const GROWTH: u64 = 2;

/// Fits the state of the encoder `lsa` on the texts of both sides.
#[derive(Clone, Copy, Debug)]
pub struct LsaState;

/// What a state is fitted on, and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StateConfig {
    /// The columns that make a candidate's text.
    pub candidate_text: Vec<String>,
    /// The columns that make a job's text.
    pub job_text: Vec<String>,
    pub params: lsa::Params,
}

impl Default for StateConfig {
    fn default() -> Self {
        Self::from(&Config::default())
    }
}

impl From<&Config> for StateConfig {
    fn from(config: &Config) -> Self {
        Self {
            candidate_text: config.candidate_text.clone(),
            job_text: config.job_text.clone(),
            params: config.lsa.clone(),
        }
    }
}

impl Stage for LsaState {
    const NAME: &'static str = "lsa";
    const OUTPUT: Artefact = Artefact::Lsa;
    const INPUTS: &'static [InputSpec] = &[InputSpec::newest("features", Artefact::Features)];
    // A state changes with the code that fits it, not with all of this stage.
    const CODE: &'static str = encoder::CODE;
    type Config = StateConfig;
    type Gate = stage::NoBounds;

    fn check(config: &StateConfig) -> Result<(), stage::Error> {
        columns::check("candidate_text", Side::People, &config.candidate_text)?;
        columns::check("job_text", Side::Jobs, &config.job_text)?;
        config.params.check().map_err(stage::Error::config)
    }

    fn run(
        inputs: &Inputs,
        config: &StateConfig,
        out: &mut Outputs,
        progress: &dyn Progress,
    ) -> Result<Metrics, stage::Error> {
        let (mut sample, mut texts) = (Sample::new(config.params.clone()).map_err(failed)?, 0);
        let sides = [(Side::Jobs, &config.job_text), (Side::People, &config.candidate_text)];
        for (side, columns) in sides {
            let read = Texts::open(side, inputs.open("features", side.file())?, columns)?;
            let phase = progress.phase("choose", Some(read.rows()), "texts")?;
            for batch in read {
                let batch = batch?;
                batch.texts.iter().for_each(|text| sample.add(text));
                texts += batch.texts.len();
                phase.advance(batch.texts.len() as u64)?;
            }
        }
        let state = {
            let _phase = progress.phase("fit lsa", None, "")?;
            sample.fit()
        };
        out.write(STATE, &state.to_bytes(), None)?;
        out.describe("code", json!(encoder::CODE));
        out.describe("text_format", json!(TEXT_FORMAT));
        let mut metrics = Metrics::default();
        metrics.set("texts", texts);
        metrics.set("fitted_on", state.documents());
        metrics.set("words", state.words());
        metrics.set("dimensions", state.singular_values().iter().filter(|v| **v > 0.0).count());
        Ok(metrics)
    }

    /// Nothing of it is live: each version of `recommend` names the state that it was made with.
    fn latest(_: &str) -> Vec<String> {
        Vec::new()
    }
}

fn failed(source: encoder::Error) -> Error {
    Error::Encoder { name: crate::config::LSA.to_owned(), source: Box::new(source) }
}

/// The state for a call of `recommend`.
///
/// The newest one is taken that stands for no later day, was fitted with this configuration by this
/// code, and on more than half as many texts as there are now; so a run of an unchanged day finds
/// the state that it found before. Else, or with `refit`, one is fitted on this day's texts.
pub(crate) fn state(
    place: &Context<'_>,
    inputs: &Inputs,
    config: &Config,
) -> Result<Committed, stage::Error> {
    let features = inputs.version("features")?;
    let series = place.lake.series(Artefact::Lsa);
    let state_config =
        serde_json::to_value(StateConfig::from(config)).map_err(stage::Error::failed)?;
    if !config.refit {
        let fits = |state: &Committed| {
            let manifest = state.manifest();
            let said = |key: &str| manifest.extra.get(key);
            manifest.logical_date <= place.event.logical_date
                && manifest.config == state_config
                && said("code") == Some(&json!(encoder::CODE))
                && said("text_format") == Some(&json!(TEXT_FORMAT))
        };
        let rows = |file| features.manifest().output(file).and_then(|o| o.rows).unwrap_or(0);
        let now = rows(Side::People.file()) + rows(Side::Jobs.file());
        let newest = series.newest_where(fits)?;
        let fitted_on = |state: &Committed| {
            state.manifest().metrics.get("texts").and_then(serde_json::Value::as_u64).unwrap_or(0)
        };
        if let Some(state) = newest.filter(|state| now < GROWTH * fitted_on(state)) {
            return Ok(state);
        }
    }
    let event = Event {
        action: stage::Action::Run,
        inputs: [("features".to_owned(), features.uri())].into(),
        config: state_config,
        // An execution's name would make another version of the same state.
        force: false,
        ..place.event.clone()
    };
    let response = stage::execute::<LsaState>(place.lake, &event, place.host)?;
    let version: Version = response.version.parse().map_err(stage::Error::failed)?;
    Ok(series.get(version)?)
}
