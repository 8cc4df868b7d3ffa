//! Reasons in Portuguese and English.

use reports::Lang;

use super::pair::Explained;
use crate::relations::{Standing, Topic};

const MOST_NAMED: usize = 6;

/// A topic in words: what is asked and what is there.
pub(super) fn topic(
    topic: Topic,
    pair: &Explained<'_>,
    named: &[String],
    missing: &[String],
    lang: Lang,
) -> String {
    let standing = pair.sides.map(|(person, job)| Standing::of(person, job)).unwrap_or_default();
    match topic {
        Topic::Requirements => requirements(named, missing, lang),
        Topic::Texts => lang
            .pick(
                "o currículo e a vaga falam das mesmas coisas, ou não",
                "how far the CV and the job speak of the same things",
            )
            .to_owned(),
        Topic::Level => {
            let what = lang.pick("nível", "level");
            asked(what, standing.level, |level| professional(level, lang), lang)
        }
        Topic::Academic => {
            let what = lang.pick("formação", "education");
            asked(what, standing.academic, |level| academic(level, lang), lang)
        }
        Topic::English => {
            let what = lang.pick("inglês", "English");
            asked(what, standing.english, |level| fluency(level, lang), lang)
        }
        Topic::Spanish => {
            let what = lang.pick("espanhol", "Spanish");
            asked(what, standing.spanish, |level| fluency(level, lang), lang)
        }
        Topic::Place => {
            let (pt, en) = match (standing.same_city, standing.same_state) {
                (Some(true), _) => ("mesma cidade da vaga", "in the job's city"),
                (_, Some(true)) => ("mesmo estado da vaga", "in the job's state"),
                (_, Some(false)) => ("outro estado", "in another state"),
                (Some(false), None) => ("outra cidade", "in another city"),
                (None, None) => ("o lugar não se sabe", "the place is not known"),
            };
            lang.pick(pt, en).to_owned()
        }
        Topic::Past => past(pair, lang),
        Topic::Outcomes => outcomes(pair, lang),
    }
}

/// How often earlier applications succeeded, as far as that is known.
fn outcomes(pair: &Explained<'_>, lang: Lang) -> String {
    let earlier = pair.moment.map(|moment| moment.outcomes).unwrap_or_default();
    let [title, contract, client, requester, analyst] = earlier;
    let rates = [
        (title, ("de vagas do mesmo título", "of jobs of the same title")),
        (contract, ("do mesmo tipo de contratação", "of the same type of contract")),
        (client, ("do mesmo cliente", "of the same client")),
        (requester, ("do mesmo solicitante", "of the same requester")),
        (analyst, ("do mesmo analista", "of the same recruiter")),
    ];
    let told = rates.into_iter().filter_map(|(rate, of)| {
        Some(format!("{} {}", lang.pick(of.0, of.1), lang.percent(f64::from(rate?), 0)))
    });
    let told: Vec<_> = told.collect();
    if told.is_empty() {
        let none = ("sem resultados anteriores", "no earlier outcomes");
        return lang.pick(none.0, none.1).to_owned();
    }
    let head = lang.pick("taxa de sucesso anterior", "earlier rate of success");
    format!("{head}: {}", told.join(", "))
}

fn requirements(named: &[String], missing: &[String], lang: Lang) -> String {
    let total = named.len() + missing.len();
    if total == 0 {
        return lang
            .pick("a vaga não lista requisitos", "the job lists no requirements")
            .to_owned();
    }
    let mut words = match lang {
        Lang::Pt => format!("{} de {total} requisitos da vaga aparecem no currículo", named.len()),
        Lang::En => format!("{} of the job's {total} requirements appear in the CV", named.len()),
    };
    if !named.is_empty() {
        words.push_str(": ");
        words.push_str(&listed(named));
    }
    if !missing.is_empty() {
        words.push_str(lang.pick("; faltam: ", "; missing: "));
        words.push_str(&listed(missing));
    }
    words
}

fn listed(items: &[String]) -> String {
    let mut shown = items.iter().take(MOST_NAMED).cloned().collect::<Vec<_>>().join(", ");
    if items.len() > MOST_NAMED {
        shown.push_str(", …");
    }
    shown
}

/// `asks for advanced English; the candidate has basic`.
fn asked(
    what: &str,
    (there, asked): (Option<u8>, Option<u8>),
    name: impl Fn(u8) -> &'static str,
    lang: Lang,
) -> String {
    let unknown = lang.pick("não diz", "not said");
    let there = there.map_or(unknown, &name);
    match asked {
        Some(level) => match lang {
            Lang::Pt => format!("{what}: a vaga pede {}; a pessoa: {there}", name(level)),
            Lang::En => format!("{what}: the job asks for {}; the person: {there}", name(level)),
        },
        None => match lang {
            Lang::Pt => format!("{what}: a vaga não pede; a pessoa: {there}"),
            Lang::En => format!("{what}: the job does not ask; the person: {there}"),
        },
    }
}

fn past(pair: &Explained<'_>, lang: Lang) -> String {
    let Some(moment) = pair.moment else {
        return lang
            .pick("a data da candidatura não se sabe", "the day of the application is not known")
            .to_owned();
    };
    let age = moment.job_age.map(|days| match lang {
        Lang::Pt => format!("vaga aberta há {days} dias; "),
        Lang::En => format!("job open for {days} days; "),
    });
    let counts = match lang {
        Lang::Pt => format!(
            "{} candidaturas anteriores à vaga e {} da pessoa",
            moment.queue, moment.returning
        ),
        Lang::En => format!(
            "{} earlier applications to the job and {} of the person",
            moment.queue, moment.returning
        ),
    };
    age.unwrap_or_default() + &counts
}

