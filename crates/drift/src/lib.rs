//! The drift stage.
