//! Files: made in pieces on all threads, written in order, complete or not at all.

use crate::file::{Partial, failed};
use crate::records::{self, FIRST_CANDIDATE, FIRST_JOB, World};
use crate::{Error, breakage, hostile, json::Writer};
use rayon::prelude::*;
use std::io::Write;
use std::ops::{ControlFlow, Range};
use std::path::Path;

/// How far the work is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub file: &'static str,
    pub done: u64,
    pub total: u64,
}

/// Records made by one thread at a time.
const PIECE: usize = 128;

/// A file to make of records.
pub(crate) struct Plan {
    /// Its name in the folder.
    pub(crate) name: &'static str,
    /// Records in it.
    pub(crate) records: usize,
    opening: &'static [u8],
    closing: &'static [u8],
    /// Makes those of its records that a range of positions in the file names.
    make: fn(&mut Vec<u8>, &World, Range<usize>),
}

/// The file that tells a sample from somebody's own raw files.
const TRUTH: &str = "truth.csv";

/// What personal data was planted, where some was.
const PERSONAL: &str = "personal.csv";

/// The files of a sample, in the order in which they are made.
pub(crate) fn plans(world: &World) -> Vec<Plan> {
    let (config, market) = (&world.config, &world.market);
    let jobs = market.shown_jobs.len();
    let present = market.shown_jobs.partition_point(|&job| (job as usize) < config.jobs);
    let opening: &[u8] = if config.hostile { b"\xef\xbb\xbf{" } else { b"{" };
    let mut plans = vec![
        Plan {
            name: "applicants.json",
            records: market.shown_people.len(),
            opening: b"{",
            closing: b"}",
            make: applicants,
        },
        Plan { name: "vagas.json", records: present, opening, closing: b"}", make: postings },
        Plan {
            name: "prospects.json",
            records: jobs,
            opening: b"{",
            closing: b"\n}",
            make: prospects,
        },
        Plan {
            name: TRUTH,
            records: jobs,
            opening: records::TRUTH_HEADER.as_bytes(),
            closing: b"",
            make: truth,
        },
    ];
    if config.personal {
        plans.push(Plan {
            name: PERSONAL,
            records: market.shown_people.len(),
            opening: records::PERSONAL_HEADER.as_bytes(),
            closing: b"",
            make: personal,
        });
    }
    plans
}

fn applicants(out: &mut Vec<u8>, world: &World, range: Range<usize>) {
    let mut cv = String::new();
    for at in range {
        let index = world.market.shown_people[at] as usize;
        let mut json = Writer::default();
        records::applicant(&mut json, &mut cv, world, index);
        let entry = Entry { at, index, key: FIRST_CANDIDATE + index, record: json.out };
        entry.write(out, world, ", ", hostile::applicant);
    }
}

fn postings(out: &mut Vec<u8>, world: &World, range: Range<usize>) {
    let mut scratch = String::new();
    for at in range {
        let index = world.market.shown_jobs[at] as usize;
        let mut json = Writer::default();
        records::posting(&mut json, &mut scratch, world, index);
        let entry = Entry { at, index, key: FIRST_JOB + index, record: json.out };
        entry.write(out, world, ", ", hostile::posting);
    }
}

fn prospects(out: &mut Vec<u8>, world: &World, range: Range<usize>) {
    for at in range {
        let index = world.market.shown_jobs[at] as usize;
        let mut record = String::new();
        records::prospects(&mut record, world, index);
        let entry = Entry { at, index, key: FIRST_JOB + index, record };
        entry.write(out, world, ",\n    ", hostile::prospects);
    }
}

fn truth(out: &mut Vec<u8>, world: &World, range: Range<usize>) {
    let mut text = String::new();
    for &index in &world.market.shown_jobs[range] {
        records::truth(&mut text, world, index as usize);
    }
    out.extend_from_slice(text.as_bytes());
}

fn personal(out: &mut Vec<u8>, world: &World, range: Range<usize>) {
    let mut text = String::new();
    for &index in &world.market.shown_people[range] {
        records::personal(&mut text, world, index as usize);
    }
    out.extend_from_slice(text.as_bytes());
}

