//! Configuration.

use std::io::Write;

use serde_json::Value;
use stage::{ErrorName, Stage, cli::config_file};

/// A file of TOML with the configuration of all stages.
///
/// - What is refused is refused as configuration, in words that name the file or the stage.
/// - What is taken, written out in full, is taken again as the same.
pub fn config(bytes: &[u8]) {
    let mut file = tempfile::NamedTempFile::new().expect("a folder for temporary files");
    file.write_all(bytes).expect("room for a file");
    let config = match config_file(file.path()) {
        Ok(config) => config,
        Err(error) => {
            assert_eq!(error.name, ErrorName::ConfigInvalid);
            return assert!(error.message.contains("--config "), "{}", error.message);
        }
    };
    checked::<ingest::Ingest>(&config);
    checked::<features::Features>(&config);
    checked::<matching::Matching>(&config);
    checked::<recommend::Recommend>(&config);
    checked::<drift::Drift>(&config);
}

fn checked<S: Stage>(config: &Value) {
    let refused = |error: stage::Error| {
        assert_eq!(error.name, ErrorName::ConfigInvalid, "{}", error.message);
        assert!(!error.message.is_empty());
    };
    if let Err(error) = stage::checked_gate::<S>(&config["gate"][S::NAME]) {
        refused(error);
    }
    let read = match stage::checked_config::<S>(&config[S::NAME]) {
        Ok(read) => read,
        Err(error) => return refused(error),
    };
    let full = serde_json::to_value(&read).expect("a configuration is JSON");
    let again = stage::checked_config::<S>(&full).expect("what was taken is taken again");
    assert_eq!(serde_json::to_value(&again).expect("a configuration is JSON"), full);
}
