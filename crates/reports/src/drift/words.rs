//! The words of the page that are not sentences: labels, and the names of what the report names by
//! keys.

use std::cmp::Reverse;

use maud::{Markup, Render};

use crate::{
    Lang,
    markup::{Both, name, word, wording},
    report::{
        Absence, Aspect, ColumnDrift, ColumnKind, Comparison, MeasureName, Severity, Term,
        Uncounted, Window, WindowName,
    },
};

/// A key in words or, where it is none of ours, as it is.
fn named(found: Option<Both>, key: &str, lang: Lang) -> Markup {
    found.map_or_else(|| word(key), |both| lang.of(both).render())
}

/// What a count of rows is of.
pub(super) fn volume(key: &str, lang: Lang) -> Markup {
    let found = match key {
        "people" => ("Candidatos", "Candidates"),
        "jobs" => ("Vagas", "Jobs"),
        "applications" => ("Candidaturas", "Applications"),
        "duplicates" => ("Candidaturas repetidas", "Duplicate applications"),
        "orphans_job" => ("Candidaturas sem vaga", "Applications without a job"),
        "orphans_candidate" => ("Candidaturas sem candidato", "Applications without a candidate"),
        "rejected_records_applicants" => ("Candidatos rejeitados", "Rejected candidates"),
        "rejected_records_vagas" => ("Vagas rejeitadas", "Rejected jobs"),
        "rejected_records_prospects" => {
            ("Listas de candidaturas rejeitadas", "Rejected lists of applications")
        }
        "rejected_items_prospects" => ("Candidaturas rejeitadas", "Rejected applications"),
        _ => return named(None, key, lang),
    };
    named(Some(found), key, lang)
}

/// What the rows of a table are.
pub(super) fn table(key: &str, lang: Lang) -> Markup {
    match key {
        "candidates" => volume("applications", lang),
        "people" | "jobs" => volume(key, lang),
        _ => named(None, key, lang),
    }
}

/// A side that has embeddings.
pub(super) fn side(key: &str, lang: Lang) -> Markup {
    let found = match key {
        "people" => Some(("candidatos", "candidates")),
        "jobs" => Some(("vagas", "jobs")),
        _ => None,
    };
    named(found, key, lang)
}

/// Why a column makes no finding, or that it may.
pub(super) fn uncounted(why: Option<Uncounted>, lang: Lang) -> &'static str {
    lang.of(match why {
        None => ("sim", "yes"),
        Some(Uncounted::Unread) => ("nenhum modelo a lê", "no model reads it"),
        Some(Uncounted::FewValues) => ("poucas linhas com valor", "few rows have a value"),
    })
}

pub(super) fn kind(kind: ColumnKind, lang: Lang) -> &'static str {
    lang.of(match kind {
        ColumnKind::Category => ("Categoria", "Category"),
        ColumnKind::Text => ("Texto", "Text"),
        ColumnKind::Number => ("Número", "Number"),
        ColumnKind::Date => ("Data", "Date"),
    })
}

/// What a measure is of.
pub(super) fn aspect(aspect: Aspect, lang: Lang) -> &'static str {
    lang.of(match aspect {
        Aspect::Missing => ("Sem valor", "Missing"),
        Aspect::Values => ("Valores", "Values"),
        Aspect::Length => ("Tamanho", "Length"),
        Aspect::Languages => ("Idiomas", "Languages"),
        Aspect::Terms => ("Termos", "Terms"),
    })
}

pub(super) fn measure(name: MeasureName, lang: Lang) -> &'static str {
    lang.of(match name {
        MeasureName::Ks => ("Distância KS", "KS distance"),
        MeasureName::Wasserstein => ("Wasserstein", "Wasserstein"),
        MeasureName::Psi => ("PSI", "PSI"),
        MeasureName::CramersV => ("V de Cramér", "Cramér’s V"),
        MeasureName::JensenShannon => ("Jensen–Shannon", "Jensen–Shannon"),
        MeasureName::ShareDifference => ("Diferença de frações", "Difference of shares"),
        MeasureName::RelativeChange => ("Variação relativa", "Relative change"),
        MeasureName::Separability => ("Separabilidade", "Separability"),
    })
}

/// The size of a measure.
pub(super) fn size(measure: MeasureName, size: f64, lang: Lang) -> String {
    match measure {
        MeasureName::ShareDifference => lang.points(size),
        MeasureName::Psi | MeasureName::JensenShannon => lang.decimal(size, 4),
        MeasureName::RelativeChange => lang.percent(size, 1),
        _ => lang.decimal(size, 3),
    }
}

/// A value of a column of a kind; of texts, a length in characters.
pub(super) fn value(kind: ColumnKind, value: f64, lang: Lang) -> String {
    if kind == ColumnKind::Date { lang.day(value) } else { lang.decimal(value, 0) }
}

pub(super) fn language(key: &str, lang: Lang) -> &'static str {
    lang.of(match key {
        "pt" => ("Português", "Portuguese"),
        "en" => ("Inglês", "English"),
        "es" => ("Espanhol", "Spanish"),
        _ => ("Outro", "Other"),
    })
}

/// Which version a comparison is with.
pub(super) fn term(term: Term, lang: Lang) -> &'static str {
    lang.of(match term {
        Term::Live => ("em produção", "that was live"),
        Term::Quarter => ("de há três meses", "of three months ago"),
        Term::Year => ("de há um ano", "of a year ago"),
        Term::Named => ("pedida", "asked for"),
    })
}

/// Since which version a comparison tells what changed.
pub(super) fn since(comparison: &Comparison, lang: Lang) -> Markup {
    let both = match comparison.term {
        Term::Live => ("desde a versão em produção", "since the live version"),
        Term::Quarter => ("desde há três meses", "since three months ago"),
        Term::Year => ("desde há um ano", "since a year ago"),
        Term::Named => {
            let baseline = &comparison.baseline;
            let (version, date) = (name(&baseline.version), lang.date(&*baseline.logical_date));
            return wording!(
                lang,
                "desde a versão {}, de {}",
                "since version {}, of {}",
                version,
                date
            );
        }
    };
    lang.of(both).render()
}

/// What counts as having arrived: `os últimos 30 dias`.
pub(super) fn window(window: &Window, lang: Lang) -> Markup {
    match window.name {
        WindowName::SinceLive => {
            lang.pick("desde a versão em produção", "since the live version").render()
        }
        WindowName::Days30 | WindowName::Days90 => {
            let days = lang.count(window.days.map(u64::from));
            wording!(lang, "últimos {} dias", "last {} days", days)
        }
    }
}

/// Why a part is not there.
pub(super) fn absence(absence: Absence, lang: Lang) -> &'static str {
    lang.of(match absence {
        Absence::NotMade => (
            "não foi feita para uma das duas versões",
            "it was not made for one of the two versions",
        ),
        Absence::OtherEncoder => (
            "as duas versões usaram codificadores diferentes",
            "the two versions used different encoders",
        ),
        Absence::NothingLive => ("nenhum modelo estava em produção", "no model was live"),
        Absence::TooFew => ("há linhas de menos em um dos lados", "one side has too few rows"),
        Absence::Equal => ("os dois lados são iguais", "both sides are equal"),
    })
}

/// A verdict and what it is of.
pub(super) fn judged(severity: Severity, told: impl Render, lang: Lang) -> Markup {
    maud::html! { (severity.tag(lang)) ". " (told) }
}

/// Columns that count first, the gravest first, the rest as they stand.
pub(super) fn gravity(column: &ColumnDrift) -> (bool, Reverse<Severity>) {
    (column.uncounted.is_some(), Reverse(column.severity))
}
