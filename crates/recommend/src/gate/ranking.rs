//! Whether the ranking is surely worse than chance, or than that of the live version.
//!
//! Both versions have stored what they answered to each query of their evaluation; they are compared
//! on the queries of the same question: the same candidate, month, open jobs and jobs sought. Days
//! that follow each other share all months but the last one.

use hashbrown::HashMap;
use stage::{Asked, Check, Question};
use versioning::Committed;

use super::bounds::Bounds;
use crate::{
    artefacts::{EVALUATION, StoredAnswer, read_answers},
    evaluate::{RankerComparison, RankerDifference, Ranks},
};

const RANDOM: Asked = Asked {
    question: Question::Model,
    name: "not-worse-than-random",
    check: "ranking against chance",
};
const LIVE: Asked = Asked {
    question: Question::Model,
    name: "not-worse-than-live",
    check: "ranking against the live version's",
};

/// The checks of a version; `live` is the one in whose place it would go.
pub(super) fn checks(
    committed: &Committed,
    live: Option<&Committed>,
    bounds: &Bounds,
) -> Result<Vec<Check>, stage::Error> {
    let level = bounds.level;
    let expected = format!("not surely worse than chance (p at least {level})");
    let answers = match answers(committed) {
        Ok(answers) => answers,
        Err(error) => return Ok(vec![RANDOM.answer_or_failure(expected, Err(error))?]),
    };
    let chance = PairedRanks::of(answers.iter().map(|of| (of, of.random)));
    let (found, passed) = chance.verdict(0.0, level);
    let mut checks = vec![RANDOM.answer(expected, found, passed)];
    if let Some(live) = live {
        let (version, margin) = (live.version(), bounds.margin);
        let expected = format!(
            "not surely behind {version} (live) by more than {margin} in recall@10 or MRR (p at least {level})"
        );
        let (found, passed) = if live.manifest().output(EVALUATION).is_none() {
            (
                format!("not compared: {version} is of an older release and has no {EVALUATION}"),
                true,
            )
        } else {
            match self::answers(live) {
                Ok(theirs) => {
                    let compared = PairedRanks::with(&answers, &theirs);
                    let (found, passed) = compared.verdict(margin, level);
                    (
                        format!(
                            "{found}; on {} of {} queries",
                            compared.pairs.len(),
                            answers.len()
                        ),
                        passed,
                    )
                }
                // What is broken is the live version: a reason to replace it.
                Err(error) => (format!("not compared: {version} cannot be read: {error}"), true),
            }
        };
        checks.push(LIVE.answer(expected, found, passed));
    }
    Ok(checks)
}

fn answers(version: &Committed) -> Result<Vec<StoredAnswer>, stage::Error> {
    Ok(read_answers(version.open(EVALUATION)?)?)
}

/// Ranks of two rankers on the same queries, with the number of each query's person.
#[derive(Default)]
struct PairedRanks {
    pairs: Vec<(Ranks, Ranks)>,
    people: Vec<u32>,
}

impl PairedRanks {
    fn of<'a>(answers: impl Iterator<Item = (&'a StoredAnswer, Ranks)>) -> Self {
        let mut numbers: HashMap<&str, u32> = HashMap::new();
        let mut compared = Self::default();
        for (answer, other) in answers {
            let next = u32::try_from(numbers.len()).unwrap_or(u32::MAX);
            compared.people.push(*numbers.entry(&*answer.person).or_insert(next));
            compared.pairs.push((answer.own, other));
        }
        compared
    }

    /// The queries of the same question.
    fn with(own: &[StoredAnswer], theirs: &[StoredAnswer]) -> Self {
        let theirs: HashMap<_, _> = theirs.iter().map(|their| (&their.query, their)).collect();
        Self::of(own.iter().filter_map(|own| {
            let their = theirs.get(&own.query)?;
            (their.question == own.question).then_some((own, their.own))
        }))
    }

    /// What the comparison says, and whether the ranker is not surely behind.
    fn verdict(&self, margin: f64, level: f64) -> (String, bool) {
        let Some(comparison) = RankerComparison::of(&self.pairs, &self.people) else {
            return (format!("too few queries to say: {}", self.pairs.len()), true);
        };
        let mean = |of: fn(&(Ranks, Ranks)) -> f64| {
            self.pairs.iter().map(of).sum::<f64>() / self.pairs.len() as f64
        };
        let said =
            |own: f64, other: f64, RankerDifference { mean, standard_error }: RankerDifference| {
                format!(
                    "{own:.4} against {other:.4} ({mean:+.4}, standard error {standard_error:.4})"
                )
            };
        let recall = said(mean(|p| p.0.recall_10), mean(|p| p.1.recall_10), comparison.recall_10);
        let reciprocal =
            said(mean(|p| p.0.reciprocal), mean(|p| p.1.reciprocal), comparison.reciprocal_rank);
        let p = comparison.p_behind(margin);
        (format!("recall@10 {recall}, MRR {reciprocal}, p = {p:.4}"), p >= level)
    }
}
