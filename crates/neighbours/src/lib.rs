//! Nearest neighbours by angle.
//!
//! - [`Vectors`]: rows of `f32`, checked once, that everything below works on;
//! - [`annoy`]: an index of random trees in the file format of Spotify's Annoy (angular), which Python's
//!   `AnnoyIndex(d, "angular").load()` opens: built in parallel, read from a validated memory map;
//! - [`exact`]: the true neighbours by blocks of a matrix product, for batches and for filtered queries;
//! - [`npy`]: NumPy's file of a two-dimensional array of `f32`, written row by row.
//!
//! All of it gives the same bytes whatever the number of threads and whatever the processor: what decides an
//! order is always a dot product summed in one fixed order. A vector whose length is under 1e-15 counts as
//! zero, and the cosine of a zero vector with anything is 0.
//!
//! ```
//! use neighbours::{Vectors, annoy::{Forest, Params}, exact::Scan};
//!
//! let values = [1.0, 0.0, 0.9, 0.1, 0.0, 1.0];
//! let vectors = Vectors::new(&values, 2)?;
//!
//! let index = Forest::grow(&vectors, &Params { trees: 10, seed: 1 })?.index()?;
//! let nearest: Vec<u32> = index.nearest(&[1.0, 0.05], 2, None)?.iter().map(|n| n.item).collect();
//! assert_eq!(nearest, [0, 1]);
//!
//! let best = Scan::new(1).collect(&vectors, &vectors)?;
//! assert_eq!(best[2][0].item, 2);
//! # Ok::<(), neighbours::Error>(())
//! ```

#![warn(missing_docs)]

#[cfg(target_endian = "big")]
compile_error!("the files of this crate are little-endian and read in place");

mod error;

mod vectors;

mod kernel;

mod top;

pub mod annoy;

pub mod exact;

pub mod npy;

pub use error::Error;
pub use top::Hit;
pub use vectors::Vectors;
