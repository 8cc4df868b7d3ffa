//! What encoders the lake holds, and whether they are whole.

use ::encoder::known::Known;
use serde_json::{Value, json};
use stage::{Error, Progress, cli::Printed};
use versioning::{Lake, StoredEncoder};

use super::{pin, trouble::ways_out};
use crate::table::render;

/// The encoders of the lake, and those of `all` that it lacks.
pub(super) fn list(lake: &Lake, all: &[Known]) -> Result<Printed, Error> {
    let shelf = lake.encoders();
    let held = shelf.list()?;
    let mut rows = vec![["encoder", "revision", "MB", "files"].map(str::to_owned).to_vec()];
    let mut encoders = Vec::new();
    for stored in &held {
        let (name, revision) = (stored.name(), stored.revision());
        let (bytes, files) = (bytes_of(stored), stored.files().len());
        rows.push(vec![name.to_owned(), revision.to_owned(), megabytes(bytes), files.to_string()]);
        encoders.push(json!({
            "name": name,
            "revision": revision,
            "bytes": bytes,
            "files": stored.files().iter().map(|f| f.file.as_str()).collect::<Vec<_>>(),
            "uri": stored.uri()?,
        }));
    }
    let mut text =
        if held.is_empty() { "the lake holds no encoder\n".to_owned() } else { render(&rows) };
    let is_held = |k: &Known| held.iter().any(|s| (s.name(), s.revision()) == (k.name, k.revision));
    let mut missing: Vec<Value> = Vec::new();
    for known in all.iter().filter(|known| !is_held(known)) {
        let Known { name, repository, revision, license, .. } = known;
        let bytes: u64 = known.files.iter().map(|file| file.bytes).sum();
        let mb = megabytes(bytes);
        text.push_str(&format!(
            "not here: {name} ({mb} MB, {license}): `mllab encoder fetch {name}` downloads it; {}\n",
            ways_out(name)
        ));
        missing.push(json!({
            "name": name,
            "repository": repository,
            "revision": revision,
            "bytes": bytes,
            "license": license,
            "fetch": format!("mllab encoder fetch {name}"),
            "add": format!("mllab encoder add DIR --name {name}"),
        }));
    }
    Ok(Printed { text, json: json!({"encoders": encoders, "missing": missing}) })
}

/// Reads every file of the lake's encoders, or of those called `name`, and compares its hash with the
/// listing's, and the listing of a known one with its pins.
pub(super) fn verify(
    lake: &Lake,
    all: &[Known],
    name: Option<&str>,
    progress: &dyn Progress,
) -> Result<Printed, Error> {
    let held = lake.encoders().list()?;
    let held: Vec<_> = held.iter().filter(|s| name.is_none_or(|n| n == s.name())).collect();
    if let (Some(name), true) = (name, held.is_empty()) {
        return Err(Error::bad_input(format!(
            "the lake holds no encoder `{name}`: see `mllab encoder list`; {}",
            ways_out(name)
        )));
    }
    let (mut files, mut bytes, mut broken) = (0_u64, 0_u64, Vec::new());
    for stored in held {
        let phase = progress.phase(stored.name(), Some(bytes_of(stored)), "bytes")?;
        let mut damaged = Vec::new();
        for file in stored.files() {
            match stored.open(file) {
                Ok(_) => (files, bytes) = (files + 1, bytes + file.bytes),
                Err(error) => damaged.push(error.to_string()),
            }
            phase.advance(file.bytes)?;
        }
        let pins = |k: &&Known| (k.name, k.revision) == (stored.name(), stored.revision());
        if !damaged.is_empty() {
            let (name, uri) = (stored.name(), stored.uri()?);
            damaged.push(format!(
                "{name}: remove {uri}, then `mllab encoder fetch {name}` or `mllab encoder add \
                 DIR --name {name}` brings it anew"
            ));
            broken.append(&mut damaged);
        } else if let Some(Err(error)) = all.iter().find(pins).map(|k| pin::check_stored(stored, k))
        {
            broken.push(error.to_string());
        }
    }
    if !broken.is_empty() {
        return Err(Error::failed(broken.join("\n")));
    }
    let mb = megabytes(bytes);
    let text = format!("{files} files, {mb} MB: every hash is as its listing says");
    Ok(Printed { text, json: json!({"files": files, "bytes": bytes}) })
}

fn bytes_of(stored: &StoredEncoder) -> u64 {
    stored.files().iter().map(|file| file.bytes).sum()
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}
