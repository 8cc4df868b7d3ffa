//! Jobs: what they truly ask for.

use crate::catalogue::{ACADEMIC, CITIES, City, FLUENCY, GENERIC, LEVELS, PER_AREA, SkillSet};
use crate::rng::{Purpose, Stream};

/// Share of jobs that ask for each level of [`FLUENCY`].
pub(crate) const ENGLISH: [f64; FLUENCY.len()] = [0.32, 0.24, 0.22, 0.15, 0.07];
/// Share of jobs that ask for each level of [`FLUENCY`].
pub(crate) const SPANISH: [f64; FLUENCY.len()] = [0.66, 0.18, 0.10, 0.04, 0.02];

/// Days from 1 January 2018 to 30 June 2025, in which jobs open where there is no history.
const OPENING_DAYS: usize = 2738;

/// What a job is besides what it asks for.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Terms {
    /// Index in [`CLIENTS`].
    pub(crate) client: u8,
    /// What contract, client and title add to the log-odds.
    pub(crate) effect: f64,
    /// The z that its applicants are near.
    pub(crate) mark: f64,
}

/// What a job truly asks for.
#[derive(Debug, Clone)]
pub(crate) struct Job {
    /// Index in [`AREAS`](crate::catalogue::AREAS).
    pub(crate) area: u8,
    /// The area that lends a required skill, where one does.
    pub(crate) second: Option<u8>,
    pub(crate) required: SkillSet,
    /// Index in [`LEVELS`].
    pub(crate) level: u8,
    /// Index in [`FLUENCY`].
    pub(crate) english: u8,
    /// Index in [`FLUENCY`].
    pub(crate) spanish: u8,
    /// Index in [`ACADEMIC`]; says nothing about the outcome.
    pub(crate) academic: u8,
    /// Index in [`CITIES`].
    pub(crate) city: u8,
    /// Days since 1 January 2018.
    pub(crate) opened: u16,
    /// The contract type, where the world says it and not only the form.
    pub(crate) contract: Option<&'static str>,
    /// The rest of its side, under the second law.
    pub(crate) terms: Option<Terms>,
}

impl Job {
    /// The job of a number; `areas` are the areas' shares (they move with drift).
    pub(crate) fn draw(seed: u64, index: usize, areas: &[f64]) -> Job {
        let mut stream = Stream::new(seed, Purpose::Job, index as u64);
        let area = stream.weighted(areas);
        let mut required = SkillSet::default();
        let mut wanted = stream.between(3, 6);
        // Selection sampling: each subset of the size is as likely as the next.
        for place in 0..PER_AREA {
            if stream.below(PER_AREA - place) < wanted {
                required.insert(area * PER_AREA + place);
                wanted -= 1;
            }
        }
        let second = stream.chance(0.4).then(|| (area + 1 + stream.below(GENERIC - 1)) % GENERIC);
        if let Some(second) = second {
            required.insert(second * PER_AREA + stream.below(PER_AREA));
        }
        if stream.chance(0.6) {
            required.insert(GENERIC * PER_AREA + stream.below(PER_AREA));
        }
        Job {
            area: area as u8,
            second: second.map(|area| area as u8),
            required,
            level: stream.weighted(&LEVELS.map(|level| level.3)) as u8,
            english: stream.weighted(&ENGLISH) as u8,
            spanish: stream.weighted(&SPANISH) as u8,
            academic: stream.weighted(&ACADEMIC.map(|level| level.1)) as u8,
            city: stream.weighted(&CITIES.each_ref().map(|city| city.share)) as u8,
            opened: stream.below(OPENING_DAYS) as u16,
            contract: None,
            terms: None,
        }
    }

    pub(crate) fn place(&self) -> &'static City {
        &CITIES[usize::from(self.city)]
    }
}
