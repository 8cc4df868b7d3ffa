//! The two sides of a pair, each read once.

use schema::tables::{JOBS, PEOPLE};

use super::{
    levels::{self, Language},
    places::Place,
    vocabulary::Vocabulary,
    words::Words,
};
use crate::columns::Known;

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    pub(super) all: Vec<u32>,
    pub(super) cv: Vec<u32>,
    pub(super) title: Vec<u32>,
    pub(super) skills: Vec<u32>,
    pub(super) areas: Vec<u32>,
    pub(super) level: Option<u8>,
    pub(super) academic: Option<u8>,
    pub(super) english: Option<u8>,
    pub(super) spanish: Option<u8>,
    pub(super) place: Place,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Demand {
    pub(super) all: Vec<u32>,
    pub(super) competences: Vec<u32>,
    pub(super) activities: Vec<u32>,
    pub(super) title: Vec<u32>,
    pub(super) areas: Vec<u32>,
    /// Items of the lists of the competences; where there are none, those of the activities.
    pub(super) requirements: Vec<u32>,
    pub(super) level: Option<u8>,
    pub(super) academic: Option<u8>,
    pub(super) english: Option<u8>,
    pub(super) spanish: Option<u8>,
    pub(super) place: Place,
}

/// A side that is read from the values of its columns.
pub(crate) trait Fact: Default + Send + Sync {
    /// The columns that are read; each is known when an application is made.
    const COLUMNS: &'static [Known];

    /// Reads the values of the columns, in their order; what is missing is empty.
    fn read(vocabulary: &Vocabulary, values: &[&str], words: &mut Words) -> Self;
}

/// The texts of a job whose words are terms.
pub(super) fn texts_of_job<'a>(values: &[&'a str]) -> Vec<&'a str> {
    values[..4].to_vec()
}

pub(super) fn city_of_job<'a>(values: &[&'a str]) -> &'a str {
    values[8]
}

/// Both lists' numbers, ascending, each once.
fn union(lists: &[&[u32]]) -> Vec<u32> {
    let mut all = lists.concat();
    all.sort_unstable();
    all.dedup();
    all
}

/// Reads the value of a level's own column.
fn level_of(value: &str, words: &mut Words, read: impl Fn(&Words) -> Option<u8>) -> Option<u8> {
    words.read(value);
    read(words)
}

impl Fact for Profile {
    const COLUMNS: &'static [Known] = &[
        Known::of(&PEOPLE, "cv_candidato"),
        Known::of(&PEOPLE, "titulo_profissional"),
        Known::of(&PEOPLE, "conhecimentos_tecnicos"),
        Known::of(&PEOPLE, "certificacoes"),
        Known::of(&PEOPLE, "outras_certificacoes"),
        Known::of(&PEOPLE, "area_atuacao"),
        Known::of(&PEOPLE, "nivel_profissional"),
        Known::of(&PEOPLE, "nivel_academico"),
        Known::of(&PEOPLE, "ingles"),
        Known::of(&PEOPLE, "espanhol"),
        Known::of(&PEOPLE, "cidade"),
    ];

    fn read(vocabulary: &Vocabulary, values: &[&str], words: &mut Words) -> Self {
        let [cv, title, known, certified, also, area, level, academic, english, spanish, city] =
            values
        else {
            return Self::default();
        };
        let Vocabulary { terms, cities } = vocabulary;
        let of = |text: &str, words: &mut Words| terms.of(text, words);
        let (titles, areas) = (of(title, words), of(area, words));
        let skills = union(
            &[of(known, words), of(certified, words), of(also, words)]
                .each_ref()
                .map(|list| list.as_slice()),
        );
        let level = level_of(level, words, levels::professional)
            .or_else(|| level_of(title, words, levels::professional))
            .or_else(|| levels::professional_in_cv(cv, words));
        let academic = level_of(academic, words, levels::academic);
        let mut english = level_of(english, words, levels::fluency);
        let mut spanish = level_of(spanish, words, levels::fluency);
        // The CV last: its words are read once for all that is asked of them.
        let cv_terms = of(cv, words);
        if english.is_none() || spanish.is_none() {
            for (language, level) in (0..words.len()).filter_map(|at| levels::fluency_at(words, at))
            {
                let known = match language {
                    Language::English => &mut english,
                    Language::Spanish => &mut spanish,
                };
                *known = known.or(Some(level));
            }
        }
        let all = union(&[&cv_terms, &titles, &skills]);
        let place = cities.of_person(city, cv);
        Self {
            all,
            cv: cv_terms,
            title: titles,
            skills,
            areas,
            level,
            academic,
            english,
            spanish,
            place,
        }
    }
}

impl Fact for Demand {
    const COLUMNS: &'static [Known] = &[
        Known::of(&JOBS, "titulo_vaga"),
        Known::of(&JOBS, "competencia_tecnicas_e_comportamentais"),
        Known::of(&JOBS, "principais_atividades"),
        Known::of(&JOBS, "areas_atuacao_vaga"),
        Known::of(&JOBS, "nivel_profissional_vaga"),
        Known::of(&JOBS, "nivel_academico_vaga"),
        Known::of(&JOBS, "nivel_ingles_vaga"),
        Known::of(&JOBS, "nivel_espanhol_vaga"),
        Known::of(&JOBS, "cidade_vaga"),
        Known::of(&JOBS, "estado_vaga"),
    ];

    fn read(vocabulary: &Vocabulary, values: &[&str], words: &mut Words) -> Self {
        let [title, competences, activities, area, level, academic, english, spanish, city, state] =
            values
        else {
            return Self::default();
        };
        let Vocabulary { terms, cities } = vocabulary;
        let of = |text: &str, words: &mut Words| terms.of(text, words);
        let mut requirements = Vec::new();
        terms.items(competences, words, &mut requirements);
        if requirements.is_empty() {
            terms.items(activities, words, &mut requirements);
        }
        let [titles, competences, activities, areas] =
            [title, competences, activities, area].map(|text| of(text, words));
        Self {
            all: union(&[&titles, &competences, &activities]),
            requirements,
            level: level_of(level, words, levels::professional)
                .or_else(|| level_of(title, words, levels::professional)),
            academic: level_of(academic, words, levels::academic),
            english: level_of(english, words, levels::fluency),
            spanish: level_of(spanish, words, levels::fluency),
            place: cities.of_job(city, state),
            title: titles,
            competences,
            activities,
            areas,
        }
    }
}
