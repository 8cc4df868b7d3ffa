//! `latest.txt`: the object that readers follow.
//!
//! Ours has a line a file, `v7/model.json`. The Python system wrote the same, or whole keys
//! (`models/Modelo_Matching_Classificacao/v7/model_matching.pkl`), or URIs
//! (`s3://bucket/models/…/v7/model_matching.pkl`): all three are understood.

use super::Series;
use crate::{ETag, Error, Key, Version, store};

/// `latest.txt` as it was read.
pub(super) struct Latest {
    pub(super) text: String,
    pub(super) etag: ETag,
    /// The version that all its lines name, or why there is none.
    pub(super) version: Result<Version, String>,
}

impl Series {
    pub(super) fn latest(&self) -> Result<Option<Latest>, Error> {
        let Some((bytes, etag)) = store::read(&*self.store, &self.latest_key())? else {
            return Ok(None);
        };
        let text = String::from_utf8_lossy(&bytes).into_owned();
        let version = version_of(&self.prefix, &text);
        Ok(Some(Latest { text, etag, version }))
    }

    /// The version that readers of `latest.txt` find; none when there is none, or it names none.
    pub(crate) fn named_by_latest(&self) -> Result<Option<Version>, Error> {
        Ok(self.latest()?.and_then(|latest| latest.version.ok()))
    }

    pub(super) fn latest_key(&self) -> Key {
        self.prefix.child("latest.txt")
    }

    /// The file that a line names, in the folder of its version; none when it names none.
    pub(super) fn file_of<'a>(&self, version: Version, line: &'a str) -> Option<&'a str> {
        let (found, file) = below(&self.prefix, line).split_once('/')?;
        (found == version.to_string()).then_some(file)
    }
}

/// The content of `latest.txt`: its lines joined, no closing line feed, as consumers know it.
pub(super) fn text_of(lines: &[String]) -> String {
    lines.join("\n")
}

/// The lines of `latest.txt`, as they are.
pub(super) fn lines_of(text: &str) -> Vec<String> {
    text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect()
}

/// The version that all lines name.
fn version_of(prefix: &Key, text: &str) -> Result<Version, String> {
    let of = |line: &str| below(prefix, line).split('/').next().unwrap_or_default().parse();
    let mut lines = text.lines().filter(|line| !line.trim().is_empty());
    let version: Version = lines.next().map_or_else(|| Err("it is empty".to_owned()), of)?;
    match lines.map(of).find(|other| *other != Ok(version)) {
        None => Ok(version),
        Some(Ok(other)) => Err(format!("it names {version} and {other}")),
        Some(Err(reason)) => Err(reason),
    }
}

/// A line from its version on: whatever a key or URI has before the series' folder, and that.
fn below<'a>(prefix: &Key, line: &'a str) -> &'a str {
    let line = line.trim();
    match line.rsplit_once(&format!("{prefix}/")) {
        Some((before, below)) if before.is_empty() || before.ends_with('/') => below,
        _ => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_a_file_a_key_or_a_uri() {
        let prefix = Key::constant("models/M");
        let version = |text: &str| version_of(&prefix, text).map(Version::number);
        for text in [
            "v7/model.pkl",
            "v7/model.pkl\n",
            "v7/a.npy\r\nv7/b.npy\r\n\r\n",
            "models/M/v7/model.pkl",
            "s3://bucket/models/M/v7/model.pkl",
            "s3://bucket/v2/models/M/v7/model.pkl",
            "s3://models/M/v3/models/M/v7/model.pkl",
            "/models/M/v7/model.pkl",
            "v7",
        ] {
            assert_eq!(version(text), Ok(7), "{text}");
        }
        for text in [
            "",
            "\n",
            "x",
            "v0/x",
            "xmodels/M/v7/x",
            "models/N/v7/x",
            "v7/a\nv8/b",
            "v7/a\nx",
            "v18446744073709551615/x",
        ] {
            assert!(version(text).is_err(), "{text}");
        }
    }
}
