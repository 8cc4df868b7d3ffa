//! The further commands of the stage.

use serde_json::{Value, json};
use stage::{Answer, ArgKind, Call, Command, CommandArg};
use versioning::{Artefact, Version};

use crate::{Error, history::REPORT, page};

/// The further commands of the stage.
pub(crate) const COMMANDS: &[Command] = &[Command {
    name: "report",
    about: "Write the page of a stored report, in Portuguese or English",
    examples: "  drift report --lake lake --lang en --output drift.html\n  drift report --lake lake --version v7 --output drift.html",
    args: &[
        CommandArg {
            name: "lang",
            value: "pt|en",
            help: "The language of the page [default: pt]",
            kind: ArgKind::Text,
            required: false,
        },
        CommandArg {
            name: "version",
            value: "vN",
            help: "The version of the report [default: the newest]",
            kind: ArgKind::Text,
            required: false,
        },
    ],
    writes_file: true,
    run: report,
}];

fn report(call: &Call<'_>) -> Result<Answer, stage::Error> {
    let lang = call.arg("lang").unwrap_or("pt");
    let parsed = lang.parse::<page::Lang>().map_err(|e| Error::Argument(format!("--{e}")))?;
    let series = call.lake.series(Artefact::Drift);
    let committed = match call.arg("version") {
        Some(text) => {
            let version: Version = text.parse().map_err(|_| {
                Error::Argument(format!("--version: expected a version such as v7, found `{text}`"))
            })?;
            series.get(version)?
        }
        None => series.newest()?.ok_or_else(|| {
            Error::Argument(format!("{} has no version: run `drift` first", series.uri()))
        })?,
    };
    let version = committed.version().to_string();
    let bytes = committed.open(REPORT)?.bytes()?;
    let stored: Value = serde_json::from_slice(&bytes)
        .map_err(|e| Error::Report { version: version.clone(), problem: e.to_string() })?;
    let html = page::render_json(&stored, parsed).map_err(Error::Page)?;
    let severity = stored.get("severity").and_then(Value::as_str).unwrap_or_default();
    let features = stored.pointer("/current/version").and_then(Value::as_str).unwrap_or_default();
    let hint = if call.has_output { "" } else { "; --output FILE writes its page" };
    let text = format!("report {version} on features {features}: {severity}{hint}\n");
    let json = json!({
        "version": version,
        "features": features,
        "severity": severity,
        "new": stored.get("new"),
        "lang": lang,
    });
    Ok(Answer { text, json, file: Some(html.into_bytes()) })
}
