//! The current version beside an earlier one.

use crate::{
    apart::Told,
    columns::{self, ComparedColumn, Independent},
    config::Config,
    kinds,
    observed::{self, Observed},
    reads::Reads,
    reasons,
    report::{
        Absence, Classic, Comparison, EmbeddingDrift, Measure, Part, RateDrift, SchemaChange,
        Severity, Term,
    },
    table::VersionTable,
    version::{Summaries, TABLES, Version},
    volumes::volumes,
};

/// A version and its columns summed up.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) version: &'a Version,
    pub(crate) summaries: &'a Summaries,
}

/// What is computed from texts and vectors; the difference of a model that tells the versions apart
/// stands beside what is told of it, not judged yet.
pub(crate) struct ComparisonParts {
    pub(crate) classic: Part<Classic>,
    pub(crate) classifier: Part<(Observed, Told)>,
    pub(crate) embeddings: Result<Vec<(Observed, Embedding)>, Absence>,
}

/// Embeddings of a side, all but the judgement.
pub(crate) struct Embedding {
    pub(crate) side: &'static str,
    pub(crate) encoder: String,
    pub(crate) auc: f64,
}

impl ComparisonParts {
    /// The parts that are absent for one reason.
    pub(crate) fn absent(why: Absence) -> Self {
        Self { classic: Part::Absent(why), classifier: Part::Absent(why), embeddings: Err(why) }
    }
}

/// Compares two versions and judges all their differences together.
pub(crate) fn compare(
    term: Term,
    before: Side<'_>,
    after: Side<'_>,
    parts: ComparisonParts,
    reads: &Reads,
    config: &Config,
) -> Comparison {
    let volumes = volumes(before.version, after.version, term, config);
    let columns = columns(before.summaries, after.summaries, reads, config);
    let matches = |side: Side<'_>| side.summaries.matches(config);
    let label = matches(before).zip(matches(after)).and_then(|(before, after)| {
        Some((observed::rate(before, after, &config.bounds)?, before.value(), after.value()))
    });
    let ComparisonParts { classic, classifier, embeddings } = parts;

    let mut all: Vec<Observed> = volumes.iter().filter_map(|(_, observed)| *observed).collect();
    all.extend(columns.iter().flat_map(|c| c.observed.iter().map(|(_, observed)| *observed)));
    all.extend(label.map(|(observed, ..)| observed));
    if let Part::Present((observed, _)) = &classifier {
        all.push(*observed);
    }
    all.extend(embeddings.iter().flatten().map(|(observed, _)| *observed));
    let judged = observed::judge(&all, config.level);
    let tests = judged.iter().filter(|m| m.p.is_some()).count() as u64;
    // Handed back in the order in which they were gathered.
    let mut judged = judged.into_iter();

    let volumes = volumes
        .into_iter()
        .map(|(mut volume, observed)| {
            volume.measure = observed.and_then(|_| judged.next());
            volume
        })
        .collect();
    let columns = columns.into_iter().map(|one| one.judged(&mut judged)).collect();
    let label_rate = label
        .and_then(|(_, before, after)| Some(RateDrift { before, after, measure: judged.next()? }));
    let classifier = match classifier {
        Part::Absent(why) => Part::Absent(why),
        Part::Present((_, told)) => match judged.next() {
            Some(measure) => Part::Present(told.judged(measure)),
            None => Part::Absent(Absence::TooFew),
        },
    };
    let (embeddings, embeddings_absent) = match embeddings {
        Err(why) => (Vec::new(), Some(why)),
        Ok(sides) => (sides.into_iter().zip(judged).map(embedding).collect(), None),
    };

    let mut comparison = Comparison {
        term,
        also: Vec::new(),
        baseline: before.version.facts(before.summaries),
        equal: before.version.content == after.version.content,
        severity: Severity::None,
        tests,
        reasons: Vec::new(),
        schema: schema(before.version, after.version),
        volumes,
        columns,
        label_rate,
        classifier,
        embeddings,
        embeddings_absent,
        classic,
    };
    (comparison.severity, comparison.reasons) = reasons::of_comparison(&comparison);
    comparison
}

fn embedding(((_, of), measure): ((Observed, Embedding), Measure)) -> EmbeddingDrift {
    let Embedding { side, encoder, auc } = of;
    EmbeddingDrift { side: side.to_owned(), encoder, auc, measure }
}

/// Every column that both versions have as one type.
fn columns(
    before: &Summaries,
    after: &Summaries,
    reads: &Reads,
    config: &Config,
) -> Vec<ComparedColumn> {
    let mut compared = Vec::new();
    for (at, table) in TABLES.into_iter().enumerate() {
        let (before, after) = (&before.tables[at], &after.tables[at]);
        for column in &after.columns {
            if let Some(earlier) = before.column(&column.column) {
                let (before, after) = ((before.rows, earlier), (after.rows, column));
                let independent = Independent::ALL;
                let mut one = columns::compare(table, before, after, independent, config);
                reads.weigh(&mut one.drift);
                compared.push(one);
            }
        }
    }
    compared
}

/// Columns that came, went or changed their type; a column that `candidates` has from a side is told
/// of that side alone.
fn schema(before: &Version, after: &Version) -> Vec<SchemaChange> {
    let mut changes = Vec::new();
    for (at, table) in TABLES.into_iter().enumerate() {
        let (old, new) = (&before.tables[at], &after.tables[at]);
        let of_a_side = |column: &str| {
            at == 2
                && !kinds::is_key(column)
                && [before, after]
                    .iter()
                    .any(|v| v.tables[..2].iter().any(|t| t.data_type(column).is_some()))
        };
        let gone = old.columns().filter(|(name, _)| new.data_type(name).is_none());
        let changed = new.columns().filter(|(name, now)| old.data_type(name) != Some(*now));
        for (column, _) in gone.chain(changed).filter(|(name, _)| !of_a_side(name)) {
            let name = |table: &VersionTable| table.data_type(column).map(|t| t.to_string());
            changes.push(SchemaChange {
                table: table.to_owned(),
                column: column.to_owned(),
                before: name(old),
                after: name(new),
            });
        }
    }
    changes
}
