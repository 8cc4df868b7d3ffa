//! Pooling.

/// How the vectors of tokens become one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pooling {
    /// Their mean.
    Mean,
    /// The first token's.
    Cls,
    /// The greatest number of each dimension.
    Max,
}

impl Pooling {
    /// `tokens` is `(tokens, out.len())`, and not empty.
    pub(super) fn pool(self, tokens: &[f32], out: &mut [f32]) {
        let (first, rest) = tokens.split_at(out.len());
        out.copy_from_slice(first);
        if self == Self::Cls {
            return;
        }
        for row in rest.chunks_exact(out.len()) {
            for (pooled, &x) in out.iter_mut().zip(row) {
                *pooled = if self == Self::Max { pooled.max(x) } else { *pooled + x };
            }
        }
        if self == Self::Mean {
            let n = (tokens.len() / out.len()) as f32;
            out.iter_mut().for_each(|x| *x /= n);
        }
    }
}
