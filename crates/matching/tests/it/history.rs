//! What was known of the past when an application was made.

use matching::{
    History,
    dataset::{Dataset, JobGroup},
};

use crate::fixture::{Row, Rows, generated, tables};

const STATUS: &str = "situacao_candidato";
const DAY: &str = "data_candidatura";

/// Applications over 800 days to jobs of few titles, contracts, clients, requesters and recruiters.
fn world() -> Rows {
    let mut rows = generated(100, 40, 800);
    let text = |prefix: &str, n: usize| Some(format!("{prefix} {}", ["a", "b", "c", "d"][n]));
    for (i, job) in rows.jobs.iter_mut().enumerate() {
        job.insert("titulo_vaga".to_owned(), text("Dev", i % 4));
        job.insert("tipo_contratacao".to_owned(), text("CLT", i % 3));
    }
    for (party, size) in [("cliente", 5), ("solicitante_cliente", 8), ("analista_responsavel", 3)] {
        for i in 0..40 {
            let code = |i: usize| Some((5_000 + i).to_string());
            let group = [
                ("tabela", Some(party.to_owned())),
                ("codigo", code(i)),
                ("grupo", code(i % size)),
            ];
            rows.groups.push(group.map(|(name, value)| (name.to_owned(), value)).into());
        }
    }
    for (i, application) in rows.applications.iter_mut().enumerate() {
        application.insert(DAY.to_owned(), Some((18_000 + i).to_string()));
    }
    rows
}

fn read(rows: &Rows) -> Dataset {
    Dataset::read(&tables(rows), &["Aprovado".to_owned()]).unwrap()
}

fn day(row: &Row) -> i32 {
    row[DAY].as_ref().unwrap().parse().unwrap()
}

/// Neither an application's own outcome nor one that was not known by its day has a part in what is
/// told of the past: whatever they are planted as.
#[test]
fn outcomes_that_were_not_known_yet_tell_nothing() {
    let rows = world();
    let honest = read(&rows);
    let history = History::of(&honest);
    for on in [18_000, 18_100, 18_400, 18_799] {
        let mut planted = rows.clone();
        for application in planted.applications.iter_mut().filter(|row| day(row) > on - 90) {
            let other = if application[STATUS].as_deref() == Some("Aprovado") {
                "Prospect"
            } else {
                "Aprovado"
            };
            application.insert(STATUS.to_owned(), Some(other.to_owned()));
        }
        let planted = read(&planted);
        let with_leak = History::of(&planted);
        for application in honest.rows.iter().filter(|a| a.day == Some(on)) {
            let pair = (application.person, application.job);
            assert_eq!(with_leak.at(pair, Some(on)), history.at(pair, Some(on)), "{on}");
        }
        // What was known does have a part, in each group.
        let mut known = rows.clone();
        for application in known.applications.iter_mut().filter(|row| day(row) <= on - 90) {
            application.insert(STATUS.to_owned(), Some("Aprovado".to_owned()));
        }
        let known = read(&known);
        let known = History::of(&known);
        if on > 18_300 {
            for (before, after) in history
                .at((0, 0), Some(on))
                .unwrap()
                .outcomes
                .into_iter()
                .zip(known.at((0, 0), Some(on)).unwrap().outcomes)
            {
                assert!(after.unwrap() > before.unwrap(), "{before:?} {after:?}");
            }
        }
    }
}

#[test]
fn a_rate_is_shrunk_to_the_mean_and_of_nothing_there_is_none() {
    let mut rows = world();
    // Of the 100 applications known by day 18,189, those of the first client's jobs all succeed.
    for application in &mut rows.applications {
        let job: usize = application["codigo_vaga"].as_ref().unwrap().parse().unwrap();
        let status = if job.is_multiple_of(5) { "Aprovado" } else { "Prospect" };
        application.insert(STATUS.to_owned(), Some(status.to_owned()));
    }
    let dataset = read(&rows);
    let history = History::of(&dataset);
    let known: Vec<_> = dataset.rows.iter().filter(|a| a.day <= Some(18_099)).collect();
    let of_client = known.iter().filter(|a| a.job % 5 == 0).count() as f64;
    let mean = of_client / known.len() as f64;
    let expected = (of_client + 10.0 * mean) / (of_client + 10.0);
    let found =
        history.at((0, 0), Some(18_189)).unwrap().outcomes[JobGroup::Client as usize].unwrap();
    assert!((f64::from(found) - expected).abs() < 1e-6, "{found} {expected}");
    assert_eq!(history.at((0, 0), Some(18_089)).unwrap().outcomes, [None; 5]);
}
