//! Releases: the sets of versions that were live together, and the ways to overrule a decision.

use clap::{Args, Subcommand};
use serde_json::{Value, json};
use stage::{
    Error, Event,
    cli::{self, Printed, RunOptions},
};
use versioning::{Lake, Members, Release, ReleaseKind, Releases};

use crate::{
    day::{self, From},
    lake::user,
    table::render,
};

/// Why something is overruled, and by whom.
#[derive(Args, Clone, Debug)]
pub(crate) struct Overrule {
    /// Why: it is recorded with the release
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: String,
    /// Who [default: the user of this machine]
    #[arg(long, value_name = "NAME")]
    pub(crate) by: Option<String>,
}

/// Accept breaches of the data of the newest refused day: they are the baseline from now on
///
/// The rest of the day is run on those data, and goes live where nothing else is in its way.
#[derive(Args, Debug)]
pub(crate) struct AcceptArgs {
    /// The breaches, by the names that the refusal gave
    #[arg(required = true, value_name = "BREACH")]
    breaches: Vec<String>,
    #[command(flatten)]
    overrule: Overrule,
}

#[derive(Subcommand, Debug)]
pub(crate) enum ReleaseCommand {
    /// List the releases, refused ones among them
    #[command(after_help = "Example:\n  mllab release list")]
    List,
    /// Show one release: its versions, what the gate found, who decided
    #[command(after_help = "Example:\n  mllab release show 7")]
    Show {
        /// Its number [default: the live one]
        number: Option<u64>,
    },
    /// Publish what a release withheld: a model held back, a refused day
    #[command(
        after_help = "Example:\n  mllab release publish 7 --anyway --reason \"the old model is wrong\""
    )]
    Publish {
        number: u64,
        /// Whatever the gate found
        #[arg(long, required = true)]
        anyway: bool,
        #[command(flatten)]
        overrule: Overrule,
    },
    /// Make the versions of an earlier release live again: all of them
    #[command(
        after_help = "Example:\n  mllab release rollback\n  mllab release rollback --to 5 --reason \"wrong data\""
    )]
    Rollback {
        /// This release [default: the one before the live one]
        #[arg(long, value_name = "NUMBER")]
        to: Option<u64>,
        /// Why: it is recorded with the release
        #[arg(long, value_name = "TEXT")]
        reason: Option<String>,
        /// Who [default: the user of this machine]
        #[arg(long, value_name = "NAME")]
        by: Option<String>,
    },
}

/// Accepts breaches, and goes on with the day that they refused.
pub(crate) fn accept(
    options: &RunOptions,
    args: &AcceptArgs,
    build: &str,
) -> Result<Printed, Error> {
    let lake = cli::open_lake(&options.lake)?;
    let mut event = event(options, &args.overrule);
    event.breaches.clone_from(&args.breaches);
    let accepted = stage::accept(&lake, &event, cli::now())?;
    let said = format!("accepted: {}\n", accepted.accepted.join(", "));
    if !accepted.left.is_empty() {
        let left = accepted.left.join(" ");
        return Ok(Printed {
            text: format!(
                "{said}the day is still refused for: {left}\n`mllab accept {left} --reason TEXT` accepts the rest"
            ),
            json: json!({"accepted": accepted}),
        });
    }
    let options = RunOptions { logical_date: accepted.logical_date.clone(), ..options.clone() };
    let day = day::run(&options, From::Features(&accepted.features), true, build)?;
    Ok(Printed {
        text: format!("{said}{}", day.text),
        json: json!({"accepted": accepted, "day": day.json}),
    })
}

/// Does what a subcommand of `mllab release` asks.
pub(crate) fn dispatch(options: &RunOptions, command: &ReleaseCommand) -> Result<Printed, Error> {
    let lake = cli::open_lake(&options.lake)?;
    match command {
        ReleaseCommand::List => list(&lake, options),
        ReleaseCommand::Show { number } => show(&lake, *number),
        ReleaseCommand::Publish { number, anyway: _, overrule } => {
            let event = Event { release: Some(*number), ..event(options, overrule) };
            let released = stage::publish_anyway(&lake, &event, cli::now())?;
            let text = format!(
                "release {} is live: {}",
                released.release.unwrap_or_default(),
                released.published.join(", ")
            );
            Ok(Printed { text, json: json!(released) })
        }
        ReleaseCommand::Rollback { to, reason, by } => {
            let by = by.clone().unwrap_or_else(user);
            let releases = lake.releases();
            // Also where there is no way back from the live release, it is carried out.
            releases.complete(cli::now(), &by)?;
            let now_live = releases.rollback(*to, cli::now(), &by, reason.clone())?;
            let text = format!("release {} is live: {}", now_live.number, members(&now_live));
            Ok(Printed { text, json: json!(now_live) })
        }
    }
}

