//! How a stage says what it is doing; the host decides what to show, and times the phases.

/// Where a stage tells its progress. A host times each phase from its begin to its end; phases may
/// overlap and be told from several threads.
pub trait Progress: Sync {
    /// Begins a phase of `total` (if known) `unit`s; gives the number that names it.
    fn begin(&self, phase: &str, total: Option<u64>, unit: &'static str) -> usize;
    /// `n` more units of a phase are done.
    fn advance(&self, phase: usize, n: u64);
    fn end(&self, phase: usize);
    /// Something that the operator should know and that is no error; never personal data.
    fn note(&self, message: &str);
}

impl dyn Progress + '_ {
    /// Begins a phase that ends when the value is dropped.
    pub fn phase(&self, phase: &str, total: Option<u64>, unit: &'static str) -> Phase<'_> {
        Phase { progress: self, number: self.begin(phase, total, unit) }
    }
}

/// A phase under way; ends when dropped.
pub struct Phase<'a> {
    progress: &'a dyn Progress,
    number: usize,
}

impl Phase<'_> {
    /// `n` more units are done.
    pub fn advance(&self, n: u64) {
        self.progress.advance(self.number, n);
    }
}

impl Drop for Phase<'_> {
    fn drop(&mut self) {
        self.progress.end(self.number);
    }
}

/// Work within a phase that has phases of its own, none of which is told: what they do is life of
/// the phase, so that a host that stops the stage is heard in them too.
pub struct Within<'a>(pub &'a Phase<'a>);

impl Progress for Within<'_> {
    fn begin(&self, _: &str, _: Option<u64>, _: &'static str) -> usize {
        self.0.advance(0);
        0
    }
    fn advance(&self, _: usize, _: u64) {
        self.0.advance(0);
    }
    fn end(&self, _: usize) {}
    fn note(&self, _: &str) {}
}

/// Tells nobody.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl Progress for Silent {
    fn begin(&self, _: &str, _: Option<u64>, _: &'static str) -> usize {
        0
    }
    fn advance(&self, _: usize, _: u64) {}
    fn end(&self, _: usize) {}
    fn note(&self, _: &str) {}
}
