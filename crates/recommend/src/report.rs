//! What a run says of itself: `metrics.json`, and the figures of the manifest.

use serde::Serialize;
use serde_json::json;
use stage::Metrics;

use crate::{
    cache::Identity,
    config::Config,
    day::Day,
    embed::{Embedded, EncodedCounts},
    evaluate,
    index::Built,
    openings::Openings,
    rank::Ranked,
};

/// The figure of the manifest that says how many jobs the index compares a query.
pub(crate) const SEARCH_K: &str = "index_search_k";

/// `metrics.json`: what is a function of inputs, config and code.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub encoder: EncoderReport,
    pub candidates: TextReport,
    pub jobs: TextReport,
    pub recommendations: RecommendationReport,
    pub index: Built,
    pub evaluation: evaluate::RankingMetrics,
}

#[derive(Clone, Debug, Serialize)]
pub struct EncoderReport {
    pub name: String,
    pub revision: String,
    /// The precision and the instructions that computed.
    pub kernel: String,
    pub dimensions: usize,
    pub long_text: encoder::LongText,
}

#[derive(Clone, Debug, Serialize)]
pub struct TextReport {
    pub records: usize,
    /// Those without a text, or whose text says nothing to the encoder: they get no
    /// recommendations and are not recommended.
    pub without_text: usize,
    pub mean_characters: f64,
    /// Share of the texts of which something was cut.
    pub cut_share: f64,
}

#[derive(Clone, Debug, Serialize)]
pub struct RecommendationReport {
    /// The day at which a job had to be open; none when no job has a date.
    pub as_of: Option<Day>,
    /// Jobs open then.
    pub open_jobs: usize,
    /// Jobs without a date, which are never open.
    pub jobs_without_date: usize,
    /// Jobs whose date lies after that day, which are not open.
    pub jobs_later: usize,
    /// Jobs that were recommended from.
    pub jobs: usize,
    pub candidates: usize,
    /// Share of those jobs that were recommended to somebody.
    pub coverage: Option<f64>,
    /// Gini coefficient of how often each of those jobs was recommended: 0 when all equally often.
    pub gini: Option<f64>,
}

impl EncoderReport {
    pub(crate) fn of(identity: &Identity, config: &Config) -> Self {
        let Identity { name, revision, kernel, dimensions, .. } = identity.clone();
        Self { name, revision, kernel, dimensions, long_text: config.long_text }
    }
}

impl TextReport {
    pub(crate) fn of(embedded: &Embedded) -> Self {
        let records = embedded.ids.len();
        let without_text = (0..records).filter(|&row| !embedded.says_something(row)).count();
        let characters: u64 = embedded.characters.iter().map(|&n| u64::from(n)).sum();
        let mean_characters = characters as f64 / records.max(1) as f64;
        Self { records, without_text, mean_characters, cut_share: embedded.cut_share() }
    }
}

impl RecommendationReport {
    pub(crate) fn of(openings: &Openings, ranked: &Ranked) -> Self {
        let Ranked { candidates, times } = ranked;
        let ever = times.iter().filter(|times| **times > 0).count();
        Self {
            as_of: openings.as_of,
            open_jobs: openings.count(),
            jobs_without_date: openings.without_date,
            jobs_later: openings.later,
            jobs: times.len(),
            candidates: *candidates,
            coverage: (!times.is_empty()).then(|| ever as f64 / times.len() as f64),
            gini: evaluate::gini(times.iter().map(|&times| times as f64).collect()),
        }
    }
}

impl Report {
    /// The figures of the manifest: the main ones of this report, and how much was encoded, which
    /// depends on what earlier runs have left and so is not a part of it.
    pub(crate) fn figures(&self, counts: EncodedCounts) -> Metrics {
        let mut metrics = Metrics::default();
        metrics.set("encoder", self.encoder.name.as_str());
        metrics.set("encoder_revision", self.encoder.revision.as_str());
        metrics.set("kernel", self.encoder.kernel.as_str());
        metrics.set("rows_people", self.candidates.records);
        metrics.set("rows_jobs", self.jobs.records);
        metrics.set("encoded", counts.encoded);
        metrics.set("reused", counts.reused);
        metrics.set("repeated", counts.repeated);
        metrics.set("candidates_without_text", self.candidates.without_text);
        metrics.set("candidates_cut_share", self.candidates.cut_share);
        metrics.set("jobs_without_text", self.jobs.without_text);
        metrics.set("jobs_cut_share", self.jobs.cut_share);
        metrics.set("as_of", json!(self.recommendations.as_of));
        metrics.set("open_jobs", self.recommendations.open_jobs);
        metrics.set("jobs_without_date", self.recommendations.jobs_without_date);
        metrics.set("jobs_later", self.recommendations.jobs_later);
        metrics.set("coverage", self.recommendations.coverage);
        metrics.set("index_trees", self.index.trees);
        metrics.set(SEARCH_K, self.index.search_k);
        metrics.set("index_recall_10", self.index.recall_10);
        // Beside each other, so that nobody has to open a file to see whether it pays.
        let rankers: serde_json::Map<String, serde_json::Value> = self
            .evaluation
            .rankers
            .iter()
            .map(|ranker| (ranker.name.clone(), json!(main_figures(&ranker.forwarded))))
            .collect();
        metrics.set("evaluation", rankers);
        metrics
    }
}

fn main_figures(figures: &evaluate::Figures) -> serde_json::Value {
    let value = |estimate: &Option<evaluate::Estimate>| estimate.map(|e| e.value);
    json!({
        "queries": figures.queries,
        "recall_10": value(&figures.recall_10),
        "recall_50": value(&figures.recall_50),
        "mrr": value(&figures.mrr),
        "ndcg_10": value(&figures.ndcg_10),
    })
}
