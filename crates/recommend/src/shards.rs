//! The encoding of a day's texts, cut into shards: each encodes its share of the texts that the
//! memo has not and adds their vectors, and a run then finds all of them there.
//!
//! A text belongs to a shard by its hash, wherever its record stands: so records of one text are
//! one shard's, and what is new is spread evenly though it may stand together. For that each shard
//! reads all texts: little beside encoding its own with a transformer, but not with `lsa`.

use hashbrown::HashSet;
use rayon::prelude::*;
use stage::{Inputs, Phase, Progress, Shard};

use crate::{
    cache::{CachedVectors, TextHash, hash_of},
    choose::{self, ASSET, Loaded},
    columns::Side,
    compose::Texts,
    config::{Config, LSA},
    embed::{self, Waiting},
};

/// Shards at most where `lsa` encodes: it takes four times as long for a text as reading it, so more
/// of them would do little but read.
const LSA_SHARDS: u32 = 16;

/// As many shards as it takes for each to encode about `shard_texts` texts; one at least.
pub(crate) fn plan(inputs: &Inputs, config: &Config) -> Result<Vec<Shard>, stage::Error> {
    let loaded = choose::load(inputs.asset(ASSET)?)?;
    let missing = Missing::open(inputs, config, &loaded)?;
    let mut met = HashSet::new();
    for side in [Side::Jobs, Side::People] {
        missing.each(side, &mut met, |_| true, |_, _| Ok(()))?;
    }
    let of = u32::try_from(met.len().div_ceil(config.shard_texts).max(1));
    let mut of = of.map_err(stage::Error::failed)?;
    if loaded.identity.name == LSA {
        of = of.min(LSA_SHARDS);
    }
    Ok((0..of).map(|index| Shard::Part { index, of }).collect())
}

/// Encodes the texts of a shard and adds their vectors to the memo; gives how many there were.
pub(crate) fn encode(
    inputs: &Inputs,
    config: &Config,
    shard: &Shard,
    progress: &dyn Progress,
) -> Result<u64, stage::Error> {
    let &Shard::Part { index, of } = shard else {
        return Err(stage::Error::config(
            "a shard of recommend is a part of its texts: expected {\"index\": …, \"of\": …}",
        ));
    };
    let loaded = choose::load(inputs.asset(ASSET)?)?;
    let missing = Missing::open(inputs, config, &loaded)?;
    let phase = progress.phase("encode", None, "texts")?;
    let mut met = HashSet::new();
    for side in [Side::Jobs, Side::People] {
        let mut waiting = Waiting::default();
        let mine = |hash: &TextHash| shard_of(hash, of) == index;
        missing.each(side, &mut met, mine, |whose, text| {
            if waiting.push(whose, text) {
                missing.encode(side, std::mem::take(&mut waiting), &phase)?;
            }
            Ok(())
        })?;
        missing.encode(side, waiting, &phase)?;
    }
    Ok(met.len() as u64)
}

fn shard_of(hash: &TextHash, of: u32) -> u32 {
    let (first, _) = hash.as_chunks::<8>();
    // A remainder of a u32 fits in one.
    u32::try_from(u64::from_le_bytes(first[0]) % u64::from(of.max(1))).unwrap_or_default()
}

/// Whose text it is.
struct Whose {
    id: Box<str>,
    hash: TextHash,
}

/// The texts whose vectors the memo has not.
struct Missing<'a> {
    inputs: &'a Inputs,
    config: &'a Config,
    loaded: &'a Loaded,
    kept: CachedVectors,
}

impl<'a> Missing<'a> {
    fn open(
        inputs: &'a Inputs,
        config: &'a Config,
        loaded: &'a Loaded,
    ) -> Result<Self, stage::Error> {
        let (group, dimensions) = (loaded.identity.group(config), loaded.identity.dimensions);
        let kept = CachedVectors::open(inputs.memo(), group, dimensions)?;
        Ok(Self { inputs, config, loaded, kept })
    }

    /// Gives those of one side that are `mine` and were not `met` before, each once.
    fn each(
        &self,
        side: Side,
        met: &mut HashSet<TextHash>,
        mine: impl Fn(&TextHash) -> bool + Sync,
        mut take: impl FnMut(Whose, String) -> Result<(), stage::Error>,
    ) -> Result<(), stage::Error> {
        let table = self.inputs.open("features", side.file())?;
        for batch in Texts::open(side, table, self.config.text_of(side))? {
            let batch = batch?;
            let wanted = |hash: &TextHash| mine(hash) && self.kept.find(hash).is_none();
            let hashes: Vec<Option<TextHash>> =
                batch.texts.par_iter().map(|text| Some(hash_of(text)).filter(wanted)).collect();
            for ((id, text), hash) in batch.ids.into_iter().zip(batch.texts).zip(hashes) {
                if let Some(hash) = hash
                    && met.insert(hash)
                {
                    take(Whose { id, hash }, text)?;
                }
            }
        }
        Ok(())
    }

    /// Encodes texts and adds their vectors to the memo.
    fn encode(
        &self,
        side: Side,
        Waiting { whose, texts, .. }: Waiting<Whose>,
        phase: &Phase<'_>,
    ) -> Result<(), stage::Error> {
        if texts.is_empty() {
            return Ok(());
        }
        let id_of = |i: usize| &*whose[i].id;
        let long = self.config.long_text;
        let embeddings = embed::encode(self.loaded, long, side, &texts, id_of, phase)?;
        let hashes: Vec<TextHash> = whose.iter().map(|whose| whose.hash).collect();
        self.kept.add(&hashes, &embeddings.cut, &embeddings.vectors)
    }
}
