//! What relates a candidate to a job: columns of the pair, which neither side has by itself.
//!
//! Both sides are read once, whatever the number of applications: a candidate into a [`Profile`], a
//! job into a [`Demand`]; then each pair costs a walk over two short lists. What is fitted (the
//! terms that jobs ask for, how rare they are among candidates, the cities) comes from the training
//! part alone.
//!
//! A relation that does not apply is *missing*, not zero: a job that asks for no English, a CV that
//! names no place.

mod facts;
mod levels;
mod places;
mod terms;
mod vocabulary;
mod words;

use serde::{Deserialize, Serialize};

pub(crate) use facts::Fact;
pub use facts::{Demand, Profile};
use places::Cities;
use terms::{Counting, each_shared, shared};
pub use vocabulary::Vocabulary;
pub(crate) use words::Words;

use crate::{columns::Side, dataset::JobGroup, history::Moment};

/// The table of relations: each with the name of its column and what a reason tells it under.
macro_rules! relations {
    ($($(#[$doc:meta])* $relation:ident $name:literal $topic:ident,)*) => {
        /// A column that relates a candidate to a job.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Relation { $($(#[$doc])* $relation),* }

        impl Relation {
            /// All of them, in the order of their columns.
            pub const ALL: [Self; COLUMNS] = [$(Self::$relation),*];

            pub const fn name(self) -> &'static str {
                match self { $(Self::$relation => concat!("relation=", $name)),* }
            }

            pub(crate) const fn topic(self) -> Topic {
                match self { $(Self::$relation => Topic::$topic),* }
            }
        }

        pub const COLUMNS: usize = [$($name),*].len();
    };
}

relations! {
    // TF-IDF cosines.
    CvCompetences "cv_competences" Texts,
    CvActivities "cv_activities" Texts,
    CvTitle "cv_title" Texts,
    Titles "titles" Texts,
    /// Of the candidate's skills and certificates with the competences.
    SkillsCompetences "skills_competences" Texts,
    Areas "areas" Texts,
    /// IDF-weighted share of the listed requirements that the candidate names.
    Requirements "requirements" Requirements,
    /// The same, less what a candidate of the training part has of them on average.
    RequirementsAboveOthers "requirements_above_others" Requirements,
    /// The same, less what the candidate has on average of what jobs require.
    RequirementsAboveOwn "requirements_above_own" Requirements,
    /// What the candidate has on average of what jobs require.
    RequirementsElsewhere "requirements_elsewhere" Requirements,
    RequirementsNamed "requirements_named" Requirements,
    RequirementsMissing "requirements_missing" Requirements,
    /// IDF-weighted share of all terms of the job that the candidate names.
    JobCovered "job_covered" Requirements,
    /// IDF-weighted share of the candidate's terms that the job has.
    CandidateCovered "candidate_covered" Requirements,
    SharedTerms "shared_terms" Requirements,
    // Levels, the candidate's less the job's.
    Level "level" Level,
    Academic "academic" Academic,
    English "english" English,
    Spanish "spanish" Spanish,
    // 1 where it is the same, else 0.
    City "city" Place,
    State "state" Place,
    /// Days from the opening of the job to the application.
    JobAge "job_age" Past,
    /// Applications to the job on days before.
    Queue "queue" Past,
    /// Applications of the candidate on days before.
    Returning "returning" Past,
    // Shares of matches among earlier applications whose outcome was known by then.
    /// Of jobs of the same title.
    TitleOutcomes "title_outcomes" Outcomes,
    /// Of jobs of the same type of contract.
    ContractOutcomes "contract_outcomes" Outcomes,
    /// Of jobs of the same client.
    ClientOutcomes "client_outcomes" Outcomes,
    /// Of jobs that the same person at the client asked for.
    RequesterOutcomes "requester_outcomes" Outcomes,
    /// Of jobs of the same recruiter.
    AnalystOutcomes "analyst_outcomes" Outcomes,
}

impl Relation {
    /// The side that it says something of, where it is one alone: its past.
    pub(crate) const fn side(self) -> Option<Side> {
        match self {
            Self::JobAge
            | Self::Queue
            | Self::TitleOutcomes
            | Self::ContractOutcomes
            | Self::ClientOutcomes
            | Self::RequesterOutcomes
            | Self::AnalystOutcomes => Some(Side::Jobs),
            Self::Returning => Some(Side::People),
            _ => None,
        }
    }
}

/// What relations are told together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Topic {
    Requirements,
    Texts,
    Level,
    Academic,
    English,
    Spanish,
    Place,
    Past,
    Outcomes,
}

