//! Whether a value of a job's record is a person's name.
//!
//! Who asked for a job, who answers for it, whom it replaces: the source has these as free text,
//! which holds names, roles (`Gerente de TI`), departments and labels (`Superior Imediato:`).
//! Redacting all of them from the job's texts would take ordinary words away from the models, so
//! only what looks like a full name counts: two to seven words of letters, capitalised but for
//! particles, and none of them a word of organisations.

use std::{collections::BTreeSet, sync::LazyLock};

/// Words between names.
const PARTICLES: [&str; 7] = ["da", "das", "de", "del", "di", "do", "dos"];

/// Words (lower case) that stand in roles, departments and companies, not in names.
static NOT_NAMES: LazyLock<BTreeSet<&str>> =
    LazyLock::new(|| include_str!("not_names.txt").lines().collect());

/// The full name that `value` is, without a label before it; none when it is something else.
pub(crate) fn person(value: &str) -> Option<&str> {
    let name = value.rsplit(':').next().unwrap_or(value).trim();
    let mut words = 0;
    for word in name.split_whitespace() {
        let lower = word.to_lowercase();
        if PARTICLES.contains(&lower.as_str()) || lower == "e" {
            continue;
        }
        words += 1;
        let letters =
            word.chars().all(|c| c.is_alphabetic() || matches!(c, '\'' | '’' | '-' | '.'));
        let capital = word.chars().next().is_some_and(char::is_uppercase);
        if !letters || !capital || NOT_NAMES.contains(lower.as_str()) {
            return None;
        }
    }
    (2..=7).contains(&words).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_names_are_names() {
        for name in ["Ana Prado", "JOÃO DA SILVA", "Maria-Luíza d'Ávila", "Otávio A. dos Santos"]
        {
            let name = name.replace("d'Á", "D'Á");
            assert_eq!(person(&name), Some(name.as_str()), "{name}");
        }
        assert_eq!(person("Superior Imediato: Ana Prado"), Some("Ana Prado"));
    }

    #[test]
    fn first_names_roles_departments_and_labels_are_not() {
        for value in [
            "",
            "Ana",
            "Superior Imediato:",
            "Gerente de TI",
            "Recursos Humanos",
            "Equipe Decision",
            "banco de dados",
            "Sala 204 Norte",
            "Um Dois Tres Quatro Cinco Seis Sete Oito",
        ] {
            assert_eq!(person(value), None, "{value}");
        }
    }
}
