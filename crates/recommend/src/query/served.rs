//! A stored version, read back by what its own manifest says.

use neighbours::{
    Hit, Vectors,
    annoy::Index,
    exact::Scan,
    npy::{self, Array},
};
use std::io::BufReader;
use std::ops::ControlFlow;

use serde::Deserialize;
use serde_json::{Value, json};
use versioning::{Artefact, Blob, Committed, Lake, Version};

use crate::{
    Error, artefacts,
    choose::{self, ASSET},
    columns::Side,
    config::{Config, LSA},
    day::Day,
    report::SEARCH_K,
};

/// What to do when files of a version do not belong together.
const AGAIN: &str = "run `recommend` again with --force, or name another --version";

/// What the manifest says of the encoder.
#[derive(Clone, Debug, Deserialize)]
struct Made {
    name: String,
    revision: String,
    sha256: String,
    dimensions: usize,
}

pub(crate) struct Served<'a> {
    lake: &'a Lake,
    version: Committed,
    how: &'static str,
    config: Config,
    made: Made,
    as_of: Option<Day>,
    features: Committed,
}

impl<'a> Served<'a> {
    /// The named version, else the live one, else the newest.
    pub(crate) fn open(lake: &'a Lake, named: Option<&str>) -> Result<Self, stage::Error> {
        let series = lake.series(Artefact::Recommend);
        let (version, how) = if let Some(name) = named {
            let number: Version = name.parse().map_err(|_| {
                Error::Argument(format!("--version {name}: expected a version such as v7"))
            })?;
            (series.get(number)?, "as asked")
        } else if let Some(live) = series.live()? {
            (series.get_live(live)?, "live")
        } else {
            let newest = series.newest()?.ok_or_else(|| {
                let uri = series.uri();
                Error::Argument(format!("{uri} has no version: run `recommend` first"))
            })?;
            (newest, "the newest: none is live")
        };
        let manifest = version.manifest();
        let said = |key: &str| manifest.extra.get(key).cloned().unwrap_or(Value::Null);
        let other = |what: &str, e: &dyn std::fmt::Display| Error::Mismatch {
            file: format!("{}manifest.json", version.uri()),
            expected: format!("{what} as this release writes it"),
            found: e.to_string(),
            remedy: "it was made by another release: run `recommend` again",
        };
        let config =
            serde_json::from_value(manifest.config.clone()).map_err(|e| other("config", &e))?;
        let made = serde_json::from_value(said("encoder")).map_err(|e| other("encoder", &e))?;
        let as_of = serde_json::from_value(said("as_of")).map_err(|e| other("as_of", &e))?;
        let from = manifest.inputs.iter().find(|input| input.name == "features");
        let store = lake.series(Artefact::Features);
        let features = match from.and_then(|input| input.version) {
            Some(number) => store.find_version(number)?,
            None => None,
        };
        let features = features.ok_or_else(|| {
            let uri = from.map_or_else(|| store.uri(), |input| input.uri.clone());
            Error::Argument(format!(
                "recommend {} was made from {uri}, which is not there any more: run the day, or name another --version",
                version.version()
            ))
        })?;
        Ok(Self { lake, how, config, made, as_of, features, version })
    }

    /// Checks that the features are those that it was made from: rows are looked up by number, and
    /// those of others would be another person's words.
    pub(crate) fn check_features(&self) -> Result<(), Error> {
        let mut inputs = self.version.manifest().inputs.iter();
        let made_from = inputs.find(|input| input.name == "features").map(|input| &input.sha256);
        if made_from == Some(&self.features.manifest().content_hash()) {
            return Ok(());
        }
        Err(Error::Mismatch {
            file: self.features.uri(),
            expected: format!("the files that recommend {} was made from", self.version()),
            found: "others".to_owned(),
            remedy: "restore them, or run `recommend` again",
        })
    }

    pub(crate) fn version(&self) -> Version {
        self.version.version()
    }

    /// Its number, and how it was chosen.
    pub(crate) fn chosen(&self) -> String {
        format!("{} ({})", self.version(), self.how)
    }

    pub(crate) fn encoder(&self) -> String {
        let revision: String = self.made.revision.chars().take(12).collect();
        format!("{} {revision}", self.made.name)
    }

