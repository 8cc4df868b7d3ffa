//! Raw files parsed by shards: a run after any of them gives the bytes that it gives alone.

use std::sync::Arc;

use bytes::Bytes;
use ingest::Ingest;
use proptest::prelude::*;
use serde_json::{Value, json};
use stage::{Action, ErrorName, Event, Host, Reply, Response, Shard, ShardDone, Silent, handle};
use versioning::{
    Artefact, Body, Error, Key, Lake, ListRequest, Precondition,
    RawTable::{self, Applicants, Prospects, Vagas},
    Timestamp,
    conformance::{Operation, WatchedStore},
};

use crate::world::World;

/// A lake with a world's files.
fn lake_of(world: &World) -> Lake {
    let lake = Lake::in_memory();
    for (name, bytes) in world.files.values().flatten() {
        let body = Body::Bytes(Bytes::from(bytes.clone()));
        lake.data().put(&Key::new(name).unwrap(), &body, &Precondition::None).unwrap();
    }
    lake
}

fn call(
    lake: &Lake,
    world: &World,
    action: Action,
    shard: Option<Shard>,
) -> Result<Reply, stage::Error> {
    let event = Event {
        action,
        execution: "e".to_owned(),
        logical_date: "2026-11-24".to_owned(),
        config: serde_json::to_value(&world.config).unwrap(),
        shard,
        ..Event::default()
    };
    let now = || Timestamp::from_millis(5_000);
    let host = Host::unmeasured(&Silent, &now, "test");
    handle::<Ingest>(lake, &event, &host)
}

/// Does the shard of a file; gives how many rows it has, or its error.
fn shard(lake: &Lake, world: &World, name: &str) -> Result<u64, stage::Error> {
    let shard = Shard::File { key: name.to_owned() };
    match call(lake, world, Action::Shard, Some(shard))? {
        Reply::Shard(ShardDone { rows, .. }) => Ok(rows),
        other => panic!("{other:?}"),
    }
}

/// What a run leaves: the hash of each file and the figures, or its error.
fn run(lake: &Lake, world: &World) -> Result<(Vec<(String, String)>, Value), String> {
    let response: Response = match call(lake, world, Action::Run, None) {
        Ok(Reply::Made(response)) => response,
        Ok(other) => panic!("{other:?}"),
        Err(error) => return Err(format!("{:?} {error}", error.name)),
    };
    let series = lake.series(Artefact::Processed);
    let version = series.get(response.version.parse().unwrap()).unwrap();
    let outputs = &version.manifest().outputs;
    let files = outputs.iter().map(|o| (o.file.clone(), o.sha256.clone())).collect();
    Ok((files, json!(response.metrics)))
}

/// Those that hold parts; others hold the hashes of files.
fn pieces(lake: &Lake) -> Vec<Key> {
    let below = ListRequest::below(&Key::new("processed/_shards").unwrap());
    let keys = lake.data().list(&below).unwrap().objects.into_iter().map(|o| o.key);
    keys.filter(|key| key.as_str().contains("/parts-")).collect()
}

fn names(world: &World) -> Vec<String> {
    world.files.values().flatten().map(|(name, _)| name.clone()).collect()
}

/// That a run gives the same after the shards of `chosen` files as without any.
fn same_after(world: &World, chosen: impl Fn(usize) -> bool) {
    let expected = run(&lake_of(world), world);
    let lake = lake_of(world);
    for (_, name) in names(world).iter().enumerate().filter(|(i, _)| chosen(*i)) {
        // Of a bad file the run is to tell.
        drop(shard(&lake, world, name));
    }
    assert_eq!(run(&lake, world), expected);
}