fn event(options: &RunOptions, overrule: &Overrule) -> Event {
    Event {
        execution: options.execution.clone(),
        logical_date: options.logical_date.clone(),
        reason: overrule.reason.clone(),
        by: overrule.by.clone().unwrap_or_else(user),
        ..Event::default()
    }
}

fn list(lake: &Lake, options: &RunOptions) -> Result<Printed, Error> {
    let releases = lake.releases();
    let live = releases.live()?.map(|live| live.number);
    let head = ["release", "date", "at", "by", "decision", "versions", ""].map(str::to_owned);
    let (mut rows, mut list) = (vec![head.to_vec()], Vec::new());
    for release in releases.list()? {
        let is_live = live == Some(release.number);
        rows.push(vec![
            release.number.to_string(),
            release.logical_date.clone(),
            release.at.to_string(),
            release.by.clone(),
            kind(&release).to_owned(),
            members(&release),
            if is_live { "live" } else { "" }.to_owned(),
        ]);
        list.push(with_live(&release, is_live));
    }
    let text = match list.is_empty() {
        true => format!("{}: no releases yet; `mllab run` makes them", options.lake),
        false => render(&rows),
    };
    Ok(Printed { text, json: json!(list) })
}

fn show(lake: &Lake, number: Option<u64>) -> Result<Printed, Error> {
    let releases = lake.releases();
    let live = releases.live()?;
    let is_live = |number: u64| live.as_ref().is_some_and(|live| live.number == number);
    let release = match (number, &live) {
        (Some(number), _) => get(&releases, number)?,
        (None, Some(live)) => get(&releases, live.number)?,
        (None, None) => {
            return Err(Error::bad_input("no release is live: `mllab release list` lists all"));
        }
    };
    let live_mark = if is_live(release.number) { ", live" } else { "" };
    let mut text = format!(
        "release {} ({}{live_mark}) for {}, {} by {}\n",
        release.number,
        kind(&release),
        release.logical_date,
        release.at,
        release.by
    );
    let mut line = |said: String| {
        text.push_str("  ");
        text.push_str(&said);
        text.push('\n');
    };
    line(format!("versions: {}", members(&release)));
    if !release.withheld.is_empty() {
        line(format!("withheld: {}", names(&release.withheld)));
    }
    if let Some(reason) = &release.reason {
        line(format!("reason: {reason}"));
    }
    let decision = stage::decision_of(&release)?;
    for acceptance in &decision.accepted {
        line(format!("accepted: {} by {}: {}", acceptance.check, acceptance.by, acceptance.reason));
    }
    for (name, ruling) in &decision.rulings {
        for check in &ruling.failed {
            line(format!(
                "{name} {}: {}: expected {}, found {} ({})",
                ruling.version, check.check, check.expected, check.found, check.name
            ));
        }
    }
    Ok(Printed { text, json: with_live(&release, is_live(release.number)) })
}

fn get(releases: &Releases, number: u64) -> Result<Release, Error> {
    releases.get(number)?.ok_or_else(|| {
        Error::bad_input(format!("there is no release {number}: `mllab release list` lists all"))
    })
}

fn with_live(release: &Release, is_live: bool) -> Value {
    let mut json = json!(release);
    json["live"] = json!(is_live);
    json
}

fn kind(release: &Release) -> &'static str {
    match release.kind {
        ReleaseKind::Publish if !release.withheld.is_empty() => "published, in part held back",
        ReleaseKind::Publish => "published",
        ReleaseKind::Rollback | ReleaseKind::RollbackOne => "rolled back",
        ReleaseKind::Promote => "promoted",
        ReleaseKind::Refused => "refused",
    }
}

fn members(release: &Release) -> String {
    names(&release.versions)
}

fn names(members: &Members) -> String {
    let of = members.iter().map(|(artefact, m)| format!("{} {}", artefact.name(), m.version));
    of.collect::<Vec<_>>().join(", ")
}
