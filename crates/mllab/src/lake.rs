//! What the lake holds: versions, what was live when, promotion, rollback, verification, pruning.

use serde_json::json;
use stage::{
    Error,
    cli::{self, Printed, RunOptions},
};
use versioning::{Policy, Series, Timestamp, Version};

use crate::{
    stages::{STAGES, STATES},
    table::render,
};

/// A stage with its series.
struct Named {
    name: &'static str,
    series: Series,
    latest: fn(&str) -> Vec<String>,
}

/// The stages that `name` names: that one, or all.
fn named(options: &RunOptions, name: Option<&str>) -> Result<Vec<Named>, Error> {
    let lake = cli::open_lake(&options.lake)?;
    let all = STAGES.iter().chain(&STATES);
    let named = all.filter(|stage| name.is_none_or(|name| name == stage.name));
    let named: Vec<_> = named
        .map(|stage| {
            let series = lake.series(stage.output);
            Named { name: stage.name, series, latest: stage.latest }
        })
        .collect();
    if named.is_empty() {
        let known: Vec<_> = STAGES.iter().map(|stage| stage.name).collect();
        let name = name.unwrap_or_default();
        return Err(Error::config(format!(
            "there is no stage `{name}`: expected one of {}",
            known.join(", ")
        )));
    }
    Ok(named)
}

fn one(options: &RunOptions, name: Option<&str>) -> Result<Named, Error> {
    let mut all = named(options, name)?;
    all.pop().ok_or_else(|| Error::config("which stage?"))
}

/// The versions of a stage, or of all.
pub(crate) fn versions(options: &RunOptions, stage: Option<&str>) -> Result<Printed, Error> {
    let head = ["stage", "version", "date", "made at", "MB", "live"].map(str::to_owned);
    let (mut rows, mut list) = (vec![head.to_vec()], Vec::new());
    for named in named(options, stage)? {
        let live = named.series.live()?;
        for committed in named.series.list()? {
            let manifest = committed.manifest();
            let bytes: u64 = manifest.outputs.iter().map(|o| o.bytes).sum();
            let is_live = live == Some(committed.version());
            rows.push(vec![
                named.name.to_owned(),
                committed.version().to_string(),
                manifest.logical_date.clone(),
                manifest.created_at.to_string(),
                format!("{:.1}", bytes as f64 / 1e6),
                if is_live { "live" } else { "" }.to_owned(),
            ]);
            list.push(json!({
                "stage": named.name,
                "version": committed.version().to_string(),
                "logical_date": manifest.logical_date,
                "created_at": manifest.created_at.to_string(),
                "bytes": bytes,
                "live": is_live,
                "uri": committed.uri(),
            }));
        }
    }
    let text = if list.is_empty() {
        format!("{}: no versions yet; `mllab run` makes them", options.lake)
    } else {
        render(&rows)
    };
    Ok(Printed { text, json: json!(list) })
}

/// What was live when; with `at`, only what was live then.
pub(crate) fn history(
    options: &RunOptions,
    stage: Option<&str>,
    at: Option<Timestamp>,
) -> Result<Printed, Error> {
    let named = one(options, stage)?;
    if let Some(at) = at {
        let live = named.series.live_at(at)?.map(|v| v.to_string());
        let text = match &live {
            Some(version) => format!("{}: {version} was live at {at}", named.name),
            None => format!("{}: nothing was live at {at}", named.name),
        };
        return Ok(Printed { text, json: json!({"at": at.to_string(), "live": live}) });
    }
    let mut rows = vec![["at", "from", "to", "by"].map(str::to_owned).to_vec()];
    let mut list = Vec::new();
    for promotion in named.series.history()? {
        let from = promotion.from.map(|v| v.to_string());
        let (at, to) = (promotion.at.to_string(), promotion.to.to_string());
        list.push(json!({"at": at, "from": from, "to": to, "by": promotion.by}));
        rows.push(vec![at, from.unwrap_or_else(|| "-".to_owned()), to, promotion.by]);
    }
    Ok(Printed { text: render(&rows), json: json!(list) })
}

