//! How the stage lays out its files, and what it holds list columns to.

use schema::WriterOptions;
use serde::{Deserialize, Serialize};
use stage::within;

const STAGE: &str = "features";

/// The stage's configuration. What goes into the tables is not configurable but for the rarest values
/// of lists: models and recommender rely on it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Rows of a Parquet row group at most. A job's texts are stored once a row group, so larger
    /// groups make `candidates.parquet` smaller.
    pub row_group_rows: usize,
    /// MiB of a row group's compressed columns at most: what each writer holds in memory.
    pub row_group_mib: usize,
    /// zstd level of every file, 1 to 22.
    pub zstd_level: i32,
    /// Records that must have a value of a list column (city, level, area, contract …) for it to
    /// stay, where it is not one of the forms' own values; any other is `Outros`, for it may be a
    /// name. 1 lets every value pass.
    pub listed_minimum_records: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            row_group_rows: 1 << 16,
            row_group_mib: 12,
            zstd_level: 1,
            listed_minimum_records: 5,
        }
    }
}

impl Config {
    /// Checks what types cannot say.
    ///
    /// # Errors
    /// [`stage::ErrorName::ConfigInvalid`] naming the key, what was expected and what was found.
    pub fn check(&self) -> Result<(), stage::Error> {
        within(STAGE, "row_group_rows", self.row_group_rows, 1..=1 << 20)?;
        within(STAGE, "listed_minimum_records", self.listed_minimum_records, 1..=1 << 20)?;
        within(STAGE, "row_group_mib", self.row_group_mib, 1..=1 << 10)?;
        within(STAGE, "zstd_level", self.zstd_level, 1..=22)
    }

    /// The layout of a file whose columns `plain` hardly repeat.
    pub(crate) fn layout(&self, plain: &'static [&'static str]) -> WriterOptions {
        WriterOptions {
            row_group_rows: self.row_group_rows,
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
        let error = Config { zstd_level: 23, ..Config::default() }.check().unwrap_err();
        assert_eq!(error.to_string(), "config of features: `zstd_level` is 23, expected 1 to 22");
        assert!(Config { row_group_rows: 0, ..Config::default() }.check().is_err());
        assert!(Config { row_group_mib: 0, ..Config::default() }.check().is_err());
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = stage::parse_config::<Config>("features", &json!({"row_groups": 1}));
        assert!(error.unwrap_err().to_string().contains("row_group"));
    }
}
