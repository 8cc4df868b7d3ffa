//! What may go live, and what stays as it is.

use versioning::{Committed, Error as StoreError, Lake, PromotionKind, Series, Timestamp, Version};

use crate::{Error, Event, Promoted, Stage};

/// How often a promotion is decided anew because something else went live meanwhile.
const DECISIONS: u32 = 10;

/// Makes a version of stage `S` the live one, but for what was rolled back (somebody took it back
/// on purpose) and for a day of the past: a backfill moves nothing. Of the past is a day before
/// the one that the execution began on, where the event says that, and in any case a day before
/// the live version's.
///
/// # Errors
/// What the store says.
pub fn promote<S: Stage>(
    lake: &Lake,
    version: &Committed,
    event: &Event,
    now: Timestamp,
) -> Result<Promoted, Error> {
    let series = lake.series(S::OUTPUT);
    let number = version.version();
    let lines = S::latest(&number.to_string());
    let mut decisions = 1;
    loop {
        let live = series.live()?;
        let reason = against::<S>(&series, live, number, event)?;
        if reason.is_some() {
            return Ok(Promoted { version: number.to_string(), promoted: false, reason });
        }
        // What another has put down in the log and not yet in `latest.txt` counts as live too.
        if series.settled(now, &event.execution)? == live {
            match series.promote_over(live, number, &lines, now, &event.execution) {
                Err(StoreError::PreconditionFailed { .. }) if decisions < DECISIONS => {}
                Ok(()) => {
                    return Ok(Promoted { version: number.to_string(), promoted: true, reason });
                }
                Err(error) => return Err(error.into()),
            }
        }
        decisions += 1;
    }
}

/// Why [`promote`] would leave things as they are, if it would.
///
/// # Errors
/// What the store says.
pub fn reason_against<S: Stage>(
    lake: &Lake,
    version: &Committed,
    event: &Event,
) -> Result<Option<String>, Error> {
    let series = lake.series(S::OUTPUT);
    against::<S>(&series, series.live()?, version.version(), event)
}

fn against<S: Stage>(
    series: &Series,
    live: Option<Version>,
    number: Version,
    event: &Event,
) -> Result<Option<String>, Error> {
    if S::latest("v1").is_empty() {
        return Ok(Some(format!("{} has no latest.txt", S::NAME)));
    }
    if live == Some(number) {
        return Ok(Some(format!("{number} is live already")));
    }
    let stays = live.map_or("nothing is".to_owned(), |live| format!("{live} stays"));
    let Event { logical_date, started, .. } = event;
    if logical_date < started {
        return Ok(Some(format!(
            "{stays} live: {logical_date} lies before {started}, when the execution began, and a \
             backfill moves nothing"
        )));
    }
    let Some(live) = live else { return Ok(None) };
    let live_date = series.get(live)?.manifest().logical_date.clone();
    if *logical_date < live_date {
        return Ok(Some(format!(
            "{live} stays live: it stands for {live_date}, and a backfill moves nothing"
        )));
    }
    if rolled_back(series, number)? {
        return Ok(Some(format!(
            "{live} stays live: {number} was rolled back; `mllab promote {} {number}` brings it back",
            S::NAME
        )));
    }
    Ok(None)
}

/// Whether the last thing that happened to a version that was live is that it was rolled back.
fn rolled_back(series: &Series, version: Version) -> Result<bool, Error> {
    let history = series.history()?;
    let last = history.iter().rev().find(|p| p.from == Some(version) || p.to == version);
    Ok(last.is_some_and(|p| p.kind == PromotionKind::Rollback && p.from == Some(version)))
}
