//! Where things are: locations and object keys, checked once and then trusted.

use std::{fmt, path::PathBuf, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Error;

/// S3's limit, in bytes of UTF-8.
const MAX_KEY: usize = 1024;
/// What file systems allow a name, in bytes.
const MAX_SEGMENT: usize = 255;

/// The key of an object, relative to its store: segments joined by `/`. Neither absolute nor with
/// empty segments, `.`, `..`, backslashes or control characters, so that it stays inside its store
/// whatever the store is; at most 1024 bytes, 255 a segment.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(String);

impl Key {
    /// Checks a key.
    ///
    /// # Errors
    /// [`Error::BadKey`], naming what was found.
    pub fn new(key: impl Into<String>) -> Result<Self, Error> {
        let key = key.into();
        match refusal(&key) {
            None => Ok(Self(key)),
            Some(reason) => {
                // A hostile key may be long and must not write on the terminal that shows it.
                let found = key.chars().take(200).flat_map(char::escape_debug).collect();
                Err(Error::BadKey { found, reason })
            }
        }
    }

    /// The key of `rest` below this one.
    ///
    /// # Errors
    /// [`Error::BadKey`] when `rest` is not a key, or the two together are too long.
    pub fn join(&self, rest: &str) -> Result<Self, Error> {
        // Checked alone first: what is refused is then named as it was given.
        let rest = Self::new(rest)?;
        Self::new(format!("{}/{}", self.0, rest.0))
    }

    /// [`Key::join`] with a segment that this crate itself has made.
    pub(crate) fn child(&self, segment: impl fmt::Display) -> Self {
        let key = format!("{}/{segment}", self.0);
        debug_assert!(refusal(&key).is_none(), "{key}");
        Self(key)
    }

    /// A key that this crate itself has made.
    pub(crate) fn constant(key: &str) -> Self {
        debug_assert!(refusal(key).is_none(), "{key}");
        Self(key.to_owned())
    }

    /// The key without its last segment; none for a single segment.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        self.0.rsplit_once('/').map(|(parent, _)| Self(parent.to_owned()))
    }

    /// The last segment.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.rsplit('/').next().unwrap_or(&self.0)
    }

    /// The segments, from the outermost.
    pub fn segments(&self) -> impl Iterator<Item = &str> {
        self.0.split('/')
    }

    /// The key as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why a text is not a key.
fn refusal(key: &str) -> Option<String> {
    if key.is_empty() {
        return Some("it is empty".into());
    }
    if key.len() > MAX_KEY {
        return Some(format!("it has {} bytes, more than {MAX_KEY}", key.len()));
    }
    if key.starts_with('/') {
        return Some("it is absolute: expected a key relative to its store".into());
    }
    if let Some(c) = key.chars().find(|c| c.is_control()) {
        return Some(format!("it has the control character U+{:04X}", u32::from(c)));
    }
    if key.contains('\\') {
        return Some("it has a backslash: segments are separated by `/`".into());
    }
    key.split('/').find_map(|segment| match segment {
        "" => Some("it has an empty segment".into()),
        "." | ".." => Some(format!("it has the segment `{segment}`")),
        s if s.len() > MAX_SEGMENT => {
            Some(format!("it has a segment of {} bytes, more than {MAX_SEGMENT}", s.len()))
        }
        _ => None,
    })
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Key {
    type Err = Error;

    fn from_str(key: &str) -> Result<Self, Error> {
        Self::new(key)
    }
}

/// The location of a store or of a folder in one: `s3://bucket/prefix/`, or a path.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Uri {
    /// A bucket, or what lies under a prefix of one.
    S3 {
        /// The bucket's name.
        bucket: String,
        /// The prefix without its closing `/`; none for the whole bucket.
        prefix: Option<Key>,
    },
    /// A folder of the file system.
    Path(PathBuf),
    /// The memory of this process.
    Memory(String),
}

impl Uri {
    /// Reads `s3://bucket/prefix/`, `file:///path` or a path.
    ///
    /// # Errors
    /// [`Error::BadUri`]: empty, another scheme, no valid bucket, a prefix that is not a key, a path
    /// with control characters.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let bad = |reason: String| Error::BadUri {
            found: text.chars().take(200).flat_map(char::escape_debug).collect(),
            reason,
        };
        if text.is_empty() {
            return Err(bad("it is empty: expected s3://bucket/prefix/ or a path".into()));
        }
        if let Some(c) = text.chars().find(|c| c.is_control()) {
            return Err(bad(format!("it has the control character U+{:04X}", u32::from(c))));
        }
        match text.split_once("://") {
            None => Ok(Self::Path(PathBuf::from(text))),
            Some(("file", path)) if path.starts_with('/') => Ok(Self::Path(PathBuf::from(path))),
            Some(("file", _)) => Err(bad("expected file:///an/absolute/path".into())),
            Some(("s3", rest)) => {
                let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
                if !is_bucket(bucket) {
                    return Err(bad(format!(
                        "`{bucket}` is not a bucket: expected 3 to 63 of a-z, 0-9, `-` and `.`"
                    )));
                }
                let prefix = prefix.strip_suffix('/').unwrap_or(prefix);
                let prefix = match prefix {
                    "" if rest.ends_with("//") => return Err(bad("an empty segment".into())),
                    "" => None,
                    prefix => Some(Key::new(prefix).map_err(|e| bad(e.to_string()))?),
                };
                Ok(Self::S3 { bucket: bucket.to_owned(), prefix })
            }
            Some((scheme, _)) => {
                Err(bad(format!("scheme `{scheme}` is not known: expected s3:// or a path")))
            }
        }
    }

    /// The location of an object or folder below this one, as text.
    #[must_use]
    pub fn of(&self, key: &Key) -> String {
        match self {
            Self::Path(path) => path.join(key.as_str()).display().to_string(),
            _ => format!("{self}{key}"),
        }
    }
}

