//! What a run makes, and that it makes the same again.

use std::collections::BTreeMap;

use arrow_array::{
    cast::AsArray,
    types::{Float32Type, Int32Type},
};
use neighbours::{annoy::Index, npy};
use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use recommend::{
    Recommend,
    artefacts::{
        CANDIDATE_EMBEDDINGS, CANDIDATE_ROWS, EVALUATION, INDEX, JOB_EMBEDDINGS,
        JOB_RECOMMENDATIONS, JOB_ROWS, METRICS, RECOMMENDATIONS,
    },
};
use serde_json::{Value, json};
use stage::{ErrorName, Stage};
use versioning::{Artefact, Committed};

use crate::fixture::{
    Notes, Rows, add_files, bytes, figure, generated, lake_with, row, run, run_on, version,
};

const FILES: [&str; 9] = [
    CANDIDATE_EMBEDDINGS,
    JOB_EMBEDDINGS,
    INDEX,
    CANDIDATE_ROWS,
    JOB_ROWS,
    RECOMMENDATIONS,
    JOB_RECOMMENDATIONS,
    EVALUATION,
    METRICS,
];

/// Of each record of the first column: places, records of the third column, cosines.
type Lists = BTreeMap<String, Vec<(i32, String, f32)>>;

fn lists(version: &Committed, file: &str, of: &str, found: &str) -> Lists {
    let mut lists = Lists::new();
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes(version, file)).unwrap();
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let column = |name: &str| batch.column_by_name(name).unwrap().clone();
        let (of, found) = (column(of), column(found));
        let (rank, cosine) = (column("rank"), column("cosine"));
        for at in 0..batch.num_rows() {
            lists.entry(of.as_string::<i32>().value(at).to_owned()).or_default().push((
                rank.as_primitive::<Int32Type>().value(at),
                found.as_string::<i32>().value(at).to_owned(),
                cosine.as_primitive::<Float32Type>().value(at),
            ));
        }
    }
    lists
}

fn vectors(version: &Committed, file: &str) -> npy::Array {
    npy::read(&bytes(version, file)[..]).unwrap()
}

fn cosine(a: &[f32], b: &[f32]) -> f64 {
    let dot = |a: &[f32], b: &[f32]| -> f64 {
        a.iter().zip(b).map(|(x, y)| f64::from(*x) * f64::from(*y)).sum()
    };
    dot(a, b) / (dot(a, a) * dot(b, b)).sqrt()
}

#[test]
fn a_run_makes_vectors_index_and_recommendations() {
    let rows = generated(120, 90, 200);
    let lake = lake_with(&rows);
    let response = run(&lake, json!({"top_k": 7})).unwrap();
    let version = version(&lake, &response);
    let candidates = vectors(&version, CANDIDATE_EMBEDDINGS);
    let jobs = vectors(&version, JOB_EMBEDDINGS);
    assert_eq!((candidates.rows, candidates.columns), (120, 384));
    assert_eq!((jobs.rows, jobs.columns), (90, 384));
    let index = Index::from_bytes(bytes(&version, INDEX).to_vec(), 384).unwrap();
    assert_eq!(index.len(), 90);
    assert_eq!(index.vector(3).unwrap(), &jobs.values[3 * 384..4 * 384]);

    // The last job is of 10 June; 90 days before is 12 March.
    assert_eq!(response.metrics.0["as_of"], "2025-06-10");
    let is_open = |job: &crate::fixture::Row| {
        job.get("data_requicisao").is_some_and(|date| date.as_str() > "2025-03-12")
    };
    let open: Vec<usize> = (0..90).filter(|&i| is_open(&rows.jobs[i])).collect();
    assert_eq!(figure(&response, "open_jobs"), open.len() as u64);
    assert_eq!(figure(&response, "jobs_without_date"), 2);
    let for_candidates = lists(&version, RECOMMENDATIONS, "codigo", "codigo_vaga");
    // Every 41st has no text, and no recommendations.
    assert_eq!(for_candidates.len(), 118);
    assert_eq!(figure(&response, "candidates_without_text"), 2);
    for (candidate, list) in &for_candidates {
        let i = candidate.parse::<usize>().unwrap() - 31_000;
        let own = &candidates.values[i * 384..(i + 1) * 384];
        let mut all: Vec<(f64, usize)> =
            open.iter().map(|&j| (cosine(own, &jobs.values[j * 384..(j + 1) * 384]), j)).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        assert_eq!(list.len(), 7);
        for ((place, (rank, job, found)), (expected, _)) in (1..).zip(list).zip(&all) {
            let j = job.parse::<usize>().unwrap() - 5_000;
            assert_eq!(*rank, place);
            assert!(is_open(&rows.jobs[j]), "{job}");
            assert!((f64::from(*found) - expected).abs() < 1e-5);
        }
        // A job of one's own field is nearest.
        let nearest = list[0].1.parse::<usize>().unwrap() - 5_000;
        assert_eq!(nearest % 5, i % 5, "{i} {list:?}");
    }
    let for_jobs = lists(&version, JOB_RECOMMENDATIONS, "codigo_vaga", "codigo");
    assert_eq!(for_jobs.len(), open.len());
    assert!(for_jobs.values().all(|list| list.len() == 7));
    assert!(
        !for_jobs
            .values()
            .flatten()
            .any(|(_, id, _)| (id.parse::<usize>().unwrap() - 31_000) % 41 == 40)
    );
}

