//! The statuses of an application (`situacao_candidado` of the source), in the one spelling that
//! the tables have.
//!
//! The source's column is text that people may type into. What is none of [`KNOWN`] may say
//! anything, of anybody: it stays in `processed/` and is [`OTHER`] from the feature store on, so
//! that no figure, manifest or table after it repeats what somebody typed.

/// Every status that the source is known to have: the ways up to the outcome, then the outcomes.
pub const KNOWN: [&str; 21] = [
    "Prospect",
    "Inscrito",
    "Em avaliação pelo RH",
    "Encaminhado ao Requisitante",
    "Entrevista Técnica",
    "Entrevista com Cliente",
    "Encaminhar Proposta",
    "Proposta Aceita",
    "Documentação PJ",
    "Documentação CLT",
    "Documentação Cooperado",
    "Aprovado",
    "Contratado pela Decision",
    "Contratado como Hunting",
    "Desistiu",
    "Desistiu da Contratação",
    "Não Aprovado pelo Cliente",
    "Não Aprovado pelo Requisitante",
    "Não Aprovado pelo RH",
    "Recusado",
    "Sem interesse nesta vaga",
];

/// The statuses of a match, as the Python system has them; the other ones of [`KNOWN`], [`OTHER`]
/// and no status at all are none.
pub const POSITIVE: [&str; 4] =
    ["Aprovado", "Contratado pela Decision", "Encaminhar Proposta", "Proposta Aceita"];

/// The statuses on the way: nothing has been decided yet.
pub const OPEN: [&str; 6] = [
    "Prospect",
    "Inscrito",
    "Em avaliação pelo RH",
    "Encaminhado ao Requisitante",
    "Entrevista Técnica",
    "Entrevista com Cliente",
];

/// Whether a status says how the application ended. The papers of a contract (`Documentação …`)
/// come after a decision; what is none of [`KNOWN`] says nothing.
#[must_use]
pub fn is_final(status: &str) -> bool {
    KNOWN.contains(&status) && !OPEN.contains(&status)
}

/// What stands in the feature store for a status that is none of [`KNOWN`].
pub const OTHER: &str = "Outro";

/// The status itself where it is one of [`KNOWN`], spelled as there; else [`OTHER`].
#[must_use]
pub fn known_or_other(status: &str) -> &'static str {
    KNOWN.iter().find(|known| **known == status).unwrap_or(&OTHER)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn statuses_are_there_once_and_the_positive_ones_are_known() {
        let mut sorted = KNOWN;
        sorted.sort_unstable();
        assert!(sorted.windows(2).all(|pair| pair[0] != pair[1]));
        assert!(POSITIVE.iter().all(|status| KNOWN.contains(status)));
        assert!(!KNOWN.contains(&OTHER));
    }

    #[test]
    fn what_is_not_known_is_other() {
        for status in KNOWN {
            assert_eq!(known_or_other(status), status);
        }
        for status in ["", "aprovado", "Outro", "Ligar para Ana Prado"] {
            assert_eq!(known_or_other(status), OTHER, "{status}");
        }
    }
}
