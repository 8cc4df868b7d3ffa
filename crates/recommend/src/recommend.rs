//! The stage.

use serde_json::json;
use stage::{Asset, Check, Context, InputSpec, Inputs, Metrics, Outputs, Progress, Shard, Stage};
use versioning::{Artefact, Committed, Lake, Manifest};

use crate::{
    artefacts,
    cache::Identity,
    choose::{self, ASSET},
    columns::Side,
    compose::Texts,
    config::{Config, Jobs, LSA},
    embed::Embedder,
    evaluate::{self, Queries},
    gate::{self, Bounds},
    index,
    openings::Openings,
    rank::{self, Rows},
    records,
    report::{EncoderReport, RecommendationReport, Report, TextReport},
    shards,
};

/// Embeds candidates and jobs, ranks them, indexes the jobs, and says how good the ranking is.
#[derive(Clone, Copy, Debug)]
pub struct Recommend;

impl Stage for Recommend {
    const NAME: &'static str = "recommend";
    const OUTPUT: Artefact = Artefact::Recommend;
    const INPUTS: &'static [InputSpec] = &[InputSpec::newest("features", Artefact::Features)];
    const CODE: &'static str = env!("STAGE_CODE");
    type Config = Config;
    type Gate = Bounds;

    fn check(config: &Config) -> Result<(), stage::Error> {
        Ok(config.check()?)
    }

    fn prepare(
        place: &Context<'_>,
        inputs: &Inputs,
        config: &Config,
    ) -> Result<Vec<Asset>, stage::Error> {
        Ok(vec![choose::asset(place, inputs, config)?])
    }

    fn run(
        inputs: &Inputs,
        config: &Config,
        out: &mut Outputs,
        progress: &dyn Progress,
    ) -> Result<Metrics, stage::Error> {
        let day = {
            let _phase = progress.phase("read", None, "")?;
            RunPlan::read(inputs, config)?
        };
        let loaded = {
            let _phase = progress.phase("load encoder", None, "")?;
            choose::load(inputs.asset(ASSET)?)?
        };
        if loaded.identity.name == LSA {
            progress.note(
                "vectors are lsa's, which knows the words of this lake and nothing else; `mllab encoder fetch paraphrase-multilingual-MiniLM-L12-v2` brings one that knows languages, which encoder = \"…\" in [recommend] chooses",
            );
        }
        let mut embedder = Embedder::new(&loaded, config, inputs.memo(), progress)?;
        let mut embed = |side: Side, wanted: &[u32]| {
            let table = inputs.open("features", side.file())?;
            embedder.embed(side, Texts::open(side, table, config.text_of(side))?, wanted)
        };
        let jobs = embed(Side::Jobs, day.queries.jobs())?;
        let candidates = embed(Side::People, &day.queries.candidates())?;
        let counts = embedder.finish()?;
        let identity = &loaded.identity;
        let made = Made {
            config,
            day: &day,
            identity,
            candidates: Rows::of(&candidates)?,
            jobs: Rows::of(&jobs)?,
            progress,
        };
        let report = made.write(out)?;
        artefacts::metrics(out, &report)?;
        out.describe(
            "encoder",
            json!({
                "name": identity.name,
                "revision": identity.revision,
                "sha256": identity.sha256,
                "kernel": identity.kernel,
                "dimensions": identity.dimensions,
            }),
        );
        out.describe("as_of", json!(day.openings.as_of));
        out.describe(Manifest::MEMO, json!([identity.group(config)]));
        Ok(report.figures(counts))
    }

    fn plan(inputs: &Inputs, config: &Config) -> Result<Vec<Shard>, stage::Error> {
        shards::plan(inputs, config)
    }

    fn shard(
        inputs: &Inputs,
        config: &Config,
        shard: &Shard,
        progress: &dyn Progress,
    ) -> Result<u64, stage::Error> {
        shards::encode(inputs, config, shard, progress)
    }

    fn check_gate(bounds: &Bounds) -> Result<(), stage::Error> {
        bounds.check()
    }

    fn verify(
        committed: &Committed,
        lake: &Lake,
        bounds: &Bounds,
        progress: &dyn Progress,
    ) -> Result<Vec<Check>, stage::Error> {
        let _phase = progress.phase("gate", None, "")?;
        gate::verify(committed, lake, bounds)
    }

