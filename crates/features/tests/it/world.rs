//! Clean tables as `ingest` writes them, and the feature store read back as plain values.

use std::{collections::BTreeMap, fs};

use arrow_array::{Array, cast::AsArray, types};
use bytes::Bytes;
use features::{Clean, Config, DROPPED, Error, FUTURE_DATES, Newest, build};
use schema::{Kind, Table, TableReader, raw, tables};
use stage::{Metrics, Outputs, Silent};
use tempfile::TempDir;
pub(crate) use testlake::file;

/// Values by column; an absent one is null. Dates are days, amounts cents.
pub(crate) type Row = BTreeMap<String, String>;

pub(crate) fn row(values: &[(&str, &str)]) -> Row {
    values.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[derive(Clone, Debug, Default)]
pub(crate) struct World {
    pub(crate) applicants: Vec<Row>,
    pub(crate) vagas: Vec<Row>,
    pub(crate) prospects: Vec<Row>,
}

impl World {
    pub(crate) fn clean(&self) -> Clean<Bytes> {
        Clean {
            applicants: file(&raw::APPLICANTS, &self.applicants),
            vagas: file(&raw::VAGAS, &self.vagas),
            prospects: file(&raw::PROSPECTS, &self.prospects),
        }
    }

    pub(crate) fn run(&self) -> Store {
        self.run_with(&Config::default()).unwrap()
    }

    pub(crate) fn run_with(&self, config: &Config) -> Result<Store, Error> {
        run(self.clean(), config)
    }
}

pub(crate) fn run(clean: Clean<Bytes>, config: &Config) -> Result<Store, Error> {
    run_until(clean, &Newest::default(), config)
}

pub(crate) fn run_until(
    clean: Clean<Bytes>,
    newest: &Newest,
    config: &Config,
) -> Result<Store, Error> {
    let dir = tempfile::tempdir().unwrap();
    let out = Outputs::new(dir.path().to_owned());
    let metrics = build(clean, newest, config, &out, &Silent)?;
    Ok(Store { out, metrics, _dir: dir })
}

/// What a run has written.
pub(crate) struct Store {
    out: Outputs,
    pub(crate) metrics: Metrics,
    _dir: TempDir,
}

/// The tables that a run writes.
pub(crate) const WRITTEN: [&Table; 6] =
    [&tables::PEOPLE, &tables::JOBS, &tables::CANDIDATES, &tables::GROUPS, &DROPPED, &FUTURE_DATES];

impl Store {
    pub(crate) fn bytes(&self, table: &Table) -> Bytes {
        let path = self.out.path(&format!("{}.parquet", table.name)).unwrap();
        Bytes::from(fs::read(path).unwrap())
    }

    /// The rows of a table, read with its own schema: strings are plain strings there.
    pub(crate) fn rows(&self, table: &Table) -> Vec<Row> {
        let columns: Vec<_> = table.columns.iter().map(|c| c.name).collect();
        let reader =
            TableReader::open(table.name, self.bytes(table), table, &columns, 100).unwrap();
        let mut rows = Vec::new();
        for batch in reader {
            let batch = batch.unwrap();
            for i in 0..batch.num_rows() {
                let mut row = Row::new();
                for column in table.columns {
                    let array = batch.column_by_name(column.name).unwrap();
                    if array.is_null(i) {
                        continue;
                    }
                    let value = match column.kind {
                        Kind::Text => array.as_string::<i32>().value(i).to_owned(),
                        Kind::Date => {
                            array.as_primitive::<types::Date32Type>().value(i).to_string()
                        }
                        Kind::Money => {
                            array.as_primitive::<types::Decimal128Type>().value(i).to_string()
                        }
                        Kind::Count => {
                            array.as_primitive::<types::Int64Type>().value(i).to_string()
                        }
                    };
                    row.insert(column.name.to_owned(), value);
                }
                rows.push(row);
            }
        }
        rows
    }

    pub(crate) fn metric(&self, name: &str) -> &serde_json::Value {
        &self.metrics.0[name]
    }
}
