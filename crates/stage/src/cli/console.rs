//! How a run shows itself: bars on a terminal, plain lines when piped, nothing with `--json` or
//! `--quiet`; and how long each phase took.

use std::{
    collections::BTreeMap,
    io::{IsTerminal, Write},
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};

use crate::{Cancelled, Progress};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A bar for each phase under way, for a terminal.
    Bars,
    /// A line for each phase that has ended.
    Lines,
    /// A log line for each phase that has ended, for machines.
    #[cfg(feature = "lambda")]
    Logs,
    Hidden,
}

impl Style {
    /// Bars on a terminal, lines elsewhere, nothing when `hidden`.
    #[must_use]
    pub fn detect(hidden: bool) -> Self {
        if hidden {
            Self::Hidden
        } else if std::io::stderr().is_terminal() {
            Self::Bars
        } else {
            Self::Lines
        }
    }
}

struct Running {
    name: String,
    unit: &'static str,
    begun: Instant,
    done: u64,
    bar: Option<ProgressBar>,
}

#[derive(Default)]
struct State {
    phases: Vec<Option<Running>>,
    seconds: BTreeMap<String, f64>,
}

/// Shows and times the phases of one stage on the standard error.
pub struct Console {
    stage: String,
    style: Style,
    bars: MultiProgress,
    state: Mutex<State>,
}

impl Console {
    #[must_use]
    pub fn new(stage: &str, style: Style) -> Self {
        let (stage, bars) = (stage.to_owned(), MultiProgress::new());
        Self { stage, style, bars, state: Mutex::default() }
    }

    /// Seconds of each phase that has ended, by name; phases may overlap.
    #[must_use]
    pub fn seconds(&self) -> BTreeMap<String, f64> {
        self.lock().seconds.clone()
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn line(&self, line: &str) {
        match self.style {
            Style::Hidden => {}
            #[cfg(feature = "lambda")]
            Style::Logs => {}
            // A closed standard error is no reason to stop the day.
            Style::Lines => drop(writeln!(std::io::stderr().lock(), "{line}")),
            Style::Bars => drop(self.bars.println(line)),
        }
    }

    fn bar(&self, phase: &str, total: Option<u64>, unit: &str) -> Option<ProgressBar> {
        if self.style != Style::Bars {
            return None;
        }
        let (bar, template) = match total {
            Some(total) => (
                ProgressBar::new(total),
                format!("{{prefix:>22}} [{{bar:30}}] {{pos}}/{{len}} {unit} {{eta}}"),
            ),
            None => (
                ProgressBar::new_spinner(),
                format!("{{prefix:>22}} {{spinner}} {{pos}} {unit} {{elapsed}}"),
            ),
        };
        let style = ProgressStyle::with_template(&template).ok()?.progress_chars("=> ");
        let bar = self.bars.add(bar.with_style(style));
        bar.set_prefix(format!("{} {phase}", self.stage));
        bar.enable_steady_tick(Duration::from_millis(120));
        Some(bar)
    }
}

impl Progress for Console {
    #[allow(clippy::disallowed_methods, reason = "the host times phases")]
    fn begin(&self, phase: &str, total: Option<u64>, unit: &'static str) -> usize {
        let bar = self.bar(phase, total, unit);
        let running = Running { name: phase.to_owned(), unit, begun: Instant::now(), done: 0, bar };
        let mut state = self.lock();
        state.phases.push(Some(running));
        state.phases.len() - 1
    }

    fn advance(&self, phase: usize, n: u64) -> Result<(), Cancelled> {
        if let Some(Some(running)) = self.lock().phases.get_mut(phase) {
            running.done += n;
            if let Some(bar) = &running.bar {
                bar.inc(n);
            }
        }
        Ok(())
    }

    fn end(&self, phase: usize) {
        let mut state = self.lock();
        let Some(running) = state.phases.get_mut(phase).and_then(Option::take) else { return };
        let seconds = running.begun.elapsed().as_secs_f64();
        *state.seconds.entry(running.name.clone()).or_default() += seconds;
        drop(state);
        if let Some(bar) = &running.bar {
            bar.finish_and_clear();
        }
        #[cfg(feature = "lambda")]
        if self.style == Style::Logs {
            let Running { name, unit, done, .. } = &running;
            let phase = name.as_str();
            tracing::info!(target: crate::lambda::TARGET, phase, seconds, done, unit, "phase ended");
        }
        let done = match running.done {
            0 => String::new(),
            n => format!("  {n} {}", running.unit),
        };
        self.line(&format!("{:>10} {:<18} {seconds:>7.2} s{done}", self.stage, running.name));
    }

    fn note(&self, message: &str) {
        #[cfg(feature = "lambda")]
        if self.style == Style::Logs {
            tracing::info!(target: crate::lambda::TARGET, "{message}");
        }
        self.line(&format!("{:>10} note: {}", self.stage, super::plain(message)));
    }
}
