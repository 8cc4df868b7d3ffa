//! What CVs and jobs are made of: `phrases.toml`.

use std::sync::LazyLock;

use serde::Deserialize;

/// The phrases of one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Phrases<'a> {
    /// Headings: summary, skills, experience, education, languages, courses.
    #[serde(borrow)]
    pub(crate) headings: [Vec<&'a str>; 6],
    /// Lines on what somebody did or will do.
    #[serde(borrow)]
    pub(crate) lines: Vec<&'a str>,
    /// Ends of lines.
    #[serde(borrow)]
    pub(crate) tails: Vec<&'a str>,
    /// Lines without a skill.
    #[serde(borrow)]
    pub(crate) plain: Vec<&'a str>,
    /// `{}` takes a number of years.
    pub(crate) years: &'a str,
    pub(crate) english: &'a str,
    pub(crate) spanish: &'a str,
    #[serde(borrow)]
    pub(crate) studies: Vec<&'a str>,
    #[serde(borrow)]
    pub(crate) courses: Vec<&'a str>,
    /// The present, as the end of a period.
    pub(crate) today: &'a str,
    /// What jobs ask for as prose; no job is in Spanish.
    #[serde(borrow)]
    pub(crate) prose: Option<Prose<'a>>,
}

/// The ways in which a job asks in prose; each `{}` takes a skill.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Prose<'a> {
    #[serde(borrow)]
    pub(crate) headings: Vec<&'a str>,
    /// Bullets and lines that ask for a skill.
    #[serde(borrow)]
    pub(crate) asking: Vec<&'a str>,
    /// Sentences that ask for two.
    #[serde(borrow)]
    pub(crate) sentences: Vec<&'a str>,
    /// Lines that ask for none.
    #[serde(borrow)]
    pub(crate) conditions: Vec<&'a str>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PhraseTexts<'a> {
    #[serde(borrow)]
    pub(crate) portuguese: Phrases<'a>,
    #[serde(borrow)]
    pub(crate) english: Phrases<'a>,
    #[serde(borrow)]
    pub(crate) spanish: Phrases<'a>,
    /// Companies that do not exist.
    #[serde(borrow)]
    pub(crate) companies: Vec<&'a str>,
    /// Schools that do not exist.
    #[serde(borrow)]
    pub(crate) schools: Vec<&'a str>,
}

pub(crate) static TEXTS: LazyLock<PhraseTexts<'static>> = LazyLock::new(|| {
    toml::from_str(include_str!("phrases.toml")).expect("a test reads phrases.toml")
});
