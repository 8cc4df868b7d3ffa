//! A sentence-transformers directory into the lake.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use ::encoder::{
    Source,
    known::{self, Known},
    sentence::SentenceTransformer,
};
use serde::Deserialize;
use sha2::{Digest, Sha256};
use stage::{Error, ErrorName};
use versioning::{Lake, hex};

use super::{
    fetch::lake_error,
    pin::{self, Wrong},
};

/// The encoder that is fitted and not fetched.
pub(super) const LSA: &str = "lsa";

/// The files that an encoder is made of, in the directory itself and in those of its modules.
const FILES: [&str; 11] = [
    "config.json",
    "config_sentence_transformers.json",
    "model.safetensors",
    "modules.json",
    "sentence_bert_config.json",
    "sentence_roberta_config.json",
    "sentence_xlm-roberta_config.json",
    "sentence_xlnet_config.json",
    "special_tokens_map.json",
    "tokenizer.json",
    "tokenizer_config.json",
];

/// Characters of a revision, as many as the hub's have.
const REVISION: usize = 40;

/// Brings the sentence-transformers directory `dir` into the lake, under `name` or its own name;
/// gives name and revision. Under the name of a known encoder its files must be the pinned ones.
///
/// # Errors
/// [`ErrorName::BadInput`] where a file is missing, wrong, or no encoder that can be run;
/// [`ErrorName::ConfigInvalid`] for a name that cannot be; that the store failed.
pub(crate) fn add_dir(
    lake: &Lake,
    dir: &Path,
    name: Option<&str>,
) -> Result<(String, String), Error> {
    add(lake, dir, name, known::ALL)
}

/// [`add_dir`], with other encoders being known.
pub(super) fn add(
    lake: &Lake,
    dir: &Path,
    name: Option<&str>,
    all: &[Known],
) -> Result<(String, String), Error> {
    let at = dir.display();
    if !dir.is_dir() {
        return Err(Error::bad_input(format!(
            "{at}: expected a directory with a sentence-transformers checkpoint, found {}",
            if dir.exists() { "a file" } else { "nothing" }
        )));
    }
    check_entries(dir)?;
    let own = || {
        let whole = dir.canonicalize().ok()?;
        Some(whole.file_name()?.to_str()?.to_owned())
    };
    let name = name.map(str::to_owned).or_else(own);
    let name = name.ok_or_else(|| {
        Error::config(format!("{at}: its name cannot be an encoder's: give one with --name"))
    })?;
    if name == LSA {
        return Err(Error::config(
            "`lsa` is the encoder that is fitted and not fetched: give another name with --name",
        ));
    }
    let shelf = lake.encoders();
    // A name that can be no key is better told before half a gigabyte is read.
    shelf.uri_of(&name, "0").map_err(|e| Error::config(format!("{e}: give one with --name")))?;
    let (revision, files) = match all.iter().find(|known| known.name == name) {
        Some(known) => (known.revision.to_owned(), pinned(dir, known)?),
        None => unpinned(dir)?,
    };
    let stored = shelf.put(&name, &revision, &files).map_err(lake_error)?;
    if let Some(known) = all.iter().find(|known| known.name == name) {
        pin::check_stored(&stored, known)?;
    }
    Ok((name, revision))
}

/// Refuses what is neither file nor folder, and links that lead out of the directory, before
/// anything is opened: a named pipe would never end, and a link could bring any file into the lake.
/// In a snapshot of Hugging Face's cache the files are links into the `blobs` beside it.
fn check_entries(dir: &Path) -> Result<(), Error> {
    let root = dir.canonicalize().map_err(|e| unreadable(dir, &e))?;
    let model = root.parent().filter(|snapshots| snapshots.ends_with("snapshots"));
    let blobs = model.and_then(Path::parent).map(|model| model.join("blobs"));
    let is_within = |target: &Path| {
        target.starts_with(&root) || blobs.as_ref().is_some_and(|blobs| target.starts_with(blobs))
    };
    let mut folders = vec![root.clone()];
    while let Some(folder) = folders.pop() {
        let entries = std::fs::read_dir(&folder).map_err(|e| unreadable(&folder, &e))?;
        for entry in entries {
            let path = entry.map_err(|e| unreadable(&folder, &e))?.path();
            let refused = |found: &str| {
                let path = path.display().to_string();
                Error::bad_input(format!(
                    "{}: expected a file or folder of the encoder's own, found {found}; put a copy \
                     of the file there, or remove it",
                    path.escape_debug()
                ))
            };
            let is_link = path.is_symlink();
            if is_link && !path.canonicalize().is_ok_and(|target| is_within(&target)) {
                return Err(refused("a link that leads out of the directory"));
            }
            let meta = std::fs::metadata(&path).map_err(|e| unreadable(&path, &e))?;
            if !meta.is_file() && !meta.is_dir() {
                return Err(refused("a named pipe, device or socket"));
            }
            // What a link leads to within the directory is met there.
            if meta.is_dir() && !is_link {
                folders.push(path);
            }
        }
    }
    Ok(())
}

