//! Whatever an event asks, done.

use versioning::{Committed, Lake, Version};

use crate::{
    Action, Error, Event, Host, Reply, Stage, execute, execute::response, find::version_of, gate,
    outcome, promote, shards,
};

/// Does what `event` asks of stage `S` on `lake`.
///
/// # Errors
/// As [`execute`]; [`crate::ErrorName::GateRefused`] when a version is not good enough to go live;
/// [`crate::ErrorName::BadInput`] for a version that does not exist, or a shard that is none.
pub fn handle<S: Stage>(lake: &Lake, event: &Event, host: &Host<'_>) -> Result<Reply, Error> {
    Ok(match event.action {
        Action::Run => Reply::Made(execute::<S>(lake, event, host)?),
        Action::Plan => Reply::Planned(shards::plan::<S>(lake, event, host)?),
        Action::Shard => Reply::Shard(shards::shard::<S>(lake, event, host)?),
        Action::Result => Reply::Made(outcome::result::<S>(lake, event, host)?),
        Action::Newest => {
            Reply::Made(response(&lake.series(S::OUTPUT), &meant::<S>(lake, event)?, event)?)
        }
        Action::Verify => Reply::Gate(gate::verify::<S>(lake, event, host)?),
        Action::Promote => {
            let version = meant::<S>(lake, event)?;
            Reply::Promoted(promote::<S>(lake, &version, event, (host.now)())?)
        }
    })
}