/// Makes a version live.
pub(crate) fn promote(
    options: &RunOptions,
    stage: Option<&str>,
    to: Option<Version>,
) -> Result<Printed, Error> {
    let named = one(options, stage)?;
    let to = to.ok_or_else(|| Error::config("which version? expected one such as v7"))?;
    make_live(options, &named, to)
}

/// Makes the version live that was live before, or the one that `to` names.
pub(crate) fn rollback(
    options: &RunOptions,
    stage: Option<&str>,
    to: Option<Version>,
) -> Result<Printed, Error> {
    let named = one(options, stage)?;
    let before = named.series.live()?.map(|v| v.to_string());
    let now_live = named.series.rollback(to, cli::now(), &options.execution)?.to_string();
    let before = before.unwrap_or_else(|| "none".to_owned());
    Ok(Printed {
        text: format!("{}: {now_live} is live (before: {before})", named.name),
        json: json!({"stage": named.name, "live": now_live, "before": before}),
    })
}

fn make_live(options: &RunOptions, named: &Named, to: Version) -> Result<Printed, Error> {
    let lines = (named.latest)(&to.to_string());
    if lines.is_empty() {
        return Err(Error::config(format!(
            "{} has no latest.txt: nothing of it is ever live",
            named.name
        )));
    }
    let before = named.series.live()?.map(|v| v.to_string());
    named.series.promote(to, &lines, cli::now(), &options.execution)?;
    let text = match &before {
        Some(before) => format!("{}: {to} is live (before: {before})", named.name),
        None => format!("{}: {to} is live", named.name),
    };
    let json = json!({"stage": named.name, "live": to.to_string(), "before": before});
    Ok(Printed { text, json })
}

/// Reads every file of every version and compares its hash with the manifest's.
pub(crate) fn verify(options: &RunOptions, stage: Option<&str>) -> Result<Printed, Error> {
    let (mut files, mut bytes, mut broken) = (0_u64, 0_u64, Vec::new());
    for named in named(options, stage)? {
        for committed in named.series.list()? {
            for output in &committed.manifest().outputs {
                match committed.open(&output.file) {
                    Ok(_) => (files, bytes) = (files + 1, bytes + output.bytes),
                    Err(error) => broken.push(error.to_string()),
                }
            }
        }
    }
    if !broken.is_empty() {
        return Err(Error::failed(broken.join("\n")));
    }
    let text =
        format!("{files} files, {:.1} MB: every hash is as its manifest says", bytes as f64 / 1e6);
    Ok(Printed { text, json: json!({"files": files, "bytes": bytes}) })
}

/// Deletes old versions, never the live one nor its rollback target.
pub(crate) fn prune(
    options: &RunOptions,
    stage: Option<&str>,
    keep: Option<usize>,
) -> Result<Printed, Error> {
    let named = one(options, stage)?;
    let mut policy = Policy::default();
    if let Some(keep) = keep {
        policy = Policy { keep_last: keep, keep_days: 0, ..policy };
    }
    let pruned = named.series.prune(&policy, cli::now())?;
    let text_of = |versions: &[Version]| versions.iter().map(ToString::to_string).collect();
    let gone: Vec<String> = text_of(&pruned.versions);
    let claims: Vec<String> = text_of(&pruned.claims);
    let text = if gone.is_empty() && claims.is_empty() {
        format!(
            "{}: nothing to prune (the live version, its rollback target, the highest number and the last {} days always stay)",
            named.name, policy.abandon_days
        )
    } else {
        format!("{}: deleted {}", named.name, [gone.clone(), claims.clone()].concat().join(", "))
    };
    let json = json!({"stage": named.name, "versions": gone, "unfinished": claims});
    Ok(Printed { text, json })
}