type Files = Vec<(String, PathBuf)>;

/// The files of a known encoder, each as it is pinned.
fn pinned(dir: &Path, known: &Known) -> Result<Files, Error> {
    let Known { name, repository, revision, .. } = known;
    let mut files = Files::new();
    for file in known.files {
        let path = dir.join(file.path);
        let at = path.display();
        if !path.is_file() {
            return Err(Error::bad_input(format!(
                "{at} is missing: expected all files of {repository} at revision {revision}: {}; \
                 `mllab encoder fetch {name}` downloads them, and encoder = \"lsa\" needs none",
                known.files.iter().map(|f| f.path).collect::<Vec<_>>().join(", ")
            )));
        }
        pin::check(&path, file).map_err(|wrong| match wrong {
            Wrong::Unreadable(error) => unreadable(&path, &error),
            wrong => Error::bad_input(format!(
                "{at} is not the file that is pinned for {name}: {wrong}: give the files of \
                 {repository} at revision {revision}, download them with `mllab encoder fetch \
                 {name}`, or give an encoder of your own another name with --name"
            )),
        })?;
        files.push((file.path.to_owned(), path));
    }
    Ok(files)
}

/// The files of any checkpoint that can be run, and its revision: the beginning of the hash over
/// their names and contents.
fn unpinned(dir: &Path) -> Result<(String, Files), Error> {
    let problem = match Source::dir(dir) {
        Ok(source) => match SentenceTransformer::open(&source) {
            Ok(encoder) => encoder.check().err(),
            Err(error) => Some(error),
        },
        Err(error) => Some(error),
    };
    if let Some(error) = problem {
        let name = match error {
            encoder::Error::Read { .. } => ErrorName::StoreUnavailable,
            _ => ErrorName::BadInput,
        };
        return Err(Error::new(
            name,
            format!(
                "{error}: `mllab encoder add` takes a directory that sentence-transformers has \
                 saved, whole; encoder = \"lsa\" needs none"
            ),
        ));
    }
    let mut names = BTreeSet::new();
    for folder in module_folders(dir)? {
        for file in FILES {
            let name = if folder.is_empty() { file.into() } else { format!("{folder}/{file}") };
            if dir.join(&name).is_file() {
                names.insert(name);
            }
        }
    }
    let (mut files, mut contents) = (Files::new(), Sha256::new());
    for name in names {
        let path = dir.join(&name);
        let (_, sha256) = pin::measure(&path).map_err(|e| unreadable(&path, &e))?;
        // As `StoredEncoder::content_hash` does.
        contents.update((name.len() as u64).to_le_bytes());
        contents.update(name.as_bytes());
        contents.update(sha256.as_bytes());
        files.push((name, path));
    }
    let mut revision = hex(&contents.finalize());
    revision.truncate(REVISION);
    Ok((revision, files))
}

/// The directory itself, as an empty name, and those that `modules.json` names.
fn module_folders(dir: &Path) -> Result<BTreeSet<String>, Error> {
    #[derive(Deserialize)]
    struct Module {
        path: String,
    }
    let mut folders = BTreeSet::from([String::new()]);
    let path = dir.join("modules.json");
    if path.is_file() {
        let json = std::fs::read(&path).map_err(|e| unreadable(&path, &e))?;
        let modules: Vec<Module> = serde_json::from_slice(&json).map_err(|e| {
            Error::bad_input(format!("{}: expected a list of modules: {e}", path.display()))
        })?;
        folders.extend(modules.into_iter().map(|m| m.path.trim_matches('/').to_owned()));
    }
    Ok(folders)
}

fn unreadable(path: &Path, error: &std::io::Error) -> Error {
    Error::new(ErrorName::StoreUnavailable, format!("{} cannot be read: {error}", path.display()))
}
