//! How much is read at a time, how much may be bad, and how files are laid out.

use schema::WriterOptions;
use serde::{Deserialize, Serialize};
use stage::within;

const STAGE: &str = "ingest";

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// The share of a table's records that may be set aside, 0 to 1; more of them fail the run.
    pub max_reject_share: f64,
    /// Bytes of a JSON record at most; a larger one is set aside without being loaded.
    pub max_record_bytes: usize,
    /// Bytes of JSON that are read and parsed at a time.
    pub block_bytes: usize,
    /// Rows of a Parquet file that are read at a time.
    pub block_rows: usize,
    /// MiB of a row group's compressed columns at most: what a writer holds in memory.
    pub row_group_mib: usize,
    /// zstd level of every file, 1 to 22.
    pub zstd_level: i32,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_reject_share: 0.01,
            max_record_bytes: 16 << 20,
            block_bytes: 1 << 20,
            block_rows: 1024,
            row_group_mib: 24,
            zstd_level: 1,
        }
    }
}

impl Config {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// [`stage::ErrorName::ConfigInvalid`] naming the key, what was expected and what was found.
    pub fn check(&self) -> Result<(), stage::Error> {
        within(STAGE, "max_reject_share", self.max_reject_share, 0.0..=1.0)?;
        within(STAGE, "max_record_bytes", self.max_record_bytes, 1 << 10..=1 << 30)?;
        within(STAGE, "block_bytes", self.block_bytes, 1 << 10..=64 << 20)?;
        within(STAGE, "block_rows", self.block_rows, 1..=1 << 20)?;
        within(STAGE, "row_group_mib", self.row_group_mib, 1..=1 << 10)?;
        within(STAGE, "zstd_level", self.zstd_level, 1..=22)
    }

    /// The layout of a file whose columns `plain` hardly repeat.
    pub(crate) fn layout(&self, plain: &'static [&'static str]) -> WriterOptions {
        WriterOptions {
            row_group_bytes: self.row_group_mib << 20,
            zstd_level: self.zstd_level,
            plain,
            ..WriterOptions::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn the_default_passes_its_own_check() {
        Config::default().check().unwrap();
    }

    #[test]
    fn values_out_of_range_are_refused_by_name() {
        let error = Config { max_reject_share: 1.5, ..Config::default() }.check().unwrap_err();
        assert_eq!(
            error.to_string(),
            "config of ingest: `max_reject_share` is 1.5, expected 0 to 1"
        );
        assert!(Config { max_reject_share: f64::NAN, ..Config::default() }.check().is_err());
        assert!(Config { block_bytes: 1, ..Config::default() }.check().is_err());
        assert!(Config { max_record_bytes: 0, ..Config::default() }.check().is_err());
    }

    #[test]
    fn an_unknown_key_is_refused_with_the_nearest() {
        let error = stage::parse_config::<Config>("ingest", &json!({"max_rejects_share": 0.1}));
        assert!(error.unwrap_err().to_string().contains("did you mean `max_reject_share`"));
    }
}
