//! What the crate promises, from outside.

#![allow(missing_docs)]

mod fixture;

mod golden;

mod reading;

mod training;

mod shap;
