//! `recommend evaluate`: encoders, and what becomes of long texts, beside each other.

use std::fmt::Write as _;
use std::ops::ControlFlow;

use encoder::LongText;
use serde_json::json;
use stage::{Answer, Call, Progress};
use versioning::{Artefact, Committed, Lake};

use crate::{
    Error,
    choose::{self, Loaded},
    columns::Side,
    compose::Texts,
    config::{Config, LSA},
    evaluate::{self, Estimate, Queries},
    records,
    state::StateConfig,
};

/// Texts that are encoded between two signs of progress.
const BATCH: usize = 256;

struct Chosen {
    rows: Vec<u32>,
    texts: Vec<String>,
}

struct NamedVectors<'a> {
    rows: &'a [u32],
    vectors: Vec<f32>,
    dimensions: usize,
    cut: Vec<bool>,
}

impl Chosen {
    fn read(
        features: &Committed,
        side: Side,
        columns: &[String],
        rows: Vec<u32>,
    ) -> Result<Self, stage::Error> {
        let (mut texts, mut begin) = (Vec::with_capacity(rows.len()), 0);
        for batch in Texts::open(side, features.open(side.file())?, columns)? {
            let batch = batch?;
            let end = begin + batch.texts.len();
            let of_batch = rows[texts.len()..].iter().take_while(|row| (**row as usize) < end);
            texts.extend(of_batch.map(|row| batch.texts[*row as usize - begin].clone()));
            begin = end;
        }
        Ok(Self { rows, texts })
    }

    fn place(rows: &[u32], row: u32) -> Option<usize> {
        rows.binary_search(&row).ok()
    }

    fn text(&self, row: u32) -> &str {
        Self::place(&self.rows, row).map_or("", |place| &self.texts[place])
    }

    fn encode(
        &self,
        loaded: &Loaded,
        long: LongText,
        progress: &dyn Progress,
    ) -> Result<NamedVectors<'_>, stage::Error> {
        let name = format!("{} {}", loaded.identity.name, long_name(long));
        let phase = progress.phase(&name, Some(self.rows.len() as u64), "texts")?;
        let dimensions = loaded.identity.dimensions;
        let (mut vectors, mut cut) = (Vec::with_capacity(self.rows.len() * dimensions), Vec::new());
        for texts in self.texts.chunks(BATCH) {
            let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
            let made =
                loaded.encoder.encode(&texts, long, &|_| ControlFlow::Continue(())).map_err(
                    |e| Error::Encoder { name: loaded.identity.name.clone(), source: Box::new(e) },
                )?;
            vectors.extend(made.vectors);
            cut.extend(made.cut);
            phase.advance(texts.len() as u64)?;
        }
        Ok(NamedVectors { rows: &self.rows, vectors, dimensions, cut })
    }
}

impl NamedVectors<'_> {
    fn row(&self, row: u32) -> &[f32] {
        let place = Chosen::place(self.rows, row).unwrap_or_default();
        &self.vectors[place * self.dimensions..(place + 1) * self.dimensions]
    }

    fn cut(&self, row: u32) -> bool {
        Chosen::place(self.rows, row).is_some_and(|place| self.cut[place])
    }
}

/// An encoder and a treatment of long texts.
struct Entry<'a> {
    name: String,
    candidates: NamedVectors<'a>,
    jobs: NamedVectors<'a>,
}

#[derive(Debug, clap::Args)]
pub struct EvaluateArgs {
    /// lsa, and encoders that the lake holds [default: the configured one]
    #[arg(long, value_name = "NAME,…")]
    encoders: Option<String>,
}

pub(crate) fn evaluate(call: &Call<'_>, args: &EvaluateArgs) -> Result<Answer, stage::Error> {
    let config: Config = stage::parse_config("recommend", &call.config)?;
    config.check()?;
    let names: Vec<&str> = match &args.encoders {
        Some(given) => given.split(',').map(str::trim).filter(|name| !name.is_empty()).collect(),
        None => vec![&config.encoder],
    };
    if names.is_empty() {
        let expected =
            "--encoders: expected names such as lsa,paraphrase-multilingual-MiniLM-L12-v2";
        return Err(Error::Argument(expected.to_owned()).into());
    }
    // A name that is wrong is better told before the first encoder has worked.
    let loaded = names
        .iter()
        .map(|name| load(call.lake, &config, name))
        .collect::<Result<Vec<Loaded>, _>>()?;
    let series = call.lake.series(Artefact::Features);
    let features = series.newest()?.ok_or_else(|| {
        Error::Argument(format!("{} has no version: run `features` first", series.uri()))
    })?;
    let records = records::open(&features)?;
    let queries = Queries::of(&records, config.open_days, &config.evaluation);
    let chosen =
        |side: Side, rows: Vec<u32>| Chosen::read(&features, side, config.text_of(side), rows);
    let candidates = chosen(Side::People, queries.candidates())?;
    let jobs = chosen(Side::Jobs, queries.jobs().to_vec())?;
    let mut entries = Vec::new();
    for loaded in &loaded {
        // lsa reads all of a text in any case.
        let all = [LongText::Cut, LongText::Pool];
        let longs = if loaded.identity.name == LSA { &all[1..] } else { &all[..] };
        for &long in longs {
            let name = match loaded.identity.name.as_str() {
                LSA => LSA.to_owned(),
                name => format!("{name}, {}", long_name(long)),
            };
            entries.push(Entry {
                name,
                candidates: candidates.encode(loaded, long, call.progress)?,
                jobs: jobs.encode(loaded, long, call.progress)?,
            });
        }
    }
    let metrics = judge(&queries, &config, (&candidates, &jobs), &entries)?;
    let version = features.version().to_string();
    let text = format!("features {version}\n\n{}", table(&metrics));
    let json = json!({
        "features": version,
        "evaluation": serde_json::to_value(&metrics).map_err(stage::Error::failed)?,
    });
    Ok(Answer { text, json, file: None })
}

