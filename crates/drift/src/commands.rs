//! The further commands of the stage.

use clap::Subcommand;
use reports::Lang;
use serde_json::json;
use stage::{Answer, Call};
use versioning::{Artefact, Version};

use crate::{Error, history::REPORT, report::Report};

// Without documentation: clap would take it for what the stage itself says about it.
#[derive(Debug, Subcommand)]
pub enum Commands {
    /// Write the page of a stored report, in Portuguese or English
    #[command(
        after_help = "Examples:\n  drift report --lake lake --lang en --output drift.html\n  drift report --lake lake --version v7 --output drift.html"
    )]
    Report(ReportArgs),
}

#[derive(Debug, clap::Args)]
pub struct ReportArgs {
    /// The language of the page [default: pt]
    #[arg(long, value_name = "pt|en")]
    lang: Option<String>,
    /// The version of the report [default: the newest]
    #[arg(long, value_name = "vN")]
    version: Option<String>,
    /// Where to write the result
    #[arg(long, value_name = "FILE")]
    output: Option<String>,
}

impl stage::Commands for Commands {
    fn run(&self, call: &Call<'_>) -> Result<Answer, stage::Error> {
        let Self::Report(args) = self;
        report(call, args)
    }

    fn writes(&self) -> Option<&str> {
        let Self::Report(args) = self;
        args.output.as_deref()
    }
}

fn report(call: &Call<'_>, args: &ReportArgs) -> Result<Answer, stage::Error> {
    let lang = args.lang.as_deref().unwrap_or("pt");
    let parsed = lang.parse::<Lang>().map_err(|e| Error::Argument(format!("--{e}")))?;
    let series = call.lake.series(Artefact::Drift);
    let committed = match args.version.as_deref() {
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
    let stored: Report = serde_json::from_slice(&bytes)
        .map_err(|e| Error::Report { version: version.clone(), problem: e.to_string() })?;
    let html = reports::drift::page(&stored, parsed);
    let (severity, features) = (stored.severity.name(), &stored.current.version);
    let hint = if args.output.is_some() { "" } else { "; --output FILE writes its page" };
    let text = format!("report {version} on features {features}: {severity}{hint}\n");
    let json = json!({
        "version": version,
        "features": features,
        "severity": severity,
        "new": stored.new,
        "lang": lang,
    });
    Ok(Answer { text, json, file: Some(html.into_bytes()) })
}
