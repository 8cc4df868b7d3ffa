//! Where things lie in a node of the file.
//!
//! A file is a sequence of nodes of one size, in 32-bit little-endian words:
//!
//! | word | item | split | bucket |
//! |---|---|---|---|
//! | 0 | 1 | items below it | items in it, at most the capacity |
//! | 1 | squared length, f32 | child on the side of negative products | item |
//! | 2 | 0 | child on the side of positive products | item |
//! | 3… | vector | normal of the plane | items |
//!
//! The items come first, item i at node i, then the trees, each node after its children, and at the end a copy
//! of every root, which is how a reader finds them. A root has the number of all items in word 0. The capacity
//! of a bucket is what fits: words 1 to the end.

use crate::kernel::StridedVectors;

/// Words before a vector.
pub(super) const HEADER: usize = 3;

/// The nodes of a file, by number.
#[derive(Clone, Copy)]
pub(super) struct Nodes<'a> {
    words: &'a [u32],
    dimensions: usize,
}

/// Words of a node.
pub(super) fn stride(dimensions: usize) -> usize {
    HEADER + dimensions
}

/// Items that a bucket holds.
pub(super) fn capacity(dimensions: usize) -> usize {
    stride(dimensions) - 1
}

impl<'a> Nodes<'a> {
    pub(super) fn new(words: &'a [u32], dimensions: usize) -> Self {
        Self { words, dimensions }
    }

    pub(super) fn dimensions(self) -> usize {
        self.dimensions
    }

    pub(super) fn len(self) -> usize {
        self.words.len() / stride(self.dimensions)
    }

    #[inline(always)]
    pub(super) fn words(self, node: usize) -> &'a [u32] {
        let stride = stride(self.dimensions);
        &self.words[node * stride..(node + 1) * stride]
    }

    /// Word 0.
    #[inline(always)]
    pub(super) fn below(self, node: usize) -> usize {
        self.words[node * stride(self.dimensions)] as usize
    }

    /// Words 1 and 2.
    #[inline(always)]
    pub(super) fn children(self, node: usize) -> [u32; 2] {
        let words = self.words(node);
        [words[1], words[2]]
    }

    /// The vector or normal.
    #[inline(always)]
    pub(super) fn vector(self, node: usize) -> &'a [f32] {
        bytemuck::cast_slice(&self.words(node)[HEADER..])
    }

    /// All vectors and normals.
    pub(super) fn table(self) -> StridedVectors<'a> {
        let values = bytemuck::cast_slice(self.words);
        StridedVectors::strided(values, stride(self.dimensions), HEADER, self.dimensions)
    }
}
