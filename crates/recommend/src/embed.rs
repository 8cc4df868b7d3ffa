//! Texts become vectors: what is known is read, what is new is encoded and kept.
//!
//! One thread reads and composes texts, rayon's hash and encode them, one keeps what is new; of the
//! texts themselves no more than a few thousand are in memory.

use std::ops::ControlFlow;
use std::sync::{
    Mutex, PoisonError,
    mpsc::{Receiver, SyncSender, sync_channel},
};

use encoder::{Embeddings, LongText};
use hashbrown::HashMap;
use rayon::prelude::*;
use stage::{Cancelled, Phase, Progress};
use versioning::Memo;

use crate::{
    Error,
    cache::{CachedVectors, PIECE, TextHash, hash_of},
    choose::Loaded,
    columns::Side,
    compose::{Batch, Texts},
    config::Config,
};

/// Bytes of text that wait to be encoded at most, but for one batch.
const WAITING_BYTES: usize = 16 << 20;

/// The vectors of one side, in the order of its table.
#[derive(Clone, Debug)]
pub struct Embedded {
    pub side: Side,
    pub ids: Vec<Box<str>>,
    pub hashes: Vec<[u8; 32]>,
    pub characters: Vec<u32>,
    /// Whether more of a text was there than was read.
    pub cut: Vec<bool>,
    /// `(n, dimensions)`, row after row.
    pub vectors: Vec<f32>,
    /// Numbers a vector has.
    pub dimensions: usize,
    /// The texts that were asked for, with their rows, ascending.
    pub texts: Vec<(u32, String)>,
}

impl Embedded {
    /// The text of a row that was asked for; else it is empty.
    pub fn text(&self, row: u32) -> &str {
        let place = self.texts.binary_search_by_key(&row, |(row, _)| *row);
        place.map_or("", |place| &self.texts[place].1)
    }

    /// Share of the texts of which something was cut.
    pub fn cut_share(&self) -> f64 {
        let cut = self.cut.iter().filter(|cut| **cut).count();
        cut as f64 / self.cut.len().max(1) as f64
    }

    /// The vector of row `i`.
    pub fn row(&self, i: usize) -> &[f32] {
        &self.vectors[i * self.dimensions..(i + 1) * self.dimensions]
    }

    /// Whether something is known of row `i`: it has a text, and its vector has a direction.
    pub fn says_something(&self, i: usize) -> bool {
        self.characters[i] > 0 && self.row(i).iter().any(|number| *number != 0.0)
    }
}

/// How many texts were encoded, and how many were not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EncodedCounts {
    pub encoded: usize,
    /// Records whose vector an earlier run had computed.
    pub reused: usize,
    /// Records whose text another record of this run has too.
    pub repeated: usize,
}

/// Encodes the texts of both sides.
pub(crate) struct Embedder<'a> {
    loaded: &'a Loaded,
    long: LongText,
    memo: &'a Memo,
    group: String,
    kept: CachedVectors,
    progress: &'a dyn Progress,
    pub(crate) counts: EncodedCounts,
}

/// Vectors on their way to the memo.
struct Fresh {
    hashes: Vec<TextHash>,
    cut: Vec<bool>,
    vectors: Vec<f32>,
}

impl<'a> Embedder<'a> {
    /// With what earlier runs have computed.
    pub(crate) fn new(
        loaded: &'a Loaded,
        config: &Config,
        memo: &'a Memo,
        progress: &'a dyn Progress,
    ) -> Result<Self, stage::Error> {
        let group = loaded.identity.group(config);
        let kept = CachedVectors::open(memo, group.clone(), loaded.identity.dimensions)?;
        let (long, counts) = (config.long_text, EncodedCounts::default());
        Ok(Self { loaded, long, memo, group, kept, progress, counts })
    }