/// One record of a table, of a kind.
fn record(table: RawTable, kind: u8, id: usize) -> String {
    match (table, kind) {
        (_, 0) => format!("\"{id}\": null"),
        (_, 1) => format!("\"x{id}\": {{}}"),
        (_, 2) => format!("\"{id}\": {{\"a\": tru}}"),
        (_, 3) => format!("\"{id}\": {{\"novo{}\": 1, \"titulo\": \"T\"}}", id % 70),
        (Prospects, 4) => {
            format!("\"{id}\": {{\"prospects\": [{{\"nome\": \"sem\"}}, {{\"codigo\": \"7\"}}]}}")
        }
        (Prospects, _) => format!(
            r#""{id}": {{"titulo": "T{}", "prospects": [{{"codigo": "{id}", "data_candidatura": "0{}-01-2021", "situacao_candidado": "S{kind}"}}, {{"codigo": "8"}}]}}"#,
            id % 5,
            kind
        ),
        (_, 4) => format!(r#""{id}": {{"informacoes_basicas": 3, "infos_basicas": []}}"#),
        _ => format!(
            r#""{id}": {{"infos_basicas": {{"nome": "N{id}", "data_criacao": "{kind}{}-02-2021"}}, "perfil_vaga": {{"nivel_ingles": "n{kind}"}}, "cv_pt": "{}"}}"#,
            id % 10,
            "palavra ".repeat(id % 50)
        ),
    }
}

/// The records of a table, cut into files.
fn files(table: RawTable, records: &[(u8, usize)], cuts: &[usize]) -> Vec<(String, Vec<u8>)> {
    let mut cuts: Vec<usize> = cuts.iter().map(|cut| cut % (records.len() + 1)).collect();
    cuts.extend([0, records.len()]);
    cuts.sort_unstable();
    cuts.dedup();
    if cuts.len() < 2 {
        cuts = vec![0, 0];
    }
    let parts = cuts.windows(2).enumerate().map(|(i, cut)| {
        let entries: Vec<String> =
            records[cut[0]..cut[1]].iter().map(|(kind, id)| record(table, *kind, *id)).collect();
        let name = format!("raw/{}/part-{i}.json", table.name());
        (name, format!("{{{}}}", entries.join(",\n")).into_bytes())
    });
    parts.collect()
}

fn records() -> impl Strategy<Value = Vec<(u8, usize)>> {
    // Few ids, so that keys are repeated within files and across them.
    prop::collection::vec((0_u8..10, 0_usize..150), 1..120)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whichever_shards_are_done_the_run_gives_the_same_bytes(
        tables in prop::collection::vec((records(), prop::collection::vec(0_usize..120, 0..4)), 3),
        done in any::<u32>(),
        block_bytes in 1_usize << 10..1 << 13,
        strict in prop::bool::weighted(0.2),
    ) {
        let mut world = World::default();
        for (table, (records, cuts)) in RawTable::ALL.into_iter().zip(&tables) {
            world = world.with_files(table, files(table, records, cuts));
        }
        world.config.block_bytes = block_bytes;
        world.config.max_reject_share = if strict { 0.1 } else { 1.0 };
        same_after(&world, |i| done >> (i % 32) & 1 == 1);
    }
}

/// As many records as are wanted, good ones.
fn good(table: RawTable, ids: std::ops::Range<usize>) -> String {
    let entries: Vec<String> = ids.map(|id| record(table, 9, id)).collect();
    format!("{{{}}}", entries.join(","))
}

#[test]
fn lists_of_rejects_end_where_they_end_without_shards() {
    // Of a reason 10,000 records are listed, and 1,000 fields of a column: both end in the second
    // of these files.
    let bad = |ids: std::ops::Range<usize>| {
        let nulls = ids.clone().map(|id| format!("\"{}\": null", id + 1_000_000));
        let dates = ids
            .step_by(8)
            .map(|id| format!("\"{id}\": {{\"infos_basicas\": {{\"data_criacao\": \"não\"}}}}"));
        let entries: Vec<String> = nulls.chain(dates).collect();
        format!("{{{}}}", entries.join(",")).into_bytes()
    };
    let parts = [0..6_000, 6_000..12_000].into_iter().enumerate();
    let parts = parts.map(|(i, ids)| (format!("raw/applicants/part-{i}.json"), bad(ids)));
    let world = World::default().with_files(Applicants, parts.collect());
    let day = world.run().unwrap();
    let listed = day.profile()["applicants"]["rejects_listed"].as_u64().unwrap();
    assert_eq!(listed, 11_000);
    same_after(&world, |_| true);
    same_after(&world, |i| i == 1);
    let mut strict = world;
    strict.config.max_reject_share = 0.5;
    same_after(&strict, |_| true);
    let lake = lake_of(&strict);
    assert!(run(&lake, &strict).unwrap_err().contains("12000 of 13500 records were set aside"));
}

#[test]
fn parquet_files_are_shards_too() {
    let json = World::default()
        .with(Applicants, good(Applicants, 0..300))
        .with(Vagas, good(Vagas, 0..200))
        .with(Prospects, good(Prospects, 0..200));
    let day = json.run().unwrap();
    let mut world = World::default();
    for table in RawTable::ALL {
        let bytes = day.bytes(&format!("{}.parquet", table.name()));
        // The same file twice: every key of the second is there already.
        let part = |i| (format!("raw/{}/part-{i}.parquet", table.name()), bytes.clone());
        world = world.with_files(table, vec![part(0), part(1)]);
    }
    world.config.block_rows = 64;
    for chosen in [0b11_1111, 0b10_1010, 0b01_0101] {
        same_after(&world, |i| chosen >> i & 1 == 1);
    }
}

#[test]
fn a_shard_done_again_does_nothing_and_another_configuration_has_other_parts() {
    let world = World::default().with(Vagas, good(Vagas, 0..100));
    let lake = lake_of(&world);
    let rows = |world: &World| shard(&lake, world, "raw/vagas.json").unwrap();
    assert_eq!(rows(&world), 100);
    let before = pieces(&lake);
    assert_eq!(before.len(), 1);
    assert_eq!(rows(&world), 100);
    // What changes no part finds them.
    let mut other = world.clone();
    (other.config.max_reject_share, other.config.zstd_level) = (0.5, 3);
    assert_eq!(rows(&other), 100);
    assert_eq!(pieces(&lake), before);
    other.config.block_bytes = 1 << 11;
    assert_eq!(rows(&other), 100);
    assert_eq!(pieces(&lake).len(), 2);
    // A file that is written anew is another file.
    let body = Body::Bytes(Bytes::from(good(Vagas, 0..90)));
    let key = Key::new("raw/vagas.json").unwrap();
    lake.data().put(&key, &body, &Precondition::None).unwrap();
    assert_eq!(rows(&world), 90);
}

#[test]
fn a_run_reads_what_shards_have_left() {
    let world = World::default().with(Vagas, good(Vagas, 0..100));
    let lake = lake_of(&world);
    shard(&lake, &world, "raw/vagas.json").unwrap();
    // Spoilt on purpose: it is set aside, and the file is read.
    let piece = pieces(&lake).remove(0);
    let body = Body::Bytes(Bytes::from_static(b"MLPARTS1"));
    lake.data().put(&piece, &body, &Precondition::None).unwrap();
    assert_eq!(run(&lake, &world), run(&lake_of(&world), &world));
    assert!(!pieces(&lake).contains(&piece));
}

#[test]
fn after_the_shards_of_all_files_a_run_reads_none_of_them() {
    let world = World::default()
        .with(Applicants, good(Applicants, 0..20))
        .with(Vagas, good(Vagas, 0..100))
        .with(Prospects, good(Prospects, 0..50));
    let lake = lake_of(&world);
    for name in names(&world) {
        shard(&lake, &world, &name).unwrap();
    }
    let no_raw = |operation: &Operation<'_>| match operation {
        Operation::Get(key) if key.as_str().starts_with("raw/") => {
            Err(Error::NotFound { what: format!("{key}, which a shard has read") })
        }
        _ => Ok(()),
    };
    let data = WatchedStore::new(Arc::clone(lake.data()), no_raw);
    let unread = Lake::new(Arc::new(data), Arc::clone(lake.features()));
    let made = run(&unread, &world);
    assert!(made.is_ok(), "{made:?}");
    assert_eq!(made, run(&lake_of(&world), &world));
}

