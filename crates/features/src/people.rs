//! The stream of candidates: decoded, redacted, written, and joined with their applications.

use std::{
    io::Write,
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
};

use arrow_array::{Date32Array, RecordBatch, StringArray};
use schema::{TableReader, TableWriter, date_column, tables, text_column};
use stage::Phase;

use crate::{
    Error, age,
    applications::Applications,
    extract,
    groups::Sharing,
    jobs::Jobs,
    join::{Join, PersonApplication},
    keys::Keys,
    lists::Lists,
    redact::Redaction,
};

/// Batches that wait between two threads at most.
const WAITING: usize = 2;

/// Rows of `people.parquet`, when their candidates were born, and their applications.
struct Applied {
    people: RecordBatch,
    born: Date32Array,
    pairs: Vec<PersonApplication>,
}

/// What the stream of candidates tells.
pub(crate) struct Streamed {
    /// Of each group of applications, whether its candidate came by.
    pub(crate) seen: Vec<bool>,
    pub(crate) people: u64,
    /// Candidates of whom no application is kept.
    pub(crate) without_applications: u64,
    /// Candidates whose CV is the English one.
    pub(crate) cv_in_english: u64,
    pub(crate) codes: StringArray,
    /// Who of them may be one and the same.
    pub(crate) sharing: Sharing,
}

/// Reads `applicants.parquet`, writes `people.parquet` and `candidates.parquet`; gives the writers
/// back, their last row group still open.
///
/// Four threads and rayon's: decode → redact (here, in parallel) → write people, write candidates.
/// A few batches are under way at any time, so memory does not grow with CV text.
pub(crate) fn stream<P: Write + Send, C: Write + Send>(
    reader: TableReader,
    (jobs, applications): (&Jobs, &Applications),
    mut people: TableWriter<P>,
    mut candidates: TableWriter<C>,
    (redaction, lists): (&mut Redaction, &mut Lists),
    phase: &Phase<'_>,
) -> Result<(Streamed, TableWriter<P>, TableWriter<C>), Error> {
    let (decoded_in, decoded) = sync_channel(WAITING);
    let (people_in, people_out) = sync_channel::<RecordBatch>(WAITING);
    let (pairs_in, pairs_out) = sync_channel::<Applied>(WAITING);
    thread::scope(|scope| {
        scope.spawn(move || {
            for batch in reader {
                if decoded_in.send(batch).is_err() {
                    break;
                }
            }
        });
        let people_writer = scope.spawn(move || {
            for rows in people_out {
                people.write(&rows).map_err(Error::Output)?;
            }
            Ok::<_, Error>(people)
        });
        let candidates_writer = scope.spawn(move || {
            let join = Join::new(jobs, applications);
            for Applied { people, born, pairs } in pairs_out {
                candidates.write(&join.rows(&people, &born, &pairs)?).map_err(Error::Output)?;
            }
            Ok::<_, Error>(candidates)
        });
        let streamed =
            redact(decoded, applications, (people_in, pairs_in), (redaction, lists), phase);
        // A writer that failed has closed its channel: its error is the cause of ours.
        let people = people_writer.join().unwrap_or_else(|p| std::panic::resume_unwind(p))?;
        let candidates =
            candidates_writer.join().unwrap_or_else(|p| std::panic::resume_unwind(p))?;
        Ok((streamed?, people, candidates))
    })
}

/// Takes its channels, so that all threads end when it does.
fn redact(
    decoded: Receiver<Result<RecordBatch, schema::Error>>,
    applications: &Applications,
    (people, pairs): (SyncSender<RecordBatch>, SyncSender<Applied>),
    (redaction, lists): (&mut Redaction, &mut Lists),
    phase: &Phase<'_>,
) -> Result<Streamed, Error> {
    let mut streamed = Streamed {
        seen: vec![false; applications.groups()],
        people: 0,
        without_applications: 0,
        cv_in_english: 0,
        codes: StringArray::new_null(0),
        sharing: Sharing::default(),
    };
    let mut keys = Vec::new();
    for batch in decoded {
        let batch = batch.map_err(Error::Input)?;
        let (rows, in_english) = extract::PEOPLE.rows(&batch, redaction, lists)?;
        streamed.sharing.add_people(&batch);
        streamed.people += rows.num_rows() as u64;
        streamed.cv_in_english += in_english as u64;
        let codigo = tables::PEOPLE.columns[0].name;
        keys.push(rows.project(&[0]).map_err(Error::assemble(tables::PEOPLE.name))?);
        let mut applied = Vec::new();
        for (row, key) in (0u32..).zip(text_column(&rows, codigo).iter().flatten()) {
            let before = applied.len();
            if let Some(group) = applications.group(key) {
                streamed.seen[group] = true;
                applied.extend(applications.kept(group).map(|i| (row, i)));
            }
            streamed.without_applications += u64::from(applied.len() == before);
        }
        phase.advance(rows.num_rows() as u64)?;
        people.send(rows.clone()).map_err(|_| Error::Stopped { table: tables::PEOPLE.name })?;
        if !applied.is_empty() {
            pairs
                .send(Applied {
                    people: rows,
                    born: date_column(&batch, age::BORN).clone(),
                    pairs: applied,
                })
                .map_err(|_| Error::Stopped { table: tables::CANDIDATES.name })?;
        }
    }
    let keys = extract::concat_text(tables::PEOPLE.name, &keys, tables::PEOPLE.columns[0].name)?;
    streamed.codes = keys.clone();
    Keys::new(keys).map_err(|(first, second)| Error::RepeatedKey {
        file: "applicants.parquet",
        column: "codigo",
        first,
        second,
    })?;
    Ok(streamed)
}
