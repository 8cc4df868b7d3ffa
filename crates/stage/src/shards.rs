//! A stage's work in shards: what there is to do, one of them done, and what is said of those that
//! failed.

use versioning::Lake;

use crate::{
    Error, ErrorName, Event, Host, Inputs, Planned, Shard, ShardDone, Stage, checked_config,
    execute::Prepared, find::raw_file,
};

/// Stores the list of the stage's shards for who hands them out.
pub(crate) fn plan<S: Stage>(
    lake: &Lake,
    event: &Event,
    host: &Host<'_>,
) -> Result<Planned, Error> {
    let call = Prepared::<S>::of(lake, event, host)?;
    let shards = S::plan(&call.inputs, &call.config)?;
    let json = serde_json::to_vec(&shards).map_err(Error::failed)?;
    let (bucket, key) = lake.put_shards(S::NAME, &call.key, json)?;
    Ok(Planned { bucket, key, shards: shards.len() })
}

/// Does the event's shard. An error that the same call would meet again is part of the answer.
pub(crate) fn shard<S: Stage>(
    lake: &Lake,
    event: &Event,
    host: &Host<'_>,
) -> Result<ShardDone, Error> {
    let shard = event.shard.clone().ok_or_else(|| {
        Error::config(
            "action shard needs a `shard`: expected {\"key\": …} or {\"index\": …, \"of\": …}",
        )
    })?;
    match rows::<S>(lake, event, &shard, host) {
        Ok(rows) => Ok(ShardDone { shard, error: None, cause: None, rows }),
        Err(error) if error.name.is_transient() => Err(error),
        Err(Error { name, message }) => {
            let error = Some(name.as_str().to_owned());
            Ok(ShardDone { shard, error, cause: Some(message), rows: 0 })
        }
    }
}

fn rows<S: Stage>(
    lake: &Lake,
    event: &Event,
    shard: &Shard,
    host: &Host<'_>,
) -> Result<u64, Error> {
    match shard {
        Shard::File { key } => {
            let config = checked_config::<S>(&event.config)?;
            // What is no raw table's file (a marker, a note) is nobody's work.
            let memo = lake.memo(S::OUTPUT);
            let Some(raw) = raw_file(lake, key, &memo)? else { return Ok(0) };
            S::shard(&Inputs::of_raw(raw).with_memo(memo), &config, shard, host.progress)
        }
        Shard::Part { index, of } if index < of => {
            let call = Prepared::<S>::of(lake, event, host)?;
            S::shard(&call.inputs, &call.config, shard, host.progress)
        }
        Shard::Part { index, of } => {
            Err(Error::config(format!("shard {index} of {of}: expected an index below {of}")))
        }
    }
}

/// The error of the first shard that failed.
pub(crate) fn none_failed(shards: &[ShardDone]) -> Result<(), Error> {
    let Some(failed) = shards.iter().find(|s| s.error.is_some()) else { return Ok(()) };
    let name = failed.error.as_deref().and_then(ErrorName::parse);
    let cause = failed.cause.as_deref().unwrap_or("a shard failed without a word");
    Err(Error::new(name.unwrap_or(ErrorName::StageFailed), cause))
}
