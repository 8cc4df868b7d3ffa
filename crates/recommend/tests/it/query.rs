//! Answers, and what is said when there is none.

use std::sync::LazyLock;

use bytes::Bytes;
use recommend::artefacts::{INDEX, JOB_EMBEDDINGS, JOB_ROWS};
use serde_json::{Value, json};
use stage::ErrorName;
use testlake::commit_copy;
use versioning::{Artefact, Committed, Lake};

use crate::fixture::{FIELDS, add_features, bytes, command, generated, lake_with, run, version};

/// A lake with a version of the recommender, for those who only ask.
static LAKE: LazyLock<Lake> = LazyLock::new(|| {
    let lake = lake_with(&generated(120, 90, 200));
    run(&lake, json!({})).unwrap();
    lake
});

fn ask(args: &[(&str, &str)]) -> Value {
    command(&LAKE, "query", args).unwrap().json
}

fn refused_on(lake: &Lake, args: &[(&str, &str)]) -> String {
    let error = command(lake, "query", args).unwrap_err();
    assert_eq!(error.name, ErrorName::BadInput);
    error.message
}

fn refused(args: &[(&str, &str)]) -> String {
    refused_on(&LAKE, args)
}

fn ids(answer: &Value, key: &str) -> Vec<usize> {
    let hits = answer["hits"].as_array().unwrap();
    hits.iter().map(|hit| hit[key].as_str().unwrap().parse().unwrap()).collect()
}

#[test]
fn a_candidate_finds_jobs_and_why() {
    let answer = ask(&[("candidate", "31001"), ("k", "5")]);
    assert_eq!(answer["search"], "index");
    assert_eq!(answer["asked"]["candidate"], "31001");
    let hits = answer["hits"].as_array().unwrap();
    assert_eq!(hits.len(), 5);
    for (place, hit) in (1..).zip(hits) {
        assert_eq!(hit["rank"], place);
        assert_eq!(hit["titulo_vaga"], FIELDS[1].0);
        let terms = hit["why"].as_array().unwrap();
        let known = |term: &Value| {
            let term = term["term"].as_str().unwrap();
            FIELDS[1].1.contains(&term) || term == "contador"
        };
        assert!(!terms.is_empty() && terms.iter().all(known), "{hit}");
    }
    let cosines: Vec<f64> = hits.iter().map(|hit| hit["cosine"].as_f64().unwrap()).collect();
    assert!(cosines.is_sorted_by(|a, b| a >= b));
}

#[test]
fn index_and_exact_search_agree_where_one_bucket_holds_all() {
    let by_index = ask(&[("candidate", "31007")]);
    let exact = ask(&[("candidate", "31007"), ("exact", "")]);
    assert_eq!(exact["search"], "exact");
    assert_eq!(ids(&by_index, "codigo_vaga"), ids(&exact, "codigo_vaga"));
    for (a, b) in by_index["hits"].as_array().unwrap().iter().zip(exact["hits"].as_array().unwrap())
    {
        assert!((a["cosine"].as_f64().unwrap() - b["cosine"].as_f64().unwrap()).abs() < 1e-5);
    }
}

#[test]
fn a_job_finds_candidates_by_id_alone() {
    let answer = command(&LAKE, "query", &[("job", "5003"), ("k", "4")]).unwrap();
    for id in ids(&answer.json, "codigo") {
        assert_eq!((id - 31_000) % 5, 3);
    }
    assert_eq!(answer.json["search"], "exact");
    assert!(answer.text.contains("candidates nearest to job 5003"), "{}", answer.text);
    // Words of the job are told; what only the candidate wrote is not.
    assert!(answer.text.contains("vendas") || answer.text.contains("clientes"), "{}", answer.text);
    assert!(!answer.text.contains("referência"), "{}", answer.text);
}

#[test]
fn a_text_is_read_by_the_encoder_of_the_version() {
    let answer = ask(&[("text", "Procuro vaga de enfermagem em hospital"), ("k", "3")]);
    for id in ids(&answer, "codigo_vaga") {
        assert_eq!((id - 5_000) % 5, 2);
    }
    let nothing = command(&LAKE, "query", &[("text", "de para com")]).unwrap();
    assert_eq!(nothing.json["hits"], json!([]));
    assert!(nothing.text.contains("says nothing to the encoder"), "{}", nothing.text);
}