/// The values of one pair, in the order of [`Relation::ALL`]; NaN where a relation is missing.
pub(crate) type Values = [f32; COLUMNS];

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Relations {
    vocabulary: Vocabulary,
    /// Of each term: `ln((1 + n) / (1 + df)) + 1` over the candidates of the training part.
    idf: Vec<f64>,
    /// Of each term: share of those candidates who name it.
    had: Vec<f64>,
    /// Of each term: its mean share of the weight of a job's listed requirements.
    asked: Vec<f64>,
}

/// What fitting counts of the jobs.
#[derive(Clone, Default)]
pub(crate) struct JobCounts {
    terms: Counting,
    cities: std::collections::BTreeSet<String>,
}

impl JobCounts {
    /// Counts a job by the values of [`Demand::COLUMNS`].
    pub(crate) fn add(&mut self, values: &[&str], words: &mut Words) {
        self.terms.add(&facts::texts_of_job(values), words);
        let city = facts::city_of_job(values);
        if !self.cities.contains(city) {
            self.cities.insert(city.to_owned());
        }
    }

    pub(crate) fn merged(mut self, other: Self) -> Self {
        self.terms = self.terms.merged(other.terms);
        self.cities.extend(other.cities);
        self
    }

    pub(crate) fn finish(self) -> Vocabulary {
        let cities = Cities::of(self.cities.iter().map(String::as_str));
        Vocabulary { terms: self.terms.finish(), cities }
    }
}

