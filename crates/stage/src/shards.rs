//! A stage's work in shards: what there is to do, and one of them done.

use versioning::Lake;

use crate::{
    Error, Event, Host, Inputs, Planned, Shard, ShardDone, Stage, checked_config,
    execute::Prepared, find::raw_file,
};

/// Stores the list of the stage's shards for who hands them out.
pub(crate) fn plan<S: Stage>(
    lake: &Lake,
    event: &Event,
    host: &Host<'_>,
) -> Result<Planned, Error> {
    let call = Prepared::<S>::build(lake, event, host)?;
    let shards = S::plan(&call.inputs, &call.config)?;
    let json = serde_json::to_vec(&shards).map_err(Error::failed)?;
    let (bucket, key) = lake.put_shards(S::NAME, &call.key, json)?;
    Ok(Planned { bucket, key, shards: shards.len() })
}

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
    let rows = rows::<S>(lake, event, &shard, host)?;
    Ok(ShardDone { shard, rows })
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
            // What is not a raw table's file (a marker, a note, another day's) is nobody's work.
            let memo = lake.memo(S::OUTPUT);
            let location = event.inputs.get("raw").map(String::as_str);
            let Some(raw) = raw_file(lake, location, key, &memo)? else { return Ok(0) };
            S::shard(&Inputs::of_raw(raw).with_memo(memo), &config, shard, host.progress)
        }
        Shard::Part { index, of } if index < of => {
            let call = Prepared::<S>::build(lake, event, host)?;
            S::shard(&call.inputs, &call.config, shard, host.progress)
        }
        Shard::Part { index, of } => {
            Err(Error::config(format!("shard {index} of {of}: expected an index below {of}")))
        }
    }
}
