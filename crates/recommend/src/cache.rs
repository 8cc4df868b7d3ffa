//! Vectors that were computed before, by the hash of their text.
//!
//! They lie in the lake's memo, a group for each way to encode ([`Identity`]), in pieces:
//!
//! ```text
//! "MLVECS01"   dimensions: u32   records: u32
//! records × SHA-256 of a text, ascending
//! records × whether the text was cut: u8
//! records × dimensions × f32
//! ```
//!
//! all little-endian. Of a piece in a folder only the hashes are held in memory, and a vector is
//! read from where it lies; of one on S3, which is some MiB, all of it. A run adds a piece whenever
//! some thousand texts are encoded, so that one that is killed goes on where it was; a piece that is
//! lost is computed again.

use bytes::Bytes;
use hashbrown::HashMap;
use sha2::{Digest, Sha256};
use versioning::{Blob, Memo, Piece};

use crate::{compose::TEXT_FORMAT, config::Config};

const NAME: &[u8; 8] = b"MLVECS01";

const HEAD: usize = 16;

const HASH: usize = 32;

/// Pieces of fewer records than [`PIECE`] from which on they are made one.
const MANY: usize = 32;

/// Texts that are encoded before they are kept.
pub(crate) const PIECE: usize = 2_048;

pub(crate) type TextHash = [u8; HASH];

pub(crate) fn hash_of(text: &str) -> TextHash {
    Sha256::digest(text.as_bytes()).into()
}

/// All that the vector of a text depends on, beside the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    pub(crate) name: String,
    pub(crate) revision: String,
    pub(crate) sha256: String,
    /// The precision and the instructions that compute.
    pub(crate) kernel: String,
    pub(crate) dimensions: usize,
}

impl Identity {
    pub(crate) fn group(&self, config: &Config) -> String {
        let Self { name, revision, sha256, kernel, dimensions } = self;
        let mut hash = Sha256::new();
        for part in [
            name.as_str(),
            revision,
            sha256,
            kernel,
            &format!("{:?}", config.long_text),
            &dimensions.to_string(),
            &TEXT_FORMAT.to_string(),
            encoder::CODE,
        ] {
            hash.update((part.len() as u64).to_le_bytes());
            hash.update(part.as_bytes());
        }
        format!("embeddings-{}", &versioning::hex(&hash.finalize())[..32])
    }
}

/// A vector that was computed before.
#[derive(Clone, Copy, Debug)]
pub(crate) struct CachedVector {
    piece: u32,
    record: u32,
}

pub(crate) struct CachedVectors {
    memo: Memo,
    group: String,
    dimensions: usize,
    pieces: Vec<(Piece, Layout)>,
    places: HashMap<TextHash, CachedVector>,
}

/// Where the parts of a piece are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Layout {
    records: usize,
    dimensions: usize,
}

impl Layout {
    const fn cut(self) -> usize {
        HEAD + self.records * HASH
    }

    const fn vectors(self) -> usize {
        self.cut() + self.records
    }

    const fn end(self) -> usize {
        self.vectors() + self.records * self.dimensions * 4
    }

    /// Of a piece that holds vectors of `dimensions` numbers; none for anything else.
    fn of(blob: &Blob, dimensions: usize) -> Result<Option<Self>, versioning::Error> {
        if blob.len() < HEAD as u64 {
            return Ok(None);
        }
        let head = blob.bytes_at(0, HEAD)?;
        let number = |at: usize| {
            let bytes = head[at..at + 4].try_into().unwrap_or_default();
            usize::try_from(u32::from_le_bytes(bytes)).unwrap_or_default()
        };
        let layout = Self { dimensions: number(8), records: number(12) };
        let fits = head[..8] == *NAME
            && layout.dimensions == dimensions
            && layout.end() as u64 == blob.len();
        Ok(fits.then_some(layout))
    }
}