    fn latest(version: &str) -> Vec<String> {
        [artefacts::CANDIDATE_EMBEDDINGS, artefacts::JOB_EMBEDDINGS, artefacts::INDEX]
            .map(|file| format!("{version}/{file}"))
            .into()
    }
}

/// What is known before a text is read.
struct RunPlan {
    openings: Openings,
    queries: Queries,
}

impl RunPlan {
    fn read(inputs: &Inputs, config: &Config) -> Result<Self, stage::Error> {
        let records = records::open(inputs.version("features")?)?;
        let openings = Openings::of(&records, config)?;
        let queries = Queries::of(&records, config.open_days, &config.evaluation);
        Ok(Self { openings, queries })
    }
}

/// The vectors of a day, and what comes of them.
struct Made<'a> {
    config: &'a Config,
    day: &'a RunPlan,
    identity: &'a Identity,
    candidates: Rows<'a>,
    jobs: Rows<'a>,
    progress: &'a dyn Progress,
}

impl Made<'_> {
    /// Writes all files but the report. What waits for the disk and what computes go side by side.
    fn write(&self, out: &Outputs) -> Result<Report, stage::Error> {
        let (written, (recommendations, (index, evaluation))) = rayon::join(
            || self.embeddings(out),
            || {
                rayon::join(
                    || self.recommendations(out),
                    || rayon::join(|| self.index(out), || self.evaluation()),
                )
            },
        );
        written?;
        let evaluate::Evaluation { metrics, answers } = evaluation?;
        artefacts::answers(out, &answers, &self.candidates.of.ids)?;
        Ok(Report {
            encoder: EncoderReport::of(self.identity, self.config),
            candidates: TextReport::of(self.candidates.of),
            jobs: TextReport::of(self.jobs.of),
            recommendations: recommendations?,
            index: index?,
            evaluation: metrics,
        })
    }

    fn embeddings(&self, out: &Outputs) -> Result<(), stage::Error> {
        let _phase = self.progress.phase("write", None, "")?;
        artefacts::embeddings(out, self.jobs.of)?;
        artefacts::embeddings(out, self.candidates.of)
    }

    fn recommendations(&self, out: &Outputs) -> Result<RecommendationReport, stage::Error> {
        let Self { config, day, candidates, jobs, progress, .. } = self;
        let openings = &day.openings;
        let all;
        let may = match config.jobs {
            Jobs::Open => &openings.open,
            Jobs::All => {
                all = vec![true; openings.open.len()];
                &all
            }
        };
        let open = may.iter().filter(|may| **may).count();
        if open < config.top_k && open < may.len() {
            let day = openings.as_of.map_or_else(String::new, |day| format!(" at {day}"));
            let jobs = may.len();
            progress.note(&format!(
                "{open} of {jobs} jobs are open{day}, so fewer than {} are recommended: see as_of, open_days and jobs in [recommend]",
                config.top_k
            ));
        }
        let ranked = rank::write(out, candidates, jobs, may, config.top_k, *progress)?;
        Ok(RecommendationReport::of(openings, &ranked))
    }

    fn index(&self, out: &Outputs) -> Result<index::Built, stage::Error> {
        let _phase = self.progress.phase("index", None, "")?;
        index::build(out, &self.jobs.vectors, &self.candidates.vectors, self.config.trees)
    }

    fn evaluation(&self) -> Result<evaluate::Evaluation, stage::Error> {
        let _phase = self.progress.phase("evaluate", None, "")?;
        let Self { config, day, .. } = self;
        let (candidates, jobs) = (self.candidates.of, self.jobs.of);
        let texts = evaluate::Texts {
            candidates: &|row| candidates.text(row),
            jobs: &|row| jobs.text(row),
        };
        let encoded = evaluate::Encoded {
            name: &self.identity.name,
            candidates: &|row| candidates.row(row as usize),
            jobs: &|row| jobs.row(row as usize),
            cut: Some((&|row| candidates.cut[row as usize], &|row| jobs.cut[row as usize])),
        };
        let judged = day.queries.judge(config.open_days, texts, &[encoded], &config.evaluation);
        Ok(judged?)
    }
}
