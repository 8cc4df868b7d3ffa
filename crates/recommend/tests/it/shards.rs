//! The texts of a day encoded by shards: a run after them encodes nothing and gives the same bytes.

use bytes::Bytes;
use serde_json::{Value, json};
use stage::{Action, ErrorName, Event, Planned, Reply, Response, Shard, ShardDone, Silent};
use versioning::{Body, Key, Lake, ListRequest, Precondition};

use crate::{
    encoders::lake_with_tiny,
    fixture::{figure, generated, handle, lake_with, run, version},
};

fn event(action: Action, config: &Value, shard: Option<Shard>) -> Event {
    Event {
        action,
        execution: "sharded".to_owned(),
        logical_date: "2025-06-30".to_owned(),
        config: config.clone(),
        shard,
        ..Event::default()
    }
}

fn plan(lake: &Lake, config: &Value) -> Vec<Shard> {
    match handle(lake, &event(Action::Plan, config, None), &Silent).unwrap() {
        Reply::Planned(Planned { key, shards, .. }) => {
            let list = lake.data().get(&Key::new(&key).unwrap(), None).unwrap();
            let list: Vec<Shard> = serde_json::from_slice(&list.body.bytes().unwrap()).unwrap();
            assert_eq!(list.len(), shards);
            list
        }
        other => panic!("{other:?}"),
    }
}

fn encode(lake: &Lake, config: &Value, shard: &Shard) -> ShardDone {
    match handle(lake, &event(Action::Shard, config, Some(shard.clone())), &Silent).unwrap() {
        Reply::Shard(done) => done,
        other => panic!("{other:?}"),
    }
}

/// Name and hash of each file.
fn files(lake: &Lake, response: &Response) -> Vec<(String, String)> {
    let version = version(lake, response);
    version.manifest().outputs.iter().map(|o| (o.file.clone(), o.sha256.clone())).collect()
}

#[test]
fn a_run_after_all_shards_encodes_nothing_and_gives_the_same_bytes() {
    for (lake, whole, config) in [
        (
            lake_with(&generated(300, 60, 60)),
            lake_with(&generated(300, 60, 60)),
            json!({"shard_texts": 100}),
        ),
        (lake_with_tiny(&[]), lake_with_tiny(&[]), json!({"encoder": "tiny", "shard_texts": 30})),
    ] {
        let shards = plan(&lake, &config);
        let encoded: Vec<u64> = shards.iter().map(|s| encode(&lake, &config, s).rows).collect();
        assert!(shards.len() > 2 && encoded.iter().all(|n| *n > 0), "{encoded:?}");
        let after = run(&lake, config.clone()).unwrap();
        assert_eq!(figure(&after, "encoded"), 0);
        // How the work was cut is not a part of the version's key.
        let alone = run(&whole, json!({"encoder": config.get("encoder").unwrap_or(&json!("lsa"))}));
        let alone = alone.unwrap();
        assert_eq!(figure(&alone, "encoded"), encoded.iter().sum::<u64>());
        assert_eq!(files(&lake, &after), files(&whole, &alone));
        let keys = [(&lake, &after), (&whole, &alone)].map(|(lake, r)| version(lake, r));
        assert_eq!(keys[0].manifest().key, keys[1].manifest().key);
        // Nothing is left to do, which is one shard's work.
        assert_eq!(plan(&lake, &config), [Shard::Part { index: 0, of: 1 }]);
        assert_eq!(encode(&lake, &config, &shards[0]).rows, 0);
    }
}

#[test]
fn a_lost_shard_costs_time_alone() {
    let (lake, whole) = (lake_with(&generated(300, 60, 60)), lake_with(&generated(300, 60, 60)));
    let config = json!({"shard_texts": 100});
    let shards = plan(&lake, &config);
    let done: u64 = shards.iter().skip(1).map(|s| encode(&lake, &config, s).rows).sum();
    let after = run(&lake, config).unwrap();
    let alone = run(&whole, json!({})).unwrap();
    let encoded = figure(&after, "encoded");
    assert!(encoded > 0);
    assert_eq!(encoded + done, figure(&alone, "encoded"));
    assert_eq!(files(&lake, &after), files(&whole, &alone));
}

#[test]
fn shards_that_add_at_once_lose_nothing() {
    let (lake, whole) = (lake_with(&generated(900, 60, 60)), lake_with(&generated(900, 60, 60)));
    let config = json!({"shard_texts": 20});
    assert_eq!(plan(&lake, &config).len(), 16, "of lsa there are no more");
    // More small pieces than are left as they are.
    let shards: Vec<Shard> = (0..40).map(|index| Shard::Part { index, of: 40 }).collect();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| shards.iter().for_each(|s| drop(encode(&lake, &config, s))));
        }
        scope.spawn(|| shards.iter().rev().for_each(|s| drop(encode(&lake, &config, s))));
    });
    let after = run(&lake, config.clone()).unwrap();
    assert_eq!(figure(&after, "encoded"), 0);
    assert_eq!(files(&lake, &after), files(&whole, &run(&whole, json!({})).unwrap()));
    // The run has made one piece of the many, and lost none of what they held.
    let again = run(&lake, json!({"trees": 2})).unwrap();
    assert_eq!(figure(&again, "encoded"), 0);
    let pieces = |lake: &Lake| {
        let below = ListRequest::below(&Key::new("memo").unwrap());
        lake.data().list(&below).unwrap().objects.len()
    };
    assert!(pieces(&lake) < 4, "{}", pieces(&lake));
}

#[test]
fn a_file_is_no_shard_of_texts() {
    let lake = lake_with(&generated(60, 40, 60));
    let key = "raw/vagas.json";
    let (at, body) = (Key::new(key).unwrap(), Body::Bytes(Bytes::from_static(b"{}")));
    lake.data().put(&at, &body, &Precondition::None).unwrap();
    let shard = Some(Shard::File { key: key.to_owned() });
    let done = handle(&lake, &event(Action::Shard, &json!({}), shard), &Silent).unwrap_err();
    assert_eq!(done.name, ErrorName::ConfigInvalid);
    assert!(done.message.contains("is a part of its texts"));
}
