//! `matching score`.

use std::fmt::Write as _;

use reports::Lang;
use serde_json::{Value, json};
use stage::{Answer, Call};
use versioning::{Artefact, Blob, Committed, Lake};

use crate::{
    Error, Scorer,
    artefacts::{self, MODEL, PREPROCESSOR},
    columns::Side,
    dataset::{Dataset, Keys, Tables},
    decision::DECISION,
    explain::{Reason, strength},
    groups,
    history::{History, Moment},
    pairs::{Pair, PairFile},
};

/// Pairs of a file that are shown to people, unless they have the file of scores.
const SHOWN: usize = 10;

/// Pairs of a file that are listed for machines, likewise.
const LISTED: usize = 1_000;

pub(crate) struct ChosenVersion {
    pub(crate) version: Committed,
    pub(crate) how: How,
}

#[derive(Clone, Copy)]
pub(crate) enum How {
    Asked,
    Live,
    Newest,
}

impl How {
    fn text(self, lang: Lang) -> &'static str {
        let (pt, en) = match self {
            Self::Asked => ("a pedida", "as asked"),
            Self::Live => ("no ar", "live"),
            Self::Newest => ("a mais nova: nenhuma está no ar", "the newest: none is live"),
        };
        lang.pick(pt, en)
    }
}

impl ChosenVersion {
    /// The named version of a series, else the live one, else the newest.
    fn of(lake: &Lake, artefact: Artefact, named: Option<&str>) -> Result<Self, stage::Error> {
        let series = lake.series(artefact);
        if let Some(name) = named {
            let number = name.parse().map_err(|_| {
                Error::Argument(format!("--version {name}: expected a version such as v7"))
            })?;
            return Ok(Self { version: series.get(number)?, how: How::Asked });
        }
        if let Some(live) = series.live()? {
            return Ok(Self { version: series.get_live(live)?, how: How::Live });
        }
        let newest = series.newest()?.ok_or_else(|| artefacts::no_version(&series))?;
        Ok(Self { version: newest, how: How::Newest })
    }

    pub(crate) fn scorer(&self) -> Result<Scorer, stage::Error> {
        let bytes = |file| self.version.open(file).and_then(|blob| blob.bytes());
        Ok(Scorer::from_json(&bytes(MODEL)?, &bytes(PREPROCESSOR)?, &bytes(DECISION)?)?)
    }

    fn text(&self) -> String {
        self.text_in(Lang::En)
    }

    fn text_in(&self, lang: Lang) -> String {
        format!("{} ({})", self.version.version(), self.how.text(lang))
    }

    fn json(&self) -> Value {
        json!({"version": self.version.version().to_string(), "chosen": self.how.text(Lang::En)})
    }
}

#[derive(Debug, clap::Args)]
pub struct ScoreArgs {
    /// The candidate of one pair
    #[arg(long, value_name = "ID")]
    candidate: Option<String>,
    /// The job of one pair
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// Parquet with codigo and codigo_vaga, looked up in the live features, or with all columns of
    /// candidates.parquet
    #[arg(long, value_name = "FILE")]
    pub(crate) pairs: Option<String>,
    /// The version of the model [default: the live one]
    #[arg(long, value_name = "vN")]
    version: Option<String>,
    /// Where to write the result
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<String>,
}

