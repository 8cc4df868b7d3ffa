//! The stage's work, from the clean tables' files to the feature store's.

use std::sync::Arc;

use bytes::Bytes;
use parquet::file::reader::{ChunkReader, Length};
use schema::{BatchBuilder, Table, TableReader, TableWriter, raw, tables};
use stage::{Metrics, OutputFile, Outputs, Progress};

use crate::{
    Config, DROPPED, Error, FUTURE_DATES,
    applications::{Applications, Fate},
    dates::{self, Future, Newest},
    extract,
    groups::{self, Sharing},
    jobs::Jobs,
    lists::Lists,
    people::stream,
    redact::Redaction,
    report::{FeaturesReport, describe},
};

pub struct Clean<R> {
    pub applicants: R,
    pub vagas: R,
    pub prospects: R,
}

/// Candidates decoded at a time: some 1 MB of CV text.
const PEOPLE_ROWS: usize = 256;

/// Rows of the smaller tables decoded at a time.
const ROWS: usize = 4096;

/// Long texts that hardly repeat but from one row to the next.
const PLAIN: &[&str] = &["cv_candidato"];

/// Writes `people.parquet`, `jobs.parquet`, `candidates.parquet`, `groups.parquet`,
/// `dropped.parquet` and `future_dates.parquet` to `out`, and says there what each column is; gives
/// the run's figures. Dates of jobs and applications after those of `newest` are set aside.
///
/// Rows of `people.parquet` and `jobs.parquet` are in the order of their sources; rows of
/// `candidates.parquet` in the order of the candidates, then of the applications; so CV text
/// streams by once, and equal CVs stand side by side.
///
/// # Errors
/// [`Error`] when an input is not a table of `ingest`'s, a key is there twice, or the disk fails.
pub fn build<R: ChunkReader + 'static>(
    clean: Clean<R>,
    newest: &Newest,
    config: &Config,
    out: &Outputs,
    progress: &dyn Progress,
) -> Result<Metrics, Error> {
    let applicants = Shared::new(clean.applicants);
    let vagas = Shared::new(clean.vagas);
    let mut lists_people = lists("applicants.parquet", &applicants, &extract::PEOPLE, config)?;
    let mut lists_jobs = lists("vagas.parquet", &vagas, &extract::JOBS, config)?;
    let applicants = open("applicants.parquet", applicants, &extract::PEOPLE, PEOPLE_ROWS)?;
    let vagas = open("vagas.parquet", vagas, &extract::JOBS, ROWS)?;
    let prospects = TableReader::open(
        "prospects.parquet",
        clean.prospects,
        &raw::PROSPECTS,
        &Applications::COLUMNS,
        ROWS,
    )
    .map_err(Error::Input)?;

    let mut redaction = Redaction::default();
    let (mut jobs, rows_jobs) = {
        let phase = progress.phase("jobs", Some(vagas.rows()), "jobs")?;
        let mut writer = create(out, &tables::JOBS, config)?;
        let jobs =
            Jobs::write(vagas, &mut writer, &mut redaction, &mut lists_jobs, newest.jobs, &phase)?;
        (jobs, finish(writer)?)
    };
    let applications = {
        let _phase = progress.phase("applications", Some(prospects.rows()), "applications")?;
        Applications::read(prospects, &jobs, newest.applications)?
    };
    let phase = progress.phase("candidates", Some(applicants.rows()), "candidates")?;
    let (streamed, people, candidates) = stream(
        applicants,
        (&jobs, &applications),
        create(out, &tables::PEOPLE, config)?,
        create(out, &tables::CANDIDATES, config)?,
        (&mut redaction, &mut lists_people),
        &phase,
    )?;
    let (rows_people, rows_candidates) = (finish(people)?, finish(candidates)?);
    drop(phase);

    let fates = applications.settle(&streamed.seen);
    drop_rows(&applications, &fates, create(out, &DROPPED, config)?)?;
    let future = [
        ("jobs.data_requicisao", newest.jobs, &jobs.future),
        ("candidates.data_candidatura", newest.applications, &applications.future),
    ];
    write_future(&future, create(out, &FUTURE_DATES, config)?)?;
    for (column, newest_day, dates) in future {
        if let Some(note) = dates::note(column, newest_day, &newest.logical_date, dates) {
            progress.note(&note);
        }
    }
    let groups = [
        streamed.sharing.people(&streamed.codes),
        Sharing::of_jobs(&jobs.columns).jobs(jobs.keys.codes()),
    ];
    let parties = std::mem::take(&mut jobs.parties).parties(jobs.keys.codes());
    let all: Vec<_> = groups.iter().chain(&parties).collect();
    finish(groups::write(create(out, &tables::GROUPS, config)?, &all)?)?;
    out.describe("columns", describe());
    let [group_people, group_jobs] = groups.map(|groups| groups.counts());
    Ok(FeaturesReport {
        rows_people,
        rows_jobs,
        rows_candidates,
        without_applications: streamed.without_applications,
        cv_in_english: streamed.cv_in_english,
        future_jobs: jobs.future.len(),
        group_people,
        group_jobs,
        applications: &applications,
        fates: &fates,
        redactions: redaction.found(),
        not_listed: serde_json::json!({
            "people": lists_people.replaced(),
            "jobs": lists_jobs.replaced(),
        }),
    }
    .metrics())
}

