//! An index that is open.

use super::check::{self, Checked};
use super::layout::{self, Nodes};
use crate::{Error, vectors};
use std::fs::File;
use std::path::Path;
use std::sync::Arc;

/// An index of Annoy (angular), checked and ready to be asked, by any number of threads at once.
///
/// A clone shares the file's pages.
#[derive(Clone)]
pub struct Index {
    inner: Arc<Inner>,
}

struct Inner {
    storage: Storage,
    dimensions: usize,
    checked: Checked,
}

enum Storage {
    Map(memmap2::Mmap),
    Bytes(Vec<u8>),
    Words(Vec<u32>),
}

impl Storage {
    fn words(&self) -> &[u32] {
        let bytes = match self {
            Self::Map(map) => &map[..],
            Self::Bytes(bytes) => &bytes[..],
            Self::Words(words) => return words,
        };
        // Mapped pages and the bytes chosen below are aligned; a rest of less than a word is refused before.
        bytemuck::try_cast_slice(&bytes[..bytes.len() / 4 * 4]).unwrap_or(&[])
    }
}

impl Index {
    /// Maps a file and checks all of it: its length, its nodes, that every tree holds every item once. A file
    /// that fails is refused with what is wrong. The file must not be changed while it is open, as no artefact
    /// ever is.
    pub fn open(path: impl AsRef<Path>, dimensions: usize) -> Result<Self, Error> {
        let path = path.as_ref();
        let failed = |source| Error::Open { path: path.to_owned(), source };
        let file = File::open(path).map_err(failed)?;
        if file.metadata().map_err(failed)?.len() == 0 {
            return Self::from_bytes(Vec::new(), dimensions);
        }
        // SAFETY: the map is read only, and artefacts never change once they have their name (invariant 2):
        // a new version is a new file.
        #[allow(unsafe_code)]
        let map = unsafe { memmap2::Mmap::map(&file) }.map_err(failed)?;
        let bytes = map.len();
        Self::new(Storage::Map(map), bytes, dimensions)
    }

    /// Checks and takes the bytes of a file.
    pub fn from_bytes(bytes: Vec<u8>, dimensions: usize) -> Result<Self, Error> {
        let length = bytes.len();
        let storage = if bytes.as_ptr().cast::<u32>().is_aligned() {
            Storage::Bytes(bytes)
        } else {
            let (words, _) = bytes.as_chunks::<4>();
            Storage::Words(words.iter().map(|word| u32::from_le_bytes(*word)).collect())
        };
        Self::new(storage, length, dimensions)
    }

    fn new(storage: Storage, bytes: usize, dimensions: usize) -> Result<Self, Error> {
        vectors::check_dimensions(dimensions)?;
        let checked = check::check(storage.words(), bytes, dimensions)?;
        Ok(Self { inner: Arc::new(Inner { storage, dimensions, checked }) })
    }

    /// Numbers of items: they run from 0.
    pub fn len(&self) -> usize {
        self.inner.checked.items
    }

    /// Whether there is no item.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Dimensions of a vector.
    pub fn dimensions(&self) -> usize {
        self.inner.dimensions
    }

    /// How many trees there are.
    pub fn trees(&self) -> usize {
        self.inner.checked.roots.len()
    }

    /// Bytes of the file.
    pub fn bytes(&self) -> usize {
        4 * self.nodes().len() * layout::stride(self.dimensions())
    }

    /// The vector of an item, as it was given.
    pub fn vector(&self, item: usize) -> Result<&[f32], Error> {
        if item >= self.len() {
            return Err(Error::UnknownItem { item, items: self.len() });
        }
        Ok(self.nodes().vector(item))
    }

    pub(super) fn nodes(&self) -> Nodes<'_> {
        Nodes::new(self.inner.storage.words(), self.inner.dimensions)
    }

    pub(super) fn checked(&self) -> &Checked {
        &self.inner.checked
    }
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index")
            .field("items", &self.len())
            .field("dimensions", &self.dimensions())
            .field("trees", &self.trees())
            .finish_non_exhaustive()
    }
}
