//! What may go live, and what stays as it is.

use versioning::{Committed, Lake, PromotionKind, Series, Timestamp, Version};

use crate::{Error, Event, Promoted, Stage};

/// Makes a version of stage `S` the live one, but for what was rolled back (somebody took it back
/// on purpose) and for a day that lies before the live version's: a backfill moves nothing.
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
    let reason = reason_against::<S>(lake, version, event)?;
    let promoted = reason.is_none();
    if promoted {
        series.promote(number, &S::latest(&number.to_string()), now, &event.execution)?;
    }
    Ok(Promoted { version: number.to_string(), promoted, reason })
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
    let number = version.version();
    if S::latest("v1").is_empty() {
        return Ok(Some(format!("{} has no latest.txt", S::NAME)));
    }
    let Some(live) = series.live()? else { return Ok(None) };
    if live == number {
        return Ok(Some(format!("{live} is live already")));
    }
    let live_date = series.get(live)?.manifest().logical_date.clone();
    if event.logical_date < live_date || version.manifest().logical_date < live_date {
        return Ok(Some(format!(
            "{live} stays live: it stands for {live_date}, and a backfill moves nothing"
        )));
    }
    if rolled_back(&series, number)? {
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
