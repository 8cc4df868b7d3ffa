//! What a job asks for, as people really write it: prose, bullets and headings, not one list.

use super::posting::planted;
use super::{Spellings, Tongue, fill};
use crate::job::Job;
use crate::rng::Stream;

/// The ways of one language; each `{}` takes a skill.
struct Ways {
    headings: &'static [&'static str],
    /// Bullets and lines that ask for a skill.
    asking: &'static [&'static str],
    /// Sentences that ask for two.
    sentences: &'static [&'static str],
    /// Lines that ask for none.
    conditions: &'static [&'static str],
}

const PORTUGUESE: Ways = Ways {
    headings: &[
        "A) Melhorias",
        "B) Adaptações",
        "C) Novos projetos",
        "Requisitos obrigatórios:",
        "Perfil:",
        "O que esperamos de você",
        "Conhecimentos técnicos",
        "ESCOPO",
        "Observações:",
    ],
    asking: &[
        "Conhecimento em {}",
        "Conhecimentos sólidos de {}",
        "Experiência com {}",
        "{} avançado",
        "{} intermediário",
        "Vivência em {} (obrigatório)",
        "Domínio de {}",
        "{} - desejável",
        "4 anos ou mais de {}",
        "Já ter trabalhado com {} será um diferencial",
        "Boa noção de {}",
    ],
    sentences: &[
        "Buscamos profissional que tenha atuado com {} e que conheça bem {}.",
        "O dia a dia envolve {}, por isso é importante ter passado também por {}.",
        "Atuará no time de {}, apoiando as demandas de {} quando necessário.",
        "Precisa dominar {}; quem também souber {} sai na frente.",
    ],
    conditions: &[
        "Início imediato",
        "PJ ou Cooperado",
        "Trabalho híbrido, 3x por semana no cliente",
        "Horário comercial",
        "Perfil proativo e boa comunicação",
        "Disponibilidade para plantão",
        "Projeto de 12 meses, podendo ser prorrogado",
        "Remoto",
    ],
};

const ENGLISH: Ways = Ways {
    headings: &["Must have", "Requirements", "A) Improvements", "What you will need"],
    asking: &[
        "4 years plus of {}",
        "Hands-on experience with {}",
        "Advanced {}",
        "{} is a must",
        "Knowledge of {}",
        "{} (nice to have)",
    ],
    sentences: &[
        "We look for somebody who has worked with {} and knows {} well.",
        "The team runs {}, so you should have met {} before.",
    ],
    conditions: &["Remote work", "Immediate start", "English is used daily", "Team player"],
};

/// The competences: every required skill at least once, a mean of about 400 characters.
pub(crate) fn write(
    out: &mut String,
    stream: &mut Stream,
    (job, index): (&Job, usize),
    spellings: &Spellings,
    tongue: Tongue,
    dial: (u64, f64),
) {
    out.clear();
    let ways = if tongue == Tongue::English { &ENGLISH } else { &PORTUGUESE };
    let wanted = (libm::exp(5.77 + 0.55 * stream.normal()) as usize).clamp(60, 4000);
    let bullet = stream.pick(&["* ", "- ", "• ", "", "", "– "]);
    let mut left: Vec<usize> = job.required.iter().collect();
    for last in (1..left.len()).rev() {
        left.swap(last, stream.below(last + 1));
    }
    let again = left.clone();
    loop {
        let enough = left.is_empty() && out.len() >= wanted;
        if enough {
            break;
        }
        if !out.is_empty() {
            out.push('\n');
        }
        let line = match stream.below(10) {
            0 => stream.pick(ways.headings),
            1..3 => {
                out.push_str(bullet);
                stream.pick(ways.conditions)
            }
            3..5 => stream.pick(ways.sentences),
            _ => {
                out.push_str(bullet);
                stream.pick(ways.asking)
            }
        };
        fill(out, line, |out| {
            let number = left.pop().unwrap_or_else(|| stream.pick(&again));
            spellings.push(out, stream, number, tongue);
        });
    }
    for term in planted(index, dial) {
        out.push('\n');
        out.push_str(bullet);
        out.push_str(term);
    }
}