/// A record on its way into a file.
struct Entry {
    /// Its position in the file.
    at: usize,
    /// Its number in the world.
    index: usize,
    key: usize,
    record: String,
}

impl Entry {
    /// Appends `"key": record`, damaged if need be, after what parts it from the one before.
    fn write(
        self,
        out: &mut Vec<u8>,
        world: &World,
        separator: &str,
        damage: fn(usize, Vec<u8>) -> hostile::Damaged,
    ) {
        let mut append = |separator: &str, record: &[u8]| {
            out.extend_from_slice(separator.as_bytes());
            out.extend_from_slice(format!("\"{}\": ", self.key).as_bytes());
            out.extend_from_slice(record);
        };
        let before = match (self.at, separator.contains('\n')) {
            (0, true) => "\n    ",
            (0, false) => "",
            _ => separator,
        };
        if world.config.hostile && hostile::strikes(self.index) {
            let damaged = damage(self.index, self.record.into_bytes());
            append(before, &damaged.record);
            if damaged.twice {
                append(separator, &damaged.record);
            }
        } else {
            append(before, self.record.as_bytes());
        }
    }
}

/// Makes all files in `dir` under temporary names, then gives them their own; returns their sizes
/// in bytes.
pub(crate) fn all(
    world: &World,
    dir: &Path,
    progress: &dyn Fn(Progress) -> ControlFlow<()>,
) -> Result<Vec<(&'static str, u64)>, Error> {
    std::fs::create_dir_all(dir).map_err(failed("create folder", dir))?;
    let plans = plans(world);
    // Only a sample has the truth beside it: raw files without it are somebody's own.
    let earlier = dir.join(TRUTH).exists();
    if !earlier && let Some(own) = plans.iter().map(|p| dir.join(p.name)).find(|path| path.exists())
    {
        return Err(Error::NotASample { path: own });
    }
    let mut made = Vec::new();
    for plan in plans {
        let mut partial = Partial::create(&dir.join(plan.name))?;
        let bytes = one(world, &plan, &mut partial, progress)?;
        made.push((plan.name, bytes, partial));
    }
    if earlier {
        breakage::clear_parts(dir)?;
        if !world.config.personal && dir.join(PERSONAL).exists() {
            let path = dir.join(PERSONAL);
            std::fs::remove_file(&path).map_err(failed("remove", &path))?;
        }
    }
    let mut sizes = Vec::new();
    for (name, bytes, partial) in made {
        partial.keep()?;
        sizes.push((name, bytes));
    }
    Ok(sizes)
}

/// Makes one file: while a batch is written, the next is made.
fn one(
    world: &World,
    plan: &Plan,
    partial: &mut Partial,
    progress: &dyn Fn(Progress) -> ControlFlow<()>,
) -> Result<u64, Error> {
    let batch = PIECE * 4 * rayon::current_num_threads();
    let make = |from: usize| -> Vec<Vec<u8>> {
        let until = (from + batch).min(plan.records);
        (from..until)
            .step_by(PIECE)
            .collect::<Vec<_>>()
            .into_par_iter()
            .map(|start| {
                let mut out = Vec::new();
                (plan.make)(&mut out, world, start..(start + PIECE).min(until));
                out
            })
            .collect()
    };
    let mut bytes = 0;
    let path = partial.path.clone();
    let file = &mut partial.file;
    let mut write = |pieces: &[Vec<u8>]| -> Result<(), Error> {
        for piece in pieces {
            bytes += piece.len() as u64;
            file.write_all(piece).map_err(failed("write", &path))?;
        }
        Ok(())
    };
    write(&[plan.opening.to_vec()])?;
    let mut ready = Vec::new();
    let mut from = 0;
    while from < plan.records {
        let (written, next) = rayon::join(|| write(&ready), || make(from));
        written?;
        ready = next;
        from = (from + batch).min(plan.records);
        let state = Progress { file: plan.name, done: from as u64, total: plan.records as u64 };
        if progress(state).is_break() {
            return Err(Error::Cancelled { file: plan.name });
        }
    }
    write(&ready)?;
    write(&[plan.closing.to_vec()])?;
    Ok(bytes)
}
