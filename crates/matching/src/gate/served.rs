//! Whether the code that serves gives the scores that a model was judged by.

use arrow_array::{cast::AsArray, types::Float32Type};
use parquet::arrow::{ProjectionMask, arrow_reader::ParquetRecordBatchReaderBuilder};
use stage::{Asked, Check, Question};
use versioning::{Artefact, Blob, Committed, Lake};

use crate::{
    artefacts::PREDICTIONS,
    pairs::Pair,
    score::{ChosenVersion, How, look_up},
};

const GOLDEN: Asked =
    Asked { question: Question::Served, name: "golden-scores", check: "golden queries" };
const CARRIED: Asked = Asked {
    question: Question::Served,
    name: "carried-model-scores",
    check: "the live model on today's features",
};

/// How far a score may be from the one stored.
const TOLERANCE: f64 = 1e-6;

/// The version of the features that a model was made from.
pub(super) fn features_of(
    committed: &Committed,
    lake: &Lake,
) -> Result<ChosenVersion, stage::Error> {
    let from = committed.manifest().inputs.iter().find(|input| input.name == "features");
    let version = from.and_then(|input| input.version).ok_or_else(|| {
        stage::Error::bad_input(format!("{}manifest.json names no features", committed.uri()))
    })?;
    Ok(ChosenVersion { version: lake.series(Artefact::Features).get(version)?, how: How::Asked })
}

/// Whether the live model, which stays where this version is held back, can score the features that
/// this one was made from. Where this one goes live it need not.
pub(super) fn carried(
    committed: &Committed,
    is_held_back: bool,
    lake: &Lake,
    features: &ChosenVersion,
    count: usize,
) -> Result<Check, stage::Error> {
    let series = lake.series(Artefact::Matching);
    let expected = format!("{count} applications scored, or this version in its place");
    let live = match series.live()? {
        None => return Ok(CARRIED.answer(expected, "no version is live", true)),
        Some(live) if live == committed.version() => {
            return Ok(CARRIED.answer(expected, "this version is live", true));
        }
        Some(live) => live,
    };
    let Some(version) = series.find_version(live)? else {
        let found =
            format!("live {live} was not made by this system, which does not score with it");
        return Ok(CARRIED.answer(expected, found, true));
    };
    let scored = || {
        let stored = held_out(&committed.open(PREDICTIONS)?, count)?;
        let pairs: Vec<Pair> = stored.into_iter().map(|(pair, _)| pair).collect();
        let scorer = ChosenVersion { version, how: How::Live }.scorer()?;
        let scores = look_up(features, &scorer, &pairs)?;
        let sound = scores.iter().filter(|score| (0.0..=1.0).contains(*score)).count();
        Ok((format!("live {live} scores {sound} of {}", scores.len()), sound == scores.len()))
    };
    let mut check = CARRIED.answer_or_failure(expected, scored())?;
    if !check.passed && !is_held_back {
        check.passed = true;
        check.found = format!("live {live}: {}; this version takes its place", check.found);
    }
    Ok(check)
}

/// Whether the code that serves the version gives the probabilities stored with it.
pub(super) fn golden(
    committed: &Committed,
    features: &ChosenVersion,
    count: usize,
) -> Result<Check, stage::Error> {
    let model = ChosenVersion { version: committed.clone(), how: How::Asked };
    let found = || {
        let stored = held_out(&committed.open(PREDICTIONS)?, count)?;
        let (pairs, probabilities): (Vec<Pair>, Vec<f32>) = stored.into_iter().unzip();
        let scores = look_up(features, &model.scorer()?, &pairs)?;
        let apart = scores.iter().zip(&probabilities);
        let apart: Vec<f64> = apart.map(|(a, b)| (f64::from(*a) - f64::from(*b)).abs()).collect();
        // What is not a number is not near.
        let far = apart.iter().filter(|apart| apart.is_nan() || **apart > TOLERANCE).count();
        let most = apart.iter().copied().fold(0.0, f64::max);
        let count = apart.len();
        let said = match count {
            0 => "no application is held out".to_owned(),
            _ => format!("{} of {count}, the furthest by {most:.1e}", count - far),
        };
        Ok((said, count > 0 && far == 0))
    };
    let expected =
        format!("{count} applications held out scored again as stored, to {TOLERANCE:e}");
    GOLDEN.answer_or_failure(expected, found())
}

/// Up to `count` applications held out with their probabilities, evenly over the file.
fn held_out(file: &Blob, count: usize) -> Result<Vec<(Pair, f32)>, stage::Error> {
    let broken = |e: &dyn std::fmt::Display| {
        stage::Error::bad_input(format!("{PREDICTIONS} cannot be read: {e}"))
    };
    let builder = ParquetRecordBatchReaderBuilder::try_new(file.clone()).map_err(|e| broken(&e))?;
    let columns = ["codigo", "codigo_vaga", "probability"];
    let mask = ProjectionMask::columns(builder.parquet_schema(), columns);
    let mut all = Vec::new();
    for batch in builder.with_projection(mask).build().map_err(|e| broken(&e))? {
        let batch = batch.map_err(|e| broken(&e))?;
        let text = |name: &str| {
            let column = batch.column_by_name(name).and_then(|c| c.as_string_opt::<i32>());
            column.ok_or_else(|| broken(&format!("it has no texts {name}")))
        };
        let (people, jobs) = (text("codigo")?, text("codigo_vaga")?);
        let probability = batch.column_by_name("probability");
        let probability = probability.and_then(|c| c.as_primitive_opt::<Float32Type>());
        let probability = probability.ok_or_else(|| broken(&"it has no numbers probability"))?;
        for (row, probability) in probability.iter().enumerate() {
            let pair = || (people.value(row).into(), jobs.value(row).into());
            all.extend(probability.map(|probability| (pair(), probability)));
        }
    }
    Ok(places(all.len(), count).map(|place| all[place].clone()).collect())
}

/// Up to `count` of `rows` places, evenly spaced.
fn places(rows: usize, count: usize) -> impl Iterator<Item = usize> {
    let count = count.min(rows);
    (0..count).map(move |i| (i as u128 * rows as u128 / count as u128) as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_even_and_as_many_as_there_are() {
        assert_eq!(places(10, 3).collect::<Vec<_>>(), [0, 3, 6]);
        assert_eq!(places(2, 32).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(places(0, 32).count(), 0);
    }
}