impl CachedVectors {
    /// Opens the pieces of a group. A piece of another format is passed over.
    pub(crate) fn open(
        memo: &Memo,
        group: String,
        dimensions: usize,
    ) -> Result<Self, stage::Error> {
        let mut all = Self {
            memo: memo.clone(),
            group,
            dimensions,
            pieces: Vec::new(),
            places: HashMap::new(),
        };
        for piece in memo.pieces(&all.group)? {
            let Some(layout) = Layout::of(&piece.blob, dimensions)? else { continue };
            let hashes = piece.blob.bytes_at(HEAD as u64, layout.records * HASH)?;
            let number = u32::try_from(all.pieces.len()).map_err(stage::Error::failed)?;
            let (hashes, _) = hashes.as_chunks::<HASH>();
            for (record, hash) in (0..).zip(hashes) {
                all.places.insert(*hash, CachedVector { piece: number, record });
            }
            all.pieces.push((piece, layout));
        }
        Ok(all)
    }

    /// Whether there are so many small pieces that [`Vectors::tidy`] has something to do.
    pub(crate) fn is_crowded(&self) -> bool {
        self.pieces.iter().filter(|(_, layout)| layout.records < PIECE).count() > MANY
    }

    /// Where the vector of a text is; none when it was not computed yet.
    pub(crate) fn find(&self, hash: &TextHash) -> Option<CachedVector> {
        self.places.get(hash).copied()
    }

    /// Reads a vector; gives whether its text was cut.
    pub(crate) fn read(&self, place: CachedVector, into: &mut [f32]) -> Result<bool, stage::Error> {
        let (piece, layout) = &self.pieces[place.piece as usize];
        let record = place.record as usize;
        let length = self.dimensions * 4;
        let at = layout.vectors() + record * length;
        let bytes = piece.blob.bytes_at(at as u64, length)?;
        let (numbers, _) = bytes.as_chunks::<4>();
        for (to, from) in into.iter_mut().zip(numbers) {
            *to = f32::from_le_bytes(*from);
        }
        Ok(piece.blob.bytes_at((layout.cut() + record) as u64, 1)?[0] != 0)
    }

    /// Keeps vectors: text `i` has the hash `hashes[i]`, and row `i` of `vectors`.
    pub(crate) fn add(
        &self,
        hashes: &[TextHash],
        cut: &[bool],
        vectors: &[f32],
    ) -> Result<(), stage::Error> {
        let records = hashes.iter().zip(cut).zip(vectors.chunks_exact(self.dimensions));
        let records = records.map(|((hash, cut), vector)| (*hash, *cut, vector)).collect();
        Ok(self.memo.add(&self.group, piece(records, self.dimensions))?)
    }

    /// Makes one piece of many small ones, so that their number does not grow from day to day.
    pub(crate) fn tidy(memo: &Memo, group: &str, dimensions: usize) -> Result<(), stage::Error> {
        let mut small = Vec::new();
        for piece in memo.pieces(group)? {
            if let Some(layout) = Layout::of(&piece.blob, dimensions)?
                && layout.records < PIECE
            {
                small.push((piece, layout));
            }
        }
        if small.len() <= MANY {
            return Ok(());
        }
        let mut read = Vec::new();
        for (piece, layout) in &small {
            read.push((piece.blob.bytes()?, *layout));
        }
        let mut numbers = Vec::new();
        let mut places = Vec::new();
        for (bytes, layout) in &read {
            let (hashes, _) = bytes[HEAD..layout.cut()].as_chunks::<HASH>();
            let cut = &bytes[layout.cut()..layout.vectors()];
            for (hash, cut) in hashes.iter().zip(cut) {
                places.push((*hash, *cut != 0));
            }
            let (vectors, _) = bytes[layout.vectors()..layout.end()].as_chunks::<4>();
            numbers.extend(vectors.iter().map(|number| f32::from_le_bytes(*number)));
        }
        drop(read);
        let vectors = numbers.chunks_exact(dimensions);
        let records = places.iter().zip(vectors).map(|((hash, cut), v)| (*hash, *cut, v)).collect();
        let pieces: Vec<Piece> = small.into_iter().map(|(piece, _)| piece).collect();
        Ok(memo.merge(group, &pieces, piece(records, dimensions))?)
    }
}

