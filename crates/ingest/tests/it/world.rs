//! Raw files in memory, the stage over them, and its tables read back.

use std::collections::BTreeMap;

use arrow_array::{
    Array,
    cast::AsArray,
    types::{Date32Type, Decimal128Type, Int64Type},
};
use ingest::{Config, REJECTS, clean_tables};
use schema::{Table, TableReader, raw};
use serde_json::Value;
use stage::{Inputs, Metrics, Outputs, RawFile, Silent};
use tempfile::TempDir;
use versioning::{Blob, RawTable};

#[derive(Clone)]
pub(crate) struct World {
    pub(crate) files: BTreeMap<RawTable, Vec<(String, Vec<u8>)>>,
    pub(crate) config: Config,
}

pub(crate) const APPLICANTS: &str =
    r#"{"31000": {"infos_basicas": {"nome": "Ana"}, "cv_pt": "x"}}"#;
pub(crate) const VAGAS: &str = r#"{"4000": {"informacoes_basicas": {"titulo_vaga": "Dev"}}}"#;
pub(crate) const PROSPECTS: &str =
    r#"{"4000": {"titulo": "Dev", "prospects": [{"codigo": "31000", "nome": "Ana"}]}}"#;

impl Default for World {
    /// One good record a table, and any share of rejects allowed.
    fn default() -> Self {
        let world = Self {
            files: BTreeMap::new(),
            config: Config { max_reject_share: 1.0, ..Config::default() },
        };
        world
            .with(RawTable::Applicants, APPLICANTS)
            .with(RawTable::Vagas, VAGAS)
            .with(RawTable::Prospects, PROSPECTS)
    }
}

impl World {
    /// With another JSON file for a table.
    pub(crate) fn with(self, table: RawTable, json: impl AsRef<[u8]>) -> Self {
        let name = format!("raw/{}.json", table.name());
        self.with_files(table, vec![(name, json.as_ref().to_vec())])
    }

    pub(crate) fn with_files(mut self, table: RawTable, files: Vec<(String, Vec<u8>)>) -> Self {
        self.files.insert(table, files);
        self
    }

    pub(crate) fn run(&self) -> Result<Day, stage::Error> {
        let raw = self.files.iter().map(|(table, files)| {
            let files = files.iter().map(|(name, bytes)| RawFile {
                name: name.clone(),
                blob: Blob::from(bytes.clone()),
                sha256: String::new(),
            });
            (*table, files.collect())
        });
        let dir = tempfile::tempdir().unwrap();
        let out = Outputs::new(dir.path().to_owned());
        let metrics = clean_tables(&Inputs::of_raw(raw.collect()), &self.config, &out, &Silent)?;
        Ok(Day { dir, metrics })
    }
}

/// What comes of one file beside the usual ones.
pub(crate) fn clean(table: RawTable, json: impl AsRef<[u8]>) -> Day {
    World::default().with(table, json).run().unwrap()
}

/// What the stage has written.
pub(crate) struct Day {
    dir: TempDir,
    pub(crate) metrics: Metrics,
}

/// A row: its values that are not null, as text.
pub(crate) type Row = BTreeMap<&'static str, String>;

impl Day {
    pub(crate) fn bytes(&self, file: &str) -> Vec<u8> {
        std::fs::read(self.dir.path().join(file)).unwrap()
    }

    pub(crate) fn applicants(&self) -> Vec<Row> {
        self.table(&raw::APPLICANTS)
    }

    pub(crate) fn vagas(&self) -> Vec<Row> {
        self.table(&raw::VAGAS)
    }

    pub(crate) fn prospects(&self) -> Vec<Row> {
        self.table(&raw::PROSPECTS)
    }

    /// Table, key, field, scope and reason of each reject, with spaces between.
    pub(crate) fn rejects(&self) -> Vec<String> {
        let rows = self.table(&REJECTS);
        let rows = rows.iter().map(|row| {
            let column = |name| row.get(name).map_or("·", String::as_str);
            ["table", "key", "field", "scope", "reason"].map(column).join(" ")
        });
        rows.collect()
    }

    pub(crate) fn profile(&self) -> Value {
        serde_json::from_slice(&self.bytes("profile.json")).unwrap()
    }

    pub(crate) fn table(&self, table: &'static Table) -> Vec<Row> {
        let file = format!("{}.parquet", table.name);
        let columns: Vec<_> = table.columns.iter().map(|c| c.name).collect();
        let source = bytes::Bytes::from(self.bytes(&file));
        let mut rows = Vec::new();
        for batch in TableReader::open(&file, source, table, &columns, 3).unwrap() {
            let batch = batch.unwrap();
            for i in 0..batch.num_rows() {
                let cells = columns.iter().filter_map(|name| {
                    let array = batch.column_by_name(name).unwrap();
                    (!array.is_null(i)).then(|| (*name, text(array, i)))
                });
                rows.push(cells.collect());
            }
        }
        rows
    }
}

fn text(array: &dyn Array, i: usize) -> String {
    if let Some(texts) = array.as_string_opt::<i32>() {
        texts.value(i).to_owned()
    } else if let Some(days) = array.as_primitive_opt::<Date32Type>() {
        days.value_as_date(i).unwrap().to_string()
    } else if let Some(cents) = array.as_primitive_opt::<Decimal128Type>() {
        cents.value(i).to_string()
    } else {
        array.as_primitive::<Int64Type>().value(i).to_string()
    }
}
