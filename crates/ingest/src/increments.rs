//! A table that is exported in increments: a later file holds again a person, a job or an
//! application that an earlier file holds. The newer one stays: by its own date of update where
//! both have one, else the later file's. Applications of one job are put together.
//!
//! The rows of all files are written first, with no more memory than one file needs; where a key
//! was met in several files, the table is then read again and written without the older rows.

use std::{
    collections::{BTreeMap, btree_map::Entry},
    fs::File,
    io::Write,
    path::Path,
};

use arrow_array::{Array, BooleanArray, Date32Array, RecordBatch};
use arrow_select::filter::filter_record_batch;
use schema::{Table, TableReader, TableWriter, date_column, raw, text_column};

use crate::{
    Error,
    keys::{Key, KeySet},
    profile::TableFigures,
};

/// What tells whether two rows are one thing, and which of them is newer.
#[derive(Debug)]
struct RowIdentity {
    key: &'static str,
    /// Of an application, beside its job: who applied, and when.
    person: Option<&'static str>,
    day: Option<&'static str>,
    updated: Option<&'static str>,
}

impl RowIdentity {
    fn of(table: &Table) -> Self {
        let key = table.columns[0].name;
        let identity = Self { key, person: None, day: None, updated: None };
        match table.name {
            name if name == raw::PROSPECTS.name => Self {
                person: Some("codigo"),
                day: Some("data_candidatura"),
                updated: Some("ultima_atualizacao"),
                ..identity
            },
            name if name == raw::APPLICANTS.name => {
                Self { updated: Some("infos_basicas.data_atualizacao"), ..identity }
            }
            _ => identity,
        }
    }

    fn columns(&self) -> Vec<&'static str> {
        [Some(self.key), self.person, self.day, self.updated].into_iter().flatten().collect()
    }
}

/// The keys that several files have, and where the rows of each file begin.
#[derive(Debug, Default)]
pub(crate) struct Increments {
    keys: KeySet,
    starts: Vec<(u64, u32)>,
    rows: u64,
}

impl Increments {
    pub(crate) fn add_key(&mut self, key: Key) {
        self.keys.insert(key);
    }

    pub(crate) fn has(&self, key: Key) -> bool {
        self.keys.contains(key)
    }

    /// Rows of a file are written, behind those before them.
    pub(crate) fn add_rows(&mut self, file: u32, rows: usize) {
        if self.starts.last().is_none_or(|(_, last)| *last != file) {
            self.starts.push((self.rows, file));
        }
        self.rows += rows as u64;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    fn file(&self, row: u64) -> u32 {
        let after = self.starts.partition_point(|(start, _)| *start <= row);
        self.starts[after.saturating_sub(1)].1
    }

    /// Copies the table at `from` without the rows of which a newer one is there; gives the rows
    /// left, their figures and the writer's sink.
    pub(crate) fn keep_newest<W: Write + Send>(
        &self,
        table: &'static Table,
        from: &Path,
        batch_rows: usize,
        mut writer: TableWriter<W>,
    ) -> Result<(u64, TableFigures, W), Error> {
        let identity = RowIdentity::of(table);
        let open = |columns: &[&str]| {
            let unread = |e| format!("{}.parquet cannot be read back: {e}", table.name);
            let file = File::open(from).map_err(|e| stage::Error::failed(unread(e)))?;
            TableReader::open(table.name, file, table, columns, batch_rows).map_err(Error::Output)
        };
        let mut newest = BTreeMap::new();
        let mut first = 0;
        for batch in open(&identity.columns())? {
            let batch = batch.map_err(Error::Output)?;
            for row in self.rows(&identity, &batch, first).into_iter().flatten() {
                match newest.entry(row.identity) {
                    Entry::Vacant(entry) => drop(entry.insert((row.file, row.updated))),
                    Entry::Occupied(mut entry) => {
                        let (_, known) = entry.get();
                        if row.updated.zip(*known).is_none_or(|(new, known)| new >= known) {
                            entry.insert((row.file, row.updated));
                        }
                    }
                }
            }
            first += batch.num_rows() as u64;
        }
        let columns: Vec<_> = table.columns.iter().map(|column| column.name).collect();
        let (mut figures, mut first) = (TableFigures::default(), 0);
        for batch in open(&columns)? {
            let batch = batch.map_err(Error::Output)?;
            let rows = self.rows(&identity, &batch, first);
            first += batch.num_rows() as u64;
            let stays = |row: Option<IncrementRow>| {
                row.is_none_or(|row| newest.get(&row.identity).is_none_or(|(f, _)| *f == row.file))
            };
            let stay: BooleanArray = rows.into_iter().map(|row| Some(stays(row))).collect();
            let batch = filter_record_batch(&batch, &stay)
                .map_err(|source| Error::Select { table: table.name, source })?;
            if batch.num_rows() > 0 {
                figures.merge(TableFigures::of(&batch));
                writer.write(&batch).map_err(Error::Output)?;
            }
        }
        let (rows, sink) = writer.finish().map_err(Error::Output)?;
        Ok((rows, figures, sink))
    }

    /// Of each row of a batch whose key is in several files, what it is; `first` is the number of
    /// the first row.
    fn rows(
        &self,
        identity: &RowIdentity,
        batch: &RecordBatch,
        first: u64,
    ) -> Vec<Option<IncrementRow>> {
        let texts = |name: &str| text_column(batch, name);
        let days = |name: &str| date_column(batch, name);
        let (keys, people) = (texts(identity.key), identity.person.map(texts));
        let (applied, updated) = (identity.day.map(days), identity.updated.map(days));
        let day = |days: Option<&Date32Array>, i: usize| {
            days.filter(|days| days.is_valid(i)).map(|days| days.value(i))
        };
        let row = |(number, i): (u64, usize)| {
            let key = keys.value(i);
            Key::parse(key).filter(|key| self.keys.contains(*key))?;
            let person = people.map_or("", |people| people.value(i)).to_owned();
            let identity = (key.to_owned(), person, day(applied, i));
            Some(IncrementRow { identity, updated: day(updated, i), file: self.file(number) })
        };
        (first..).zip(0..batch.num_rows()).map(row).collect()
    }
}

/// A row whose key is in several files.
struct IncrementRow {
    /// Its key; of an application, who applied and when.
    identity: (String, String, Option<i32>),
    updated: Option<i32>,
    file: u32,
}
