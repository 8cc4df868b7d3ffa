//! What is told from texts and vectors: the Python system's analysis, and models that tell two
//! versions apart.

use stage::{Inputs, Progress};
use text::{stopwords::StopWords, tfidf::Params};

use crate::{
    Error, apart,
    columns::cut,
    comparison::{ComparisonParts, Embedding, Side},
    config::Config,
    documents::shards,
    embeddings,
    live::RECOMMEND,
    observed::Observed,
    reads::Reads,
    report::{Absence, Classic, ClassicTerm, ColumnKind, Part, Term},
    stats::classic::{self, Analysis, Shard, Weights},
    version::Version,
};

/// An earlier version of the feature store.
pub(crate) struct Reference {
    pub(crate) term: Term,
    /// The input that it is.
    pub(crate) input: &'static str,
    /// The input that is the recommender's version made from it.
    pub(crate) recommend: &'static str,
}

/// Whether the embeddings have moved.
fn embeddings(
    inputs: &Inputs,
    earlier: &str,
    config: &Config,
) -> Result<Result<Vec<(Observed, Embedding)>, Absence>, stage::Error> {
    if !inputs.has(RECOMMEND) || !inputs.has(earlier) {
        return Ok(Err(Absence::NotMade));
    }
    let (before, after) = (inputs.version(earlier)?, inputs.version(RECOMMEND)?);
    embeddings::compare(before, after, config)
}

/// All parts of a comparison with a reference.
pub(crate) fn parts(
    inputs: &Inputs,
    reference: &Reference,
    (before, after): (Side<'_>, Side<'_>),
    reads: &Reads,
    config: &Config,
    progress: &dyn Progress,
) -> Result<ComparisonParts, stage::Error> {
    let named = |term: &str| {
        let support = before.summaries.support(term).max(after.summaries.support(term));
        support >= config.min_support
    };
    let [people_before, ..] = &before.version.tables;
    let [people_after, ..] = &after.version.tables;
    let [summary_before, ..] = &before.summaries.tables;
    // The texts that both versions have and a model reads.
    let texts = summary_before.columns.iter().filter(|c| c.kind == ColumnKind::Text);
    let texts = texts.filter(|c| reads.has(&c.column));
    let texts: Vec<&str> = texts.map(|c| c.column.as_str()).collect();
    let classic = {
        let _phase = progress.phase("the classic analysis", None, "")?;
        classic(before.version, after.version, &named, config)?
    };
    let classifier = {
        let _phase = progress.phase("tell texts apart", None, "")?;
        apart::texts((people_before, people_after), &texts, &named, config)?
    };
    let _phase = progress.phase("tell embeddings apart", None, "")?;
    let embeddings = embeddings(inputs, reference.recommend, config)?;
    Ok(ComparisonParts { classic, classifier, embeddings })
}

/// The analysis of the Python system over the rows of `candidates.parquet`.
fn classic(
    before: &Version,
    after: &Version,
    named: &dyn Fn(&str) -> bool,
    config: &Config,
) -> Result<Part<Classic>, Error> {
    let ([.., before], [.., after]) = (&before.tables, &after.tables);
    let params = Params {
        stop_words: StopWords::Both,
        max_features: Some(config.max_features),
        ..Params::default()
    };
    let counted = shards(before, Shard::baseline)?;
    let tfidf = classic::fit(&counted, &params.check()?);
    let before = Weights::from_shards(counted, &tfidf);
    let after = Weights::from_shards(shards(after, || Shard::restricted_to(&tfidf))?, &tfidf);
    let analysis = classic::analyse(&tfidf, &before, &after);
    Ok(analysis.map_or(Part::Absent(Absence::TooFew), |a| Part::Present(told(&a, named))))
}

/// What is told of the analysis: only terms that may be named. That many rows have a term is not
/// enough, for one person may have made them all: its number, say, is a word of each.
fn told(analysis: &Analysis, named: &dyn Fn(&str) -> bool) -> Classic {
    let terms: Vec<ClassicTerm> = analysis
        .movers()
        .into_iter()
        .filter(|term| named(&term.term))
        .map(|term| ClassicTerm {
            term: cut(&term.term),
            distance: term.distance,
            // Of one document a side nothing can be said.
            p: if term.p.is_nan() { 1.0 } else { term.p },
            psi: term.psi,
            mean_before: term.mean_before,
            mean_after: term.mean_after,
            difference: term.difference(),
        })
        .collect();
    Classic {
        is_drift: analysis.bonferroni.is_drift,
        threshold: analysis.bonferroni.threshold,
        is_drift_fdr: analysis.fdr.is_drift,
        threshold_fdr: analysis.fdr.threshold,
        drifted_terms: analysis.bonferroni.drifted,
        global_psi: analysis.global_psi,
        rows_before: analysis.before,
        rows_after: analysis.after,
        withheld: (analysis.terms.len() - terms.len()) as u64,
        terms,
    }
}
