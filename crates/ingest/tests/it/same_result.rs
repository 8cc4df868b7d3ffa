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
        (&[0, 92, 180, 300, 400][..], 1 << 12),
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

#[test]
fn an_array_of_records_and_json_lines_give_what_records_by_id_give() {
    let by_id =
        |i: usize| format!(r#""{i}": {{"cv_pt": "texto {i}", "infos_basicas": {{"nome": "N"}}}}"#);
    let own = |i: usize| match i % 3 {
        0 => format!(
            r#"{{"codigo": "{i}", "cv_pt": "texto {i}", "infos_basicas": {{"nome": "N"}}}}"#
        ),
        _ => {
            format!(r#"{{"cv_pt": "texto {i}", "infos_basicas": {{"nome": "N"}}, "codigo": {i}}}"#)
        }
    };
    let join = |record: &dyn Fn(usize) -> String, between: &str| {
        (1..200).map(record).collect::<Vec<_>>().join(between)
    };
    let run = |file: String, block_bytes| {
        let mut world = World::default().with(Applicants, file);
        world.config.block_bytes = block_bytes;
        world.run().unwrap()
    };
    let expected = run(format!("{{{}}}", join(&by_id, ",")), 1 << 20);
    for block_bytes in [64, 1 << 20] {
        for file in [
            format!("\u{feff}[{}]", join(&own, ",\n")),
            format!(" [\n{}\n]\n", join(&own, " , ")),
            format!("{}{}", " ".repeat(100), join(&own, "\n")),
            format!("{}\r\n", join(&own, "\r\n")),
        ] {
            let day = run(file, block_bytes);
            assert_eq!(day.applicants(), expected.applicants());
            assert!(day.rejects().is_empty(), "{:?}", day.rejects());
            assert_eq!(day.profile()["applicants"]["unknown_keys"], serde_json::json!({}));
        }
    }
    let flat = r#"[{"codigo": 31000, "infos_basicas.nome": "N", "infos_basicas.data_criacao": null,
        "cv_pt": "texto", "informacoes_pessoais.sexo": "F", "outra.coisa": 1}]"#;
    let nested = r#"{"31000": {"infos_basicas": {"nome": "N", "data_criacao": null}, "cv_pt": "texto",
        "informacoes_pessoais": {"sexo": "F"}, "outra": {"coisa": 1}}}"#;
    let [flat, nested] = [flat, nested].map(|file| run(file.to_owned(), 1 << 20));
    assert_eq!(flat.applicants(), nested.applicants());
    assert_eq!(flat.profile()["applicants"]["unknown_keys"], serde_json::json!({"outra.coisa": 1}));
    let jobs = r#"[{"titulo": "Dev", "codigo_vaga": 4000, "prospects": [{"codigo": "31000"}]}]"#;
    let day = World::default().with(Prospects, jobs).run().unwrap();
    assert_eq!((day.prospects().len(), &*day.prospects()[0]["codigo_vaga"]), (1, "4000"));
}

#[test]
fn a_record_an_application_gives_what_a_list_a_job_gives() {
    let item = |i: usize| {
        format!(
            r#""codigo": "{i}", "data_candidatura": "0{}-01-2021", "comentario": "c""#,
            i % 9 + 1
        )
    };
    let list = |job: usize| {
        let items: Vec<_> = (0..5).map(|i| format!("{{{}}}", item(10 * job + i))).collect();
        format!(r#""{job}": {{"titulo": "T{job}", "prospects": [{}]}}"#, items.join(","))
    };
    let flat = |job: usize| {
        let record =
            |i| format!(r#"{{"codigo_vaga": {job}, "titulo": "T{job}", {}}}"#, item(10 * job + i));
        (0..5).map(record).collect::<Vec<_>>()
    };
    let run = |file: String, block_bytes| {
        let mut world = World::default().with(Prospects, file);
        world.config.block_bytes = block_bytes;
        world.run().unwrap()
    };
    let lists: Vec<_> = (1..30).map(list).collect();
    let expected = run(format!("{{{}}}", lists.join(",")), 1 << 20);
    let records: Vec<_> = (1..30).flat_map(flat).collect();
    for block_bytes in [64, 1 << 20] {
        for file in [format!("[{}]", records.join(",\n")), records.join("\n")] {
            let day = run(file, block_bytes);
            assert_eq!(day.prospects(), expected.prospects());
            assert!(day.rejects().is_empty(), "{:?}", day.rejects());
            let profile = &day.profile()["prospects"];
            assert_eq!((&profile["items"], &profile["rows"]), (&145.into(), &145.into()));
        }
    }
    let without =
        r#"[{"codigo_vaga": 1, "codigo": "7"}, {"codigo_vaga": 1, "titulo": "T", "nome": "N"}]"#;
    let day = run(without.to_owned(), 1 << 20);
    assert_eq!(day.prospects().len(), 1);
    assert_eq!(day.rejects(), ["prospects 1 codigo item missing_key"]);
}

#[test]
fn a_record_that_does_not_name_its_key_is_set_aside_and_a_cut_file_refused() {
    let file = r#"[{"codigo": "1"}, {"cv_pt": "a"}, 7, {"codigo": "ana@b.c"}, {"codigo": "2"}]"#;
    let day = World::default().with(Applicants, file).run().unwrap();
    assert_eq!(
        day.rejects(),
        [
            "applicants · · record missing_key",
            "applicants · · record not_an_object",
            "applicants · · record bad_key",
        ]
    );
    assert_eq!(day.applicants().len(), 2);
    for cut in
        [r#"[{"codigo": "1"}"#, "{\"codigo\": \"1\"}\n{\"codigo\": \"2", "{\"codigo\": \"1\"}\n7"]
    {
        let error = World::default().with(Applicants, cut).run().err().unwrap();
        assert!(error.message.contains("raw/applicants.json: byte"), "{}", error.message);
    }
}