pub(crate) fn score(call: &Call<'_>, args: &ScoreArgs) -> Result<Answer, stage::Error> {
    let model = ChosenVersion::of(call.lake, Artefact::Matching, args.version.as_deref())?;
    let scorer = model.scorer()?;
    match (args.candidate.as_deref(), args.job.as_deref(), &call.file) {
        (Some(candidate), Some(job), None) => {
            let pairs = vec![(Box::from(candidate), Box::from(job))];
            let features = ChosenVersion::of(call.lake, Artefact::Features, None)?;
            let probability = look_up(&features, &scorer, &pairs)?[0];
            Ok(Answer {
                text: format!(
                    "candidate {candidate}, job {job}: {probability:.4}\nmodel {}, features {}",
                    model.text(),
                    features.text()
                ),
                json: json!({
                    "model": model.json(), "features": features.json(),
                    "candidate": candidate, "job": job, "probability": probability
                }),
                file: Some(artefacts::scores(&pairs, &[probability])?),
            })
        }
        (None, None, Some(blob)) => {
            let file = PairFile::new(args.pairs.as_deref().unwrap_or("FILE"), blob.clone());
            let pairs = file.pairs()?;
            let (scores, features) = if file.is_joined(&scorer)? {
                (scorer.score_joined(file.name(), file.blob().clone())?, None)
            } else {
                let features = ChosenVersion::of(call.lake, Artefact::Features, None)?;
                (look_up(&features, &scorer, &pairs)?, Some(features))
            };
            let file = artefacts::scores(&pairs, &scores)?;
            let answer = Scored { model, features, pairs, scores };
            // What is written to a file need not be told again.
            let (shown, listed) = if args.output.is_some() { (0, 0) } else { (SHOWN, LISTED) };
            Ok(Answer { text: answer.text(shown), json: answer.json(listed), file: Some(file) })
        }
        _ => Err(Error::Argument(
            "expected --candidate and --job for one pair, or --pairs for a file of them".to_owned(),
        )
        .into()),
    }
}

struct Scored {
    model: ChosenVersion,
    /// Where the pairs were looked up; none when the file had all columns itself.
    features: Option<ChosenVersion>,
    pairs: Vec<Pair>,
    scores: Vec<f32>,
}

impl Scored {
    fn mean(&self) -> Option<f64> {
        let sum: f64 = self.scores.iter().map(|&s| f64::from(s)).sum();
        (!self.scores.is_empty()).then(|| sum / self.scores.len() as f64)
    }

    /// The pairs from the first, with their scores.
    fn listed(&self) -> impl Iterator<Item = (&str, &str, f32)> {
        self.pairs
            .iter()
            .zip(&self.scores)
            .map(|((person, job), &score)| (&**person, &**job, score))
    }

    fn text(&self, shown: usize) -> String {
        let count = self.pairs.len();
        let mean = self.mean().map_or_else(|| "-".to_owned(), |mean| format!("{mean:.4}"));
        let features = self
            .features
            .as_ref()
            .map_or_else(|| "of the file itself".to_owned(), ChosenVersion::text);
        let mut text = format!(
            "{count} pairs scored, mean {mean}\nmodel {}, features {features}\n",
            self.model.text()
        );
        if count.min(shown) > 0 {
            let _ = writeln!(text, "{:>12}{:>14}{:>13}", "codigo", "codigo_vaga", "probability");
        }
        for (person, job, score) in self.listed().take(shown) {
            let _ = writeln!(text, "{person:>12}{job:>14}{score:>13.4}");
        }
        if shown > 0 && count > shown {
            let _ = writeln!(
                text,
                "and {} more: --output FILE writes all {count} as Parquet",
                count - shown
            );
        }
        text
    }

    fn json(&self, listed: usize) -> Value {
        let pairs: Vec<_> = self
            .listed()
            .take(listed)
            .map(|(person, job, score)| {
                json!({"codigo": person, "codigo_vaga": job, "probability": score})
            })
            .collect();
        json!({
            "model": self.model.json(),
            "features": self.features.as_ref().map(ChosenVersion::json),
            "count": self.pairs.len(),
            "listed": pairs.len(),
            "mean_probability": self.mean(),
            "pairs": pairs,
        })
    }
}

#[derive(Debug, clap::Args)]
pub struct ExplainArgs {
    /// The candidate
    #[arg(long, value_name = "ID")]
    candidate: Option<String>,
    /// The job
    #[arg(long, value_name = "ID")]
    job: Option<String>,
    /// The version of the model [default: the live one]
    #[arg(long, value_name = "vN")]
    version: Option<String>,
    /// pt or en [default: pt]
    #[arg(long, value_name = "LANG")]
    lang: Option<String>,
}

