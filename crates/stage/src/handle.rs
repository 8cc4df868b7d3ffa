//! Whatever an event asks, done.

use serde::Serialize;
use versioning::Lake;

use crate::{
    Accepted, Action, Error, Event, GateReport, Host, Planned, Released, Response, ShardDone,
    Stage, accept, execute, execute::response, find::meant, gate, outcome, publish_anyway, release,
    rollback, shards,
};

#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(untagged)]
pub enum Reply {
    /// To [`Action::Run`], [`Action::Result`] and [`Action::Newest`].
    Made(Response),
    /// To [`Action::Plan`].
    Planned(Planned),
    /// To [`Action::Shard`].
    Shard(ShardDone),
    /// To [`Action::Verify`].
    Gate(GateReport),
    /// To [`Action::Release`], [`Action::Publish`] and [`Action::Rollback`].
    Released(Released),
    /// To [`Action::Accept`].
    Accepted(Accepted),
}

/// Does what `event` asks of stage `S` on `lake`.
///
/// # Errors
/// As [`execute`]; [`crate::ErrorName::GateRefused`] when a day is not good enough to go live;
/// [`crate::ErrorName::BadInput`] for a version that does not exist, or a shard that is none.
pub fn handle<S: Stage>(lake: &Lake, event: &Event, host: &Host<'_>) -> Result<Reply, Error> {
    Ok(match event.action {
        Action::Run => Reply::Made(execute::<S>(lake, event, host)?),
        Action::Plan => Reply::Planned(shards::plan::<S>(lake, event, host)?),
        Action::Shard => Reply::Shard(shards::shard::<S>(lake, event, host)?),
        Action::Result => Reply::Made(outcome::result::<S>(lake, event, host)?),
        Action::Newest => Reply::Made(find_made::<S>(lake, event)?),
        Action::Verify => Reply::Gate(gate::verify::<S>(lake, event, host)?),
        Action::Release => Reply::Released(release(lake, event, (host.now)())?),
        Action::Accept => Reply::Accepted(accept(lake, event, (host.now)())?),
        Action::Publish => Reply::Released(publish_anyway(lake, event, (host.now)())?),
        Action::Rollback => Reply::Released(rollback(lake, event, (host.now)())?),
    })
}

