//! What is promised of encoders, against a hub on loopback, with hf-hub itself.

mod server;

mod fetch;

mod disk;

mod add;

use std::{collections::BTreeMap, path::PathBuf, time::Duration};

use ::encoder::known::{File, Known};
use sha2::{Digest, Sha256};
use stage::Silent;
use versioning::{Lake, hex};

use super::{
    endpoint::{Hub, Patience},
    fetch::Fetched,
};
use server::Server;

const REVISION: &str = "00112233445566778899aabbccddeeff00112233";

/// A hub, a folder for downloads and a lake, and an encoder of made files that are pinned.
struct Place {
    dir: tempfile::TempDir,
    lake: Lake,
    known: Known,
    files: BTreeMap<String, Vec<u8>>,
    server: Server,
}

const WEIGHTS: &str = "model.safetensors";

impl Place {
    fn new() -> Self {
        let weights = (0..300_000_u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8);
        let files: BTreeMap<String, Vec<u8>> = [
            ("1_Pooling/config.json", b"{\"pooling\": true}".to_vec()),
            ("config.json", b"{}".to_vec()),
            (WEIGHTS, weights.collect()),
        ]
        .map(|(name, content)| (name.to_owned(), content))
        .into();
        let known = pin(&files);
        let server = Server::start(REVISION, &files);
        let dir = tempfile::tempdir().unwrap();
        let lake = Lake::open(dir.path().join("lake").to_str().unwrap()).unwrap();
        Self { dir, lake, known, files, server }
    }

    fn downloads(&self) -> PathBuf {
        self.dir.path().join("downloads")
    }

    fn hub(&self) -> Hub {
        Hub {
            endpoint: self.server.url(),
            downloads: self.downloads(),
            patience: Patience {
                silence: Duration::from_secs(20),
                attempts: 3,
                pause: Duration::from_millis(1),
            },
        }
    }

    /// A hub that one gives up at the first trouble.
    fn impatient(&self) -> Hub {
        let mut hub = self.hub();
        hub.patience.attempts = 1;
        hub
    }

    fn fetch(&self, hub: &Hub) -> Result<Fetched, stage::Error> {
        super::fetch::fetch(&self.lake, &self.known, hub, &Silent)
    }

    /// What the lake holds of the encoder.
    fn held(&self) -> Option<BTreeMap<String, Vec<u8>>> {
        let stored = self.lake.encoders().get(self.known.name, self.known.revision).unwrap()?;
        let read = |f: &versioning::OutputFile| stored.open(f).unwrap().bytes().unwrap().to_vec();
        Some(stored.files().iter().map(|f| (f.file.clone(), read(f))).collect())
    }

    /// A fetch that must fail, and leave nothing in the lake; gives its name and message.
    fn fails(&self, hub: &Hub) -> (&'static str, String) {
        let error = self.fetch(hub).unwrap_err();
        assert_eq!(self.held(), None, "{error}");
        (error.name.as_str(), error.message)
    }

    /// Where hf-hub downloads a file to.
    fn part(&self, file: &str) -> PathBuf {
        let folder = format!("models--{}", self.known.repository.replace('/', "--"));
        let name = format!("{}.part", server::etag_of(file));
        self.downloads().join(folder).join("blobs").join(name)
    }
}

/// The pins of files. They live as long as the tests, as those of the real encoders do.
fn pin(files: &BTreeMap<String, Vec<u8>>) -> Known {
    let leak = |text: String| -> &'static str { Box::leak(text.into_boxed_str()) };
    let pins: Vec<File> = files
        .iter()
        .map(|(path, content)| File {
            path: leak(path.clone()),
            bytes: content.len() as u64,
            sha256: leak(hex(&Sha256::digest(content))),
        })
        .collect();
    Known {
        name: "made-mini",
        repository: "made/mini",
        revision: REVISION,
        files: Box::leak(pins.into_boxed_slice()),
        dimensions: 4,
        max_seq_length: 8,
        license: "MIT",
    }
}

/// Every error of a fetch names what else can be done.
fn names_the_ways_out(message: &str) {
    for way in ["`mllab encoder add DIR", "--encoder-dir", "encoder = \"lsa\""] {
        assert!(message.contains(way), "{message}");
    }
}