/// `matching explain`.
pub(crate) fn explain(call: &Call<'_>, args: &ExplainArgs) -> Result<Answer, stage::Error> {
    let lang = match args.lang.as_deref() {
        None => Lang::default(),
        Some(lang) => lang
            .parse()
            .map_err(|_| Error::Argument(format!("--lang {lang}: expected pt or en")))?,
    };
    let (Some(candidate), Some(job)) = (args.candidate.as_deref(), args.job.as_deref()) else {
        return Err(Error::Argument("expected --candidate and --job".to_owned()).into());
    };
    let model = ChosenVersion::of(call.lake, Artefact::Matching, args.version.as_deref())?;
    let scorer = model.scorer()?;
    let features = ChosenVersion::of(call.lake, Artefact::Features, None)?;
    let found = Found::of(&features, &[(Box::from(candidate), Box::from(job))])?;
    let Found { tables, dataset, pairs } = found;
    let pair = pairs[0];
    let requirements = groups::requirements(&tables, &dataset, pair.1)?;
    let (probability, reasons) = scorer.explain(
        (tables.people, &dataset.people),
        (tables.jobs, &dataset.jobs),
        pair,
        &requirements,
        lang,
    )?;
    let shown = lang.decimal(f64::from(probability), 4);
    let (of_model, of_features) = (model.text_in(lang), features.text_in(lang));
    let mut text = match lang {
        Lang::Pt => format!(
            "candidato {candidate}, vaga {job}: {shown}\nmodelo {of_model}, features {of_features}\n\n"
        ),
        Lang::En => format!(
            "candidate {candidate}, job {job}: {shown}\nmodel {of_model}, features {of_features}\n\n"
        ),
    };
    let (mean, total) = lang.pick(
        ("média", "soma (log-odds, antes da calibração)"),
        ("mean", "sum (log-odds, before calibration)"),
    );
    let line = |text: &mut String, part: f64, strength: &str, words: &str| {
        let _ = writeln!(text, "{:>8}  {strength:<16}  {words}", lang.signed(part, 3));
    };
    line(&mut text, reasons.mean, "", mean);
    for Reason { contribution, words, .. } in &reasons.reasons {
        line(&mut text, *contribution, strength(*contribution, lang), words);
    }
    line(&mut text, reasons.sum(), "", total);
    let json = json!({
        "model": model.json(), "features": features.json(), "candidate": candidate, "job": job,
        "probability": probability, "log_odds_before_calibration": reasons.sum(), "why": reasons
    });
    Ok(Answer { text, json, file: None })
}

/// Pairs that were looked up, with the past of each.
struct Found {
    tables: Tables<Blob>,
    dataset: Dataset,
    pairs: Vec<(u32, u32, Option<Moment>)>,
}

pub(crate) fn look_up(
    features: &ChosenVersion,
    scorer: &Scorer,
    pairs: &[Pair],
) -> Result<Vec<f32>, stage::Error> {
    let Found { tables, dataset, pairs } = Found::of(features, pairs)?;
    Ok(scorer.score((tables.people, &dataset.people), (tables.jobs, &dataset.jobs), &pairs)?)
}

impl Found {
    /// Looks pairs up in a version of the feature store.
    fn of(features: &ChosenVersion, pairs: &[Pair]) -> Result<Self, stage::Error> {
        let tables = artefacts::tables(&features.version)?;
        let dataset = Dataset::of_tables(&tables, &[])?;
        let history = History::of(&dataset);
        let (people, jobs) = (&dataset.people, &dataset.jobs);
        let mut unknown = Unknown::default();
        let mut numbers = Vec::with_capacity(pairs.len());
        for (person, job) in pairs {
            let person = people.find(person).or_else(|| unknown.add(Side::People, person, people));
            let job = jobs.find(job).or_else(|| unknown.add(Side::Jobs, job, jobs));
            numbers.extend(
                person.zip(job).map(|pair| (pair.0, pair.1, history.moment(&dataset, pair))),
            );
        }
        unknown.check(features)?;
        Ok(Self { tables, dataset, pairs: numbers })
    }
}

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

    fn check(&self, features: &ChosenVersion) -> Result<(), Error> {
        if self.count == 0 {
            return Ok(());
        }
        let more = self.count - self.examples.len();
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let unknown = format!(
            "not in features {}: {}{more}; check the ids, or run the day first",
            features.text(),
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
