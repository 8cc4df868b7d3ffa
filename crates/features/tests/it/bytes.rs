//! The files themselves: the same bytes whatever the threads, and no larger than they must be.

use features::Config;
use schema::tables;

use crate::world::{Row, WRITTEN, World, row};

/// Words of a small language, from a linear congruential generator.
struct Words(u64);

impl Words {
    fn number(&mut self, below: u64) -> u64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }

    fn text(&mut self, words: usize) -> String {
        let mut text = String::new();
        for _ in 0..words {
            for _ in 0..2 + self.number(3) {
                text.push(char::from(b"bcdfglmnprst"[self.number(12) as usize]));
                text.push(char::from(b"aeiou"[self.number(5) as usize]));
            }
            text.push(' ');
        }
        text.trim().to_owned()
    }
}

/// `people` × `each` applications over `jobs` jobs.
fn world(people: u64, jobs: u64, each: u64) -> World {
    let mut words = Words(7);
    let applicants: Vec<Row> = (0..people)
        .map(|p| {
            let name = format!("Zuleica Qu{}", words.text(1));
            let cv = format!("{name}\nx{p}@exemplo.com.br\n{}", words.text(220));
            row(&[("codigo", &p.to_string()), ("infos_basicas.nome", &name), ("cv_pt", &cv)])
        })
        .collect();
    let vagas: Vec<Row> = (0..jobs)
        .map(|j| {
            let (tasks, skills) = (words.text(60), words.text(60));
            row(&[
                ("codigo", &j.to_string()),
                ("informacoes_basicas.titulo_vaga", &words.text(3)),
                ("perfil_vaga.principais_atividades", &tasks),
                ("perfil_vaga.competencia_tecnicas_e_comportamentais", &skills),
            ])
        })
        .collect();
    let mut prospects = Vec::new();
    for n in 0..people * each {
        let (job, person) = (words.number(jobs), n % people);
        prospects.push(row(&[
            ("codigo_vaga", &job.to_string()),
            ("codigo", &person.to_string()),
            ("situacao_candidado", "Prospect"),
            ("data_candidatura", "19000"),
        ]));
    }
    World { applicants, vagas, prospects }
}

#[test]
fn the_same_bytes_whatever_the_threads() {
    let world = world(700, 20, 2);
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| world.run())
    };
    let (one, four) = (run(1), run(4));
    for table in WRITTEN {
        assert_eq!(one.bytes(table), four.bytes(table), "{}", table.name);
    }
    assert_eq!(one.metrics, four.metrics);
}

#[test]
fn texts_repeated_per_application_do_not_multiply_the_file() {
    let store = world(400, 60, 5).run();
    let [people, jobs, candidates, ..] = WRITTEN.map(|table| store.bytes(table).len());
    let rows = store.rows(&tables::CANDIDATES).len();
    assert!(rows > 1500, "{rows}");
    assert!(
        candidates * 10 <= (people + jobs) * 13,
        "candidates {candidates}, people {people}, jobs {jobs}"
    );
}

#[test]
fn row_groups_are_as_long_as_configured_and_hold_the_same_rows() {
    let world = world(60, 10, 2);
    let config = Config { row_group_rows: 16, ..Config::default() };
    let small = world.run_with(&config).unwrap();
    let large = world.run();
    for table in WRITTEN {
        assert_eq!(small.rows(table), large.rows(table), "{}", table.name);
    }
    let groups = |bytes| {
        let options = parquet::file::serialized_reader::ReadOptionsBuilder::new().build();
        let file = parquet::file::reader::SerializedFileReader::new_with_options(bytes, options);
        parquet::file::reader::FileReader::num_row_groups(&file.unwrap())
    };
    assert_eq!(groups(small.bytes(&tables::PEOPLE)), 4);
    assert_eq!(groups(large.bytes(&tables::PEOPLE)), 1);
}
