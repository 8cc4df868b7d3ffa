//! What `drift` promises.

#![allow(clippy::unwrap_used, reason = "tests")]

mod fixture;

mod gate;

mod simulation;

mod stage_runs;

mod edges;

mod privacy;

mod live;

mod embeddings;

mod arrivals;
