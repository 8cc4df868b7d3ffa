//! Whether a model learns from labels without meaning.
//!
//! The labels of both parts are dealt out anew among candidates, all applications of a candidate
//! getting one label: some are a match who are none and the other way round, and nothing in the
//! matrix can tell which. A model of the training part then ranks the part held out no better than
//! chance, unless the two parts are not apart: a candidate on both sides would be recognised by
//! texts and places, and the label with him. That is why a candidate's applications keep together;
//! dealt out row by row, such a candidate would go unnoticed. Where a split is by jobs, jobs keep
//! together. Where it keeps neither apart by design ([`Split::Stratified`], [`Split::Temporal`]),
//! labels are dealt out row by row, and the check says only that no held-out row is trained on.
//!
//! The columns of the matrix are not made anew: what they may hold of the true labels is for
//! [`single`](crate::leak::single) to find.
//!
//! Chance leaves three standard errors once in 370 times, about once a year of daily training. So
//! labels that are learnt are dealt out once more, and the training is refused when they are learnt
//! again: that is once in more than 100,000 times, and what leaks once leaks again.

use std::ops::ControlFlow;

use boost::metrics;
use stats::{Groups, Random, exact::auc_standard_error};

use crate::{
    Error, dataset::Application, fit::Part, leak::bounds::STANDARD_ERRORS, split::Split,
    trees::Boost,
};

const TREES: usize = 100;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Together {
    /// Those of a person, under whichever code.
    Candidate,
    /// Those of a job, and of others with its text.
    Job,
    Nothing,
}

impl Together {
    /// Those that a split keeps in one part.
    pub fn of(split: Split) -> Self {
        match split {
            Split::Candidate => Self::Candidate,
            Split::Job => Self::Job,
            Split::Stratified | Split::Temporal => Self::Nothing,
        }
    }

    /// The groups of applications.
    fn groups<'a>(self, applications: impl Iterator<Item = &'a Application>) -> Groups {
        let key = |(row, application): (u32, &Application)| match self {
            Self::Candidate => application.person_group,
            Self::Job => application.job_group,
            Self::Nothing => row,
        };
        Groups::new(&(0..).zip(applications).map(key).collect::<Vec<_>>())
    }
}

/// What a model of shuffled labels reached.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shuffled {
    /// Its AUC on the part held out, whose labels are shuffled too.
    pub auc: f64,
    /// The standard error of that of a model that knows nothing.
    pub se: f64,
}

impl Shuffled {
    fn is_chance(self) -> bool {
        (self.auc - 0.5).abs() <= STANDARD_ERRORS * self.se
    }
}

/// Trains on shuffled labels, with fewer trees than `boost` says; none where a part is left with one
/// class.
pub fn check(
    train: &Part,
    test: &Part,
    together: Together,
    boost: &Boost,
    seed: u64,
) -> Result<Option<Shuffled>, Error> {
    let first = train_shuffled(train, test, together, boost, seed)?;
    match first {
        Some(shuffled) if !shuffled.is_chance() => {
            let again = train_shuffled(train, test, together, boost, seed.wrapping_add(1))?;
            match again {
                Some(again) if !again.is_chance() => {
                    Err(Error::LearnsFromNothing { auc: again.auc, se: again.se })
                }
                again => Ok(again),
            }
        }
        first => Ok(first),
    }
}

/// Whether a model whose AUC on the `test` part is `auc` ranks it no better than chance could.
/// Where that is not defined, nothing was shown to be learnt.
pub fn is_chance(auc: Option<f64>, test: &Part, together: Together) -> bool {
    match (auc, error_of_chance(test, together, &test.labels)) {
        (Some(auc), Some(se)) => auc <= 0.5 + STANDARD_ERRORS * se,
        _ => true,
    }
}