/// A category, or a text of no known words, in words.
pub(super) fn value(column: &str, value: Option<&str>, lang: Lang) -> String {
    match value {
        Some("") => format!("{column}: {}", lang.pick("não diz", "not said")),
        Some(value) => format!("{column}: {value}"),
        None => {
            let other = lang.pick("nada que o treino conheça", "nothing that training has seen");
            format!("{column}: {other}")
        }
    }
}

/// How much a part of the log-odds says: from 1 on it makes the odds 2.7 times as large, from .2 on
/// 1.2 times, below .02 a fiftieth at most.
pub(crate) fn strength(contribution: f64, lang: Lang) -> &'static str {
    let size = contribution.abs();
    let (pt, en) = match (contribution > 0.0, size) {
        (_, ..0.02) => ("quase nada", "next to nothing"),
        (true, 1.0..) => ("muito a favor", "strongly for"),
        (true, 0.2..) => ("a favor", "for"),
        (true, _) => ("pouco a favor", "slightly for"),
        (false, 1.0..) => ("muito contra", "strongly against"),
        (false, 0.2..) => ("contra", "against"),
        (false, _) => ("pouco contra", "slightly against"),
    };
    lang.pick(pt, en)
}

pub(super) fn terms(name: &str, terms: &[String], lang: Lang) -> String {
    match lang {
        Lang::Pt => format!("palavras de {name}: {}", terms.join(", ")),
        Lang::En => format!("words of {name}: {}", terms.join(", ")),
    }
}

pub(super) fn protected(lang: Lang) -> &'static str {
    lang.pick(
        "atributos protegidos, que este modelo pôde usar",
        "protected attributes, which this model was allowed to use",
    )
}

fn fluency(level: u8, lang: Lang) -> &'static str {
    let (pt, en) = match level {
        0 => ("nenhum", "none"),
        1 => ("básico", "basic"),
        2 => ("intermediário", "intermediate"),
        3 => ("avançado", "advanced"),
        _ => ("fluente", "fluent"),
    };
    lang.pick(pt, en)
}

fn professional(level: u8, lang: Lang) -> &'static str {
    let (pt, en) = match level {
        0 => ("estágio", "intern"),
        1 => ("auxiliar ou trainee", "trainee"),
        2 => ("assistente", "assistant"),
        3 => ("júnior ou técnico", "junior"),
        4 => ("analista", "analyst"),
        5 => ("pleno", "mid-level"),
        6 => ("sênior", "senior"),
        7 => ("especialista", "specialist"),
        8 => ("coordenação", "coordinator"),
        9 => ("gerência", "manager"),
        _ => ("diretoria", "director"),
    };
    lang.pick(pt, en)
}

fn academic(level: u8, lang: Lang) -> &'static str {
    let (pt, en) = match level {
        0 | 1 => ("fundamental", "primary school"),
        2 => ("médio", "secondary school"),
        3 | 4 => ("técnico", "technical school"),
        5 => ("superior em curso", "degree begun"),
        6 => ("superior", "degree"),
        7..=9 => ("pós-graduação", "postgraduate"),
        10 | 11 => ("mestrado", "master"),
        _ => ("doutorado", "doctorate"),
    };
    lang.pick(pt, en)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_too() {
        let list = |names: &[&str]| names.iter().map(|&n| n.to_owned()).collect::<Vec<_>>();
        let (named, missing) = (list(&["SAP MM", "Excel"]), list(&["ABAP"]));
        assert_eq!(
            requirements(&named, &missing, Lang::En),
            "2 of the job's 3 requirements appear in the CV: SAP MM, Excel; missing: ABAP"
        );
        assert_eq!(
            requirements(&[], &missing, Lang::Pt),
            "0 de 1 requisitos da vaga aparecem no currículo; faltam: ABAP"
        );
    }

    #[test]
    fn a_category_is_told_with_its_value() {
        assert_eq!(value("cidade_vaga", Some("Recife"), Lang::Pt), "cidade_vaga: Recife");
        assert_eq!(value("ingles", Some(""), Lang::En), "ingles: not said");
        assert_eq!(value("ingles", None, Lang::Pt), "ingles: nada que o treino conheça");
    }

    #[test]
    fn strength_has_a_word() {
        let words = [2.0, 0.5, 0.1, 0.01, -0.019, -0.02, -0.2, -1.0].map(|c| strength(c, Lang::En));
        assert_eq!(
            words,
            [
                "strongly for",
                "for",
                "slightly for",
                "next to nothing",
                "next to nothing",
                "slightly against",
                "against",
                "strongly against"
            ]
        );
    }

    #[test]
    fn levels_are_set_against_each_other() {
        assert_eq!(
            asked("English", (Some(1), Some(3)), |l| fluency(l, Lang::En), Lang::En),
            "English: the job asks for advanced; the person: basic"
        );
        assert_eq!(
            asked("inglês", (None, Some(4)), |l| fluency(l, Lang::Pt), Lang::Pt),
            "inglês: a vaga pede fluente; a pessoa: não diz"
        );
    }
}