fn is_bucket(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'.';
    let edge = |b: Option<&u8>| b.is_some_and(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    (3..=63).contains(&name.len())
        && name.bytes().all(inner)
        && edge(name.as_bytes().first())
        && edge(name.as_bytes().last())
        && !name.contains("..")
}

impl fmt::Display for Uri {
    /// Ends with `/`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::S3 { bucket, prefix: None } => write!(f, "s3://{bucket}/"),
            Self::S3 { bucket, prefix: Some(prefix) } => write!(f, "s3://{bucket}/{prefix}/"),
            Self::Memory(name) => write!(f, "memory://{name}/"),
            Self::Path(path) => {
                let path = path.display().to_string();
                write!(f, "{path}{}", if path.ends_with('/') { "" } else { "/" })
            }
        }
    }
}

impl FromStr for Uri {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        Self::parse(text)
    }
}

macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    };
}
serde_as_text!(Key);
serde_as_text!(Uri);

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn refused(key: &str) -> String {
        Key::new(key).unwrap_err().to_string()
    }

    #[test]
    fn what_could_leave_the_store_is_refused() {
        for (key, reason) in [
            ("", "it is empty"),
            ("/etc/passwd", "it is absolute"),
            ("a//b", "an empty segment"),
            ("a/", "an empty segment"),
            ("..", "the segment `..`"),
            ("a/../../b", "the segment `..`"),
            ("./a", "the segment `.`"),
            ("a\\..\\b", "a backslash"),
            ("a\nb", "U+000A"),
            ("a\0", "U+0000"),
            ("a\u{85}b", "U+0085"),
        ] {
            assert!(refused(key).contains(reason), "{key:?}: {}", refused(key));
        }
        assert!(refused(&"a/".repeat(600)).contains("1200 bytes"));
        assert!(refused(&"é".repeat(128)).contains("a segment of 256 bytes"));
        assert!(!refused("a\u{1b}[2Jb").contains('\u{1b}'), "an error must not drive a terminal");
        for key in ["a", "a/b", "...", "a..b/.c", "Ação 1/ü", &"a".repeat(255)] {
            assert_eq!(Key::new(key).unwrap().as_str(), key);
        }
    }

    #[test]
    fn keys_join_and_part() {
        let key = Key::new("a/b").unwrap();
        assert_eq!(key.join("c/d").unwrap().as_str(), "a/b/c/d");
        assert!(key.join("../c").is_err() && key.join("/c").is_err() && key.join("").is_err());
        assert_eq!((key.name(), key.parent().unwrap().as_str()), ("b", "a"));
        assert_eq!(key.parent().unwrap().parent(), None);
    }

    #[test]
    fn uris_are_read_once_and_written_with_a_closing_slash() {
        for (text, written) in [
            ("s3://decision-data-lake", "s3://decision-data-lake/"),
            ("s3://decision-data-lake/", "s3://decision-data-lake/"),
            ("s3://b-1.x/features/v1/", "s3://b-1.x/features/v1/"),
            ("s3://b-1.x/features/v1", "s3://b-1.x/features/v1/"),
            ("./lake", "./lake/"),
            ("/data/lake/", "/data/lake/"),
            ("file:///data", "/data/"),
        ] {
            let uri = Uri::parse(text).unwrap();
            assert_eq!(uri.to_string(), written);
            assert_eq!(Uri::parse(written).unwrap().to_string(), written);
        }
        let key = Key::new("a/b").unwrap();
        assert_eq!(Uri::parse("s3://bucket/x").unwrap().of(&key), "s3://bucket/x/a/b");
        assert_eq!(Uri::parse("lake/").unwrap().of(&key), "lake/a/b");
    }

    #[test]
    fn what_is_no_uri_is_refused() {
        for text in [
            "",
            "s3://",
            "s3:///x",
            "s3://ab",
            "s3://Bucket/",
            "s3://a_b_c/",
            "s3://a..b/",
            "s3://-ab/",
            "s3://bucket//",
            "s3://bucket/a//b",
            "s3://bucket/../x",
            "s3://bucket/a\\b",
            "http://x/y",
            "file://relative",
            "a\tb",
            "s3://bucket/a\u{7f}",
        ] {
            let error = Uri::parse(text).unwrap_err().to_string();
            assert!(error.contains("cannot be used as a location"), "{error}");
        }
    }

    proptest! {
        #[test]
        fn a_key_never_leaves_its_folder(text in "[a./\\\\\n]{0,8}") {
            if let Ok(key) = Key::new(&text) {
                let path = std::path::Path::new("/root").join(key.as_str());
                let normal = |c| matches!(c, std::path::Component::Normal(_));
                prop_assert!(path.starts_with("/root"));
                prop_assert!(path.components().skip(1).all(normal));
                prop_assert_eq!(path.components().count() - 2, key.segments().count());
            }
        }

        #[test]
        fn joining_is_checking_the_joined(a in "[a./]{1,5}", b in "[a./]{1,5}") {
            if let Ok(key) = Key::new(&a) {
                prop_assert_eq!(key.join(&b).is_ok(), Key::new(&b).is_ok());
            }
        }
    }
}