/// The bytes of a piece; of records of one hash it holds one.
fn piece(mut records: Vec<(TextHash, bool, &[f32])>, dimensions: usize) -> Bytes {
    records.sort_by_key(|(hash, ..)| *hash);
    records.dedup_by(|a, b| a.0 == b.0);
    let layout = Layout { records: records.len(), dimensions };
    let mut bytes = Vec::with_capacity(layout.end());
    bytes.extend_from_slice(NAME);
    for number in [dimensions, records.len()] {
        bytes.extend_from_slice(&u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
    }
    records.iter().for_each(|(hash, ..)| bytes.extend_from_slice(hash));
    bytes.extend(records.iter().map(|(_, cut, _)| u8::from(*cut)));
    for (.., vector) in &records {
        vector.iter().for_each(|number| bytes.extend_from_slice(&number.to_le_bytes()));
    }
    bytes.into()
}

#[cfg(test)]
mod tests {
    use versioning::Lake;

    use super::*;

    const GROUP: &str = "embeddings-x";

    fn open(memo: &Memo) -> CachedVectors {
        CachedVectors::open(memo, GROUP.to_owned(), 2).unwrap()
    }

    fn read(vectors: &CachedVectors, text: &str) -> Option<(Vec<f32>, bool)> {
        let mut vector = vec![0.0; 2];
        let place = vectors.find(&hash_of(text))?;
        let cut = vectors.read(place, &mut vector).unwrap();
        Some((vector, cut))
    }

    #[test]
    fn what_is_kept_is_found_by_its_text() {
        let memo = Lake::in_memory().memo(versioning::Artefact::Recommend);
        let hashes = [hash_of("b"), hash_of("a"), hash_of("b")];
        let vectors = [1.0, 2.0, -0.0, f32::MIN_POSITIVE, 1.0, 2.0];
        open(&memo).add(&hashes, &[false, true, false], &vectors).unwrap();
        let kept = open(&memo);
        assert_eq!(read(&kept, "b"), Some((vec![1.0, 2.0], false)));
        assert_eq!(read(&kept, "a"), Some((vec![-0.0, f32::MIN_POSITIVE], true)));
        assert_eq!(read(&kept, "c"), None);
        assert_eq!(kept.places.len(), 2);
    }

    #[test]
    fn a_piece_of_another_format_is_passed_over() {
        let memo = Lake::in_memory().memo(versioning::Artefact::Recommend);
        let whole = piece(vec![(hash_of("a"), false, &[1.0, 2.0])], 2);
        for bytes in [
            Bytes::new(),
            Bytes::from_static(b"MLVECS01"),
            Bytes::from_static(b"MLVECS02\x02\0\0\0\0\0\0\0"),
            whole.slice(..whole.len() - 1),
            piece(vec![(hash_of("a"), false, &[1.0, 2.0, 3.0])], 3),
        ] {
            memo.add(GROUP, bytes).unwrap();
        }
        let kept = open(&memo);
        assert!(kept.pieces.is_empty() && kept.find(&hash_of("a")).is_none());
    }

    #[test]
    fn many_small_pieces_become_one() {
        let memo = Lake::in_memory().memo(versioning::Artefact::Recommend);
        for number in 0..=MANY {
            let text = number.to_string();
            open(&memo).add(&[hash_of(&text)], &[number % 2 == 0], &[number as f32, 0.5]).unwrap();
            CachedVectors::tidy(&memo, GROUP, 2).unwrap();
        }
        let kept = open(&memo);
        assert_eq!(kept.pieces.len(), 1);
        for number in 0..=MANY {
            let expected = (vec![number as f32, 0.5], number % 2 == 0);
            assert_eq!(read(&kept, &number.to_string()), Some(expected));
        }
    }

    #[test]
    fn another_way_to_encode_is_another_group() {
        let config = Config::default();
        let identity = Identity {
            name: "mini".to_owned(),
            revision: "r".to_owned(),
            sha256: "s".to_owned(),
            kernel: "f32-avx2".to_owned(),
            dimensions: 384,
        };
        let group = identity.group(&config);
        assert_eq!(group, identity.clone().group(&config));
        let pool = Config { long_text: encoder::LongText::Pool, ..config.clone() };
        let other = Identity { kernel: "f32-avx512".to_owned(), ..identity.clone() };
        for different in [identity.group(&pool), other.group(&config)] {
            assert_ne!(different, group);
        }
        // Which index is built changes no vector.
        let trees = Config { trees: crate::config::Trees::Fixed(3), ..config };
        assert_eq!(identity.group(&trees), group);
    }
}
