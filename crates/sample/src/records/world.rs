//! What a record is written from.

use crate::market::Market;
use crate::person::{NAMES, PersonIdentity};
use crate::rng::Stream;
use crate::text::Spellings;
use crate::{Day, SampleConfig};

/// The first candidate's key in `applicants.json`; the others follow it.
pub const FIRST_CANDIDATE: usize = 31_000;
/// The first job's key in `vagas.json`; the others follow it.
pub const FIRST_JOB: usize = 4_000;

/// All that a record's writer looks at.
pub(crate) struct World {
    pub(crate) config: SampleConfig,
    pub(crate) market: Market,
    pub(crate) spellings: Spellings,
}

impl World {
    pub(crate) fn new(config: SampleConfig) -> World {
        World { market: Market::open(&config), spellings: Spellings::new(), config }
    }

    /// The day of a candidate's coming, in a history.
    pub(super) fn registered(&self, person: usize) -> Option<u16> {
        self.market.registered.get(person).copied()
    }

    pub(super) fn identity(&self, person: usize) -> PersonIdentity {
        PersonIdentity::draw(self.config.seed, person, &self.market.people[person])
    }
}

/// `04-05-2021`
pub(super) fn dashed(day: u16) -> String {
    let (year, month, day) = Day(day).civil();
    format!("{day:02}-{month:02}-{year}")
}

/// `04/05/2021`
pub(super) fn slashed(day: u16) -> String {
    let (year, month, day) = Day(day).civil();
    format!("{day:02}/{month:02}/{year}")
}

/// The name of somebody at work: a recruiter, a manager.
pub(super) fn colleague(stream: &mut Stream) -> String {
    let first =
        if stream.chance(0.6) { stream.pick(&NAMES.women) } else { stream.pick(&NAMES.men) };
    format!("{first} {}", stream.pick(&NAMES.surnames))
}
