//! Ctrl-C. A stage may be stopped anywhere: what it had written is not a version, and is swept away by
//! the next run. The generator has no lake behind it, so it is asked to stop, and cleans up.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
};

/// The exit code of an interrupted command, as shells count it: 128 and the number of SIGINT.
const INTERRUPTED: i32 = 130;

static ASKED: AtomicBool = AtomicBool::new(false);
static COOPERATING: AtomicBool = AtomicBool::new(false);

/// Listens for Ctrl-C from now on.
pub(crate) fn listen() {
    // Without a handler, Ctrl-C ends the process as it always did: nothing of a lake is half-written.
    let _ = ctrlc::set_handler(|| {
        ASKED.store(true, Ordering::SeqCst);
        if !COOPERATING.load(Ordering::SeqCst) {
            std::process::exit(INTERRUPTED);
        }
    });
}

/// Until the guard is dropped, Ctrl-C only asks; the work looks at [`asked`].
pub(crate) fn cooperate() -> Cooperating {
    COOPERATING.store(true, Ordering::SeqCst);
    Cooperating
}

/// Breaks once Ctrl-C was pressed.
pub(crate) fn asked() -> ControlFlow<()> {
    if ASKED.load(Ordering::SeqCst) { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
}

pub(crate) struct Cooperating;

impl Drop for Cooperating {
    fn drop(&mut self) {
        COOPERATING.store(false, Ordering::SeqCst);
        if asked().is_break() {
            std::process::exit(INTERRUPTED);
        }
    }
}
