//! Candidates: who they truly are, and who they are called.

use std::sync::LazyLock;

use serde::Deserialize;

use crate::catalogue::{
    ACADEMIC, AREAS, CITIES, City, FLUENCY, GENERIC, LEVELS, PER_AREA, SkillSet,
};
use crate::rng::{Purpose, Stream};

/// Share of candidates at each level of [`FLUENCY`].
pub(crate) const ENGLISH: [f64; FLUENCY.len()] = [0.20, 0.27, 0.27, 0.16, 0.10];
/// Share of candidates at each level of [`FLUENCY`].
pub(crate) const SPANISH: [f64; FLUENCY.len()] = [0.52, 0.24, 0.14, 0.07, 0.03];

/// What is true of a candidate, whatever the files say.
#[derive(Debug, Clone)]
pub(crate) struct Person {
    /// Index in [`AREAS`].
    pub(crate) area: u8,
    /// A second area with a few skills, other than the first.
    pub(crate) second: u8,
    pub(crate) skills: SkillSet,
    /// Index in [`LEVELS`].
    pub(crate) level: u8,
    /// Index in [`FLUENCY`].
    pub(crate) english: u8,
    /// Index in [`FLUENCY`].
    pub(crate) spanish: u8,
    /// Index in [`ACADEMIC`].
    pub(crate) academic: u8,
    /// Index in [`CITIES`].
    pub(crate) city: u8,
}

/// The share of an area's people with the skill at a place of it: some are common and some rare.
fn own_share(place: usize) -> f64 {
    0.72 - 0.03 * place as f64
}
/// The share of people with a given skill of their second area.
const SECOND_SHARE: f64 = 0.15;
/// The share of people with a given skill that belongs to every area.
const GENERIC_SHARE: f64 = 0.22;

impl Person {
    /// The candidate of a number; `areas` are the areas' shares (they move with drift).
    pub(crate) fn draw(seed: u64, index: usize, areas: &[f64]) -> Person {
        let mut stream = Stream::new(seed, Purpose::Person, index as u64);
        let area = stream.weighted(areas);
        let second = (area + 1 + stream.below(GENERIC - 1)) % GENERIC;
        let mut skills = SkillSet::default();
        for place in 0..PER_AREA {
            if stream.chance(own_share(place)) {
                skills.insert(area * PER_AREA + place);
            }
            if stream.chance(SECOND_SHARE) {
                skills.insert(second * PER_AREA + place);
            }
            if stream.chance(GENERIC_SHARE) {
                skills.insert(GENERIC * PER_AREA + place);
            }
        }
        Person {
            area: area as u8,
            second: second as u8,
            skills,
            level: stream.weighted(&LEVELS.map(|level| level.3)) as u8,
            english: stream.weighted(&ENGLISH) as u8,
            spanish: stream.weighted(&SPANISH) as u8,
            academic: stream.weighted(&ACADEMIC.map(|level| level.1)) as u8,
            city: stream.weighted(&CITIES.each_ref().map(|city| city.share)) as u8,
        }
    }

    /// The chance that somebody of the person's areas has a skill.
    pub(crate) fn chance_of(&self, skill: usize) -> f64 {
        match skill / PER_AREA {
            area if area == usize::from(self.area) => own_share(skill % PER_AREA),
            area if area == usize::from(self.second) => SECOND_SHARE,
            GENERIC => GENERIC_SHARE,
            _ => 0.0,
        }
    }

    pub(crate) fn place(&self) -> &'static City {
        &CITIES[usize::from(self.city)]
    }

    /// What the person does, in Portuguese, English and Spanish.
    pub(crate) fn profession(&self) -> &'static [&'static str; 3] {
        &AREAS[usize::from(self.area)].profession
    }
}

/// A made-up person's names and contacts: no part is anybody's.
#[derive(Debug)]
pub(crate) struct PersonIdentity {
    /// `Ana Souza Lima`.
    pub(crate) name: String,
    /// At `exemplo.com.br` and other domains reserved for examples.
    pub(crate) email: String,
    /// Eleven digits, `11900123456`: numbers `900xxxxxx` are not given out in Brazil.
    pub(crate) phone: String,
    /// Eleven digits with check digits that cannot be: nobody's number.
    pub(crate) cpf: String,
    pub(crate) woman: bool,
    pub(crate) birth_year: usize,
}

