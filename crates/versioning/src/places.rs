//! From a location to the store that is there.

use std::{path::PathBuf, sync::Arc};

#[cfg(feature = "s3")]
use crate::store::{Connection, S3Store};
use crate::{DirStore, Error, Key, Store, Uri};

/// Opens stores. Those on S3 share one client, which is made when the first of them is used.
#[derive(Clone, Debug, Default)]
pub(crate) struct Places {
    #[cfg(feature = "s3")]
    connection: Connection,
}

impl Places {
    /// The store at a location, to read and to write.
    pub(crate) fn open(&self, uri: &Uri) -> Result<Arc<dyn Store>, Error> {
        match uri {
            Uri::Path(path) => Ok(Arc::new(DirStore::open(path.clone())?)),
            other => self.elsewhere(other),
        }
    }

    /// The store at somebody else's location, to read from.
    pub(crate) fn read(&self, uri: &Uri) -> Result<Arc<dyn Store>, Error> {
        match uri {
            Uri::Path(path) => Ok(Arc::new(DirStore::at(path.clone()))),
            other => self.elsewhere(other),
        }
    }

    fn elsewhere(&self, uri: &Uri) -> Result<Arc<dyn Store>, Error> {
        match uri {
            #[cfg(feature = "s3")]
            Uri::S3 { .. } => Ok(Arc::new(S3Store::over(self.connection.clone(), uri)?)),
            #[cfg(not(feature = "s3"))]
            Uri::S3 { .. } => Err(Error::BadUri {
                found: uri.to_string(),
                reason: "this build reads and writes folders only; for S3 build `mllab` with \
                    `--features aws`, a stage with `--features lambda`"
                    .into(),
            }),
            _ => Err(Error::BadUri {
                found: uri.to_string(),
                reason: "expected s3://bucket/prefix/ or a path".into(),
            }),
        }
    }
}

/// Where the data and where the features of the lake at `location` are: in a folder, or in the
/// bucket of the name and its sister.
pub(crate) fn of_lake(location: &str, data: &str, features: &str) -> Result<(Uri, Uri), Error> {
    match Uri::parse(location)? {
        Uri::S3 { bucket, prefix: None } => Ok((
            Uri::parse(&format!("s3://{bucket}/"))?,
            Uri::parse(&format!("s3://{bucket}-features/"))?,
        )),
        Uri::Path(path) => {
            let folder = |name: &str| -> PathBuf { path.join(name) };
            Ok((Uri::Path(folder(data)), Uri::Path(folder(features))))
        }
        other => Err(Error::BadUri {
            found: other.to_string(),
            reason:
                "expected a bucket, s3://NAME/, whose features are in NAME-features, or a folder"
                    .into(),
        }),
    }
}

/// The folder of a store that a location names; none when it is not in the store.
pub(crate) fn folder_in(store: &dyn Store, uri: &Uri) -> Option<Key> {
    let (Uri::S3 { bucket, prefix }, Uri::S3 { bucket: own, prefix: below }) = (uri, store.uri())
    else {
        return None;
    };
    let folder = prefix.as_ref().filter(|_| bucket == own)?.as_str();
    let folder = match below {
        Some(below) => folder.strip_prefix(below.as_str())?.strip_prefix('/')?,
        None => folder,
    };
    Key::new(folder).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lake_is_two_buckets_or_two_folders() {
        let places = |location: &str| {
            of_lake(location, "d", "f").map(|(data, features)| format!("{data} {features}"))
        };
        assert_eq!(places("s3://lake").unwrap(), "s3://lake/ s3://lake-features/");
        assert_eq!(places("here").unwrap(), "here/d/ here/f/");
        let prefix = places("s3://lake/x/").unwrap_err().to_string();
        assert!(prefix.contains("expected a bucket"), "{prefix}");
        let long = places(&format!("s3://{}", "a".repeat(60))).unwrap_err().to_string();
        assert!(long.contains("-features` is not a bucket"), "{long}");
    }

    #[cfg(feature = "s3")]
    #[test]
    fn a_location_within_a_store_is_its_folder() {
        let places = Places::default();
        let folder = |store: &str, uri: &str| {
            let store = places.open(&Uri::parse(store).unwrap()).unwrap();
            folder_in(&*store, &Uri::parse(uri).unwrap()).map(|key| key.to_string())
        };
        assert_eq!(folder("s3://lake/", "s3://lake/raw/day/").as_deref(), Some("raw/day"));
        assert_eq!(folder("s3://lake/a/", "s3://lake/a/raw").as_deref(), Some("raw"));
        for (store, uri) in [
            ("s3://lake/", "s3://other/raw/"),
            ("s3://lake/", "s3://lake/"),
            ("s3://lake/a", "s3://lake/ab/raw"),
            ("s3://lake/a", "s3://lake/a"),
            ("s3://lake/", "raw"),
            ("lake", "lake/raw"),
        ] {
            assert_eq!(folder(store, uri), None, "{uri} in {store}");
        }
    }
}
