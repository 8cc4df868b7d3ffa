//! What a job says of itself.

use super::phrases::TEXTS;
use super::{Spellings, Tongue, fill};
use crate::catalogue::skill;
use crate::drift::{self, PLANTED_TERMS};
use crate::job::Job;
use crate::rng::{Purpose, Stream};

/// The main activities: lines in which required skills come up, a mean of about 420 characters.
pub(crate) fn activities(
    out: &mut String,
    stream: &mut Stream,
    job: &Job,
    spellings: &Spellings,
    tongue: Tongue,
) {
    out.clear();
    let wanted = (libm::exp(5.84 + 0.5 * stream.normal()) as usize).clamp(40, 4000);
    lines(out, stream, job, spellings, tongue, wanted);
}

/// The competences: the required skills as a list, then lines; a mean of about 407 characters.
pub(crate) fn competences(
    out: &mut String,
    stream: &mut Stream,
    (job, index): (&Job, usize),
    spellings: &Spellings,
    tongue: Tongue,
    (seed, drift): (u64, f64),
) {
    out.clear();
    let wanted = (libm::exp(5.77 + 0.55 * stream.normal()) as usize).clamp(60, 4000);
    out.push_str(match tongue {
        Tongue::English => "Requirements: ",
        _ => stream.pick(&["Conhecimentos: ", "Conhecimentos: ", "Requisitos: ", "Necessário: "]),
    });
    let mut separator = "";
    for number in job.required.iter() {
        out.push_str(separator);
        separator = ", ";
        let named = skill(number);
        match tongue {
            Tongue::English => out.push_str(named.english()),
            _ if stream.chance(0.9) || named.variants.is_empty() => out.push_str(named.name),
            _ => out.push_str(stream.pick(&named.variants)),
        }
    }
    for term in planted(index, (seed, drift)) {
        out.push_str(separator);
        separator = ", ";
        out.push_str(term);
    }
    out.push('\n');
    lines(out, stream, job, spellings, tongue, wanted);
}

/// The dial's new words in a job, in a stream of their own.
pub(super) fn planted(
    index: usize,
    (seed, drift): (u64, f64),
) -> impl Iterator<Item = &'static str> {
    let mut stream = Stream::new(seed, Purpose::Drift, 2 * index as u64 + 1);
    let chance = drift::term_in_job(drift);
    PLANTED_TERMS.into_iter().filter(move |_| stream.chance(chance))
}

/// Lines until `out` has about `wanted` bytes.
fn lines(
    out: &mut String,
    stream: &mut Stream,
    job: &Job,
    spellings: &Spellings,
    tongue: Tongue,
    wanted: usize,
) {
    let phrases = if tongue == Tongue::English { &TEXTS.english } else { &TEXTS.portuguese };
    let required: Vec<usize> = job.required.iter().collect();
    loop {
        if stream.chance(0.45) {
            out.push_str(stream.pick(&phrases.plain));
        } else {
            let template = stream.pick(&phrases.lines);
            fill(out, template, |out| {
                let number = stream.pick(&required);
                spellings.push(out, stream, number, tongue);
            });
        }
        if stream.chance(0.4) {
            out.push(' ');
            out.push_str(stream.pick(&phrases.tails));
        }
        if out.len() >= wanted {
            return;
        }
        out.push('\n');
    }
}
