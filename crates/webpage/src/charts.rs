//! Pictures that more than one page shows.

mod bars;
pub use bars::{ROOM, Single, singles};

mod histogram;
pub use histogram::{Histogram, histogram};
