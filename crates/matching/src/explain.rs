//! Why a pair has its score: exact contributions of the model's columns (TreeSHAP), gathered to what
//! a person understands, in words.
//!
//! Contributions are in log-odds before calibration; with the mean they sum to the score. What is
//! missing counts as what is there, and nothing protected is ever named: a model that was allowed to
//! use such attributes tells their part as one.

mod pair;
pub(crate) use pair::Explained;

mod words;
pub(crate) use words::strength;

use std::collections::BTreeMap;

use reports::Lang;
use serde::Serialize;

use crate::{
    columns,
    encode::Block,
    relations::{Relation, Topic},
};

const MOST_TERMS: usize = 3;

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reason {
    /// A relation, a column of the feature store, or `protected`.
    pub about: String,
    /// Log-odds; above 0 it speaks for a match.
    pub contribution: f64,
    pub words: String,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Reasons {
    /// The log-odds of the mean application.
    pub mean: f64,
    /// The reasons, the strongest first; with the mean they sum to the score's log-odds.
    pub reasons: Vec<Reason>,
    /// Requirements of the job that the candidate names, as the job spells them.
    pub named: Vec<String>,
    pub missing: Vec<String>,
}

/// What a column's part is told under.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum About {
    Topic(Topic),
    Column(String),
    Protected,
}

impl Reasons {
    pub(crate) fn of(pair: &Explained<'_>, lang: Lang) -> Self {
        let (columns, mean) = match pair.contributions.split_last() {
            Some((mean, columns)) => (columns, f64::from(*mean)),
            None => (&[][..], 0.0),
        };
        let mut gathered: BTreeMap<About, Part> = BTreeMap::new();
        let (mut rest, mut first) = (columns, 0);
        for block in pair.preprocessor.blocks() {
            let (own, others) = rest.split_at(block.width().min(rest.len()));
            rest = others;
            let about = if columns::is_protected(block.column()) {
                About::Protected
            } else {
                About::Column(block.column().to_owned())
            };
            let part = gathered.entry(about).or_default();
            part.sum += own.iter().map(|&c| f64::from(c)).sum::<f64>();
            let is_present = |column: u32| pair.present.binary_search(&column).is_ok();
            match block {
                // A word that is not there counts too, but is not named: nobody would find it.
                Block::Tfidf { tfidf, .. } => {
                    for ((column, term), &contribution) in (first..).zip(tfidf.terms()).zip(own) {
                        if contribution != 0.0 && is_present(column) {
                            part.terms.push((term.to_owned(), f64::from(contribution)));
                        }
                    }
                }
                Block::OneHot { categories, .. } => {
                    let mut of = (first..).zip(categories);
                    part.value = of.find(|(column, _)| is_present(*column)).map(|(_, c)| c.clone());
                }
            }
            first += block.width() as u32;
        }
        for (relation, &contribution) in Relation::ALL.iter().zip(rest) {
            let about = About::Topic(relation.topic());
            gathered.entry(about).or_default().sum += f64::from(contribution);
        }
        let relations = pair.preprocessor.relations().zip(pair.sides);
        let (named, missing) = relations.map_or_else(Default::default, |(relations, sides)| {
            relations.requirements(sides.0, sides.1, pair.requirements)
        });
        let mut reasons: Vec<Reason> = gathered
            .into_iter()
            .filter(|(_, part)| part.sum != 0.0)
            .map(|(about, Part { sum: contribution, terms, value })| {
                let words = match &about {
                    About::Topic(topic) => words::topic(*topic, pair, &named, &missing, lang),
                    About::Column(column) if terms.is_empty() => {
                        words::value(column, value.as_deref(), lang)
                    }
                    About::Column(column) => words::terms(column, &strongest(terms), lang),
                    About::Protected => words::protected(lang).to_owned(),
                };
                let about = match about {
                    About::Topic(topic) => format!("relation:{topic:?}").to_lowercase(),
                    About::Column(column) => column,
                    About::Protected => "protected".to_owned(),
                };
                Reason { about, contribution, words }
            })
            .collect();
        reasons.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
        Self { mean, reasons, named, missing }
    }

    /// The log-odds that the reasons and the mean sum to.
    pub fn sum(&self) -> f64 {
        self.mean + self.reasons.iter().map(|reason| reason.contribution).sum::<f64>()
    }
}

#[derive(Default)]
struct Part {
    sum: f64,
    /// The terms of a text that it has, with their parts.
    terms: Vec<(String, f64)>,
    /// The category; none where training has not seen it.
    value: Option<String>,
}

/// The terms that weigh most, a word each.
fn strongest(mut terms: Vec<(String, f64)>) -> Vec<String> {
    terms.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(&b.0)));
    terms.truncate(MOST_TERMS);
    terms.into_iter().map(|(term, _)| term).collect()
}
