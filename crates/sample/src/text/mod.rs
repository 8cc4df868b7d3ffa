//! Free text: CVs and what jobs say of themselves.

mod cv;
mod personal;
mod phrases;
mod posting;
mod prose;

pub(crate) use cv::{Author, DROPPED, NAMED, named, write as cv};
pub(crate) use personal::planted;
pub(crate) use posting::{activities, competences};
pub(crate) use prose::write as prose;

use crate::catalogue::{SKILLS, skill};
use crate::rng::Stream;

/// Every skill lower-case, in three languages, then its variants.
pub(crate) struct Spellings(Vec<([String; 3], &'static [&'static str])>);

impl Spellings {
    pub(crate) fn new() -> Spellings {
        Spellings(
            (0..SKILLS)
                .map(|number| {
                    let s = skill(number);
                    let lower = [s.name, s.english(), s.spanish()].map(str::to_lowercase);
                    (lower, s.variants.as_slice())
                })
                .collect(),
        )
    }

    /// Appends a skill as people write it: mostly its name, else a variant, else a slip.
    fn push(&self, out: &mut String, stream: &mut Stream, skill: usize, tongue: Tongue) {
        let (names, variants) = &self.0[skill];
        let name = &names[tongue as usize];
        match stream.unit() {
            u if u < 0.16 && !variants.is_empty() => out.push_str(stream.pick(variants)),
            u if u > 0.98 => slip(out, stream, name),
            _ => out.push_str(name),
        }
    }
}

/// The language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tongue {
    Portuguese = 0,
    English = 1,
    Spanish = 2,
}

/// Appends a word with two neighbouring letters swapped.
fn slip(out: &mut String, stream: &mut Stream, word: &str) {
    let mut letters: Vec<char> = word.chars().collect();
    if letters.len() > 3 {
        let at = stream.between(1, letters.len() - 3);
        letters.swap(at, at + 1);
    }
    out.extend(letters);
}

/// Appends a template, each `{}` of which takes a skill from `next`.
fn fill(out: &mut String, template: &str, mut next: impl FnMut(&mut String)) {
    let mut pieces = template.split("{}");
    out.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        next(out);
        out.push_str(piece);
    }
}