#[test]
fn rows_say_which_record_a_vector_is_of() {
    let rows = generated(60, 40, 60);
    let lake = lake_with(&rows);
    let version = version(&lake, &run(&lake, json!({"long_text": "cut"})).unwrap());
    let reader = ParquetRecordBatchReaderBuilder::try_new(bytes(&version, CANDIDATE_ROWS)).unwrap();
    let mut at = 0;
    for batch in reader.build().unwrap() {
        let batch = batch.unwrap();
        let text = |name: &str| batch.column_by_name(name).unwrap().as_string::<i32>().clone();
        let (id, sha256) = (text("codigo"), text("sha256"));
        let characters =
            batch.column_by_name("characters").unwrap().as_primitive::<Int32Type>().clone();
        for i in 0..batch.num_rows() {
            let person = &rows.people[at];
            assert_eq!(id.value(i), person["codigo"]);
            let expected = match person.get("titulo_profissional") {
                Some(title) => format!(
                    "{title}\n{}\nInglês Fluente\n{}",
                    person["conhecimentos_tecnicos"], person["cv_candidato"]
                ),
                None => String::new(),
            };
            assert_eq!(characters.value(i) as usize, expected.chars().count());
            let hash = <sha2::Sha256 as sha2::Digest>::digest(expected.as_bytes());
            assert_eq!(sha256.value(i), versioning::hex(&hash));
            at += 1;
        }
    }
    assert_eq!(at, 60);
}

#[test]
fn the_same_day_gives_the_same_bytes_on_any_number_of_threads() {
    let rows = generated(150, 80, 200);
    let made = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let lake = lake_with(&rows);
            let version = version(&lake, &run(&lake, json!({})).unwrap());
            FILES.map(|file| bytes(&version, file))
        })
    };
    let one = made(1);
    for threads in [2, 5] {
        for ((file, one), many) in FILES.iter().zip(&one).zip(made(threads)) {
            assert!(*one == many, "{file} differs on {threads} threads");
        }
    }
}

#[test]
fn a_second_run_of_the_same_day_is_unchanged() {
    let lake = lake_with(&generated(60, 40, 60));
    let first = run(&lake, json!({})).unwrap();
    let again = run(&lake, json!({})).unwrap();
    assert_eq!((again.version, again.unchanged), (first.version, true));
    assert_eq!(lake.series(Artefact::Lsa).list().unwrap().len(), 1);
}

