//! The same records give the same tables however the files and blocks are cut, and the same files
//! the same bytes.

use versioning::RawTable::{Applicants, Prospects, Vagas};

use crate::world::{Day, World};

const FILES: [&str; 5] =
    ["applicants.parquet", "vagas.parquet", "prospects.parquet", "rejects.parquet", "profile.json"];

fn records(table: &str, from: usize, to: usize) -> String {
    let entries: Vec<String> = (from..to)
        .map(|i| match (table, i % 17) {
            (_, 3) => format!("\"{i}\": null"),
            (_, 5) => format!("\"{}\": {{}}", i - 1),
            ("prospects", _) => format!(
                r#""{i}": {{"titulo": "T{}", "prospects": [{{"codigo": "{i}", "data_candidatura": "0{}-01-2021"}}, {{"codigo": "7"}}]}}"#,
                i % 3,
                i % 9 + 1
            ),
            _ => format!(
                r#""{i}": {{"infos_basicas": {{"nome": "N{i}", "data_criacao": "{}-02-2021"}}, "cv_pt": "{}", "k{}": 1}}"#,
                i % 31,
                "texto ".repeat(i % 90),
                i % 60
            ),
        })
        .collect();
    format!("{{{}}}", entries.join(",\n"))
}

fn world(cuts: &[usize], block_bytes: usize) -> World {
    let mut world = World::default();
    world.config.block_bytes = block_bytes;
    for table in [Applicants, Vagas, Prospects] {
        let parts = cuts.windows(2).map(|cut| {
            let name = format!("raw/{}/part-{}.json", table.name(), cut[0]);
            (name, records(table.name(), cut[0], cut[1]).into_bytes())
        });
        let parts = parts.collect();
        world = world.with_files(table, parts);
    }
    world
}

/// Tables, rejects and profile, without what names the files.
fn content(day: &Day) -> impl PartialEq + std::fmt::Debug {
    let mut profile = day.profile();
    for table in ["applicants", "vagas", "prospects"] {
        profile[table]["files"].take();
    }
    (day.applicants(), day.vagas(), day.prospects(), day.rejects(), profile)
}

#[test]
fn parts_and_blocks_do_not_matter() {
    let whole = world(&[0, 400], 1 << 20).run().unwrap();
    assert_eq!(whole.applicants().len(), 400 - 2 * 24);
    for (cuts, block) in [
        (&[0, 400][..], 1 << 10),
        (&[0, 1, 150, 399, 400][..], 1 << 20),
        (&[0, 90, 180, 300, 400][..], 1 << 12),
    ] {
        let parts = world(cuts, block).run().unwrap();
        assert!(content(&parts) == content(&whole), "{cuts:?} {block}");
    }
}

#[test]
fn the_same_files_give_the_same_bytes() {
    let (one, other) = (world(&[0, 200, 400], 1 << 12), world(&[0, 200, 400], 1 << 12));
    let (one, other) = (one.run().unwrap(), other.run().unwrap());
    for file in FILES {
        assert_eq!(one.bytes(file), other.bytes(file), "{file}");
    }
}

#[test]
fn what_the_stage_writes_it_reads() {
    let first = world(&[0, 400], 1 << 20).run().unwrap();
    let mut world = World::default();
    for table in [Applicants, Vagas, Prospects] {
        let file = format!("{}.parquet", table.name());
        let files = vec![(format!("raw/{file}"), first.bytes(&file))];
        world = world.with_files(table, files);
    }
    world.config.block_rows = 64;
    let second = world.run().unwrap();
    assert_eq!(second.applicants(), first.applicants());
    assert_eq!(second.vagas(), first.vagas());
    assert_eq!(second.prospects(), first.prospects());
    assert_eq!(second.rejects().len(), 0);
}