#[test]
fn a_bad_file_ends_its_shard_as_it_ends_the_run() {
    let whole = good(Vagas, 0..400);
    for bad in [&whole[..whole.len() / 2], "[]", "", "{} {}"] {
        let mut world = World::default().with(Vagas, bad);
        world.config.block_bytes = 1 << 12;
        let lake = lake_of(&world);
        let of_shard = shard(&lake, &world, "raw/vagas.json").unwrap_err();
        assert_eq!(of_shard.name, ErrorName::BadInput);
        let error = run(&lake, &world).unwrap_err();
        assert!(error.ends_with(&of_shard.message), "{error}");
        assert_eq!(Err(error), run(&lake_of(&world), &world));
    }
    // A file of no records is bad only as the whole of a table.
    let world = World::default().with(Vagas, "{}");
    let lake = lake_of(&world);
    assert_eq!(shard(&lake, &world, "raw/vagas.json").unwrap(), 0);
    assert!(run(&lake, &world).unwrap_err().contains("expected records, found none"));
}

#[test]
fn what_is_no_raw_file_is_nobodys_work() {
    let world = World::default();
    let lake = lake_of(&world);
    let body = Body::Bytes(Bytes::from_static(b"x"));
    lake.data().put(&Key::new("raw/notes.txt").unwrap(), &body, &Precondition::None).unwrap();
    assert_eq!(shard(&lake, &world, "raw/notes.txt").unwrap(), 0);
}

#[test]
fn planned_shards_do_all_files() {
    let world = World::default().with_files(
        Vagas,
        vec![
            ("raw/vagas/part-0.json".to_owned(), good(Vagas, 0..50).into_bytes()),
            ("raw/vagas/part-1.json".to_owned(), good(Vagas, 40..80).into_bytes()),
        ],
    );
    let lake = lake_of(&world);
    let Reply::Planned(planned) = call(&lake, &world, Action::Plan, None).unwrap() else {
        panic!("a plan is answered with a plan")
    };
    assert_eq!(planned.shards, 4);
    for index in 0..4 {
        let part = Shard::Part { index, of: 4 };
        call(&lake, &world, Action::Shard, Some(part)).unwrap();
    }
    assert_eq!(pieces(&lake).len(), 4);
    assert_eq!(run(&lake, &world), run(&lake_of(&world), &world));
}