impl PersonIdentity {
    pub(crate) fn draw(seed: u64, index: usize, person: &Person) -> PersonIdentity {
        let (mut stream, woman) = PersonIdentity::begin(seed, index);
        let first = stream.pick(if woman { &NAMES.women } else { &NAMES.men });
        let last = stream.pick(&NAMES.surnames);
        let name = if stream.chance(0.55) {
            format!("{first} {} {last}", stream.pick(&NAMES.surnames))
        } else {
            format!("{first} {last}")
        };
        let local = match stream.below(4) {
            0 => format!("{first}.{last}"),
            1 => format!("{first}_{last}"),
            2 => format!("{first}{}", stream.between(1, 9999)),
            _ => format!("{}{last}{}", &first[..1], stream.between(1, 999)),
        };
        // Real files hold accents in addresses now and then; keep a few.
        let local = local.to_lowercase();
        let local = if stream.chance(0.03) { local } else { without_accents(&local) };
        let email = format!("{local}@{}", stream.pick(&DOMAINS));
        let phone = format!("{}900{:06}", person.place().code, stream.below(1_000_000));
        PersonIdentity {
            name,
            email,
            phone,
            cpf: impossible_cpf(stream.below(1_000_000_000)),
            woman,
            birth_year: 1999 + stream.below(6) - usize::from(person.level) * 4 - stream.below(12),
        }
    }

    /// Whether the candidate of a number is a woman.
    pub(crate) fn is_woman(seed: u64, index: usize) -> bool {
        PersonIdentity::begin(seed, index).1
    }

    /// The stream of an identity, and what it says first.
    fn begin(seed: u64, index: usize) -> (Stream, bool) {
        let mut stream = Stream::new(seed, Purpose::Identity, index as u64);
        let woman = stream.chance(0.36);
        (stream, woman)
    }

    /// The telephone as one of the many ways that people write it.
    pub(crate) fn phone_written(&self, way: usize) -> String {
        let (code, rest) = self.phone.split_at(2);
        let (head, tail) = rest.split_at(5);
        match way {
            0 => format!("({code}) {head}-{tail}"),
            1 => format!("+55 {code} {head}-{tail}"),
            2 => format!("{code} {head} {tail}"),
            3 => format!("({code}){head}{tail}"),
            _ => format!("+55{code}{head}{tail}"),
        }
    }

    /// The CPF with its usual punctuation.
    pub(crate) fn cpf_written(&self) -> String {
        let c = &self.cpf;
        format!("{}.{}.{}-{}", &c[..3], &c[3..6], &c[6..9], &c[9..])
    }
}

/// Nine digits and two check digits, the second of them wrong by construction.
fn impossible_cpf(number: usize) -> String {
    let nine = format!("{number:09}");
    let check = |digits: &str| {
        let first = digits.len() as u32 + 1;
        let sum: u32 =
            digits.bytes().zip(0..).map(|(d, i)| u32::from(d - b'0') * (first - i)).sum();
        (sum * 10 % 11) % 10
    };
    let ten = format!("{nine}{}", check(&nine));
    format!("{ten}{}", (check(&ten) + 1) % 10)
}

pub(crate) fn without_accents(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            'á' | 'à' | 'â' | 'ã' => 'a',
            'é' | 'ê' => 'e',
            'í' => 'i',
            'ó' | 'ô' | 'õ' => 'o',
            'ú' | 'ü' => 'u',
            'ç' => 'c',
            other => other,
        })
        .collect()
}

/// Domains reserved for examples (RFC 2606), and the Portuguese word for example.
const DOMAINS: [&str; 5] =
    ["exemplo.com.br", "exemplo.com.br", "example.com", "example.org", "exemplo.net.br"];

/// Parts of names: `names.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Names<'a> {
    #[serde(borrow)]
    pub(crate) women: Vec<&'a str>,
    #[serde(borrow)]
    pub(crate) men: Vec<&'a str>,
    #[serde(borrow)]
    pub(crate) surnames: Vec<&'a str>,
}

pub(crate) static NAMES: LazyLock<Names<'static>> =
    LazyLock::new(|| toml::from_str(include_str!("names.toml")).expect("a test reads names.toml"));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cpf_can_be_anybodys() {
        // 111.444.777-35 is the usual valid example: ours differs in the last digit.
        assert_eq!(impossible_cpf(111_444_777), "11144477736");
    }

    #[test]
    fn identities_are_made_up() {
        let shares = AREAS.each_ref().map(|area| area.share);
        for index in 0..500 {
            let person = Person::draw(3, index, &shares);
            let identity = PersonIdentity::draw(3, index, &person);
            assert_eq!(identity.woman, PersonIdentity::is_woman(3, index));
            assert_ne!(person.area, person.second);
            assert!(identity.email.split('@').nth(1).unwrap().contains("ex"));
            assert_eq!(identity.phone.len(), 11);
            assert_eq!(&identity.phone[2..5], "900");
            assert!((1960..2006).contains(&identity.birth_year));
        }
    }
}
