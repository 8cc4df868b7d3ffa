//! One self-contained HTML page over one JSON file, for those who read a stage's findings.
//!
//! A page is a pure function of a JSON document. It needs nothing from anywhere: style, script and
//! pictures are in it, and its content-security policy lets nothing else in. Each figure says by a
//! JSON pointer where in the file it stands ([`figure`]), what people wrote becomes text and never
//! markup ([`markup`]), and numbers and dates are written as the page's language does ([`Lang`]).
//!
//! 1. a stage lays its sections out as plain data ([`view`]) with tables over the document's lists
//!    ([`table`]) and pictures ([`charts`], or its own over [`draw`]);
//! 2. [`html`] puts them into the frame.

#![forbid(unsafe_code)]

mod lang;
pub use lang::{Lang, MISSING};

pub mod markup;

pub mod figure;

pub mod severity;

pub mod view;

pub mod table;

pub mod draw;

pub mod charts;

mod policy;

mod frame;
pub use frame::html;

mod error;
pub use error::Error;
