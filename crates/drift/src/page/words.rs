//! The words of the page that are not sentences: labels, and the names of what the report names by
//! keys.

use crate::page::{Lang, figure::Node, markup::Markup, table::Format, view::LONGEST};

/// A wording in Portuguese and in English.
pub(crate) type Both = (&'static str, &'static str);

/// The wording of a key, where there is one.
fn look_up(list: &[(&str, Both)], key: &str, lang: Lang) -> Option<&'static str> {
    list.iter().find(|(k, _)| *k == key).map(|(_, (pt, en))| lang.pick(*pt, *en))
}

/// A key in words or, where it is none of ours, as it is.
fn named(list: &[(&str, Both)], node: &Node<'_>, lang: Lang) -> Markup {
    match look_up(list, node.text(), lang) {
        Some(word) => Markup::of(word),
        None => Markup::new().word(node.text(), LONGEST),
    }
}

/// What a count of rows is of.
pub(crate) fn volume(node: &Node<'_>, lang: Lang) -> Markup {
    named(
        &[
            ("people", ("Candidatos", "Candidates")),
            ("jobs", ("Vagas", "Jobs")),
            ("applications", ("Candidaturas", "Applications")),
            ("duplicates", ("Candidaturas repetidas", "Duplicate applications")),
            ("orphans_job", ("Candidaturas sem vaga", "Applications without a job")),
            (
                "orphans_candidate",
                ("Candidaturas sem candidato", "Applications without a candidate"),
            ),
            ("rejected_records_applicants", ("Candidatos rejeitados", "Rejected candidates")),
            ("rejected_records_vagas", ("Vagas rejeitadas", "Rejected jobs")),
            (
                "rejected_records_prospects",
                ("Listas de candidaturas rejeitadas", "Rejected lists of applications"),
            ),
            ("rejected_items_prospects", ("Candidaturas rejeitadas", "Rejected applications")),
        ],
        node,
        lang,
    )
}

/// What the rows of a table are.
pub(crate) fn table(node: &Node<'_>, lang: Lang) -> Markup {
    named(
        &[
            ("people", ("Candidatos", "Candidates")),
            ("jobs", ("Vagas", "Jobs")),
            ("candidates", ("Candidaturas", "Applications")),
        ],
        node,
        lang,
    )
}

/// Why a column makes no finding.
pub(crate) fn uncounted(node: &Node<'_>, lang: Lang) -> Markup {
    match node.is_there() {
        true => named(
            &[
                ("unread", ("nenhum modelo a lê", "no model reads it")),
                ("few_values", ("poucas linhas com valor", "few rows have a value")),
            ],
            node,
            lang,
        ),
        false => Markup::of(lang.pick("sim", "yes")),
    }
}

/// A side that has embeddings.
pub(crate) fn side(node: &Node<'_>, lang: Lang) -> Markup {
    named(&[("people", ("candidatos", "candidates")), ("jobs", ("vagas", "jobs"))], node, lang)
}

pub(crate) fn kind(node: &Node<'_>, lang: Lang) -> Markup {
    named(
        &[
            ("category", ("Categoria", "Category")),
            ("text", ("Texto", "Text")),
            ("number", ("Número", "Number")),
            ("date", ("Data", "Date")),
        ],
        node,
        lang,
    )
}

/// What a measure is of.
pub(crate) fn aspect(node: &Node<'_>, lang: Lang) -> Markup {
    Markup::of(aspect_word(node.text(), lang))
}

/// What a measure is of, by its key.
pub(crate) fn aspect_word(key: &str, lang: Lang) -> &'static str {
    look_up(
        &[
            ("missing", ("Sem valor", "Missing")),
            ("length", ("Tamanho", "Length")),
            ("languages", ("Idiomas", "Languages")),
            ("terms", ("Termos", "Terms")),
        ],
        key,
        lang,
    )
    .unwrap_or(lang.pick("Valores", "Values"))
}

/// The name of a measure.
pub(crate) fn measure(node: &Node<'_>, lang: Lang) -> Markup {
    named(
        &[
            ("ks", ("Distância KS", "KS distance")),
            ("wasserstein", ("Wasserstein", "Wasserstein")),
            ("psi", ("PSI", "PSI")),
            ("cramers_v", ("V de Cramér", "Cramér’s V")),
            ("jensen_shannon", ("Jensen–Shannon", "Jensen–Shannon")),
            ("share_difference", ("Diferença de frações", "Difference of shares")),
            ("relative_change", ("Variação relativa", "Relative change")),
            ("separability", ("Separabilidade", "Separability")),
        ],
        node,
        lang,
    )
}

/// How the size of a measure is written.
pub(crate) fn measure_format(name: &str) -> Format {
    match name {
        "share_difference" => Format::Points,
        "psi" | "jensen_shannon" => Format::Decimal(4),
        "relative_change" => Format::Percent(1),
        _ => Format::Decimal(3),
    }
}

/// A language by its key.
pub(crate) fn language(key: &str, lang: Lang) -> &'static str {
    look_up(
        &[
            ("pt", ("Português", "Portuguese")),
            ("en", ("Inglês", "English")),
            ("es", ("Espanhol", "Spanish")),
        ],
        key,
        lang,
    )
    .unwrap_or(lang.pick("Outro", "Other"))
}

/// Which version a comparison is with.
pub(crate) fn term(key: &str, lang: Lang) -> &'static str {
    look_up(
        &[
            ("live", ("em produção", "that was live")),
            ("quarter", ("de há três meses", "of three months ago")),
            ("year", ("de há um ano", "of a year ago")),
        ],
        key,
        lang,
    )
    .unwrap_or(lang.pick("pedida", "asked for"))
}

/// Why a part is not there.
pub(crate) fn absence(node: &Node<'_>, lang: Lang) -> Option<&'static str> {
    look_up(
        &[
            (
                "not_made",
                (
                    "não foi feita para uma das duas versões",
                    "it was not made for one of the two versions",
                ),
            ),
            (
                "other_encoder",
                (
                    "as duas versões usaram codificadores diferentes",
                    "the two versions used different encoders",
                ),
            ),
            ("nothing_live", ("nenhum modelo estava em produção", "no model was live")),
            ("too_few", ("há linhas de menos em um dos lados", "one side has too few rows")),
            ("equal", ("os dois lados são iguais", "both sides are equal")),
        ],
        node.text(),
        lang,
    )
}
