//! Terms as integers, for looking them up.

use hashbrown::DefaultHashBuilder;
use std::hash::{BuildHasher, Hasher};

/// Bytes that a [`head`] holds.
pub(super) const HEAD: usize = 16;

/// The first sixteen bytes of `term` as one integer, zeros after its end.
///
/// A term holds no NUL, so terms of up to sixteen bytes (nearly all words) are equal exactly when
/// their heads are: to compare them is to compare two integers, in place.
pub(super) fn head(term: &str) -> u128 {
    let bytes = term.as_bytes();
    if let Some((first, _)) = bytes.split_first_chunk::<16>() {
        return u128::from_le_bytes(*first);
    }
    // Two loads, which overlap in the middle: cheaper than a copy of unknown length.
    if let (Some((first, _)), Some((_, last))) =
        (bytes.split_first_chunk::<8>(), bytes.split_last_chunk::<8>())
    {
        let (first, last) = (u64::from_le_bytes(*first), u64::from_le_bytes(*last));
        return u128::from(first) | u128::from(last) << (8 * (bytes.len() - 8));
    }
    if let (Some((first, _)), Some((_, last))) =
        (bytes.split_first_chunk::<4>(), bytes.split_last_chunk::<4>())
    {
        let (first, last) = (u32::from_le_bytes(*first), u32::from_le_bytes(*last));
        return u128::from(first) | u128::from(last) << (8 * (bytes.len() - 4));
    }
    bytes.iter().rev().fold(0, |head, &b| head << 8 | u128::from(b))
}

/// A hash of `term`, whose head is `head`.
pub(super) fn hash(hasher: &DefaultHashBuilder, term: &str, head: u128) -> u64 {
    let mut state = hasher.build_hasher();
    if term.len() <= HEAD {
        state.write_u128(head);
    } else {
        state.write(term.as_bytes());
    }
    state.finish()
}

#[cfg(test)]
mod tests {
    use super::head;

    #[test]
    fn a_head_is_the_first_sixteen_bytes() {
        let term = "abcdefghijklmnopqrstuvwxyz";
        for len in 0..term.len() {
            let mut bytes = [0; 16];
            bytes[..len.min(16)].copy_from_slice(&term.as_bytes()[..len.min(16)]);
            assert_eq!(head(&term[..len]).to_le_bytes(), bytes);
        }
    }
}
