//! The pictures that only this page shows, over those of [`webpage`].

pub(crate) use webpage::{
    charts::{Histogram, Single, histogram, singles},
    draw::Words,
};

mod bars;
pub(crate) use bars::{Bar, Pair, pairs, thresholds};

mod diverging;
pub(crate) use diverging::{Change, diverging};

mod stacked;
pub(crate) use stacked::{Stack, stacked};

mod strip;
pub(crate) use strip::{Cell, strip};