/// An encoder by name; of lsa, the newest state of this configuration.
fn load(lake: &Lake, config: &Config, name: &str) -> Result<Loaded, stage::Error> {
    let asset = if name == LSA {
        let wanted =
            serde_json::to_value(StateConfig::from(config)).map_err(stage::Error::failed)?;
        let series = lake.series(Artefact::Lsa);
        let state = series.newest_where(|state| state.manifest().config == wanted)?;
        choose::of_state(&state.ok_or_else(|| {
            Error::Argument(format!(
                "{} has no state of this configuration: run `recommend` with encoder = \"lsa\" first",
                series.uri()
            ))
        })?)?
    } else {
        let configured = (name == config.encoder).then_some(config.revision.as_deref()).flatten();
        choose::of_lake(&choose::stored(lake, name, configured)?)?
    };
    choose::load(&asset.files)
}

fn judge(
    queries: &Queries,
    config: &Config,
    (candidates, jobs): (&Chosen, &Chosen),
    entries: &[Entry<'_>],
) -> Result<evaluate::RankingMetrics, Error> {
    let of: Vec<_> = entries.iter().map(|entry| move |row| entry.candidates.row(row)).collect();
    let of_jobs: Vec<_> = entries.iter().map(|entry| move |row| entry.jobs.row(row)).collect();
    let cut: Vec<_> = entries.iter().map(|entry| move |row| entry.candidates.cut(row)).collect();
    let jobs_cut: Vec<_> = entries.iter().map(|entry| move |row| entry.jobs.cut(row)).collect();
    let encoded: Vec<evaluate::Encoded<'_>> = (0..entries.len())
        .map(|i| evaluate::Encoded {
            name: &entries[i].name,
            candidates: &of[i],
            jobs: &of_jobs[i],
            cut: Some((&cut[i], &jobs_cut[i])),
        })
        .collect();
    let texts =
        evaluate::Texts { candidates: &|row| candidates.text(row), jobs: &|row| jobs.text(row) };
    Ok(queries.judge(config.open_days, texts, &encoded, &config.evaluation)?.metrics)
}

const fn long_name(long: LongText) -> &'static str {
    match long {
        LongText::Cut => "cut",
        LongText::Pool => "pool",
    }
}

fn table(metrics: &evaluate::RankingMetrics) -> String {
    let counts = &metrics.counts;
    let mut text = format!(
        "{} candidates forwarded in {} months of theirs from {} on, {} jobs open then\n\n",
        counts.candidates,
        counts.queries,
        metrics.cut_date.as_deref().unwrap_or("-"),
        counts.jobs,
    );
    if let Some(nothing) = &metrics.nothing {
        let _ = writeln!(text, "{nothing}\n");
    }
    let width = metrics.rankers.iter().map(|r| r.name.chars().count()).max().unwrap_or(0);
    let _ = writeln!(
        text,
        "{:width$}  {:>18}  {:>18}  {:>18}  {:>18}  {:>8}  {:>8}",
        "", "recall@10", "recall@50", "MRR", "nDCG@10", "coverage", "texts cut"
    );
    for ranker in &metrics.rankers {
        let of = &ranker.forwarded;
        let share =
            |share: Option<f64>| share.map_or_else(|| "-".to_owned(), |s| format!("{s:.3}"));
        let _ = writeln!(
            text,
            "{:width$}  {:>18}  {:>18}  {:>18}  {:>18}  {:>8}  {:>9}",
            ranker.name,
            figure(of.recall_10),
            figure(of.recall_50),
            figure(of.mrr),
            figure(of.ndcg_10),
            share(ranker.coverage),
            share(ranker.candidates_cut),
        );
    }
    text
}

/// A mean and its interval: `.219 [.204, .235]`.
fn figure(estimate: Option<Estimate>) -> String {
    estimate.map_or_else(
        || "-".to_owned(),
        |Estimate { value, low, high }| format!("{value:.3} [{low:.3},{high:.3}]"),
    )
}