#[test]
fn filters_narrow_what_is_found() {
    let rows = generated(120, 90, 200);
    let job = |id: usize| &rows.jobs[id - 5_000];
    let args = [("candidate", "31000"), ("filter", "estado=parana,open"), ("k", "50")];
    let answer = ask(&args);
    assert_eq!((&answer["search"], &answer["filter"]), (&json!("exact"), &json!(args[1].1)));
    let found = ids(&answer, "codigo_vaga");
    let fits = |job: &crate::fixture::Row| {
        job["estado_vaga"] == "Paraná"
            && job.get("data_requicisao").is_some_and(|date| date.as_str() > "2025-03-12")
    };
    for &id in &found {
        assert!(fits(job(id)), "{id} {:?}", job(id));
    }
    assert_eq!(found.len(), rows.jobs.iter().filter(|job| fits(job)).count());
    let early = ask(&[("candidate", "31000"), ("filter", "open=2025-01-31"), ("k", "50")]);
    assert!(
        ids(&early, "codigo_vaga").iter().all(|&id| job(id)["data_requicisao"] == "2025-01-10")
    );
    let people = ask(&[("job", "5000"), ("filter", "cidade=Curitiba"), ("k", "200")]);
    for id in ids(&people, "codigo") {
        assert_eq!(rows.people[id - 31_000]["cidade"], "Curitiba, Paraná");
    }
    let message = refused(&[("candidate", "31000"), ("filter", "estado=Paran")]);
    assert!(message.contains("near it are Paraná"), "{message}");
    let message = refused(&[("job", "5000"), ("filter", "pcd=Sim")]);
    assert!(message.contains("protected"), "{message}");
}

#[test]
fn unknown_ids_are_told_with_those_near_them() {
    let message = refused(&[("candidate", "3100l")]);
    assert!(message.contains("has no candidate 3100l (near: 31000, 31001, 31002)"), "{message}");
    let message = refused(&[("job", "777777")]);
    assert!(message.contains("has no job 777777 (near: none is near)"), "{message}");
}

#[test]
fn arguments_that_make_no_question_are_refused() {
    for (args, said) in [
        (&[][..], "expected one of --candidate ID, --job ID and --text"),
        (&[("candidate", "1"), ("job", "2")][..], "expected one of"),
        (&[("candidate", "31000"), ("k", "0")][..], "--k 0: expected a number from 1 to 1000"),
        (&[("candidate", "31000"), ("k", "ten")][..], "--k ten"),
        (&[("text", "  ")][..], "--text: expected some words"),
        (&[("candidate", "31000"), ("version", "seven")][..], "expected a version such as v7"),
        (&[("candidate", "31000"), ("version", "v7")][..], "v7"),
    ] {
        let message = refused(args);
        assert!(message.contains(said), "{message}");
    }
    let message = refused_on(&Lake::in_memory(), &[("text", "java")]);
    assert!(message.contains("has no version: run `recommend` first"), "{message}");
}

/// A version whose one file is another; everything else is as it was.
fn with_file(lake: &Lake, made: &Committed, file: &str, bytes: Bytes) -> String {
    let copy = commit_copy(lake, Artefact::Recommend, made, Some((file, bytes)), |_| ());
    copy.version().to_string()
}

#[test]
fn files_that_do_not_belong_together_are_named() {
    let lake = lake_with(&generated(40, 30, 30));
    let made = version(&lake, &run(&lake, json!({})).unwrap());
    let file = |name: &str| bytes(&made, name);
    let other = {
        let lake = lake_with(&generated(40, 25, 30));
        version(&lake, &run(&lake, json!({})).unwrap())
    };
    let of_other = |name: &str| bytes(&other, name);
    let index = file(INDEX);
    for (name, bytes, exact, said) in [
        (INDEX, index.slice(..index.len() - 8), false, "annoy_index.ann: "),
        (INDEX, of_other(INDEX), false, "annoy_index.ann: expected 30 jobs"),
        (JOB_EMBEDDINGS, of_other(JOB_EMBEDDINGS), true, "expected (30, 384)"),
        (JOB_EMBEDDINGS, file(JOB_EMBEDDINGS).slice(..4_000), true, "the file is cut"),
        (JOB_ROWS, of_other(JOB_ROWS), true, "job_embeddings.npy: expected (25, 384)"),
        (JOB_ROWS, file("candidate_rows.parquet"), true, "job_rows.parquet: expected the columns"),
    ] {
        let version = with_file(&lake, &made, name, bytes);
        let mut args = vec![("candidate", "31000"), ("version", version.as_str())];
        if exact {
            args.push(("exact", ""));
        }
        let message = refused_on(&lake, &args);
        assert!(message.contains(said), "{name}: {message}");
    }
    // Rows of other features would be another person's words.
    let copy = commit_copy(&lake, Artefact::Recommend, &made, None, |manifest| {
        "0".clone_into(&mut manifest.inputs[0].sha256);
    });
    let version = copy.version().to_string();
    let message = refused_on(&lake, &[("candidate", "31000"), ("version", version.as_str())]);
    assert!(message.contains("expected the files that recommend "), "{message}");
}

#[test]
fn a_version_is_answered_from_the_tables_that_it_was_made_from() {
    let lake = lake_with(&generated(40, 30, 30));
    run(&lake, json!({})).unwrap();
    // Later features hold other records; the version knows nothing of them.
    add_features(&lake, &generated(60, 35, 30), "2025-07-01");
    let message = refused_on(&lake, &[("candidate", "31050")]);
    assert!(message.contains("has no candidate 31050"), "{message}");
    let answer = command(&lake, "query", &[("candidate", "31010"), ("version", "v1")]).unwrap();
    assert_eq!(answer.json["version"], "v1");
}