/// What the listed columns of a table hold.
fn lists<R: ChunkReader + 'static>(
    file: &'static str,
    source: &Shared<R>,
    extract: &extract::Extract,
    config: &Config,
) -> Result<Lists, Error> {
    let listed: Vec<_> = extract.listed().collect();
    let columns: Vec<&str> = listed.iter().map(|(_, source)| *source).collect();
    let reader = TableReader::open(file, source.clone(), extract.source, &columns, ROWS)
        .map_err(Error::Input)?;
    Lists::count(reader, &listed, config.listed_minimum_records)
}

/// A file that is read twice.
struct Shared<R>(Arc<R>);

impl<R> Shared<R> {
    fn new(file: R) -> Self {
        Self(Arc::new(file))
    }
}

impl<R> Clone for Shared<R> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<R: ChunkReader> Length for Shared<R> {
    fn len(&self) -> u64 {
        self.0.len()
    }
}

impl<R: ChunkReader> ChunkReader for Shared<R> {
    type T = R::T;

    fn get_read(&self, start: u64) -> parquet::errors::Result<R::T> {
        self.0.get_read(start)
    }

    fn get_bytes(&self, start: u64, length: usize) -> parquet::errors::Result<Bytes> {
        self.0.get_bytes(start, length)
    }
}

fn open<R: ChunkReader + 'static>(
    file: &'static str,
    source: R,
    extract: &extract::Extract,
    batch_rows: usize,
) -> Result<TableReader, Error> {
    TableReader::open(file, source, extract.source, &extract.columns(), batch_rows)
        .map_err(Error::Input)
}

fn create(
    out: &Outputs,
    table: &'static Table,
    config: &Config,
) -> Result<TableWriter<OutputFile>, Error> {
    let file = format!("{}.parquet", table.name);
    let sink = out.create(&file)?;
    TableWriter::new(&file, sink, table, config.layout(PLAIN)).map_err(Error::Output)
}

fn finish(writer: TableWriter<OutputFile>) -> Result<u64, Error> {
    let (rows, file) = writer.finish().map_err(Error::Output)?;
    file.finish(Some(rows))?;
    Ok(rows)
}

/// Writes the dates that are set aside.
fn write_future(
    columns: &[(&str, Option<i32>, &Vec<Future>)],
    mut writer: TableWriter<OutputFile>,
) -> Result<(), Error> {
    let mut batch = BatchBuilder::new(&FUTURE_DATES);
    for (column, _, dates) in columns {
        for future in *dates {
            batch.text(0, Some(column));
            batch.text(1, Some(&future.codigo_vaga));
            batch.text(2, future.codigo.as_deref());
            batch.date(3, Some(future.day));
            batch.end_row();
        }
    }
    writer.write(&batch.finish().map_err(Error::Output)?).map_err(Error::Output)?;
    finish(writer)?;
    Ok(())
}

/// Writes the applications that are not rows, in the source's order.
fn drop_rows(
    applications: &Applications,
    fates: &[Fate],
    mut writer: TableWriter<OutputFile>,
) -> Result<(), Error> {
    let mut batch = BatchBuilder::new(&DROPPED);
    for (i, fate) in fates.iter().enumerate() {
        let Some(reason) = fate.reason() else { continue };
        let (codigo_vaga, codigo) = applications.keys(i);
        batch.text(0, Some(codigo_vaga));
        batch.text(1, Some(codigo));
        batch.text(2, Some(reason));
        batch.end_row();
        if batch.rows() == ROWS {
            writer.write(&batch.finish().map_err(Error::Output)?).map_err(Error::Output)?;
        }
    }
    writer.write(&batch.finish().map_err(Error::Output)?).map_err(Error::Output)?;
    finish(writer)?;
    Ok(())
}
