//! What a job asks for, as people really write it: prose, bullets and headings, not one list.

use super::phrases::TEXTS;
use super::posting::planted;
use super::{Spellings, Tongue, fill};
use crate::job::Job;
use crate::rng::Stream;

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
    let phrases = if tongue == Tongue::English { &TEXTS.english } else { &TEXTS.portuguese };
    let Some(ways) = &phrases.prose else { return };
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
            0 => stream.pick(&ways.headings),
            1..3 => {
                out.push_str(bullet);
                stream.pick(&ways.conditions)
            }
            3..5 => stream.pick(&ways.sentences),
            _ => {
                out.push_str(bullet);
                stream.pick(&ways.asking)
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
