//! Which encoder computes: found by name before the version's key is built, loaded from its files.
//!
//! There is no second choice: what is configured is used, or the run ends with an error that names
//! the ways out.

use std::collections::BTreeMap;

use encoder::{Encoder, Source, known, lsa::Lsa, sentence::SentenceTransformer};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use stage::{Asset, Context, Inputs};
use versioning::{Blob, Committed, InputRef, Lake, StoredEncoder};

use crate::{
    Error,
    cache::Identity,
    config::{Config, LSA},
    state::{self, STATE},
};

pub(crate) const ASSET: &str = "encoder";

/// The asset's file that says what the others are.
const SAYS: &str = "encoder.json";

/// What [`SAYS`] says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Says {
    name: String,
    revision: String,
    sha256: String,
}

/// The encoder of a call, for the stage's `prepare`.
pub(crate) fn asset(
    place: &Context<'_>,
    inputs: &Inputs,
    config: &Config,
) -> Result<Asset, stage::Error> {
    if config.encoder == LSA {
        return of_state(&state::state(place, inputs, config)?);
    }
    of_lake(&stored(place.lake, &config.encoder, config.revision.as_deref())?)
}

/// The asset that a state of `lsa` is. Its revision is the hash of its one file.
pub(crate) fn of_state(state: &Committed) -> Result<Asset, stage::Error> {
    let blob = state.open(STATE)?;
    let sha256 = versioning::hex(&Sha256::digest(blob.bytes()?));
    let says = Says { name: LSA.to_owned(), revision: sha256.clone(), sha256: sha256.clone() };
    let reference = InputRef {
        name: ASSET.to_owned(),
        uri: state.uri(),
        version: Some(state.version()),
        sha256,
        rows: None,
    };
    asset_of(reference, &says, BTreeMap::from([(STATE.to_owned(), blob)]))
}

/// The asset that an encoder of the lake is.
pub(crate) fn of_lake(stored: &StoredEncoder) -> Result<Asset, stage::Error> {
    let says = Says {
        name: stored.name().to_owned(),
        revision: stored.revision().to_owned(),
        sha256: stored.content_hash(),
    };
    let reference = InputRef {
        name: ASSET.to_owned(),
        uri: stored.uri()?,
        version: None,
        sha256: says.sha256.clone(),
        rows: None,
    };
    let mut files = BTreeMap::new();
    for file in stored.files() {
        files.insert(file.file.clone(), stored.open(file)?);
    }
    asset_of(reference, &says, files)
}

fn asset_of(
    reference: InputRef,
    says: &Says,
    mut files: BTreeMap<String, Blob>,
) -> Result<Asset, stage::Error> {
    let json = serde_json::to_vec(says).map_err(stage::Error::failed)?;
    files.insert(SAYS.to_owned(), Blob::from(json));
    Ok(Asset { reference, files })
}

/// An encoder that the lake holds.
pub(crate) fn stored(
    lake: &Lake,
    name: &str,
    revision: Option<&str>,
) -> Result<StoredEncoder, stage::Error> {
    let shelf = lake.encoders();
    let pinned = known::by_name(name).ok().map(|known| known.revision);
    if let Some(revision) = revision.or(pinned) {
        if let Some(stored) = shelf.get(name, revision)? {
            return Ok(stored);
        }
        let problem = format!("encoder {name} is not at {}", shelf.uri_of(name, revision)?);
        return Err(absent(name, problem, pinned.is_some()).into());
    }
    let held = shelf.list()?;
    let mut of_name: Vec<StoredEncoder> = held.into_iter().filter(|e| e.name() == name).collect();
    match of_name.len() {
        1 => Ok(of_name.remove(0)),
        0 => {
            let known: Vec<&str> = known::ALL.iter().map(|known| known.name).collect();
            let near = known
                .iter()
                .filter(|known| strsim::osa_distance(name, known) <= 1 + known.len() / 3)
                .min_by_key(|known| strsim::osa_distance(name, known));
            let hint = near.map_or(String::new(), |near| format!(" (did you mean `{near}`?)"));
            let problem = format!("encoder {name} is not in the lake{hint}");
            Err(absent(name, problem, false).into())
        }
        _ => {
            let revisions: Vec<&str> = of_name.iter().map(StoredEncoder::revision).collect();
            Err(Error::NoEncoder {
                problem: format!("the lake holds several revisions of encoder {name}"),
                remedy: format!("configure revision as one of {}", revisions.join(", ")),
            }
            .into())
        }
    }
}

fn absent(name: &str, problem: String, can_be_fetched: bool) -> Error {
    let fetch = if can_be_fetched {
        format!("`mllab encoder fetch {name}` brings it into the lake; ")
    } else {
        String::new()
    };
    let remedy = format!(
        "{fetch}`mllab encoder add DIR --name {name}` or `mllab run --encoder-dir DIR` brings it from a folder that has its files; or configure encoder = \"lsa\", which needs nothing to fetch"
    );
    Error::NoEncoder { problem, remedy }
}

pub(crate) struct Loaded {
    pub(crate) encoder: Box<dyn Encoder>,
    /// What its vectors depend on.
    pub(crate) identity: Identity,
}

/// Loads the encoder of an asset.
pub(crate) fn load(files: &BTreeMap<String, Blob>) -> Result<Loaded, stage::Error> {
    let says = files.get(SAYS).ok_or_else(|| stage::Error::failed("no encoder.json"))?;
    let Says { name, revision, sha256 } =
        serde_json::from_slice(&says.bytes()?).map_err(stage::Error::failed)?;
    let failed = |e| Error::Encoder { name: name.clone(), source: Box::new(e) };
    let encoder: Box<dyn Encoder> = if name == LSA {
        let state = files.get(STATE).ok_or_else(|| stage::Error::failed("no lsa.bin"))?;
        Box::new(Lsa::from_bytes(&state.bytes()?).map_err(failed)?)
    } else {
        let mut source = Source::new(format!("encoder {name}"));
        for (file, blob) in files {
            source = match blob.path() {
                Some(path) => source.with_path(file.clone(), path),
                None => source.with_bytes(file.clone(), blob.bytes()?.to_vec()),
            };
        }
        Box::new(SentenceTransformer::open(&source).map_err(failed)?)
    };
    let (kernel, dimensions) = (encoder.kernel(), encoder.dimensions());
    let identity = Identity { name, revision, sha256, kernel, dimensions };
    Ok(Loaded { encoder, identity })
}
