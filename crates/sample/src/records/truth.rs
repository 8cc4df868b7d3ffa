//! Lines of `truth.csv`: one for each application, in the order of `prospects.json`.

use super::applicant;
use super::world::{FIRST_CANDIDATE, FIRST_JOB, World};
use crate::application::Application;
use crate::market::{self, Market};
use crate::text;
use std::fmt::Write;

/// The columns; see the crate's documentation.
pub(crate) const HEADER: &str =
    "codigo_vaga,codigo,position,probability,outcome,skills,level,language,place,orphan,seen\n";

/// Writes the lines of a job's applications.
pub(crate) fn write(out: &mut String, world: &World, index: usize) {
    for (position, application) in world.market.of_job(index).iter().enumerate() {
        let odds = &application.odds;
        let [skills, level, language, place] = odds.parts;
        let orphan = if index >= world.config.jobs {
            "job"
        } else if application.person as usize >= world.config.candidates {
            "candidate"
        } else {
            ""
        };
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "{},{},{position},{:.6},{},{skills:.3},{level:.3},{language:.3},{place:.3},{orphan},{:.6}",
            FIRST_JOB + index,
            FIRST_CANDIDATE + application.person as usize,
            odds.probability,
            u8::from(application.good),
            seen(world, index, application),
        );
    }
}

/// The columns of `personal.csv`.
pub(crate) const PERSONAL_HEADER: &str = "codigo,kind,personal\n";

/// Writes a line for each piece of personal data that is planted in a candidate's CV.
pub(crate) fn personal(out: &mut String, world: &World, index: usize) {
    let identity = world.identity(index);
    for planted in text::planted(world.config.seed, index, &identity) {
        let key = FIRST_CANDIDATE + index;
        let _ = writeln!(out, "{key},{},\"{}\"", planted.kind, planted.personal);
    }
}

/// The best probability given what the files show; see [`law`](crate::law).
fn seen(world: &World, job: usize, application: &Application) -> f64 {
    let Market { people, jobs, relation, .. } = &world.market;
    let (person, job) = (application.person as usize, &jobs[job]);
    let identity = world.identity(person);
    let author = applicant::author(world, person, &identity);
    let present = person < world.config.candidates;
    let named = if present { text::named(&author, &world.spellings) } else { None };
    let shift = market::shift(&world.config, job, application.applied);
    let seen = relation.seen(&people[person], job, named.as_ref(), shift);
    if identity.woman { seen * (1.0 - world.config.bias) } else { seen }
}
