//! Areas of work with their skills: `areas.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

use super::PER_AREA;

/// A skill and how people write it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Skill<'a> {
    /// As a job's form names it.
    pub(crate) name: &'a str,
    #[serde(borrow)]
    english: Option<&'a str>,
    #[serde(borrow)]
    spanish: Option<&'a str>,
    /// Other spellings, lower-case; may be empty.
    #[serde(borrow, default)]
    pub(crate) variants: Vec<&'a str>,
}

impl<'a> Skill<'a> {
    pub(crate) fn english(&self) -> &'a str {
        self.english.unwrap_or(self.name)
    }

    pub(crate) fn spanish(&self) -> &'a str {
        self.spanish.unwrap_or(self.name)
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Area<'a> {
    /// As the forms name it.
    pub(crate) name: &'a str,
    /// What its people call themselves: Portuguese, English, Spanish.
    #[serde(borrow)]
    pub(crate) profession: [&'a str; 3],
    /// Share of candidates and of jobs.
    pub(crate) share: f64,
    /// Share in the world that the drift dial moves towards.
    pub(crate) drifted: f64,
    #[serde(borrow)]
    pub(crate) skills: [Skill<'a>; PER_AREA],
}

/// Number of areas.
pub(crate) const AREA_COUNT: usize = 19;

/// All areas; the last holds the skills that belong to none in particular.
pub(crate) static AREAS: LazyLock<[Area<'static>; AREA_COUNT]> = LazyLock::new(|| {
    #[derive(Deserialize)]
    struct File<'a> {
        #[serde(borrow)]
        area: [Area<'a>; AREA_COUNT],
    }
    let file: File<'_> =
        toml::from_str(include_str!("areas.toml")).expect("a test reads areas.toml");
    file.area
});
