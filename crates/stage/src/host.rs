use std::collections::BTreeMap;

use versioning::Timestamp;

use crate::Progress;

/// What only the host has: clock, memory, the name of the build, and somewhere to tell progress.
pub struct Host<'a> {
    pub progress: &'a dyn Progress,
    pub now: &'a dyn Fn() -> Timestamp,
    /// Seconds of each phase so far.
    pub seconds: &'a dyn Fn() -> BTreeMap<String, f64>,
    /// The greatest resident memory since the last call, in bytes, where known.
    pub peak_memory: &'a dyn Fn() -> Option<u64>,
    /// The build: a git revision.
    pub code_version: &'a str,
}

impl<'a> Host<'a> {
    /// A host that measures neither seconds nor memory.
    pub fn unmeasured(
        progress: &'a dyn Progress,
        now: &'a dyn Fn() -> Timestamp,
        code_version: &'a str,
    ) -> Self {
        let seconds = &(BTreeMap::new as fn() -> BTreeMap<String, f64>);
        Self { progress, now, seconds, peak_memory: &|| None, code_version }
    }
}