#[test]
fn the_manifest_names_the_encoder_and_the_run_tells_of_it() {
    let lake = lake_with(&generated(60, 40, 60));
    let told = Notes::default();
    let response = run_on(&lake, "2025-06-30", json!({}), &told).unwrap();
    assert!(told.0.lock().unwrap().iter().any(|n| n.contains("mllab encoder fetch")));
    let version = version(&lake, &response);
    let state = lake.series(Artefact::Lsa).newest().unwrap().unwrap();
    let input = version.manifest().inputs.iter().find(|i| i.name == "encoder").unwrap();
    assert_eq!((&input.uri, input.version), (&state.uri(), Some(state.version())));
    let encoder = &version.manifest().extra["encoder"];
    assert_eq!(encoder["name"], "lsa");
    assert_eq!(encoder["revision"], state.manifest().outputs[0].sha256);
    assert_eq!(encoder["kernel"], "lsa-f32");
    assert_eq!(response.metrics.0["encoder"], "lsa");
}

#[test]
fn metrics_say_how_the_ranking_does_beside_the_baselines() {
    let lake = lake_with(&generated(120, 90, 300));
    let response = run(&lake, json!({})).unwrap();
    let report: Value =
        serde_json::from_slice(&bytes(&version(&lake, &response), METRICS)).unwrap();
    let names: Vec<&str> = report["evaluation"]["rankers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|r| r["name"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["lsa", "tf-idf", "bm25", "popular", "random"]);
    let recall = |name: &str| response.metrics.0["evaluation"][name]["recall_10"].as_f64().unwrap();
    assert!(recall("lsa") > recall("random") + 0.1, "{} {}", recall("lsa"), recall("random"));
    assert!(report["index"]["recall_10"].as_f64().unwrap() >= 0.95);
    assert_eq!(report["recommendations"]["as_of"], "2025-06-10");
    let ahead = &report["evaluation"]["against_random"]["recall_10"];
    assert!(ahead["mean"].as_f64().unwrap() > 0.1, "{ahead}");
}

#[test]
fn a_job_of_a_mistyped_year_closes_no_other() {
    let mut rows = generated(60, 40, 60);
    let before = run(&lake_with(&rows), json!({})).unwrap();
    rows.jobs[0].insert("data_requicisao".to_owned(), "2099-03-15".to_owned());
    let after = run(&lake_with(&rows), json!({})).unwrap();
    assert_eq!(after.metrics.0["as_of"], before.metrics.0["as_of"]);
    // The job itself was of January, and not open before either.
    assert_eq!(figure(&after, "open_jobs"), figure(&before, "open_jobs"));
    assert_eq!((figure(&before, "jobs_later"), figure(&after, "jobs_later")), (0, 1));
}

#[test]
fn records_that_are_one_are_counted_as_one_in_the_evaluation() {
    let mut rows = generated(120, 90, 300);
    let group = |table: &str, of: usize, first: usize| {
        row([("tabela", table), ("codigo", &of.to_string()), ("grupo", &first.to_string())])
    };
    let counts = |rows: &Rows| {
        let lake = lake_with(rows);
        let version = version(&lake, &run(&lake, json!({})).unwrap());
        let report: Value = serde_json::from_slice(&bytes(&version, METRICS)).unwrap();
        let count = |name: &str| report["evaluation"]["counts"][name].as_u64().unwrap();
        [count("candidates"), count("people"), count("jobs"), count("jobs_repeated")]
    };
    let [candidates, people, jobs, repeated] = counts(&rows);
    assert_eq!((people, repeated), (candidates, 0));
    // Jobs 5005 and 5065 are of one month and one field; all candidates of one field are one person.
    rows.groups = vec![group("jobs", 5_005, 5_005), group("jobs", 5_065, 5_005)];
    rows.groups.extend((0..120).step_by(5).map(|i| group("people", 31_000 + i, 31_000)));
    let [same, people, fewer, repeated] = counts(&rows);
    assert_eq!((same, fewer, repeated), (candidates, jobs - 1, 1));
    assert!(people < candidates, "{people} {candidates}");
}

#[test]
fn latest_has_the_three_lines_that_consumers_read() {
    let lines = ["candidate_embeddings.npy", "job_embeddings.npy", "annoy_index.ann"];
    assert_eq!(Recommend::latest("v7"), lines.map(|line| format!("v7/{line}")));
}

#[test]
fn all_jobs_and_another_day_may_be_asked_for() {
    let lake = lake_with(&generated(60, 40, 60));
    let all = run(&lake, json!({"jobs": "all"})).unwrap();
    let found = lists(&version(&lake, &all), JOB_RECOMMENDATIONS, "codigo_vaga", "codigo");
    assert_eq!(found.len(), 40);
    let day = run(&lake, json!({"as_of": "2025-01-31", "open_days": 30})).unwrap();
    let found = lists(&version(&lake, &day), JOB_RECOMMENDATIONS, "codigo_vaga", "codigo");
    assert_eq!(found.len(), 6);
    let told = Notes::default();
    let none = run_on(&lake, "2025-06-30", json!({"as_of": "2019-01-31"}), &told).unwrap();
    assert_eq!(figure(&none, "open_jobs"), 0);
    assert!(told.0.lock().unwrap().iter().any(|note| note.starts_with("0 of 40 jobs are open")));
}

#[test]
fn tables_that_do_not_fit_together_are_refused_by_name() {
    let refused = |files: Vec<(&'static str, bytes::Bytes)>| {
        let lake = versioning::Lake::in_memory();
        add_files(&lake, files, "2025-06-30");
        let error = run(&lake, json!({})).unwrap_err();
        assert!(lake.series(Artefact::Recommend).list().unwrap().is_empty());
        (error.name, error.message)
    };
    let rows = generated(20, 20, 10);
    let mut orphan = rows.clone();
    orphan.applications.push(row([("codigo", "99999"), ("codigo_vaga", "5000")]));
    let (name, message) = refused(orphan.files());
    assert_eq!(name, ErrorName::BadInput);
    assert!(message.contains("candidate 99999, which people.parquet has not"), "{message}");
    let mut stranger = rows.clone();
    stranger.groups = vec![row([("tabela", "jobs"), ("codigo", "5001"), ("grupo", "9")])];
    let message = refused(stranger.files()).1;
    assert!(
        message.contains("groups.parquet names job 9, which jobs.parquet has not"),
        "{message}"
    );
    let mut twice = rows.clone();
    twice.jobs.push(twice.jobs[0].clone());
    assert!(refused(twice.files()).1.contains("jobs.parquet: id 5000 is there twice"));
    let mut empty = rows.clone();
    (empty.jobs, empty.applications) = (Vec::new(), Vec::new());
    assert!(refused(empty.files()).1.contains("jobs.parquet has no rows"));
    let mut files = rows.files();
    files[0].1 = files[1].1.clone();
    assert!(refused(files).1.contains("people.parquet: column `codigo` is missing"));
    let mut undated = rows;
    undated.applications.iter_mut().for_each(|a| drop(a.remove("data_candidatura")));
    undated.jobs.iter_mut().for_each(|j| drop(j.remove("data_requicisao")));
    let (name, message) = refused(undated.files());
    assert_eq!(name, ErrorName::ConfigInvalid);
    assert!(message.contains("configure jobs"), "{message}");
}

#[test]
fn equal_and_empty_texts_are_no_trouble() {
    let mut rows = generated(80, 60, 0);
    let one = rows.people[0].clone();
    for person in &mut rows.people {
        let id = person["codigo"].clone();
        *person = one.clone();
        person.insert("codigo".to_owned(), id);
    }
    for job in &mut rows.jobs {
        job.remove("titulo_vaga");
        job.remove("principais_atividades");
        job.remove("nivel_profissional_vaga");
    }
    let lake = lake_with(&rows);
    let response = run(&lake, json!({})).unwrap();
    // Of the candidates one text, of the jobs one, which is empty.
    assert_eq!((figure(&response, "encoded"), figure(&response, "repeated")), (2, 138));
    assert_eq!(figure(&response, "jobs_without_text"), 60);
    let version = version(&lake, &response);
    assert!(lists(&version, RECOMMENDATIONS, "codigo", "codigo_vaga").is_empty());
    assert_eq!(vectors(&version, JOB_EMBEDDINGS).rows, 60);
}
