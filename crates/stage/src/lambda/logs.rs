//! Log lines: one JSON object a fact, with the call that it belongs to. Ours alone: what libraries
//! log may quote what they were given.

use std::{
    fmt,
    io::Write,
    sync::{Arc, Mutex, PoisonError},
};

use serde_json::{Map, Value, json};
use tracing::{
    Event, Level, Metadata, Subscriber,
    field::{Field, Visit},
    level_filters::LevelFilter,
    span,
};

use crate::cli::now;

/// The target of our own log lines; those of the store have `store`.
pub(crate) const TARGET: &str = "stage";

/// Where lines go, if anywhere.
#[derive(Clone)]
pub(crate) struct Lines(Option<Arc<Mutex<dyn Write + Send>>>);

impl Lines {
    pub(crate) fn to(sink: impl Write + Send + 'static) -> Self {
        Self(Some(Arc::new(Mutex::new(sink))))
    }

    pub(crate) fn none() -> Self {
        Self(None)
    }

    /// Writes one line, whole. A log that nobody takes is no reason to stop.
    pub(crate) fn write(&self, value: &Value) {
        let Some(sink) = &self.0 else { return };
        let mut sink = sink.lock().unwrap_or_else(PoisonError::into_inner);
        let _ = sink.write_all(format!("{value}\n").as_bytes()).and_then(|()| sink.flush());
    }
}

/// The call that lines belong to: one at a time in a process. Threads of a stage do not know it.
static CALL: Mutex<Vec<(String, Value)>> = Mutex::new(Vec::new());

/// The lines from now on belong to this call.
pub(crate) fn of_call(fields: [(&str, &str); 4]) {
    let given = fields.into_iter().filter(|(_, value)| !value.is_empty());
    let fields = given.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    *CALL.lock().unwrap_or_else(PoisonError::into_inner) = fields;
}

/// From now on what is logged becomes lines, as `RUST_LOG` says (`info` where it says nothing).
#[allow(clippy::disallowed_methods, reason = "the host has the environment that stages have not")]
pub(crate) fn begin(lines: &Lines) {
    let filter = Filter::parse(&std::env::var("RUST_LOG").unwrap_or_default());
    // Where there is one already, in a test, it stays.
    let _ = tracing::subscriber::set_global_default(Subscribed { filter, lines: lines.clone() });
}

/// Which lines are wanted: a level for each of our targets.
#[derive(Debug, PartialEq, Eq)]
struct Filter {
    stage: LevelFilter,
    store: LevelFilter,
}

impl Filter {
    /// `debug`, or `info,store=debug`. What is neither a level nor one of ours is for others.
    fn parse(text: &str) -> Self {
        let mut filter = Self { stage: LevelFilter::INFO, store: LevelFilter::INFO };
        for piece in text.split(',').filter(|piece| !piece.trim().is_empty()) {
            let (target, level) = piece.split_once('=').unwrap_or(("", piece));
            let Ok(level) = level.trim().parse::<LevelFilter>() else { continue };
            match target.trim() {
                "" => (filter.stage, filter.store) = (level, level),
                TARGET => filter.stage = level,
                "store" => filter.store = level,
                _ => {}
            }
        }
        filter
    }

    fn wants(&self, target: &str, level: Level) -> bool {
        match target {
            TARGET => level <= self.stage,
            "store" => level <= self.store,
            _ => false,
        }
    }
}

/// Makes lines of events; spans are not looked at.
struct Subscribed {
    filter: Filter,
    lines: Lines,
}

impl Subscriber for Subscribed {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.is_event() && self.filter.wants(metadata.target(), *metadata.level())
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(self.filter.stage.max(self.filter.store))
    }

    fn event(&self, event: &Event<'_>) {
        let call = CALL.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut fields = Fields(call.into_iter().collect());
        event.record(&mut fields);
        let Fields(mut line) = fields;
        line.insert("timestamp".to_owned(), json!(now().to_string()));
        line.insert("level".to_owned(), json!(event.metadata().level().as_str()));
        line.insert("target".to_owned(), json!(event.metadata().target()));
        self.lines.write(&Value::Object(line));
    }

    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Fields(Map<String, Value>);

impl Fields {
    fn set(&mut self, field: &Field, value: Value) {
        self.0.insert(field.name().to_owned(), value);
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, json!(format!("{value:?}")));
    }
    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, json!(value));
    }
    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, json!(value));
    }
    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, json!(value));
    }
    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, json!(value));
    }
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, json!(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Kept(Arc<Mutex<Vec<u8>>>);

    impl Write for Kept {
        fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().write(bytes)
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_fact_is_one_line_of_json_and_others_facts_are_none() {
        let kept = Arc::<Mutex<Vec<u8>>>::default();
        let lines = Lines::to(Kept(Arc::clone(&kept)));
        let filter = Filter::parse("info,store=debug");
        tracing::subscriber::with_default(Subscribed { filter, lines }, || {
            tracing::debug!(target: "store", op = "GetObject", bucket = "b", key = "raw/x");
            tracing::info!(target: "stage", seconds = 1.5, rows = 3_u64, "phase {} ended", "read");
            tracing::debug!(target: "stage", "not asked for");
            tracing::error!(target: "hyper", "somebody else's");
        });
        let text = String::from_utf8(kept.lock().unwrap().clone()).unwrap();
        let lines: Vec<Value> = text.lines().map(|l| serde_json::from_str(l).unwrap()).collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert_eq!(lines[0]["op"], "GetObject");
        assert_eq!((&lines[0]["target"], &lines[0]["key"]), (&json!("store"), &json!("raw/x")));
        assert_eq!(lines[1]["message"], "phase read ended");
        assert_eq!((&lines[1]["seconds"], &lines[1]["rows"]), (&json!(1.5), &json!(3)));
        assert!(lines[1]["timestamp"].as_str().unwrap().ends_with('Z'));
    }

    #[test]
    fn rust_log_has_a_level_for_all_or_for_one() {
        let levels = |text| {
            let filter = Filter::parse(text);
            (filter.stage, filter.store)
        };
        assert_eq!(levels(""), (LevelFilter::INFO, LevelFilter::INFO));
        assert_eq!(levels("warn"), (LevelFilter::WARN, LevelFilter::WARN));
        assert_eq!(levels("info,store=debug"), (LevelFilter::INFO, LevelFilter::DEBUG));
        assert_eq!(levels("hyper=trace,stage=off"), (LevelFilter::OFF, LevelFilter::INFO));
    }
}
