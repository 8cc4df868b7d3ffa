//! `matching evaluate` and `matching score`.

use std::fmt::Write as _;

use parquet::arrow::arrow_reader::ArrowReaderMetadata;
use schema::tables::CANDIDATES;
use serde_json::{Value, json};
use stage::{Answer, ArgKind, Call, Command, CommandArg};
use versioning::{Artefact, Blob, Committed, Lake};

use crate::{
    Error, Scorer,
    artefacts::{self, MODEL, PREPROCESSOR},
    baseline::Baseline,
    columns::Side,
    config::{Config, Split},
    dataset::{self, Dataset, Keys, Tables},
    evaluate::{Evaluation, Metrics},
    fit,
};

/// The further commands of the stage.
pub(crate) const COMMANDS: &[Command] = &[
    Command {
        name: "evaluate",
        about: "Train anew under each split and compare the figures; makes no version",
        examples: "  matching evaluate --lake lake\n  matching evaluate --lake lake --config classic.toml",
        args: &[],
        writes_file: false,
        run: evaluate,
    },
    Command {
        name: "score",
        about: "Score pairs of candidates and jobs with the live model, or a named version",
        examples: "  matching score --lake lake --candidate 31001 --job 5185\n  matching score --lake lake --pairs pairs.parquet --version v7 --output scores.parquet",
        args: &[
            text_arg("candidate", "ID", "The candidate of one pair"),
            text_arg("job", "ID", "The job of one pair"),
            CommandArg {
                name: "pairs",
                value: "FILE",
                help: "Parquet with codigo and codigo_vaga, looked up in the feature store, or with all columns of candidates.parquet",
                kind: ArgKind::File,
                required: false,
            },
            text_arg("version", "vN", "The version of the model [default: the live one]"),
        ],
        writes_file: true,
        run: score,
    },
];

const fn text_arg(name: &'static str, value: &'static str, help: &'static str) -> CommandArg {
    CommandArg { name, value, help, kind: ArgKind::Text, required: false }
}

/// The files of a feature-store version.
pub(crate) fn tables(
    mut open: impl FnMut(&str) -> Result<Blob, stage::Error>,
) -> Result<Tables<Blob>, stage::Error> {
    Ok(Tables {
        people: open("people.parquet")?,
        jobs: open("jobs.parquet")?,
        candidates: open("candidates.parquet")?,
    })
}

fn newest_features(lake: &Lake) -> Result<(Committed, Tables<Blob>), stage::Error> {
    let series = lake.series(Artefact::Features);
    let features = series.newest()?.ok_or_else(|| {
        Error::Argument(format!("{} has no version: run `features` first", series.uri()))
    })?;
    let tables = tables(|file| Ok(features.open(file)?))?;
    Ok((features, tables))
}

fn evaluate(call: &Call<'_>) -> Result<Answer, stage::Error> {
    let config: Config = stage::parse_config("matching", &call.config)?;
    config.check()?;
    let (features, tables) = newest_features(call.lake)?;
    let dataset = Dataset::read(&tables, &config.positive)?;
    let mut all = Vec::new();
    for split in [Split::Candidate, Split::Stratified] {
        let fitted = fit::fit(&tables, &dataset, &config, split, call.progress)?;
        let baseline = Baseline::fit(&fitted.model, &fitted.train, config.baseline)?;
        all.push(Evaluation::of(&fitted, baseline.as_ref(), &config, split)?.metrics);
    }
    let version = features.version().to_string();
    let text = format!("features {version}, columns as configured\n{}", comparison(&all));
    let json = json!({"features": version, "splits": serde_json::to_value(&all).map_err(stage::Error::failed)?});
    Ok(Answer { text, json, file: None })
}

/// The figures of several splits, a line each.
fn comparison(all: &[Metrics]) -> String {
    let figure = |f: Option<f64>| f.map_or_else(|| "-".to_owned(), |f| format!("{f:.4}"));
    let mut text = format!(
        "{:<11}{:>9}{:>9}{:>10}{:>8}{:>8}{:>10}{:>8}{:>11}\n",
        "split", "train", "test", "positives", "AUC", "PR-AUC", "log-loss", "Brier", "tree's AUC"
    );
    for m in all {
        let tree = m.baseline.as_ref().and_then(|b| b.auc);
        let _ = writeln!(
            text,
            "{:<11}{:>9}{:>9}{:>10}{:>8}{:>8}{:>10}{:>8}{:>11}",
            m.split.name(),
            m.train.rows,
            m.test.rows,
            m.test.positives,
            figure(m.auc),
            figure(m.pr_auc),
            figure(m.log_loss),
            figure(m.brier),
            figure(tree),
        );
    }
    text
}

/// The model to score with, and how it was chosen.
fn model(lake: &Lake, version: Option<&str>) -> Result<(Committed, &'static str), stage::Error> {
    let series = lake.series(Artefact::Matching);
    if let Some(name) = version {
        let number = name.parse().map_err(|_| {
            Error::Argument(format!("--version {name}: expected a version such as v7"))
        })?;
        return Ok((series.get(number)?, "as asked"));
    }
    if let Some(live) = series.live()? {
        return Ok((series.get(live)?, "live"));
    }
    let newest = series.newest()?.ok_or_else(|| {
        Error::Argument(format!("{} has no version: run `matching` first", series.uri()))
    })?;
    Ok((newest, "the newest: none is live"))
}

