//! The drift stage: what has changed between two feature-store versions, and a page that says so.

#![forbid(unsafe_code)]

pub mod report;

mod charts;

pub mod page;
