//! Where the program panicked. What a panic says may hold data, so its place alone is kept.

use std::sync::{Mutex, PoisonError};

use super::logs::TARGET;

static PLACE: Mutex<Option<String>> = Mutex::new(None);

/// From now on a panic says its place alone, as a log line, and its place is remembered.
pub(crate) fn watch() {
    std::panic::set_hook(Box::new(|panic| {
        let place = panic.location().map(|at| format!("{}:{}", at.file(), at.line()));
        tracing::error!(target: TARGET, place, "a thread panicked");
        // The first is the cause: those after it are threads that waited for this one.
        let mut first = PLACE.lock().unwrap_or_else(PoisonError::into_inner);
        *first = first.take().or(place);
    }));
}

/// The place of the first panic since this was last asked.
pub(crate) fn place() -> Option<String> {
    PLACE.lock().unwrap_or_else(PoisonError::into_inner).take()
}
