//! A record's text: the configured columns, one a line, in the order of the configuration.
//!
//! The feature store has redacted every one of them (`features`: every text that is not a key has lost
//! e-mail addresses, telephone numbers, documents, URLs and the names that its record names), and a
//! line that is joined to another makes no new name or number of the two; so nothing is redacted
//! here again.

use arrow_array::{Array, RecordBatch, StringArray};
use parquet::file::reader::ChunkReader;
use schema::{TableReader, text_column};

use crate::{Error, columns::Side};

/// Number of the way in which a text is made: another one makes other texts of the same columns.
pub const TEXT_FORMAT: u32 = 1;

/// Rows that are decoded at once: some 4 MB of CV text.
const BATCH_ROWS: usize = 1 << 10;

/// Columns whose values say nothing without a word beside them: a level, but of what?
const LABELS: [(&str, &str); 6] = [
    ("ingles", "Inglês"),
    ("espanhol", "Espanhol"),
    ("nivel_ingles_vaga", "Inglês"),
    ("nivel_espanhol_vaga", "Espanhol"),
    ("vaga_especifica_para_pcd", "PCD"),
    ("prioridade_vaga", "Prioridade"),
];

/// Some records: ids and texts, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Batch {
    pub ids: Vec<Box<str>>,
    /// Their texts; empty where none of the columns has a value.
    pub texts: Vec<String>,
}

/// The texts of a side, batch by batch.
pub struct Texts {
    side: Side,
    columns: Vec<String>,
    reader: TableReader,
}

impl Texts {
    /// Opens the table of a side.
    pub fn open<R: ChunkReader + 'static>(
        side: Side,
        source: R,
        columns: &[String],
    ) -> Result<Self, Error> {
        let mut read: Vec<&str> = vec![side.key()];
        read.extend(columns.iter().map(String::as_str));
        let reader = TableReader::open(side.file(), source, side.table(), &read, BATCH_ROWS)?;
        Ok(Self { side, columns: columns.to_vec(), reader })
    }

    /// Rows of the whole table.
    pub fn rows(&self) -> u64 {
        self.reader.rows()
    }
}

impl Iterator for Texts {
    type Item = Result<Batch, Error>;

    fn next(&mut self) -> Option<Self::Item> {
        let batch = match self.reader.next()? {
            Ok(batch) => batch,
            Err(error) => return Some(Err(error.into())),
        };
        let ids = text_column(&batch, self.side.key());
        let ids = ids.iter().map(|id| Box::from(id.unwrap_or_default())).collect();
        Some(Ok(Batch { ids, texts: compose(&batch, &self.columns) }))
    }
}

/// The texts of a batch's rows.
fn compose(batch: &RecordBatch, columns: &[String]) -> Vec<String> {
    let columns: Vec<(&str, &StringArray)> = columns
        .iter()
        .map(|name| {
            let label = LABELS.iter().find(|(column, _)| column == name).map_or("", |(_, l)| *l);
            (label, text_column(batch, name))
        })
        .collect();
    let of_row = |row: usize| {
        let given = || columns.iter().filter(|(_, column)| !column.is_null(row));
        let length = given().map(|(label, column)| label.len() + 2 + column.value(row).len()).sum();
        let mut text = String::with_capacity(length);
        for (label, column) in given() {
            let value = column.value(row).trim();
            if value.is_empty() {
                continue;
            }
            if !text.is_empty() {
                text.push('\n');
            }
            if !label.is_empty() {
                text.push_str(label);
                text.push(' ');
            }
            text.push_str(value);
        }
        text
    };
    (0..batch.num_rows()).map(of_row).collect()
}