fn train_shuffled(
    train: &Part,
    test: &Part,
    together: Together,
    boost: &Boost,
    seed: u64,
) -> Result<Option<Shuffled>, Error> {
    let groups = together.groups(train.applications.iter().chain(&test.applications));
    let mut of_group = vec![false; groups.count()];
    for (&group, &label) in groups.of_rows().iter().zip(train.labels.iter().chain(&test.labels)) {
        of_group[group as usize] |= label;
    }
    Random::new(seed).shuffle(&mut of_group);
    let labels: Vec<bool> =
        groups.of_rows().iter().map(|&group| of_group[group as usize]).collect();
    let (train_labels, test_labels) = labels.split_at(train.labels.len());
    let positives = train_labels.iter().filter(|&&label| label).count();
    let Some(se) = error_of_chance(test, together, test_labels) else { return Ok(None) };
    if positives == 0 || positives == train_labels.len() {
        return Ok(None);
    }
    let boost = Boost { n_estimators: boost.n_estimators.min(TREES), ..boost.clone() };
    let params = boost.params(seed, positives, train_labels.len() - positives)?;
    let data = boost::Dataset::new(&train.rows, train_labels)?;
    let model = boost::train(data, None, &params, &|_| ControlFlow::Continue(()))?;
    let auc = metrics::auc(&model.predict(&test.rows)?, test_labels);
    Ok(Some(Shuffled { auc, se }))
}

/// The standard error of the AUC of a model that knows nothing; none where a class is missing.
///
/// Applications of one group are scored alike, so they count for fewer.
fn error_of_chance(test: &Part, together: Together, labels: &[bool]) -> Option<f64> {
    let count = |label: bool| {
        let rows = test.applications.iter().zip(labels).filter(|&(_, &l)| l == label);
        let count = together.groups(rows.map(|(a, _)| a)).independent_rows();
        count.is_finite().then_some(count)
    };
    Some(auc_standard_error(0.5, count(true)?, count(false)?))
}

#[cfg(test)]
mod tests {
    use boost::Csr;

    use super::*;

    /// `people` candidates of `times` applications each, numbered from `first`; a column says who
    /// each is, one says nothing. Every fifth is a match.
    fn part(first: u32, people: u32, times: u32) -> Part {
        let applications: Vec<Application> = (first..first + people)
            .flat_map(|person| (0..times).map(move |job| (person, job)))
            .map(|(person, job)| Application {
                person,
                job: person * times + job,
                person_group: person,
                job_group: person * times + job,
                positive: person % 5 == 0,
                outcome: schema::statuses::Outcome::Negative,
                day: None,
            })
            .collect();
        let rows = applications.len();
        let mut values = Vec::new();
        for application in &applications {
            values.extend([application.person as f32, (application.job * 7 % 31) as f32]);
        }
        let rows =
            Csr::new((0..=rows).map(|r| 2 * r).collect(), [0, 1].repeat(rows), values, 2).unwrap();
        Part::new(applications, rows)
    }

    fn boost() -> Boost {
        Boost { max_bin: 1024, ..Boost::default() }
    }

    #[test]
    fn nothing_is_learnt_of_shuffled_labels() {
        let (train, test) = (part(0, 800, 2), part(800, 300, 2));
        let shuffled = check(&train, &test, Together::Candidate, &boost(), 1).unwrap().unwrap();
        assert!(shuffled.is_chance(), "{shuffled:?}");
        assert_eq!(check(&train, &test, Together::Candidate, &boost(), 1).unwrap(), Some(shuffled));
    }

    #[test]
    fn candidates_in_both_parts_are_found_out() {
        let (train, test) = (part(0, 800, 2), part(0, 800, 1));
        let error = check(&train, &test, Together::Candidate, &boost(), 1).unwrap_err();
        assert!(matches!(error, Error::LearnsFromNothing { auc, .. } if auc > 0.6), "{error}");
        assert!(error.to_string().contains("shuffled labels"), "{error}");
        // By rows they are not.
        check(&train, &test, Together::Nothing, &boost(), 1).unwrap();
    }

    #[test]
    fn a_candidate_counts_once_however_often_he_applies() {
        let (one, three) = (part(0, 500, 1), part(0, 500, 3));
        let se = |part: &Part| error_of_chance(part, Together::Candidate, &part.labels).unwrap();
        assert!((se(&one) - se(&three)).abs() < 1e-12);
        assert!((se(&one) - (501.0_f64 / (12.0 * 100.0 * 400.0)).sqrt()).abs() < 1e-12);
    }

    #[test]
    fn chance_is_chance() {
        let test = part(0, 500, 1);
        let is = |auc| is_chance(auc, &test, Together::Candidate);
        assert!(is(None) && is(Some(0.5)) && is(Some(0.58)) && is(Some(0.2)));
        assert!(!is(Some(0.62)));
    }
}
