//! Follows an execution to its end: a bar for each step on a terminal, a line for each change elsewhere.

use std::{collections::BTreeMap, io::Write, thread, time::Duration};

use indicatif::{MultiProgress, ProgressBar, ProgressStyle};
use stage::{
    Error,
    cli::{self, Style},
};

use super::{
    arn::Arn,
    client::Client,
    history::{Change, History},
    view,
};
use crate::interrupt;

/// Between two looks at the history; Step Functions allows some twenty a second.
const PAUSE: Duration = Duration::from_millis(500);
/// As many looks in a row may fail: five minutes with the SDK's own repetitions are no network.
const PATIENCE: u32 = 60;

/// The whole history of an execution, once it has ended.
pub(crate) fn follow(client: &Client, execution: &Arn, style: Style) -> Result<History, Error> {
    let mut shown = Shown { style, bars: MultiProgress::new(), steps: BTreeMap::new() };
    let mut history = History::default();
    let mut failed = 0;
    shown.line(&format!("{}: {}", execution.name(), execution.console()));
    let _guard = interrupt::cooperate();
    loop {
        match client.history(execution) {
            Ok(events) => {
                failed = 0;
                history.take(&events, |history, change| shown.change(history, change));
            }
            Err(error) if failed < PATIENCE && error.name.is_transient() => failed += 1,
            Err(error) => return Err(error),
        }
        shown.refresh(&history, |map_run| {
            let items = client.items(map_run)?;
            Some(format!("{} of {}", items.done, items.total))
        });
        if history.outcome.is_some() {
            return Ok(history);
        }
        if interrupt::asked().is_break() {
            shown.clear();
            let arn = execution.to_string();
            shown.line(&format!(
                "{} goes on; to stop it: aws stepfunctions stop-execution --execution-arn {arn}",
                execution.name()
            ));
            return Err(Error::failed("interrupted"));
        }
        thread::sleep(PAUSE);
    }
}

struct Shown {
    style: Style,
    bars: MultiProgress,
    steps: BTreeMap<usize, ProgressBar>,
}

impl Shown {
    fn line(&self, line: &str) {
        match self.style {
            Style::Hidden => {}
            Style::Bars => drop(self.bars.println(line)),
            // A closed standard error is no reason to look away from the day.
            _ => drop(writeln!(std::io::stderr().lock(), "{line}")),
        }
    }

    fn change(&mut self, history: &History, change: Change) {
        let is_bar = self.style == Style::Bars;
        match change {
            // On a terminal the bar says it.
            Change::Entered(_) if is_bar => return,
            Change::Left(step) => {
                if let Some(bar) = self.steps.remove(&step) {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
        if let Some(line) = view::line(history, change) {
            self.line(&line);
        }
    }

    /// Says of each step under way how long it has taken, which try it is, and how far a map is.
    fn refresh(&mut self, history: &History, items: impl Fn(&str) -> Option<String>) {
        if self.style != Style::Bars {
            return;
        }
        let now = cli::now().as_millis();
        for (at, step) in history.under_way() {
            let bars = &self.bars;
            let bar = self.steps.entry(at).or_insert_with(|| spinner(bars, &step.state));
            let seconds = view::seconds(step.millis(now));
            let items = step.map_run.as_deref().and_then(&items).unwrap_or_default();
            bar.set_message(format!("{seconds:>7} s  {items} {}", view::doing(step)));
        }
        if history.outcome.is_some() {
            self.clear();
        }
    }

    fn clear(&mut self) {
        for bar in std::mem::take(&mut self.steps).into_values() {
            bar.finish_and_clear();
        }
    }
}

fn spinner(bars: &MultiProgress, state: &str) -> ProgressBar {
    let bar = bars.add(ProgressBar::new_spinner());
    if let Ok(style) = ProgressStyle::with_template("{prefix:>16} {spinner} {msg}") {
        bar.set_style(style);
    }
    bar.set_prefix(state.to_owned());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}
