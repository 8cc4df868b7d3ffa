//! What the crate promises, from outside.

#![allow(missing_docs, clippy::unwrap_used)]

mod fixture;

mod golden;

mod reading;

mod training;

mod shap;