/// The version that an event means: the one that it names, else the newest.
pub(crate) fn meant<S: Stage>(lake: &Lake, event: &Event) -> Result<Committed, Error> {
    let series = lake.series(S::OUTPUT);
    if let Some(uri) = &event.version {
        let version: Version = version_of("version", uri, &series)?;
        return Ok(series.get(version)?);
    }
    let none = || {
        Error::bad_input(format!(
            "{} has no version: run the stage {} first",
            series.uri(),
            S::NAME
        ))
    };
    series.newest()?.ok_or_else(none)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use versioning::Artefact;

    use super::*;
    use crate::{
        ErrorName, Outcome, Response, Shard, ShardDone, ShardFailure,
        counting::{Counting, Place},
    };

    fn made(reply: Reply) -> Response {
        match reply {
            Reply::Made(response) => response,
            other => panic!("{other:?}"),
        }
    }

    fn on(place: &Place, action: Action) -> Event {
        Event { action, ..place.event(json!({})) }
    }

    #[test]
    fn the_newest_version_is_given_without_a_run() {
        let place = Place::new();
        let ask = Event { execution: "e2".to_owned(), ..on(&place, Action::Newest) };
        assert_eq!(place.handle(&ask).unwrap_err().name, ErrorName::BadInput);
        let first = made(place.handle(&on(&place, Action::Run)).unwrap());
        let newest = made(place.handle(&ask).unwrap());
        assert_eq!((newest.version, newest.metrics), (first.version, first.metrics));
        assert!(newest.unchanged);
    }

    #[test]
    fn promote_points_latest_txt_at_the_version_once() {
        let place = Place::new();
        assert_eq!(
            place.handle(&on(&place, Action::Promote)).unwrap_err().name,
            ErrorName::BadInput
        );
        let first = made(place.handle(&on(&place, Action::Run)).unwrap());
        assert!(!first.live);
        let promote = |event: &Event| match place.handle(event).unwrap() {
            Reply::Promoted(promoted) => (promoted.promoted, promoted.reason.unwrap_or_default()),
            other => panic!("{other:?}"),
        };
        let event = Event { version: Some(first.uri.clone()), ..on(&place, Action::Promote) };
        assert_eq!(promote(&event), (true, String::new()));
        let live = place.lake.series(Artefact::Processed).live().unwrap();
        assert_eq!(live.unwrap().to_string(), first.version);
        assert!(made(place.handle(&on(&place, Action::Run)).unwrap()).live);
        assert_eq!(promote(&event), (false, "v1 is live already".to_owned()));
    }

    #[test]
    fn a_backfill_and_what_was_rolled_back_move_nothing() {
        let place = Place::new();
        let series = place.lake.series(Artefact::Processed);
        let at = |offset: u64, date: &str| {
            let run = place.event(json!({"offset": offset}));
            let run = Event { logical_date: date.to_owned(), ..run };
            let version = Some(place.call(&run).unwrap().uri);
            let promote = Event { action: Action::Promote, version, ..run };
            match place.handle(&promote).unwrap() {
                Reply::Promoted(promoted) => promoted.reason.unwrap_or_default(),
                other => panic!("{other:?}"),
            }
        };
        assert_eq!(at(0, "2026-11-23"), "");
        assert_eq!(at(1, "2026-11-24"), "");
        assert!(at(2, "2026-11-01").contains("a backfill moves nothing"));
        series.rollback(None, versioning::Timestamp::from_millis(9), "somebody").unwrap();
        assert!(at(1, "2026-11-25").contains("v2 was rolled back"));
        assert_eq!(series.live().unwrap().unwrap().number(), 1);
    }

    #[test]
    fn a_refused_version_says_why_and_leaves_what_is_live() {
        let place = Place::new();
        let version = Some(made(place.handle(&on(&place, Action::Run)).unwrap()).uri);
        let verify = Event { version, ..on(&place, Action::Verify) };
        let Reply::Gate(report) = place.handle(&verify).unwrap() else { panic!() };
        assert_eq!((report.passed, report.checks.len()), (true, 2));
        let strict = Event { gate: json!({"least": 1000}), ..verify.clone() };
        let error = place.handle(&strict).unwrap_err();
        assert_eq!(error.name, ErrorName::GateRefused);
        assert!(error.message.contains("bytes: expected at least 1000, found 6"), "{error}");
        let series = place.lake.series(Artefact::Processed);
        let stored: crate::GateReport = series.record("_gate", "v1").unwrap().unwrap();
        assert!(!stored.passed);
        assert_eq!(series.live().unwrap(), None);
        let key = versioning::Key::new("processed/v1/count.txt").unwrap();
        place.lake.data().delete(&key).unwrap();
        let error = place.handle(&verify).unwrap_err();
        assert_eq!(error.name, ErrorName::GateRefused);
        assert!(error.message.contains("count.txt does not exist"), "{error}");
    }

    #[test]
    fn shards_are_planned_and_done_and_end_with_their_errors() {
        let place = Place::new();
        let Reply::Planned(planned) = place.handle(&on(&place, Action::Plan)).unwrap() else {
            panic!()
        };
        let list = place.lake.data().get(&versioning::Key::new(planned.key).unwrap(), None);
        let shards: Vec<Shard> =
            serde_json::from_slice(&list.unwrap().body.bytes().unwrap()).unwrap();
        assert_eq!(planned.shards, shards.len());
        let shard = |shard: Shard, config: serde_json::Value| {
            let event = place.event(config);
            let event = Event { action: Action::Shard, shard: Some(shard), ..event };
            place.handle(&event)
        };
        for part in &shards {
            let done = Reply::Shard(ShardDone { shard: part.clone(), rows: 3 });
            assert_eq!(shard(part.clone(), json!({})).unwrap(), done);
        }
        let failed = shard(shards[0].clone(), json!({"fail": true})).unwrap_err();
        assert_eq!((failed.name, failed.message.as_str()), (ErrorName::BadInput, "told to fail"));
        let outside = shard(Shard::Part { index: 2, of: 2 }, json!({})).unwrap_err();
        assert_eq!(outside.name, ErrorName::ConfigInvalid);

        let gone = ShardFailure { error: "Throttled".into(), cause: "Lambda had no room".into() };
        let error = place.handle(&Event { shards: vec![gone], ..on(&place, Action::Run) });
        let error = error.unwrap_err();
        assert_eq!(error.name, ErrorName::Throttled);
        assert_eq!(error.message, "a shard failed: Lambda had no room");
    }

    #[test]
    fn a_shard_of_a_file_has_that_file_alone_and_a_note_is_nobodys_work() {
        let place = Place::new();
        let lake = place.lake.data();
        let put = |key: &str| {
            let body = versioning::Body::Bytes("{}".into());
            lake.put(&versioning::Key::new(key).unwrap(), &body, &versioning::Precondition::None)
        };
        put("raw/vagas/part-0001.json").unwrap();
        put("raw/README.txt").unwrap();
        put("raw/2026-11-23/vagas.json").unwrap();
        let rows = |key: &str| {
            let shard = Some(Shard::File { key: key.to_owned() });
            let inputs = BTreeMap::new();
            match place.handle(&Event { shard, inputs, ..on(&place, Action::Shard) }) {
                Ok(Reply::Shard(done)) => Ok(done.rows),
                Ok(other) => panic!("{other:?}"),
                Err(error) => Err(error.name),
            }
        };
        assert_eq!(rows("raw/vagas/part-0001.json"), Ok(1));
        assert_eq!(rows("raw/README.txt"), Ok(0));
        assert_eq!(rows("raw/"), Ok(0));
        assert_eq!(rows("raw/2026-11-23/vagas.json"), Ok(0), "another day's");
        assert_eq!(rows("raw/vagas/part-0002.json"), Err(ErrorName::BadInput));
    }

    #[test]
    fn a_job_elsewhere_is_asked_for_its_version_or_its_error() {
        let place = Place::new();
        let ask = on(&place, Action::Result);
        let error = place.handle(&ask).unwrap_err();
        assert_eq!(error.name, ErrorName::StageFailed);
        assert!(error.message.contains("neither a version"), "{error}");
        let keep = |outcome: Outcome| outcome.keep::<Counting>(&place.lake, &ask).unwrap();
        keep(Outcome::of(&crate::Error::bad_input("no rows")));
        let error = place.handle(&ask).unwrap_err();
        assert_eq!((error.name, error.message.as_str()), (ErrorName::BadInput, "no rows"));
        keep(Outcome::of(&crate::Error::new(ErrorName::Throttled, "slow down")));
        assert_eq!(place.handle(&ask).unwrap_err().name, ErrorName::Throttled);
        let after = |job: &str| {
            let error = place.handle(&Event { job: job.to_owned(), ..ask.clone() }).unwrap_err();
            (error.name, error.message)
        };
        let of_its_own =
            r#"{"StatusReason": "Essential container", "Container": {"ExitCode": 75}}"#;
        assert_eq!(after(of_its_own), (ErrorName::Throttled, "slow down".to_owned()));
        let said = "slow down (Throttled), and then: Task failed to start".to_owned();
        let unstarted = r#"{"StatusReason": "Task failed to start"}"#;
        assert_eq!(after(unstarted), (ErrorName::StageFailed, said));
        let ran = made(place.handle(&on(&place, Action::Run)).unwrap());
        // Of whatever code the job's image was: the version is what the execution has made.
        let (version, code) = (ran.version.clone(), "older".to_owned());
        keep(Outcome::Made { version, code });
        assert_eq!(made(place.handle(&ask).unwrap()), ran);
        assert!(!ran.unchanged);
    }

    #[test]
    fn what_stands_for_a_day_before_the_execution_began_is_never_promoted() {
        let place = Place::new();
        let made = made(place.handle(&on(&place, Action::Run)).unwrap());
        let promote = |day: &str, started: &str| {
            let (logical_date, started) = (day.to_owned(), started.to_owned());
            let event = Event { logical_date, started, ..on(&place, Action::Promote) };
            match place.handle(&event).unwrap() {
                Reply::Promoted(promoted) => promoted.reason.unwrap_or_default(),
                other => panic!("{other:?}"),
            }
        };
        assert!(!made.live, "nothing is live, and a backfill does not change that");
        let reason = promote("2026-11-23", "2026-11-24");
        assert!(reason.contains("nothing is live: 2026-11-23 lies before 2026-11-24"), "{reason}");
        assert_eq!(place.lake.series(Artefact::Processed).live().unwrap(), None);
        assert_eq!(promote("2026-11-24", "2026-11-24"), "");
    }

    #[test]
    fn an_unchanged_version_of_an_earlier_day_goes_live_again_today() {
        let place = Place::new();
        let series = place.lake.series(Artefact::Processed);
        for (offset, day, version) in
            [(0, "2026-11-20", "v1"), (1, "2026-11-21", "v2"), (0, "2026-11-22", "v1")]
        {
            let day = day.to_owned();
            let run = Event { logical_date: day, ..place.event(json!({"offset": offset})) };
            let made = place.call(&run).unwrap();
            assert_eq!(made.version, version);
            let promote = Event { action: Action::Promote, version: Some(made.uri), ..run };
            place.handle(&promote).unwrap();
            assert_eq!(series.live().unwrap().unwrap().to_string(), version);
        }
    }

    #[test]
    fn a_version_of_another_series_or_lake_is_refused() {
        let place = Place::new();
        let made = made(place.handle(&on(&place, Action::Run)).unwrap());
        let verify = |uri: &str| {
            let version = Some(uri.to_owned());
            place.handle(&Event { version, ..on(&place, Action::Verify) }).map_err(|e| e.name)
        };
        for uri in ["v1", &made.uri, made.uri.trim_end_matches('/')] {
            assert!(verify(uri).is_ok(), "{uri}");
        }
        let others = ["s3://lake/processed/v1/", "models/v1", &made.uri.replace("v1", "x/v1")];
        for uri in others {
            assert_eq!(verify(uri).unwrap_err(), ErrorName::BadInput, "{uri}");
        }
    }
}
