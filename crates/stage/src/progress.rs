//! How a stage says what it is doing; the host decides what to show, times the phases, and may stop
//! the stage.

/// The host has stopped the stage. A stage returns it as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the call's time is up")]
pub struct Cancelled;

/// Where a stage tells its progress. A host times each phase from its begin to its end; phases may
/// overlap and be told from several threads.
pub trait Progress: Sync {
    /// Begins a phase of `total` (if known) `unit`s; gives the number that names it.
    fn begin(&self, phase: &str, total: Option<u64>, unit: &'static str) -> usize;
    /// `n` more units of a phase are done.
    ///
    /// # Errors
    /// [`Cancelled`] once the host has stopped the stage.
    fn advance(&self, phase: usize, n: u64) -> Result<(), Cancelled>;
    fn end(&self, phase: usize);
    /// Something that the operator should know and that is not an error; never personal data.
    fn note(&self, message: &str);
}

impl dyn Progress + '_ {
    /// Begins a phase that ends when the value is dropped.
    ///
    /// # Errors
    /// [`Cancelled`] once the host has stopped the stage.
    pub fn phase(
        &self,
        phase: &str,
        total: Option<u64>,
        unit: &'static str,
    ) -> Result<Phase<'_>, Cancelled> {
        let phase = Phase { progress: self, number: self.begin(phase, total, unit) };
        phase.advance(0)?;
        Ok(phase)
    }
}

/// A phase under way; ends when dropped.
pub struct Phase<'a> {
    progress: &'a dyn Progress,
    number: usize,
}

impl Phase<'_> {
    /// `n` more units are done.
    ///
    /// # Errors
    /// [`Cancelled`] once the host has stopped the stage.
    pub fn advance(&self, n: u64) -> Result<(), Cancelled> {
        self.progress.advance(self.number, n)
    }
}

impl Drop for Phase<'_> {
    fn drop(&mut self) {
        self.progress.end(self.number);
    }
}

/// Work within a phase that has phases of its own, none of which is shown; the host can stop the
/// stage in them too.
pub struct Within<'a>(pub &'a Phase<'a>);

impl Progress for Within<'_> {
    fn begin(&self, _: &str, _: Option<u64>, _: &'static str) -> usize {
        0
    }
    fn advance(&self, _: usize, _: u64) -> Result<(), Cancelled> {
        self.0.advance(0)
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
    fn advance(&self, _: usize, _: u64) -> Result<(), Cancelled> {
        Ok(())
    }
    fn end(&self, _: usize) {}
    fn note(&self, _: &str) {}
}
