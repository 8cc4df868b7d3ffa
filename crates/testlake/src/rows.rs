use std::collections::BTreeMap;

use arrow_array::RecordBatch;
use bytes::Bytes;
use schema::{BatchBuilder, Kind, Table, TableWriter, WriterOptions, calendar, tables};

/// A value of a row: a text; a date as days since 1970-01-01 or as `YYYY-MM-DD`; an amount in
/// cents.
pub trait Cell: Clone + Ord {
    /// None where it is null.
    fn text(&self) -> Option<&str>;
}

impl Cell for String {
    fn text(&self) -> Option<&str> {
        Some(self)
    }
}

impl Cell for Option<String> {
    fn text(&self) -> Option<&str> {
        self.as_deref()
    }
}

type Row<V> = BTreeMap<String, V>;

/// The rows of the feature store's tables, by column; what is absent is null.
#[derive(Clone, Debug)]
pub struct Rows<V> {
    pub people: Vec<Row<V>>,
    pub jobs: Vec<Row<V>>,
    pub applications: Vec<Row<V>>,
    /// Without any there is no such file, as in older versions.
    pub groups: Vec<Row<V>>,
}

impl<V> Default for Rows<V> {
    fn default() -> Self {
        Self { people: vec![], jobs: vec![], applications: vec![], groups: vec![] }
    }
}

impl<V: Cell> Rows<V> {
    /// The files of a version, `candidates.parquet` with the columns of both sides.
    #[must_use]
    pub fn files(&self) -> Vec<(&'static str, Bytes)> {
        let mut files = vec![
            ("people.parquet", file(&tables::PEOPLE, &self.people)),
            ("jobs.parquet", file(&tables::JOBS, &self.jobs)),
            ("candidates.parquet", file(&tables::CANDIDATES, &self.joined())),
        ];
        if !self.groups.is_empty() {
            files.push(("groups.parquet", file(&tables::GROUPS, &self.groups)));
        }
        files
    }

    fn joined(&self) -> Vec<Row<V>> {
        let by = |rows: &[Row<V>], key: &str| -> BTreeMap<V, Row<V>> {
            rows.iter().map(|row| (row[key].clone(), row.clone())).collect()
        };
        let (people, jobs) = (by(&self.people, "codigo"), by(&self.jobs, "codigo_vaga"));
        let join = |application: &Row<V>| {
            let mut row = application.clone();
            row.extend(people.get(&application["codigo"]).cloned().unwrap_or_default());
            row.extend(jobs.get(&application["codigo_vaga"]).cloned().unwrap_or_default());
            row
        };
        self.applications.iter().map(join).collect()
    }
}

/// Rows as a file of a table.
#[must_use]
pub fn file<V: Cell>(table: &'static Table, rows: &[Row<V>]) -> Bytes {
    let mut batch = BatchBuilder::new(table);
    for row in rows {
        for (i, column) in table.columns.iter().enumerate() {
            let value = row.get(column.name).and_then(Cell::text);
            let day = |v: &str| v.parse().ok().or_else(|| calendar::parse(v)).unwrap();
            match column.kind {
                Kind::Text => batch.text(i, value),
                Kind::Date => batch.date(i, value.map(day)),
                Kind::Money => batch.money(i, value.map(|v| v.parse().unwrap())),
                Kind::Count => batch.count(i, value.map(|v| v.parse().unwrap())),
            }
        }
        batch.end_row();
    }
    // Several row groups, so that the order of batches is put to the test.
    let options = WriterOptions { row_group_rows: 50, ..WriterOptions::default() };
    let mut writer = TableWriter::new(table.name, Vec::new(), table, options).unwrap();
    writer.write(&batch.finish().unwrap()).unwrap();
    writer.finish().unwrap().1.into()
}

/// A batch as a file.
#[must_use]
pub fn write(batch: &RecordBatch) -> Bytes {
    let options = WriterOptions::default();
    let mut writer = TableWriter::with_schema("test", Vec::new(), batch.schema(), options).unwrap();
    writer.write(batch).unwrap();
    writer.finish().unwrap().1.into()
}