impl Relations {
    /// Weighs the vocabulary by the candidates and jobs of the training part, each once.
    pub(crate) fn fit<'a>(
        vocabulary: Vocabulary,
        people: impl Iterator<Item = &'a Profile>,
        jobs: impl Iterator<Item = &'a Demand> + Clone,
    ) -> Self {
        let columns = vocabulary.terms.len();
        let (mut df, mut n) = (vec![0_u32; columns], 0_u32);
        for person in people {
            n += 1;
            person.all.iter().for_each(|&term| df[term as usize] += 1);
        }
        let n = f64::from(n);
        let idf: Vec<f64> =
            df.iter().map(|&df| libm::log((1.0 + n) / (1.0 + f64::from(df))) + 1.0).collect();
        let had = df.iter().map(|&df| (f64::from(df) + 0.5) / (n + 1.0)).collect();
        let (mut asked, mut counted) = (vec![0.0; columns], 0_u32);
        for job in jobs.filter(|job| !job.requirements.is_empty()) {
            counted += 1;
            let total: f64 = job.requirements.iter().map(|&term| idf[term as usize]).sum();
            for &term in &job.requirements {
                asked[term as usize] += idf[term as usize] / total;
            }
        }
        asked.iter_mut().for_each(|share| *share /= f64::from(counted.max(1)));
        Self { vocabulary, idf, had, asked }
    }

    pub(crate) fn vocabulary(&self) -> &Vocabulary {
        &self.vocabulary
    }

    /// That the parts of a file that was read belong together; else what does not.
    pub(crate) fn check(&self) -> Result<(), String> {
        let expected = self.vocabulary.terms.len();
        for (name, values) in [("idf", &self.idf), ("had", &self.had), ("asked", &self.asked)] {
            if values.len() != expected {
                return Err(format!("{name} has {} values, expected {expected}", values.len()));
            }
            if values.iter().any(|value| !value.is_finite()) {
                return Err(format!("{name} has a value that is not a number"));
            }
        }
        if !self.vocabulary.terms.are_ascending() || !self.vocabulary.cities.are_ascending() {
            return Err("terms or cities are not ascending".to_owned());
        }
        Ok(())
    }

    fn idf(&self, term: u32) -> f64 {
        self.idf[term as usize]
    }

    fn sum(&self, terms: &[u32]) -> f64 {
        terms.iter().map(|&term| self.idf(term)).sum()
    }

    /// Cosine of two texts by their sets of terms (binary TF, IDF squared); missing where one has
    /// none.
    fn cosine(&self, a: &[u32], b: &[u32]) -> f32 {
        if a.is_empty() || b.is_empty() {
            return f32::NAN;
        }
        let square = |term: u32| self.idf(term) * self.idf(term);
        let norm = |terms: &[u32]| terms.iter().map(|&term| square(term)).sum::<f64>();
        (shared(a, b, square).1 / (norm(a) * norm(b)).sqrt()) as f32
    }

    /// The share of `wanted`, by IDF, that is in `there`; missing where nothing is wanted.
    fn share(&self, wanted: &[u32], there: &[u32]) -> f64 {
        if wanted.is_empty() {
            return f64::NAN;
        }
        shared(wanted, there, |term| self.idf(term)).1 / self.sum(wanted)
    }

    /// The relations of a pair; `moment` is when the application is made, where that is known.
    pub(crate) fn of(&self, person: &Profile, job: &Demand, moment: Option<Moment>) -> Values {
        let requirements = self.share(&job.requirements, &person.all);
        let total = self.sum(&job.requirements);
        let by_others: f64 = job
            .requirements
            .iter()
            .map(|&term| self.idf(term) * self.had[term as usize] / total)
            .sum();
        let elsewhere: f64 = person.all.iter().map(|&term| self.asked[term as usize]).sum();
        let named = shared(&job.requirements, &person.all, |_| 0.0).0;
        let listed = !job.requirements.is_empty();
        let (count, _) = shared(&job.all, &person.all, |_| 0.0);
        let difference = |mine: Option<u8>, theirs: Option<u8>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => f32::from(mine) - f32::from(theirs),
            _ => f32::NAN,
        };
        let same = |mine: Option<u32>, theirs: Option<u32>| match (mine, theirs) {
            (Some(mine), Some(theirs)) => f32::from(u8::from(mine == theirs)),
            _ => f32::NAN,
        };
        let counted = |count: usize| if listed { count as f32 } else { f32::NAN };
        let known = |days: Option<i32>| days.map_or(f32::NAN, |days| days as f32);
        let outcomes = moment.map(|moment| moment.outcomes).unwrap_or_default();
        let of_group = |group: JobGroup| outcomes[group as usize].unwrap_or(f32::NAN);
        Relation::ALL.map(|relation| match relation {
            Relation::CvCompetences => self.cosine(&person.cv, &job.competences),
            Relation::CvActivities => self.cosine(&person.cv, &job.activities),
            Relation::CvTitle => self.cosine(&person.cv, &job.title),
            Relation::Titles => self.cosine(&person.title, &job.title),
            Relation::SkillsCompetences => self.cosine(&person.skills, &job.competences),
            Relation::Areas => self.cosine(&person.areas, &job.areas),
            Relation::Requirements => requirements as f32,
            Relation::RequirementsAboveOthers => (requirements - by_others) as f32,
            Relation::RequirementsAboveOwn => (requirements - by_others - elsewhere) as f32,
            Relation::RequirementsElsewhere => elsewhere as f32,
            Relation::RequirementsNamed => counted(named),
            Relation::RequirementsMissing => counted(job.requirements.len() - named),
            Relation::JobCovered => self.share(&job.all, &person.all) as f32,
            Relation::CandidateCovered => self.share(&person.all, &job.all) as f32,
            Relation::SharedTerms => count as f32,
            Relation::Level => difference(person.level, job.level),
            Relation::Academic => difference(person.academic, job.academic),
            Relation::English => difference(person.english, job.english),
            Relation::Spanish => difference(person.spanish, job.spanish),
            Relation::City => same(person.place.city, job.place.city),
            Relation::State => {
                same(person.place.state.map(u32::from), job.place.state.map(u32::from))
            }
            Relation::JobAge => known(moment.and_then(|m| m.job_age)),
            Relation::Queue => known(moment.map(|m| m.queue)),
            Relation::Returning => known(moment.map(|m| m.returning)),
            Relation::TitleOutcomes => of_group(JobGroup::Title),
            Relation::ContractOutcomes => of_group(JobGroup::Contract),
            Relation::ClientOutcomes => of_group(JobGroup::Client),
            Relation::RequesterOutcomes => of_group(JobGroup::Requester),
            Relation::AnalystOutcomes => of_group(JobGroup::Analyst),
        })
    }

    /// The listed requirements of a job, those that the candidate names and those not, as `text`,
    /// which lists them, spells them.
    pub fn requirements(
        &self,
        person: &Profile,
        job: &Demand,
        text: &str,
    ) -> (Vec<String>, Vec<String>) {
        let mut named = Vec::new();
        each_shared(&job.requirements, &person.all, |term| named.push(term));
        let missing = job.requirements.iter().filter(|term| !named.contains(term));
        let spelled = |term: &u32| self.vocabulary.terms.spelled(*term, text);
        let missing = missing.map(spelled).collect();
        (named.iter().map(spelled).collect(), missing)
    }
}

/// Where two sides stand to each other: of each level, the candidate's and the job's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Standing {
    pub(crate) level: (Option<u8>, Option<u8>),
    pub(crate) academic: (Option<u8>, Option<u8>),
    pub(crate) english: (Option<u8>, Option<u8>),
    pub(crate) spanish: (Option<u8>, Option<u8>),
    pub(crate) same_city: Option<bool>,
    pub(crate) same_state: Option<bool>,
}

impl Standing {
    pub(crate) fn of(person: &Profile, job: &Demand) -> Self {
        let same = |a: Option<u32>, b: Option<u32>| a.zip(b).map(|(a, b)| a == b);
        let state = |place: places::Place| place.state.map(u32::from);
        Self {
            level: (person.level, job.level),
            academic: (person.academic, job.academic),
            english: (person.english, job.english),
            spanish: (person.spanish, job.spanish),
            same_city: same(person.place.city, job.place.city),
            same_state: same(state(person.place), state(job.place)),
        }
    }
}