    /// The vectors of one side. The texts of the rows `wanted` (ascending) are held.
    pub(crate) fn embed(
        &mut self,
        side: Side,
        texts: Texts,
        wanted: &[u32],
    ) -> Result<Embedded, stage::Error> {
        let rows = usize::try_from(texts.rows()).map_err(stage::Error::failed)?;
        let phase = format!("encode {}", side.plural());
        let phase = self.progress.phase(&phase, Some(rows as u64), "texts")?;
        std::thread::scope(|scope| {
            let (to_read, read) = sync_channel(1);
            scope.spawn(move || {
                texts.map(|batch| to_read.send(batch)).take_while(Result::is_ok).count()
            });
            let (to_keep, fresh) = sync_channel(2);
            let kept = &self.kept;
            let keeper = scope.spawn(move || keep(kept, fresh));
            let mut run = Run {
                loaded: self.loaded,
                long: self.long,
                kept,
                phase: &phase,
                to_keep,
                of: Embedded {
                    side,
                    ids: Vec::with_capacity(rows),
                    hashes: Vec::with_capacity(rows),
                    characters: Vec::with_capacity(rows),
                    cut: Vec::with_capacity(rows),
                    vectors: Vec::with_capacity(rows * self.loaded.identity.dimensions),
                    dimensions: self.loaded.identity.dimensions,
                    texts: Vec::with_capacity(wanted.len()),
                },
                wanted,
                first: HashMap::new(),
                copies: Vec::new(),
                waiting: Waiting::default(),
                counts: EncodedCounts::default(),
            };
            for batch in read {
                run.take(batch?)?;
            }
            run.encode()?;
            run.copy();
            let Run { of, counts, to_keep, .. } = run;
            drop(to_keep);
            if let Ok(Err(error)) = keeper.join() {
                // It costs time later, not a result now.
                self.progress.note(&format!("some vectors could not be kept: {error}"));
            }
            self.counts.encoded += counts.encoded;
            self.counts.reused += counts.reused;
            self.counts.repeated += counts.repeated;
            Ok(of)
        })
    }

    /// Leaves the memo tidy.
    pub(crate) fn finish(self) -> Result<EncodedCounts, stage::Error> {
        let Self { memo, group, loaded, kept, counts, .. } = self;
        // Shards add and never tidy: then this run has encoded nothing.
        let crowded = counts.encoded > 0 || kept.is_crowded();
        drop(kept);
        if crowded {
            CachedVectors::tidy(memo, &group, loaded.identity.dimensions)?;
        }
        Ok(counts)
    }
}

fn keep(kept: &CachedVectors, fresh: Receiver<Fresh>) -> Result<(), stage::Error> {
    let mut result = Ok(());
    for Fresh { hashes, cut, vectors } in fresh {
        if result.is_ok() {
            result = kept.add(&hashes, &cut, &vectors);
        }
    }
    result
}

/// Encodes texts; `id_of` gives the id of the record that a text is of.
pub(crate) fn encode<'i>(
    loaded: &Loaded,
    long: LongText,
    side: Side,
    texts: &[String],
    id_of: impl Fn(usize) -> &'i str,
    phase: &Phase<'_>,
) -> Result<Embeddings, stage::Error> {
    let name = &loaded.identity.name;
    let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
    let phase = Mutex::new(phase);
    let done = |n: usize| {
        let phase = phase.lock().unwrap_or_else(PoisonError::into_inner);
        match phase.advance(n as u64) {
            Ok(()) => ControlFlow::Continue(()),
            Err(Cancelled) => ControlFlow::Break(()),
        }
    };
    let embeddings = loaded
        .encoder
        .encode(&texts, long, &done)
        .map_err(|e| Error::Encoder { name: name.clone(), source: Box::new(e) })?;
    for i in 0..texts.len() {
        if !embeddings.row(i).iter().all(|number| number.is_finite()) {
            return Err(Error::NotFinite {
                name: name.clone(),
                noun: side.noun(),
                id: id_of(i).to_owned(),
                remedy: "verify the encoder's files (`mllab encoder verify`)",
            }
            .into());
        }
    }
    Ok(embeddings)
}

/// Texts that wait to be encoded, and whose they are.
pub(crate) struct Waiting<T> {
    pub(crate) whose: Vec<T>,
    pub(crate) texts: Vec<String>,
    bytes: usize,
}

impl<T> Default for Waiting<T> {
    fn default() -> Self {
        Self { whose: Vec::new(), texts: Vec::new(), bytes: 0 }
    }
}

