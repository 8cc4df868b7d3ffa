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

/// What a status says of how an application ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outcome {
    /// Nothing has been decided.
    Open,
    /// The candidate was right for the job: one of [`POSITIVE`].
    Positive,
    /// The candidate was not hired: by a decision of either side.
    Negative,
    /// It is neither: the candidate was hired in another way (`Contratado como Hunting`) or signs
    /// papers after a decision (`Documentação …`), so it is not a refusal; or the status is none of
    /// [`KNOWN`].
    Other,
}

/// The outcome that a status stands for: the one table from which stages make their labels.
#[must_use]
pub fn outcome(status: &str) -> Outcome {
    match status {
        "Prospect"
        | "Inscrito"
        | "Em avaliação pelo RH"
        | "Encaminhado ao Requisitante"
        | "Entrevista Técnica"
        | "Entrevista com Cliente" => Outcome::Open,
        "Aprovado" | "Contratado pela Decision" | "Encaminhar Proposta" | "Proposta Aceita" => {
            Outcome::Positive
        }
        "Desistiu"
        | "Desistiu da Contratação"
        | "Não Aprovado pelo Cliente"
        | "Não Aprovado pelo Requisitante"
        | "Não Aprovado pelo RH"
        | "Recusado"
        | "Sem interesse nesta vaga" => Outcome::Negative,
        _ => Outcome::Other,
    }
}

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
    fn every_status_has_one_outcome_and_the_lists_agree_with_it() {
        for status in KNOWN {
            let outcome = outcome(status);
            assert_eq!(POSITIVE.contains(&status), outcome == Outcome::Positive, "{status}");
            assert_eq!(OPEN.contains(&status), outcome == Outcome::Open, "{status}");
        }
        let other = KNOWN.iter().filter(|status| outcome(status) == Outcome::Other);
        let other: Vec<_> = other.copied().collect();
        assert_eq!(
            other,
            [
                "Documentação PJ",
                "Documentação CLT",
                "Documentação Cooperado",
                "Contratado como Hunting"
            ]
        );
        assert_eq!(outcome(OTHER), Outcome::Other);
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