fn score(call: &Call<'_>) -> Result<Answer, stage::Error> {
    let (committed, chosen) = model(call.lake, call.arg("version"))?;
    let bytes = |file| committed.open(file).and_then(|blob| blob.bytes());
    let scorer = Scorer::from_json(&bytes(MODEL)?, &bytes(PREPROCESSOR)?)?;
    let version = committed.version().to_string();
    let with = |mut json: Value| {
        json["version"] = version.clone().into();
        json["chosen"] = chosen.into();
        json
    };
    match (call.arg("candidate"), call.arg("job"), call.file("pairs")) {
        (Some(candidate), Some(job), None) => {
            let pairs = vec![(Box::from(candidate), Box::from(job))];
            let probability = look_up(call.lake, &scorer, &pairs)?[0];
            Ok(Answer {
                text: format!(
                    "candidate {candidate}, job {job}: {probability:.4} ({version}, {chosen})"
                ),
                json: with(json!({
                    "candidate": candidate, "job": job, "probability": probability
                })),
                file: Some(artefacts::scores(&pairs, &[probability])?),
            })
        }
        (None, None, Some(file)) => {
            let file = file.clone();
            let pairs = pairs_of(file.clone())?;
            let scores = if is_joined(&file, &scorer)? {
                scorer.score_joined(file)?
            } else {
                look_up(call.lake, &scorer, &pairs)?
            };
            let mean =
                scores.iter().map(|&s| f64::from(s)).sum::<f64>() / scores.len().max(1) as f64;
            Ok(Answer {
                text: format!(
                    "{} pairs scored, mean {mean:.4} ({version}, {chosen})",
                    scores.len()
                ),
                json: with(json!({"pairs": scores.len(), "mean_probability": mean})),
                file: Some(artefacts::scores(&pairs, &scores)?),
            })
        }
        _ => Err(Error::Argument(
            "expected --candidate and --job for one pair, or --pairs for a file of them".to_owned(),
        )
        .into()),
    }
}

type PairIds = Vec<(Box<str>, Box<str>)>;

fn pairs_of(file: Blob) -> Result<PairIds, Error> {
    let mut pairs = Vec::new();
    dataset::for_each(&CANDIDATES, file, &["codigo", "codigo_vaga"], |values| {
        let [person, job] = values else { return Ok(()) };
        pairs.push((Box::from(person.unwrap_or("")), Box::from(job.unwrap_or(""))));
        Ok(())
    })?;
    Ok(pairs)
}

/// Whether the file of pairs has the columns that the model uses, so that nothing is looked up.
fn is_joined(file: &Blob, scorer: &Scorer) -> Result<bool, Error> {
    let metadata = ArrowReaderMetadata::load(file, Default::default())
        .map_err(|source| schema::Error::Parquet { file: "--pairs".to_owned(), source })?;
    let has = |column: &str| metadata.schema().field_with_name(column).is_ok();
    let (there, missing): (Vec<_>, Vec<_>) = scorer.columns().partition(|column| has(column));
    if there.is_empty() || missing.is_empty() {
        return Ok(missing.is_empty());
    }
    Err(Error::Argument(format!(
        "--pairs has {} of the model's columns but not {}: expected all of them, or only codigo and codigo_vaga",
        there.len(),
        missing.join(", ")
    )))
}

/// Scores pairs of the newest feature-store version.
fn look_up(
    lake: &Lake,
    scorer: &Scorer,
    pairs: &[(Box<str>, Box<str>)],
) -> Result<Vec<f32>, stage::Error> {
    let (_, tables) = newest_features(lake)?;
    let people = Keys::read(Side::People, tables.people.clone())?;
    let jobs = Keys::read(Side::Jobs, tables.jobs.clone())?;
    let mut unknown = Unknown::default();
    let mut numbers = Vec::with_capacity(pairs.len());
    for (person, job) in pairs {
        let person = people.find(person).or_else(|| unknown.add(Side::People, person, &people));
        let job = jobs.find(job).or_else(|| unknown.add(Side::Jobs, job, &jobs));
        numbers.extend(person.zip(job));
    }
    unknown.check()?;
    Ok(scorer.score((tables.people, &people), (tables.jobs, &jobs), &numbers)?)
}

/// Ids that are not in the feature store.
#[derive(Default)]
struct Unknown {
    count: usize,
    examples: Vec<String>,
}

impl Unknown {
    /// How many are told with the ids that are near them.
    const EXAMPLES: usize = 3;

    /// Notes an id; gives no number.
    fn add(&mut self, side: Side, id: &str, keys: &Keys) -> Option<u32> {
        self.count += 1;
        if self.examples.len() < Self::EXAMPLES {
            let near = nearest(id, keys);
            let near = if near.is_empty() { "none is near".to_owned() } else { near.join(", ") };
            self.examples.push(format!("{} {id} (near: {near})", side.noun()));
        }
        None
    }

    fn check(&self) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        let more = self.count - self.examples.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let unknown = format!(
            "not in the newest version of features: {}{more}; check the ids, or run the day first",
            self.examples.join("; ")
        );
        Err(Error::UnknownIds { unknown })
    }
}

/// Up to three ids that differ by a slip of the finger or two.
fn nearest<'a>(id: &str, keys: &'a Keys) -> Vec<&'a str> {
    let mut near: Vec<_> = keys
        .ids()
        .iter()
        .filter(|known| known.len().abs_diff(id.len()) <= 2)
        .map(|known| (strsim::osa_distance(id, known), &**known))
        .filter(|(distance, _)| *distance <= 2)
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, known)| known).collect()
}
