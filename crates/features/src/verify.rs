//! Whether the input is whole: the contract over what this version was made from, beside the data
//! that are live.

use contract::{Contract, Expectation, Observed};
use stage::{Asked, Check, Progress, Question};
use versioning::{Artefact, Committed, Lake};

use crate::observe::observe;

/// What errors call the bounds: the table of a configuration file.
const GATE: &str = "gate.features";

const BASELINE: Asked =
    Asked { question: Question::Input, name: "baseline", check: "what the data is compared with" };

/// Checks what types cannot say of the bounds.
pub(crate) fn check(contract: &Contract) -> Result<(), stage::Error> {
    for (name, share) in contract.shares() {
        stage::within(GATE, name, share, 0.0..=1.0)?;
    }
    stage::within(GATE, "max_level", contract.max_level, 1.0..=1000.0)?;
    stage::within(GATE, "max_age_days", contract.max_age_days, 1..=36_500)
}

/// Looks at a version. It needs no later stage.
pub(crate) fn verify(
    committed: &Committed,
    lake: &Lake,
    contract: &Contract,
    progress: &dyn Progress,
) -> Result<Vec<Check>, stage::Error> {
    let _phase = progress.phase("contract", None, "tables")?;
    let Some(processed) = made_from(committed, lake)? else {
        return Err(stage::Error::bad_input(format!(
            "features {}: the clean tables that it was made from are gone; run the day again",
            committed.version()
        )));
    };
    let observed = observe(committed, &processed)?;
    let (live, told) = baseline(committed, lake)?;
    let mut checks =
        vec![BASELINE.answer("the live version's data, where something is live", told, true)];
    for expectation in contract::examine(contract, &observed, live.as_ref()) {
        checks.push(answer(expectation));
    }
    Ok(checks)
}

fn answer(of: Expectation) -> Check {
    let subject = match &of.column {
        Some(column) => format!("{}.{column}", of.table),
        None => of.table.clone(),
    };
    let hint = if of.hint.is_empty() { String::new() } else { format!(" ({})", of.hint) };
    Check {
        check: format!("{} of {subject}", of.name.replace('-', " ")),
        name: of.name,
        question: Question::Input,
        expected: of.expected,
        found: format!("{}{hint}", of.found),
        passed: of.passed,
        size: of.size,
    }
}

/// The clean tables that a version was made from; none where they are gone.
fn made_from(features: &Committed, lake: &Lake) -> Result<Option<Committed>, stage::Error> {
    let input = features.manifest().inputs.iter().find(|input| input.name == "processed");
    let Some(version) = input.and_then(|input| input.version) else { return Ok(None) };
    Ok(lake.series(Artefact::Processed).find_version(version)?)
}

/// The data that are live, where they can be compared with; and a sentence about that.
fn baseline(
    committed: &Committed,
    lake: &Lake,
) -> Result<(Option<Observed>, String), stage::Error> {
    let series = lake.series(Artefact::Features);
    let first_day = |why: String| Ok((None, format!("nothing, as on a first day: {why}")));
    let Some(version) = series.live()? else { return first_day("nothing is live".to_owned()) };
    if version == committed.version() {
        return first_day(format!("{version} is live itself"));
    }
    let Some(live) = series.find_version(version)? else {
        return first_day(format!("{version} is live, but was made by another system"));
    };
    let date = &live.manifest().logical_date;
    if committed.manifest().logical_date < *date {
        return first_day(format!("{version} is live and stands for a later day, {date}"));
    }
    let Some(processed) = made_from(&live, lake)? else {
        return first_day(format!("{version} is live, but its clean tables are gone"));
    };
    match observe(&live, &processed) {
        Ok(observed) => Ok((Some(observed), format!("{version}, live, of {date}"))),
        // Damaged, it costs the comparison alone.
        Err(stage::Error { name: stage::ErrorName::StageFailed, message, .. }) => {
            first_day(format!("{version} is live, but cannot be compared with: {message}"))
        }
        Err(stage::Error { name: stage::ErrorName::BadInput, message, .. }) => {
            first_day(format!("{version} is live, but was made by another release: {message}"))
        }
        Err(error) => Err(error),
    }
}
