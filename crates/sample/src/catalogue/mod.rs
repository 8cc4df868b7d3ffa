//! The world's nouns: areas and skills, places, levels, languages. Who has which is drawn in
//! [`person`](crate::person) and [`job`](crate::job).
//!
//! Every area has as many skills as every other, so that belonging to an area is, by itself,
//! neither an advantage nor a handicap.

mod areas;
mod clients;
mod places;

pub(crate) use areas::{AREA_COUNT, AREAS, Skill};
pub(crate) use clients::CLIENTS;
pub(crate) use places::{CITIES, City};

/// Skills of each area.
pub(crate) const PER_AREA: usize = 10;
/// Skills that belong to every area: the last entry of [`AREAS`] holds them.
pub(crate) const GENERIC: usize = AREA_COUNT - 1;
/// Skills in all, numbered area by area.
pub(crate) const SKILLS: usize = AREA_COUNT * PER_AREA;

/// Professional levels in rising order: as the forms have it, in English, in Spanish, and the share
/// of candidates and of jobs.
pub(crate) const LEVELS: [(&str, &str, &str, f64); 7] = [
    ("Assistente", "assistant", "asistente", 0.10),
    ("Júnior", "junior", "junior", 0.18),
    ("Analista", "analyst", "analista", 0.17),
    ("Pleno", "mid-level", "semi senior", 0.20),
    ("Sênior", "senior", "senior", 0.20),
    ("Especialista", "specialist", "especialista", 0.10),
    ("Coordenador", "coordinator", "coordinador", 0.05),
];

/// Language levels in rising order: as the forms have it, in English, in Spanish.
pub(crate) const FLUENCY: [(&str, &str, &str); 5] = [
    ("Nenhum", "none", "ninguno"),
    ("Básico", "basic", "básico"),
    ("Intermediário", "intermediate", "intermedio"),
    ("Avançado", "advanced", "avanzado"),
    ("Fluente", "fluent", "fluido"),
];

/// Academic levels in rising order, and the share of candidates and of jobs.
pub(crate) const ACADEMIC: [(&str, f64); 7] = [
    ("Ensino Médio Completo", 0.10),
    ("Ensino Técnico Completo", 0.14),
    ("Ensino Superior Incompleto", 0.08),
    ("Ensino Superior Cursando", 0.16),
    ("Ensino Superior Completo", 0.36),
    ("Pós Graduação Completo", 0.13),
    ("Mestrado Completo", 0.03),
];

/// A set of skills, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct SkillSet([u64; SKILLS.div_ceil(64)]);

impl SkillSet {
    pub(crate) fn insert(&mut self, skill: usize) {
        self.0[skill / 64] |= 1 << (skill % 64);
    }

    pub(crate) fn contains(&self, skill: usize) -> bool {
        self.0[skill / 64] >> (skill % 64) & 1 == 1
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        (0..SKILLS).filter(|&skill| self.contains(skill))
    }
}

/// The skill of a number, `0..SKILLS`.
pub(crate) fn skill(number: usize) -> &'static Skill<'static> {
    &AREAS[number / PER_AREA].skills[number % PER_AREA]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_sum_to_one() {
        let near = |sum: f64| (sum - 1.0).abs() < 1e-9;
        assert!(near(LEVELS.iter().map(|level| level.3).sum()));
        assert!(near(ACADEMIC.iter().map(|level| level.1).sum()));
        assert!(near(CITIES.iter().map(|city| city.share).sum()));
        assert!(near(AREAS.iter().map(|area| area.share).sum()));
        assert!(near(AREAS.iter().map(|area| area.drifted).sum()));
    }

    #[test]
    fn skills_are_distinct() {
        let mut names: Vec<_> = (0..SKILLS).map(|number| skill(number).name).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), SKILLS);
    }

    #[test]
    fn a_set_returns_what_went_in() {
        let mut set = SkillSet::default();
        for number in [0, 63, 64, SKILLS - 1] {
            set.insert(number);
        }
        assert_eq!(set.iter().collect::<Vec<_>>(), [0, 63, 64, SKILLS - 1]);
    }
}
