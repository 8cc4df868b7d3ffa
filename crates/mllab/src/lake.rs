//! What the lake holds: versions, what was live when, promotion, rollback, verification, pruning.

use serde_json::json;
use stage::{
    Error, ErrorName, Event,
    cli::{self, Printed, RunOptions},
};
use versioning::{
    Artefact, Lake, Member, Policy, ReleaseKind, Retired, Series, Timestamp, Version,
};

use crate::{
    stages::{STAGES, STATES},
    table::render,
};

/// Make a version live, in the place of the live one of its stage
#[derive(clap::Args, Debug)]
pub(crate) struct PromoteArgs {
    /// As in v7
    pub(crate) version: Version,
    /// Whatever the gate found of it
    #[arg(long, requires = "reason")]
    pub(crate) anyway: bool,
    /// Why: it is recorded with the release
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

struct Named {
    name: &'static str,
    output: Artefact,
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
            Named { name: stage.name, output: stage.output, series, latest: stage.latest }
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

/// As [`one`], to be written to: what is live must be what is decided before anybody goes by it.
fn one_to_write(options: &RunOptions, name: Option<&str>) -> Result<Named, Error> {
    complete(&cli::open_lake(&options.lake)?, options)?;
    one(options, name)
}

/// The versions of a stage, or of all.
pub(crate) fn versions(options: &RunOptions, stage: Option<&str>) -> Result<Printed, Error> {
    let head = ["stage", "version", "date", "made at", "MB", "gate", "live"].map(str::to_owned);
    let (mut rows, mut list) = (vec![head.to_vec()], Vec::new());
    for named in named(options, stage)? {
        let live = named.series.live()?;
        let versioning::Listed { versions, unreadable } = named.series.list_all()?;
        for (version, error) in unreadable {
            let what = format!("unreadable: {error}");
            let mut row = vec![String::new(); head.len()];
            (row[0], row[1], row[5]) = (named.name.to_owned(), version.to_string(), what);
            rows.push(row);
            list.push(json!({
                "stage": named.name,
                "version": version.to_string(),
                "unreadable": error.to_string(),
                "live": live == Some(version),
            }));
        }
        for retired in named.series.retired()? {
            let what = format!("retired: {}", retired.reason);
            let mut row = vec![String::new(); head.len()];
            (row[0], row[1]) = (named.name.to_owned(), retired.version.to_string());
            (row[3], row[5]) = (retired.at.to_string(), what);
            rows.push(row);
            list.push(json!({
                "stage": named.name,
                "version": retired.version.to_string(),
                "retired": retired,
                "live": false,
            }));
        }
        for committed in versions {
            let manifest = committed.manifest();
            let bytes: u64 = manifest.outputs.iter().map(|o| o.bytes).sum();
            let is_live = live == Some(committed.version());
            let gate = gate_of(&named.series, committed.version())?;
            rows.push(vec![
                named.name.to_owned(),
                committed.version().to_string(),
                manifest.logical_date.clone(),
                manifest.created_at.to_string(),
                format!("{:.1}", bytes as f64 / 1e6),
                gate.clone(),
                if is_live { "live" } else { "" }.to_owned(),
            ]);
            list.push(json!({
                "stage": named.name,
                "version": committed.version().to_string(),
                "logical_date": manifest.logical_date,
                "created_at": manifest.created_at.to_string(),
                "bytes": bytes,
                "gate": gate,
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

/// What the gate found of a version, in a word.
fn gate_of(series: &Series, version: Version) -> Result<String, Error> {
    let report = match stage::gate_report(series, version) {
        Ok(Some(report)) => report,
        Ok(None) => return Ok("-".to_owned()),
        Err(Error { name: ErrorName::StageFailed, .. }) => return Ok("unreadable".to_owned()),
        Err(error) => return Err(error),
    };
    let failed: Vec<&str> =
        report.checks.iter().filter(|check| !check.passed).map(|c| c.name.as_str()).collect();
    Ok(match (failed.is_empty(), report.passed) {
        (true, _) => "passed".to_owned(),
        (false, true) => format!("accepted: {}", failed.join(", ")),
        (false, false) => format!("failed: {}", failed.join(", ")),
    })
}

/// What readers saw when, with the refusals between; with `at`, only what was live then.
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
    let mut entries = Vec::new();
    for promotion in named.series.history()? {
        let from = promotion.from.map(|v| v.to_string());
        let (to, by) = (promotion.to.to_string(), promotion.by);
        entries.push((promotion.at, json!({"from": from, "to": to, "by": by})));
    }
    for release in cli::open_lake(&options.lake)?.releases().list()? {
        let Some(withheld) = release.withheld.get(&named.output) else { continue };
        let decision = stage::decision_of(&release)?;
        let ruling = decision.rulings.get(named.output.name());
        let failed = ruling.map(|ruling| &ruling.failed);
        let failed: Vec<&str> = failed.into_iter().flatten().map(|c| c.name.as_str()).collect();
        let what = if release.kind == ReleaseKind::Refused { "refused" } else { "held back" };
        let why =
            if failed.is_empty() { "the rest of its day".to_owned() } else { failed.join(", ") };
        let by = format!("release {}", release.number);
        let said = json!({ what: withheld.version.to_string(), "why": why, "by": by });
        entries.push((release.at, said));
    }
    for retired in named.series.retired()? {
        let said = json!({
            "retired": retired.version.to_string(), "why": retired.reason, "by": retired.by
        });
        entries.push((retired.at, said));
    }
    entries.sort_by_key(|(at, _)| *at);
    let mut rows = vec![["at", "from", "to", "by"].map(str::to_owned).to_vec()];
    let mut list = Vec::new();
    for (at, mut entry) in entries {
        let text = |key: &str| entry[key].as_str().map(str::to_owned);
        let refused =
            ["refused", "held back", "retired"].into_iter().find(|key| !entry[*key].is_null());
        let to = match refused {
            Some(what) => {
                let version = text(what).unwrap_or_default();
                format!("{version} {what}: {}", text("why").unwrap_or_default())
            }
            None => text("to").unwrap_or_default(),
        };
        let from = text("from").unwrap_or_else(|| "-".to_owned());
        rows.push(vec![at.to_string(), from, to, text("by").unwrap_or_default()]);
        entry["at"] = json!(at.to_string());
        list.push(entry);
    }
    Ok(Printed { text: render(&rows), json: json!(list) })
}

/// Makes a version live in the place of its series' live one; one that the gate refused only where
/// that is overruled, with a reason.
pub(crate) fn promote(
    options: &RunOptions,
    stage: Option<&str>,
    args: &PromoteArgs,
) -> Result<Printed, Error> {
    let named = one_to_write(options, stage)?;
    let version = args.version;
    let lines = (named.latest)(&version.to_string());
    if lines.is_empty() {
        let name = named.name;
        return Err(Error::config(format!("{name} has no latest.txt: no version of it is live")));
    }
    let report = stage::gate_report(&named.series, version)?;
    let failed: Vec<String> = report
        .iter()
        .filter(|report| !report.passed)
        .flat_map(|report| &report.checks)
        .filter(|check| !check.passed)
        .map(|check| format!("{}: expected {}, found {}", check.name, check.expected, check.found))
        .collect();
    if !failed.is_empty() && !args.anyway {
        return Err(Error::new(
            ErrorName::GateRefused,
            format!(
                "{} {version} was refused: {}. `mllab promote {} {version} --anyway --reason TEXT` makes it live",
                named.name,
                failed.join("; "),
                named.name
            ),
        ));
    }
    if args.anyway && args.reason.is_none() {
        return Err(Error::config("--anyway needs --reason TEXT: it is recorded with the release"));
    }
    let member = Member { version, lines, carried: false };
    change(options, &named, member, ReleaseKind::Promote, args.reason.as_deref())
}

/// Makes the version live that was live before, or the one that `to` names.
pub(crate) fn rollback(
    options: &RunOptions,
    stage: Option<&str>,
    to: Option<Version>,
) -> Result<Printed, Error> {
    let named = one_to_write(options, stage)?;
    let version = match to {
        Some(version) => version,
        None => named.series.rollback_target()?.ok_or_else(|| {
            Error::bad_input(format!("{}: there is no version to go back to", named.name))
        })?,
    };
    // The lines that it was live with: those of another system's version are its own.
    let logged = named.series.history()?.into_iter().rev().find(|p| p.to == version);
    let lines = logged.map_or_else(|| (named.latest)(&version.to_string()), |p| p.lines);
    let member = Member { version, lines, carried: false };
    change(options, &named, member, ReleaseKind::RollbackOne, None)
}

/// Releases the live set with another version of one series.
fn change(
    options: &RunOptions,
    named: &Named,
    member: Member,
    kind: ReleaseKind,
    reason: Option<&str>,
) -> Result<Printed, Error> {
    let before = named.series.live()?.map(|v| v.to_string());
    let (name, to) = (named.name, member.version.to_string());
    if before.as_ref() == Some(&to) {
        return Ok(Printed {
            text: format!("{name}: {to} is live already"),
            json: json!({"stage": name, "live": to, "before": before}),
        });
    }
    let lake = cli::open_lake(&options.lake)?;
    let event = Event {
        execution: options.execution.clone(),
        logical_date: options.logical_date.clone(),
        reason: reason.unwrap_or_default().to_owned(),
        by: user(),
        ..Event::default()
    };
    let members = [(named.output, member)].into();
    let release = stage::promote(&lake, members, kind, &event, cli::now())?;
    let before = before.unwrap_or_else(|| "none".to_owned());
    Ok(Printed {
        text: format!("{name}: {to} is live (before: {before}), release {release}"),
        json: json!({"stage": name, "live": to, "before": before, "release": release}),
    })
}

/// Finishes a release that broke off half carried out; says so.
pub(crate) fn complete(lake: &Lake, options: &RunOptions) -> Result<Option<String>, Error> {
    let completed = lake.releases().complete(cli::now(), &options.execution)?;
    Ok(completed.map(|completed| {
        let moved = completed.moved.iter().map(|m| format!("{} {}", m.artefact.name(), m.to));
        let moved = moved.collect::<Vec<_>>().join(", ");
        format!(
            "release {} had broken off half carried out: {moved} went live now",
            completed.release
        )
    }))
}

/// Deletes what the rule of every day lets go; says how much.
pub(crate) fn prune_after_day(lake: &Lake) -> Result<Option<String>, Error> {
    let pruned = match lake.prune_day(&Policy::default(), cli::now()) {
        // What cannot be read may need what would go.
        Err(error @ versioning::Error::Malformed { .. }) => {
            return Ok(Some(format!("nothing is pruned: {error}")));
        }
        pruned => pruned?,
    };
    let gone = pruned.series.iter().map(|(artefact, gone)| {
        format!("{} versions of {}", gone.versions.len() + gone.claims.len(), artefact.name())
    });
    let gone: Vec<String> = gone.collect();
    Ok((!gone.is_empty())
        .then(|| format!("pruned: {} ({:.1} MB)", gone.join(", "), pruned.bytes as f64 / 1e6)))
}

/// Looks whether the lake can be served: files, manifests, logs and pointers. With `repair`, what
/// is safe is put right first.
pub(crate) fn verify(
    options: &RunOptions,
    stage: Option<&str>,
    repair: bool,
) -> Result<Printed, Error> {
    let lake = cli::open_lake(&options.lake)?;
    let only = stage.map(|name| one(options, Some(name)).map(|named| named.output)).transpose()?;
    let missing = |error| match error {
        versioning::Error::NotFound { .. } => Error::bad_input(format!(
            "--lake {}: there is no lake; expected the folder or bucket that a day was run on",
            options.lake
        )),
        error => error.into(),
    };
    // Before anything is repaired: no lake is made where there is none.
    let mut verified = lake.verify(only).map_err(missing)?;
    let mut repaired = Vec::new();
    if repair {
        repaired = lake.repair(cli::now(), &options.execution)?;
        verified = lake.verify(only)?;
    }
    let versioning::Verified { files, bytes, findings, notes } = verified;
    let shown = |lines: &[String], what: &str| {
        lines.iter().map(|line| format!("{what}: {}\n", cli::plain(line))).collect::<String>()
    };
    let mut text = shown(&repaired, "repaired");
    if !findings.is_empty() {
        let findings: Vec<String> = findings.iter().map(ToString::to_string).collect();
        return Err(Error::failed(format!(
            "{text}{} of what the lake holds is not as it must be\n{}",
            findings.len(),
            shown(&findings, "found").trim_end()
        )));
    }
    text += &shown(&notes, "note");
    text += &format!(
        "{files} files, {:.1} MB: every hash is as its manifest says, and logs, keys and pointers agree",
        bytes as f64 / 1e6
    );
    let json = json!({"files": files, "bytes": bytes, "notes": notes, "repaired": repaired});
    Ok(Printed { text, json })
}

/// A version that is to be taken out
#[derive(clap::Args, Debug)]
pub(crate) struct RetireArgs {
    /// As in v7
    pub(crate) version: Version,
    /// Why: it is recorded, and `versions` and `history` show it
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
}

/// Takes a version out that is not live.
pub(crate) fn retire(
    options: &RunOptions,
    stage: Option<&str>,
    args: &RetireArgs,
) -> Result<Printed, Error> {
    let named = one_to_write(options, stage)?;
    let reason = args.reason.trim().to_owned();
    if reason.is_empty() {
        return Err(Error::config("--reason TEXT: expected why the version is taken out"));
    }
    let retired = Retired { version: args.version, at: cli::now(), by: user(), reason };
    named.series.retire(&retired)?;
    let (name, version) = (named.name, retired.version);
    Ok(Printed {
        text: format!("{name}: {version} is taken out; what it was made from can be made anew"),
        json: json!({"stage": name, "retired": retired}),
    })
}

/// Deletes old versions, never what is live, a way back, or what these were made from.
pub(crate) fn prune(
    options: &RunOptions,
    stage: Option<&str>,
    keep: Option<usize>,
) -> Result<Printed, Error> {
    let named = one_to_write(options, stage)?;
    let mut policy = Policy::default();
    if let Some(keep) = keep {
        policy = Policy { keep_last: keep, keep_days: 0, ..policy };
    }
    let lake = cli::open_lake(&options.lake)?;
    let pruned = lake.prune_series(named.output, &policy, cli::now())?;
    let text_of = |versions: &[Version]| versions.iter().map(ToString::to_string).collect();
    let gone: Vec<String> = text_of(&pruned.versions);
    let claims: Vec<String> = text_of(&pruned.claims);
    let text = if gone.is_empty() && claims.is_empty() {
        format!(
            "{}: nothing to prune (what is live, the ways back, what these were made from, the highest number and the last {} days always stay)",
            named.name, policy.abandon_days
        )
    } else {
        format!("{}: deleted {}", named.name, [gone.clone(), claims.clone()].concat().join(", "))
    };
    let json = json!({"stage": named.name, "versions": gone, "unfinished": claims});
    Ok(Printed { text, json })
}

/// The user of this machine, for the record.
#[allow(clippy::disallowed_methods, reason = "the host knows who calls it")]
pub(crate) fn user() -> String {
    let named =
        ["USER", "LOGNAME", "USERNAME"].into_iter().find_map(|name| std::env::var(name).ok());
    named.filter(|name| !name.is_empty()).unwrap_or_else(|| "unknown".to_owned())
}