    pub(crate) fn encoder_json(&self) -> Value {
        json!({"name": self.made.name, "revision": self.made.revision})
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// The day at which jobs were open.
    pub(crate) fn as_of(&self) -> Option<Day> {
        self.as_of
    }

    /// How many records of a side the version of the features has that it was made from, where that
    /// one says so; and that version's number.
    pub(crate) fn counted(&self, side: Side) -> (Option<u64>, Version) {
        let file = self.features.manifest().output(side.file());
        (file.and_then(|file| file.rows), self.features.version())
    }

    pub(crate) fn file(&self, name: &str) -> Result<Blob, stage::Error> {
        Ok(self.version.open(name)?)
    }

    /// The table of a side that it was made from.
    pub(crate) fn features(&self, side: Side) -> Result<Blob, stage::Error> {
        Ok(self.features.open(side.file())?)
    }

    /// The ids of a side, by row.
    pub(crate) fn ids(&self, side: Side) -> Result<Vec<Box<str>>, stage::Error> {
        Ok(artefacts::read_ids(side, self.version.open(artefacts::rows_of(side))?)?)
    }

    /// The row and the vector of an id.
    pub(crate) fn look_up(
        &self,
        side: Side,
        id: &str,
    ) -> Result<(Option<u32>, Vec<f32>), stage::Error> {
        let ids = self.ids(side)?;
        let Some(row) = ids.iter().position(|known| **known == *id) else {
            let near = nearest(id, &ids);
            let near = if near.is_empty() { "none is near".to_owned() } else { near.join(", ") };
            return Err(Error::UnknownId(format!(
                "recommend {} has no {} {id} (near: {near}): check the id, or run the day first",
                self.chosen(),
                side.noun()
            ))
            .into());
        };
        let vector = {
            let vectors = self.vectors(side, ids.len())?;
            vectors.values[row * vectors.columns..][..vectors.columns].to_vec()
        };
        Ok((u32::try_from(row).ok(), vector))
    }

    /// The vector of a text, by the encoder that made the others.
    pub(crate) fn encode(&self, text: &str) -> Result<Vec<f32>, stage::Error> {
        let Made { name, revision, sha256, dimensions } = &self.made;
        let asset = if name == LSA {
            let manifest = self.version.manifest();
            let state = manifest.inputs.iter().find(|input| input.name == ASSET);
            let series = self.lake.series(Artefact::Lsa);
            let found = match state.and_then(|input| input.version) {
                Some(number) => series.find_version(number)?,
                None => None,
            };
            let found = found.ok_or_else(|| {
                Error::Argument(format!(
                    "the state of lsa that recommend {} was made with is not in {} any more: run `recommend` again",
                    self.version(),
                    series.uri()
                ))
            })?;
            choose::of_state(&found)?
        } else {
            choose::of_lake(&choose::stored(self.lake, name, Some(revision))?)?
        };
        if asset.reference.sha256 != *sha256 {
            return Err(Error::Mismatch {
                file: asset.reference.uri,
                expected: format!("the files that recommend {} was made with", self.version()),
                found: "others of the same name".to_owned(),
                remedy: AGAIN,
            }
            .into());
        }
        let loaded = choose::load(&asset.files)?;
        let embeddings = loaded
            .encoder
            .encode(&[text], self.config.long_text, &|_| ControlFlow::Continue(()))
            .map_err(|e| Error::Encoder { name: name.clone(), source: Box::new(e) })?;
        if embeddings.dimensions != *dimensions {
            return Err(Error::Mismatch {
                file: format!("encoder {name}"),
                expected: format!("vectors of {dimensions} numbers"),
                found: embeddings.dimensions.to_string(),
                remedy: AGAIN,
            }
            .into());
        }
        Ok(embeddings.vectors)
    }

    /// The nearest of a side, of those that may be found. A vector that says nothing is near nothing.
    pub(crate) fn exact(
        &self,
        side: Side,
        vector: &[f32],
        k: usize,
        may: Option<&[bool]>,
    ) -> Result<Vec<Hit>, stage::Error> {
        let vectors = self.vectors(side, self.ids(side)?.len())?;
        Ok(nearest_of(side, &vectors, vector, k, may)?.pop().unwrap_or_default())
    }

    pub(crate) fn index(&self) -> Result<Index, stage::Error> {
        let file = artefacts::INDEX;
        let failed = |source| Error::Neighbours { file: file.to_owned(), source };
        let blob = self.version.open(file)?;
        let index = match blob.path() {
            Some(path) => Index::open(path, self.made.dimensions),
            None => Index::from_bytes(blob.bytes()?.to_vec(), self.made.dimensions),
        };
        let index = index.map_err(failed)?;
        let jobs = self.ids(Side::Jobs)?.len();
        if index.len() != jobs {
            return Err(Error::Mismatch {
                file: file.to_owned(),
                expected: format!("{jobs} jobs, as {} has", artefacts::rows_of(Side::Jobs)),
                found: index.len().to_string(),
                remedy: AGAIN,
            }
            .into());
        }
        Ok(index)
    }

    /// Jobs to compare a query of the index, for lists of up to ten; none for a version of an older
    /// release, whose index compares as many as it does by itself.
    pub(crate) fn search_k(&self) -> Option<usize> {
        let search_k = self.version.manifest().metrics.get(SEARCH_K)?.as_u64()?;
        usize::try_from(search_k).ok()
    }

    /// The nearest jobs by the index.
    pub(crate) fn by_index(&self, vector: &[f32], k: usize) -> Result<Vec<Hit>, stage::Error> {
        let index = self.index()?;
        if !says_something(vector) {
            return Ok(Vec::new());
        }
        let failed = |source| Error::Neighbours { file: artefacts::INDEX.to_owned(), source };
        let search_k = self.search_k().map(|of_ten| of_ten.max(k * index.trees()));
        let found = index.nearest(vector, k, search_k).map_err(failed)?;
        let mut hits = Vec::with_capacity(found.len());
        for near in found {
            let job = index.vector(near.item as usize).map_err(failed)?;
            if says_something(job) {
                // Of vectors of length 1, the square of the distance is 2 - 2 cos.
                let cosine = 1.0 - near.distance * near.distance / 2.0;
                hits.push(Hit { item: near.item, cosine });
            }
        }
        Ok(hits)
    }

    pub(crate) fn titles(&self, rows: &[u32]) -> Result<Vec<Option<String>>, stage::Error> {
        let titles = crate::records::texts(Side::Jobs, self.features(Side::Jobs)?, "titulo_vaga")?;
        Ok(rows.iter().map(|&row| titles.get(row as usize).cloned().flatten()).collect())
    }

    /// The vectors of a side's `rows` records.
    pub(crate) fn vectors(&self, side: Side, rows: usize) -> Result<Array, stage::Error> {
        let file = artefacts::embeddings_of(side);
        let reader = BufReader::with_capacity(1 << 20, self.version.open(file)?.reader_at(0)?);
        let vectors = npy::read(reader)
            .map_err(|source| Error::Neighbours { file: file.to_owned(), source })?;
        if (vectors.rows, vectors.columns) != (rows, self.made.dimensions) {
            return Err(Error::Mismatch {
                file: file.to_owned(),
                expected: format!(
                    "({rows}, {}), as {} has it",
                    self.made.dimensions,
                    artefacts::rows_of(side)
                ),
                found: format!("({}, {})", vectors.rows, vectors.columns),
                remedy: AGAIN,
            }
            .into());
        }
        Ok(vectors)
    }
}

/// The nearest of a side's vectors to each of the queries, which lie behind one another, of those
/// that may be found. A vector that says nothing is near nothing.
pub(crate) fn nearest_of(
    side: Side,
    vectors: &Array,
    queries: &[f32],
    k: usize,
    may: Option<&[bool]>,
) -> Result<Vec<Vec<Hit>>, Error> {
    let failed =
        |source| Error::Neighbours { file: artefacts::embeddings_of(side).to_owned(), source };
    let items = Vectors::new(&vectors.values, vectors.columns).map_err(failed)?;
    let queries = Vectors::new(queries, vectors.columns).map_err(failed)?;
    let mask: Vec<bool> = (0..items.len())
        .map(|row| {
            may.is_none_or(|may| may.get(row).copied().unwrap_or(false))
                && says_something(items.row(row))
        })
        .collect();
    let says = |query: usize, _: usize| says_something(queries.row(query));
    Scan::new(k).allowed(&mask).admits(&says).collect(&queries, &items).map_err(failed)
}

fn says_something(vector: &[f32]) -> bool {
    vector.iter().any(|number| *number != 0.0)
}

/// Up to three ids that differ by a slip of the finger or two.
fn nearest<'a>(id: &str, ids: &'a [Box<str>]) -> Vec<&'a str> {
    let mut near: Vec<(usize, &str)> = ids
        .iter()
        .filter(|known| known.len().abs_diff(id.len()) <= 2)
        .map(|known| (strsim::osa_distance(id, known), &**known))
        .filter(|(distance, _)| *distance <= 2)
        .collect();
    near.sort_unstable();
    near.into_iter().take(3).map(|(_, known)| known).collect()
}
