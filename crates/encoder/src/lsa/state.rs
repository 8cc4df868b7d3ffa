//! The fitted state as bytes.
//!
//! Little-endian: eight bytes of name, the format's number (u32), then the sections in the order of
//! [`Lsa::to_bytes`], each with its length before it, and last the XXH3 of all that. Vectors are
//! bfloat16 (the upper half of an f32): half the size, and two to three decimal digits are more than
//! a sum over a hundred words needs.

use twox_hash::XxHash3_64;

use super::{
    Params,
    encode::Lsa,
    terms::SortedTerms,
    vectors::{DIMENSIONS, PackedVectors},
    weights::Weights,
};
use crate::Error;

/// What the bytes begin with.
const NAME: &[u8; 8] = b"mllablsa";

/// Number of the format.
pub const FORMAT: u32 = 1;

impl Lsa {
    /// The state as bytes: the same for the same texts and parameters.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let Weights { words, idf, ignored, groups, group_idf, documents } = &self.weights;
        let mut to = Vec::with_capacity(2 * (self.words.0.len() + self.groups.0.len()) + (1 << 20));
        to.extend_from_slice(NAME);
        to.extend_from_slice(&FORMAT.to_le_bytes());
        // The parameters hold no map and no number that JSON has not.
        let params = serde_json::to_vec(&self.params).unwrap_or_default();
        section(&mut to, params.len());
        to.extend_from_slice(&params);
        section(&mut to, *documents as usize);
        for terms in [words, ignored, groups] {
            section(&mut to, terms.len());
            for name in terms.names() {
                section(&mut to, name.len());
                to.extend_from_slice(name.as_bytes());
            }
        }
        for numbers in [idf, group_idf, &self.values] {
            section(&mut to, numbers.len());
            numbers.iter().for_each(|x| to.extend_from_slice(&x.to_le_bytes()));
        }
        for vectors in [&self.words, &self.groups] {
            section(&mut to, vectors.0.len());
            vectors.0.iter().for_each(|x| to.extend_from_slice(&x.to_le_bytes()));
        }
        let sum = XxHash3_64::oneshot(&to);
        to.extend_from_slice(&sum.to_le_bytes());
        to
    }

    /// Reads what [`to_bytes`](Self::to_bytes) gave, and checks the whole of it.
    ///
    /// # Errors
    /// [`Error::LsaForeign`], [`Error::LsaFormat`], [`Error::LsaTruncated`] or
    /// [`Error::LsaDamaged`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Error> {
        let damaged = |problem: &'static str| Error::LsaDamaged { problem };
        let Some(after) = bytes.strip_prefix(NAME) else {
            return Err(Error::LsaForeign { bytes: bytes.len() });
        };
        let mut from = Reader { rest: after, read: NAME.len() };
        let format = u32::from_le_bytes(from.array("format number")?);
        if format != FORMAT {
            return Err(Error::LsaFormat { found: format, expected: FORMAT });
        }
        let params = from.length("parameters")?;
        let params: Params = serde_json::from_slice(from.take(params, "parameters")?)
            .map_err(|_| damaged("its parameters are not those of this version"))?;
        params.check()?;
        let documents = from.length("number of texts")? as u64;
        let (words, ignored, groups) =
            (from.terms("words")?, from.terms("ignored words")?, from.terms("groups")?);
        let (idf, group_idf, values) = (
            from.numbers("weights of words")?,
            from.numbers("weights of groups")?,
            from.numbers("singular values")?,
        );
        let (word_vectors, group_vectors) =
            (from.halves("vectors of words")?, from.halves("vectors of groups")?);
        let end = from.read;
        let sum = u64::from_le_bytes(from.array("checksum")?);
        if !from.rest.is_empty() {
            return Err(damaged("something follows its end"));
        }
        if sum != XxHash3_64::oneshot(&bytes[..end]) {
            return Err(damaged("its checksum is another"));
        }
        // Whoever wrote it: nothing read from it may be out of range later.
        if (words.len(), groups.len()) != (idf.len(), group_idf.len()) {
            return Err(damaged("it has not one weight a term"));
        }
        if words.len() * DIMENSIONS != word_vectors.len()
            || groups.len() * DIMENSIONS != group_vectors.len()
        {
            return Err(damaged("it has not one vector a term"));
        }
        if values.len() > DIMENSIONS {
            return Err(damaged("it has more singular values than dimensions"));
        }
        let numbers = idf.iter().chain(&group_idf).chain(&values);
        if !numbers.clone().all(|x| x.is_finite() && *x > 0.0) {
            return Err(damaged("a weight or singular value is not a positive number"));
        }
        let finite = |half: &u16| half & 0x7F80 != 0x7F80;
        if !word_vectors.iter().chain(&group_vectors).all(finite) {
            return Err(damaged("a vector is not finite"));
        }
        let weights = Weights { words, idf, ignored, groups, group_idf, documents };
        let (words, groups) = (PackedVectors(word_vectors), PackedVectors(group_vectors));
        Ok(Self { params, weights, values, words, groups })
    }
}

/// Writes a length.
fn section(to: &mut Vec<u8>, length: usize) {
    to.extend_from_slice(&(length as u64).to_le_bytes());
}

struct Reader<'a> {
    rest: &'a [u8],
    /// Bytes read already.
    read: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize, part: &'static str) -> Result<&'a [u8], Error> {
        let Some((taken, rest)) = self.rest.split_at_checked(length) else {
            return Err(Error::LsaTruncated { part, found: self.read + self.rest.len() });
        };
        self.rest = rest;
        self.read += length;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, part: &'static str) -> Result<[u8; N], Error> {
        let mut array = [0; N];
        array.copy_from_slice(self.take(N, part)?);
        Ok(array)
    }

    /// A length; no more than memory can have.
    fn length(&mut self, part: &'static str) -> Result<usize, Error> {
        let length = u64::from_le_bytes(self.array(part)?);
        usize::try_from(length).map_err(|_| Error::LsaDamaged { problem: "a length is too great" })
    }

    /// The bytes of a section of items of `size` bytes.
    fn items(&mut self, size: usize, part: &'static str) -> Result<&'a [u8], Error> {
        let bytes = self.length(part)?.saturating_mul(size);
        self.take(bytes, part)
    }

    fn terms(&mut self, part: &'static str) -> Result<SortedTerms, Error> {
        let count = self.length(part)?;
        // What is claimed may not be there: grow with what is read.
        let mut names: Vec<Box<str>> = Vec::new();
        for _ in 0..count {
            let length = self.length(part)?;
            let Ok(name) = std::str::from_utf8(self.take(length, part)?) else {
                return Err(Error::LsaDamaged { problem: "a term is not UTF-8" });
            };
            if names.last().is_some_and(|before| **before >= *name) {
                return Err(Error::LsaDamaged { problem: "its terms are not in order" });
            }
            names.push(name.into());
        }
        if u32::try_from(names.len()).is_err() {
            return Err(Error::LsaDamaged { problem: "it has too many terms" });
        }
        Ok(SortedTerms::of(names))
    }

    fn numbers(&mut self, part: &'static str) -> Result<Vec<f32>, Error> {
        let (numbers, _) = self.items(4, part)?.as_chunks();
        Ok(numbers.iter().map(|x| f32::from_le_bytes(*x)).collect())
    }

    fn halves(&mut self, part: &'static str) -> Result<Vec<u16>, Error> {
        let (halves, _) = self.items(2, part)?.as_chunks();
        Ok(halves.iter().map(|x| u16::from_le_bytes(*x)).collect())
    }
}