/// What the run answered that made the version that an event means.
///
/// # Errors
/// [`crate::ErrorName::BadInput`] when there is no such version; what the store says.
pub fn find_made<S: Stage>(lake: &Lake, event: &Event) -> Result<Response, Error> {
    response(&lake.series(S::OUTPUT), &meant::<S>(lake, event)?, event)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::{Value, json};
    use versioning::Artefact;

    use super::*;
    use crate::{
        ErrorName, Outcome, Released, Shard, ShardDone, ShardFailure,
        counting::{Counting, Place},
        decision_of, gate_report,
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

    /// Makes the version of `offset`, judges it by `gate`, and decides on it.
    fn day(place: &Place, offset: u64, date: &str, gate: Value) -> Result<Released, Error> {
        let run = Event { logical_date: date.to_owned(), ..place.event(json!({"offset": offset})) };
        let uri = Some(place.call(&run).unwrap().uri);
        let verify = Event { action: Action::Verify, version: uri.clone(), gate, ..run.clone() };
        place.handle(&verify).unwrap();
        let versions = [("features".to_owned(), uri)].into();
        released(place, &Event { action: Action::Release, versions, ..run })
    }

    fn released(place: &Place, event: &Event) -> Result<Released, Error> {
        place.handle(event).map(|reply| match reply {
            Reply::Released(released) => released,
            other => panic!("{other:?}"),
        })
    }

    fn live(place: &Place) -> Option<u64> {
        place.lake.series(Artefact::Features).live().unwrap().map(|version| version.number())
    }

    #[test]
    fn a_release_makes_what_was_judged_live_once() {
        let place = Place::new();
        let first = made(place.handle(&on(&place, Action::Run)).unwrap());
        assert!(!first.live);
        let unjudged = released(&place, &on(&place, Action::Release)).unwrap_err();
        assert_eq!(unjudged.name, ErrorName::BadInput);
        assert!(unjudged.message.contains("v1 was not judged"), "{unjudged}");
        let done = day(&place, 0, "2026-11-23", json!({})).unwrap();
        assert_eq!((done.release, done.published), (Some(1), vec!["features v1".to_owned()]));
        assert!(made(place.handle(&on(&place, Action::Run)).unwrap()).live);
        assert_eq!(day(&place, 0, "2026-11-23", json!({})).unwrap(), Released::default());
    }

    #[test]
    fn a_backfill_and_what_was_rolled_back_move_nothing() {
        let place = Place::new();
        let stays = |offset, date| day(&place, offset, date, json!({})).unwrap().stays.concat();
        assert_eq!(stays(0, "2026-11-23"), "");
        assert_eq!(stays(1, "2026-11-24"), "");
        assert!(stays(2, "2026-11-01").contains("a backfill moves nothing"));
        let back = released(&place, &on(&place, Action::Rollback)).unwrap();
        assert_eq!((back.published, live(&place)), (vec!["features v1".to_owned()], Some(1)));
        assert!(stays(1, "2026-11-25").contains("v2 was rolled back"));
        assert_eq!(live(&place), Some(1));
    }

    #[test]
    fn what_is_live_for_a_day_that_has_not_come_is_no_quiet_end_of_all_releases() {
        let place = Place::new();
        day(&place, 0, "2026-11-23", json!({})).unwrap();
        day(&place, 1, "2028-01-05", json!({})).unwrap();
        let error = day(&place, 2, "2026-11-24", json!({})).unwrap_err();
        assert_eq!(error.name, ErrorName::ConfigInvalid);
        assert!(error.message.contains("features v2 is live and stands for 2028-01-05"), "{error}");
        released(&place, &on(&place, Action::Rollback)).unwrap();
        day(&place, 2, "2026-11-24", json!({})).unwrap();
        assert_eq!(live(&place), Some(3));
    }

    const INPUT: &str = "input";

    #[test]
    fn a_refused_day_is_accepted_with_a_reason_and_stays_accepted_while_it_grows_no_worse() {
        let place = Place::new();
        let strict = json!({"least": 1000, "question": INPUT});
        day(&place, 0, "2026-11-23", json!({})).unwrap();
        let refused = day(&place, 1, "2026-11-24", strict.clone()).unwrap_err();
        assert_eq!(refused.name, ErrorName::GateRefused);
        for said in ["bytes: expected at least 1000, found", "mllab accept bytes --reason"] {
            assert!(refused.message.contains(said), "{refused}");
        }
        assert_eq!(live(&place), Some(1));
        // The same day again comes to the same, and is not noted twice.
        assert!(day(&place, 1, "2026-11-24", strict.clone()).is_err());
        assert_eq!(place.lake.releases().list().unwrap().len(), 2);

        let accept = |breach: &str, reason: &str| {
            let (breaches, reason) = (vec![breach.to_owned()], reason.to_owned());
            place.handle(&Event { breaches, reason, ..on(&place, Action::Accept) })
        };
        assert_eq!(accept("bytes", " ").unwrap_err().name, ErrorName::ConfigInvalid);
        let unknown = accept("open-jobs", "why not").unwrap_err();
        assert!(unknown.message.contains("expected one of bytes"), "{unknown}");
        let Reply::Accepted(accepted) = accept("bytes", "a branch was closed").unwrap() else {
            panic!()
        };
        assert!(accepted.left.is_empty() && accepted.features.ends_with("features/v2/"));
        assert_eq!(day(&place, 1, "2026-11-24", strict.clone()).unwrap().release, Some(3));
        assert_eq!(day(&place, 2, "2026-11-25", strict).unwrap().release, Some(4));
        let decision = decision_of(&place.lake.releases().get(4).unwrap().unwrap()).unwrap();
        assert_eq!(decision.accepted[0].reason, "a branch was closed");
    }

    #[test]
    fn what_cannot_be_served_goes_live_only_by_the_hand_of_somebody_with_a_reason() {
        let place = Place::new();
        day(&place, 0, "2026-11-23", json!({})).unwrap();
        let refused = day(&place, 1, "2026-11-24", json!({"least": 1000})).unwrap_err();
        assert!(refused.message.contains("mllab release publish 2 --anyway"), "{refused}");
        let publish = |reason: &str| {
            let reason = reason.to_owned();
            released(&place, &Event { release: Some(2), reason, ..on(&place, Action::Publish) })
        };
        assert_eq!(publish("").unwrap_err().name, ErrorName::ConfigInvalid);
        assert_eq!(publish("the bound is wrong").unwrap().published, ["features v2"]);
        assert_eq!(live(&place), Some(2));
    }

    #[test]
    fn a_model_that_is_worse_is_held_back_and_published_by_hand() {
        let place = Place::new();
        let worse = || json!({"least": 1000, "question": "model"});
        // With nothing live there is nothing that could serve in its place.
        assert_eq!(day(&place, 0, "2026-11-23", worse()).unwrap_err().name, ErrorName::GateRefused);
        day(&place, 1, "2026-11-23", json!({})).unwrap();
        let held = day(&place, 2, "2026-11-24", worse()).unwrap();
        assert_eq!((held.release, held.held_back.len(), live(&place)), (Some(3), 1, Some(2)));
        assert_eq!(day(&place, 2, "2026-11-24", worse()).unwrap().release, None, "noted once");
        let reason = "the live one is wrong".to_owned();
        let publish = Event { release: Some(3), reason, ..on(&place, Action::Publish) };
        assert_eq!(released(&place, &publish).unwrap().published, ["features v3"]);
    }

    #[test]
    fn a_release_that_is_repeated_after_a_kill_is_carried_out() {
        let place = Place::new();
        day(&place, 0, "2026-11-23", json!({})).unwrap();
        day(&place, 1, "2026-11-24", json!({})).unwrap();
        // As if the process had died after its decision: neither log nor latest.txt have moved.
        let store = place.lake.features();
        let at = |key: &str| versioning::Key::new(key).unwrap();
        store.delete(&at("features/_promotions/0000000002.json")).unwrap();
        store.delete(&at("features/latest.txt")).unwrap();
        assert_eq!(live(&place), Some(1));
        day(&place, 1, "2026-11-24", json!({})).unwrap();
        assert_eq!(live(&place), Some(2));
    }

    #[test]
    fn the_newest_of_every_series_is_meant_where_none_is_named() {
        let place = Place::new();
        place.call(&place.event(json!({}))).unwrap();
        place.handle(&on(&place, Action::Verify)).unwrap();
        let done = released(&place, &on(&place, Action::Release)).unwrap();
        assert_eq!(done.published, ["features v1"]);
        let versions = [("featurs".to_owned(), None)].into();
        let misspelt = released(&place, &Event { versions, ..on(&place, Action::Release) });
        assert_eq!(misspelt.unwrap_err().name, ErrorName::ConfigInvalid);
    }

    #[test]
    fn a_lake_of_another_system_is_taken_over_and_numbering_goes_on() {
        let place = Place::new();
        let put = |key: &str, text: &'static str| {
            let store = place.lake.features();
            let body = versioning::Body::Bytes(text.into());
            let key = versioning::Key::new(key).unwrap();
            store.put(&key, &body, &versioning::Precondition::None).unwrap();
        };
        put("features/v7/model.pkl", "pickled");
        put("features/latest.txt", "features/v7/model.pkl");
        let done = day(&place, 0, "2026-11-23", json!({})).unwrap();
        assert_eq!((done.published, live(&place)), (vec!["features v8".to_owned()], Some(8)));
        // And back.
        released(&place, &on(&place, Action::Rollback)).unwrap();
        assert_eq!(live(&place), Some(7));
    }

    #[test]
    fn a_version_is_judged_and_the_verdict_is_kept_beside_it() {
        let place = Place::new();
        let version = Some(made(place.handle(&on(&place, Action::Run)).unwrap()).uri);
        let verify = Event { version, ..on(&place, Action::Verify) };
        let Reply::Gate(report) = place.handle(&verify).unwrap() else { panic!() };
        assert_eq!((report.passed, report.checks.len()), (true, 2));
        assert_eq!(report.lines, ["v1/count.txt"]);
        let strict = Event { gate: json!({"least": 1000}), ..verify.clone() };
        let Reply::Gate(report) = place.handle(&strict).unwrap() else { panic!() };
        assert_eq!((report.passed, report.checks[1].found.as_str()), (false, "6"));
        let series = place.lake.series(Artefact::Features);
        assert_eq!(gate_report(&series, "v1".parse().unwrap()).unwrap(), Some(report));
        assert_eq!(series.live().unwrap(), None);
        let key = versioning::Key::new("features/v1/count.txt").unwrap();
        place.lake.features().delete(&key).unwrap();
        let Reply::Gate(report) = place.handle(&verify).unwrap() else { panic!() };
        let found = &report.checks[0].found;
        assert!(!report.passed && found.contains("count.txt is corrupt"), "{found}");
        assert!(found.contains("its manifest says 1 bytes, found no file"), "{found}");
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
        keep(Outcome::from_error(&crate::Error::bad_input("no rows")));
        let error = place.handle(&ask).unwrap_err();
        assert_eq!((error.name, error.message.as_str()), (ErrorName::BadInput, "no rows"));
        keep(Outcome::from_error(&crate::Error::new(ErrorName::Throttled, "slow down")));
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
    fn what_stands_for_a_day_before_the_execution_began_never_goes_live() {
        let place = Place::new();
        made(place.handle(&on(&place, Action::Run)).unwrap());
        place.handle(&on(&place, Action::Verify)).unwrap();
        let release = |date: &str, started: &str| {
            let (logical_date, started) = (date.to_owned(), started.to_owned());
            released(&place, &Event { logical_date, started, ..on(&place, Action::Release) })
                .unwrap()
        };
        let stays = release("2026-11-23", "2026-11-24").stays.concat();
        assert!(stays.contains("nothing is live: 2026-11-23 lies before 2026-11-24"), "{stays}");
        assert_eq!(live(&place), None);
        assert_eq!(release("2026-11-24", "2026-11-24").release, Some(1));
    }

    #[test]
    fn an_unchanged_version_of_an_earlier_day_goes_live_again_today() {
        let place = Place::new();
        for (offset, date, version) in
            [(0, "2026-11-20", 1), (1, "2026-11-21", 2), (0, "2026-11-22", 1)]
        {
            day(&place, offset, date, json!({})).unwrap();
            assert_eq!(live(&place), Some(version));
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