impl<T> Waiting<T> {
    /// Adds a text; whether there is enough to encode now.
    pub(crate) fn push(&mut self, whose: T, text: String) -> bool {
        self.bytes += text.len();
        self.whose.push(whose);
        self.texts.push(text);
        self.texts.len() == PIECE || self.bytes >= WAITING_BYTES
    }
}

struct Run<'a> {
    loaded: &'a Loaded,
    long: LongText,
    kept: &'a CachedVectors,
    phase: &'a Phase<'a>,
    to_keep: SyncSender<Fresh>,
    of: Embedded,
    /// Rows whose texts are asked for, those that are still to come.
    wanted: &'a [u32],
    /// The first row of each text that was not known.
    first: HashMap<TextHash, usize>,
    /// Rows that have the text of a row before them.
    copies: Vec<(usize, usize)>,
    waiting: Waiting<usize>,
    counts: EncodedCounts,
}

impl Run<'_> {
    fn take(&mut self, batch: Batch) -> Result<(), stage::Error> {
        let Batch { ids, texts } = batch;
        let dimensions = self.of.dimensions;
        let begin = self.of.ids.len();
        let described: Vec<(TextHash, u32)> = texts
            .par_iter()
            .map(|text| (hash_of(text), u32::try_from(text.chars().count()).unwrap_or(u32::MAX)))
            .collect();
        self.of.ids.extend(ids);
        self.of.hashes.extend(described.iter().map(|(hash, _)| *hash));
        self.of.characters.extend(described.iter().map(|(_, characters)| *characters));
        self.of.vectors.resize((begin + texts.len()) * dimensions, 0.0);
        let kept = self.kept;
        let found: Vec<Option<bool>> = self.of.vectors[begin * dimensions..]
            .par_chunks_exact_mut(dimensions)
            .zip(&described)
            .map(|(row, (hash, _))| kept.find(hash).map(|place| kept.read(place, row)).transpose())
            .collect::<Result<_, _>>()?;
        let known = found.iter().flatten().count();
        self.counts.reused += known;
        self.phase.advance(known as u64)?;
        self.of.cut.extend(found.iter().map(|cut| cut.unwrap_or(false)));
        for ((row, text), found) in (begin..).zip(texts).zip(found) {
            if let Some((wanted, rest)) = self.wanted.split_first()
                && *wanted as usize == row
            {
                self.of.texts.push((*wanted, text.clone()));
                self.wanted = rest;
            }
            if found.is_some() {
                continue;
            }
            let hash = self.of.hashes[row];
            if let Some(&first) = self.first.get(&hash) {
                self.copies.push((first, row));
                self.counts.repeated += 1;
                self.phase.advance(1)?;
                continue;
            }
            self.first.insert(hash, row);
            if self.waiting.push(row, text) {
                self.encode()?;
            }
        }
        Ok(())
    }

    fn encode(&mut self) -> Result<(), stage::Error> {
        let Waiting { whose: rows, texts, .. } = std::mem::take(&mut self.waiting);
        if rows.is_empty() {
            return Ok(());
        }
        let id_of = |i: usize| &*self.of.ids[rows[i]];
        let embeddings = encode(self.loaded, self.long, self.of.side, &texts, id_of, self.phase)?;
        let dimensions = self.of.dimensions;
        for (i, &row) in rows.iter().enumerate() {
            let to = row * dimensions..(row + 1) * dimensions;
            self.of.vectors[to].copy_from_slice(embeddings.row(i));
            self.of.cut[row] = embeddings.cut[i];
        }
        self.counts.encoded += rows.len();
        let hashes = rows.iter().map(|&row| self.of.hashes[row]).collect();
        let fresh = Fresh { hashes, cut: embeddings.cut, vectors: embeddings.vectors };
        // A keeper that has failed says so when it is joined.
        let _ = self.to_keep.send(fresh);
        Ok(())
    }

    /// Gives rows of one text one vector.
    fn copy(&mut self) {
        let dimensions = self.of.dimensions;
        for &(first, row) in &self.copies {
            let from = first * dimensions..(first + 1) * dimensions;
            self.of.vectors.copy_within(from, row * dimensions);
            self.of.cut[row] = self.of.cut[first];
        }
    }
}
