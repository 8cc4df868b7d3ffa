//! What tells the outcome is refused at training, by its name; what does not is let pass.

use matching::{
    Config, Split,
    dataset::{Dataset, Tables},
    fit,
    leak::Checks,
};
use serde_json::json;
use stage::Silent;

use crate::fixture::{Random, Row, Rows, generated, tables};

fn checks(
    rows: &Rows,
    before: Option<&Rows>,
    config: serde_json::Value,
) -> Result<Checks, matching::Error> {
    let mut config: Config = stage::parse_config("matching", &config).unwrap();
    config.check().unwrap();
    config.boost.n_estimators = 20;
    let before = before.map(tables);
    let tables = tables(rows);
    let dataset = Dataset::read(&tables, &config.positive)?;
    let fitted = fit::fit(&tables, &dataset, &config, config.split, &Silent)?;
    let scores = fitted.model.predict(&fitted.test.rows)?;
    let auc = Some(boost::metrics::auc(&scores, &fitted.test.labels)).filter(|auc| !auc.is_nan());
    Checks::make(&fitted, auc, &tables, &dataset, before.as_ref() as Option<&Tables<_>>, &config)
}

fn is_match(application: &Row) -> bool {
    application["situacao_candidato"].as_deref() == Some("Aprovado")
}

fn set(row: &mut Row, column: &str, value: impl ToString) {
    row.insert(column.to_owned(), Some(value.to_string()));
}

/// Leaves each record the first of its applications.
fn keep_first(rows: &mut Rows, key: &str) {
    let mut seen = std::collections::BTreeSet::new();
    rows.applications.retain(|application| seen.insert(application[key].clone()));
}

/// Gives each record of a side, in `column`, the days from its application to the last word on it:
/// an application is looked at for long when it ends in a match, yet some others are too.
fn plant(records: &mut [Row], applications: &[Row], key: &str, column: &str, unit: &str) {
    let mut random = Random(5);
    for record in records {
        let mut of = applications.iter().filter(|a| a[key] == record[key]);
        let days = match (of.any(is_match), random.below(10)) {
            (true, _) => 15 + random.below(45),
            (false, 0..7) => random.below(10),
            (false, _) => random.below(60),
        };
        set(record, column, format!("{days:02}{unit}"));
    }
}

/// Applications whose outcome depends on whether the CV names what the job asks for.
fn related(people: usize, jobs: usize, applications: usize) -> Rows {
    related_by([1, 6], people, jobs, applications)
}

/// Of ten applications, so many are taken where the CV does not name it, and where it does.
fn related_by(chances: [usize; 2], people: usize, jobs: usize, applications: usize) -> Rows {
    let mut rows = generated(people, jobs, applications);
    let mut random = Random(7);
    let find = |records: &[Row], key: &str, id: &Option<String>, column: &str| {
        let place = records.binary_search_by(|record| record[key].cmp(id)).unwrap();
        records[place][column].clone().unwrap_or_default()
    };
    for application in &mut rows.applications {
        let cv = find(&rows.people, "codigo", &application["codigo"], "cv_candidato");
        let asked = "competencia_tecnicas_e_comportamentais";
        let job = find(&rows.jobs, "codigo_vaga", &application["codigo_vaga"], asked);
        let chances = chances[usize::from(cv.split(' ').any(|word| word == job))];
        let status =
            if random.below(10) < chances { "Aprovado" } else { "Não Aprovado pelo Cliente" };
        set(application, "situacao_candidato", status);
    }
    rows
}

#[test]
fn days_to_the_last_word_disguised_as_a_language_are_refused() {
    let mut rows = related(3_000, 100, 6_000);
    keep_first(&mut rows, "codigo");
    plant(&mut rows.people, &rows.applications, "codigo", "outros_idiomas", "");
    let error = checks(&rows, None, json!({})).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("outros_idiomas ranks the applications"), "{message}");
    assert!(message.contains("leave it out of the columns"), "{message}");
    assert_eq!(stage::Error::from(error).name, stage::ErrorName::BadInput);
    for said in ["expected at most 0.8 (leak.single_auc)", "leak.accept = [\"outros_idiomas\"]"] {
        assert!(message.contains(said), "{message}");
    }
    // Left out, or accepted, as the message says.
    checks(&rows, None, json!({"one_hot": ["cidade"]})).unwrap();
    let accepted = json!({"leak": {"accept": ["outros_idiomas"]}});
    let above = checks(&rows, None, accepted).unwrap().above_bound;
    assert!(above.len() == 1 && above[0].column == "outros_idiomas", "{above:?}");
}

#[test]
fn a_relation_is_told_above_the_bound_and_never_refused() {
    let rows = related_by([0, 10], 1_500, 60, 3_000);
    let checks = checks(&rows, None, json!({})).unwrap();
    let strongest = checks.highest_single.unwrap();
    assert!(strongest.column.starts_with("relation=") && strongest.auc > 0.85, "{strongest:?}");
    assert_eq!(checks.above_bound[0], strongest);
    assert!(checks.above_bound.iter().all(|above| above.column.starts_with("relation=")));
}

#[test]
fn days_to_the_last_word_disguised_as_the_text_of_a_job_are_refused() {
    let mut rows = related(2_000, 3_000, 6_000);
    keep_first(&mut rows, "codigo_vaga");
    plant(&mut rows.jobs, &rows.applications, "codigo_vaga", "prioridade_vaga", " dias de prazo");
    let texts = json!([{"column": "prioridade_vaga", "max_features": 80}]);
    let message = checks(&rows, None, json!({"tfidf": texts})).unwrap_err().to_string();
    assert!(message.starts_with("prioridade_vaga ranks the applications"), "{message}");
}

#[test]
fn a_strong_relation_that_is_known_in_time_is_let_pass() {
    let rows = related(1_500, 60, 3_000);
    let checks = checks(&rows, None, json!({})).unwrap();
    let highest = checks.highest_single.unwrap();
    assert!(highest.column.starts_with("relation="), "{highest:?}");
    assert!(highest.auc > 0.7, "{highest:?}");
    assert!(!checks.nothing_to_learn);
    let distance = (checks.shuffled_auc.unwrap() - 0.5).abs();
    assert!(distance <= 3.0 * checks.shuffled_se.unwrap());
    assert!(checks.changed.is_empty());
}

#[test]
fn of_shuffled_labels_there_is_nothing_to_learn() {
    let mut rows = related(1_500, 60, 3_000);
    let mut statuses: Vec<_> =
        rows.applications.iter().map(|a| a["situacao_candidato"].clone()).collect();
    Random(9).shuffle(&mut statuses);
    for (application, status) in rows.applications.iter_mut().zip(statuses) {
        application.insert("situacao_candidato".to_owned(), status);
    }
    for split in [Split::Candidate, Split::Stratified] {
        let checks = checks(&rows, None, json!({"split": split})).unwrap();
        assert!(checks.nothing_to_learn, "{checks:?}");
        assert!(checks.highest_single.unwrap().auc < 0.6);
    }
}

#[test]
fn tiny_training_sets_are_not_refused_by_chance() {
    for people in [20, 40, 80] {
        let mut rows = related(people, 10, 2 * people);
        plant(&mut rows.people, &rows.applications, "codigo", "cidade", "");
        rows.applications.iter_mut().skip(8).for_each(|application| {
            set(application, "situacao_candidato", "Não Aprovado pelo Cliente");
        });
        match checks(&rows, None, json!({})) {
            Ok(_) | Err(matching::Error::OneClass { .. }) => {}
            Err(error) => panic!("{people}: {error}"),
        }
    }
}

/// The version of the day before, when the first `open` of each ten applications were open still.
fn day_before(rows: &Rows, open: usize) -> Rows {
    let mut before = rows.clone();
    let applications = before.applications.iter_mut().enumerate();
    applications.filter(|(i, _)| i % 10 < open).for_each(|(_, application)| {
        set(application, "situacao_candidato", "Não Aprovado pelo Cliente");
    });
    before
}

#[test]
fn a_column_that_is_written_anew_for_those_taken_is_refused() {
    let rows = related(600, 40, 1_200);
    let before = day_before(&rows, 3);
    let mut after = rows.clone();
    let mut random = Random(13);
    for person in &mut after.people {
        let taken =
            rows.applications.iter().any(|a| a["codigo"] == person["codigo"] && is_match(a));
        // A few others move too.
        if random.below(100) < if taken { 80 } else { 3 } {
            set(person, "cidade", "Recife");
        }
    }
    let error = checks(&after, Some(&before), json!({})).unwrap_err();
    let message = error.to_string();
    assert!(message.starts_with("cidade has changed since the version"), "{message}");
    for said in ["expected at most 0.1 (leak.changed_by)", "leak.accept = [\"cidade\"]"] {
        assert!(message.contains(said), "{message}");
    }
    let accepted = checks(&after, Some(&before), json!({"leak": {"accept": ["cidade"]}})).unwrap();
    assert_eq!(accepted.changed[0].column, "cidade");
    let (matches, others) = (accepted.replaced.people_matches, accepted.replaced.people_others);
    assert_eq!((matches.part, others.part), (0, 0));
    assert_eq!(stage::Error::from(error).name, stage::ErrorName::BadInput);
    // Of a column that is not used nothing is asked.
    let unused = json!({"one_hot": ["ingles"], "relations": false});
    assert!(checks(&after, Some(&before), unused).unwrap().changed.is_empty());
}

#[test]
fn records_of_another_world_are_no_rewritten_ones() {
    let rows = related(600, 40, 1_200);
    let before = day_before(&rows, 3);
    let mut after = rows.clone();
    let mut random = Random(13);
    let other = generated(600, 40, 1).people;
    for (person, other) in after.people.iter_mut().zip(other.iter().rev()) {
        let taken =
            rows.applications.iter().any(|a| a["codigo"] == person["codigo"] && is_match(a));
        // Another person under the same id: more often among those taken, by whatever law.
        if random.below(100) < if taken { 80 } else { 30 } {
            for column in ["cidade", "ingles", "titulo_profissional", "cv_candidato"] {
                person.insert(column.to_owned(), other[column].clone());
            }
            set(person, "nivel_academico", "Mestrado");
        }
    }
    let found = checks(&after, Some(&before), json!({})).unwrap();
    let (matches, others) = (found.replaced.people_matches, found.replaced.people_others);
    assert!(matches.part > 20 && others.part > 50, "{:?}", found.replaced);
    assert!(found.replaced.jobs_matches.part + found.replaced.jobs_others.part == 0);
    // What is left to compare are the records that are the same.
    let compared = found.changed.iter().map(|c| c.others.of + c.matches.of).max().unwrap_or(0);
    assert!(compared <= matches.of + others.of - matches.part - others.part);

    // One column that is written after the outcome is found all the same.
    for person in &mut after.people {
        if rows.applications.iter().any(|a| a["codigo"] == person["codigo"] && is_match(a)) {
            set(person, "area_atuacao", "TI");
        }
    }
    let message = checks(&after, Some(&before), json!({})).unwrap_err().to_string();
    assert!(message.starts_with("area_atuacao has changed since"), "{message}");
}

#[test]
fn columns_that_change_for_all_alike_are_told_and_let_pass() {
    let rows = related(600, 40, 1_200);
    let before = day_before(&rows, 3);
    let mut after = rows.clone();
    let mut random = Random(13);
    for person in &mut after.people {
        if random.below(100) < 30 {
            set(person, "titulo_profissional", "analista");
        }
    }
    // Who was not there before, and who did not apply before, is not compared.
    after.people.push(after.people[0].clone());
    set(after.people.last_mut().unwrap(), "codigo", "99999");
    let changed = checks(&after, Some(&before), json!({})).unwrap().changed;
    assert_eq!(changed.len(), 1, "{changed:?}");
    assert_eq!(changed[0].column, "titulo_profissional");
    assert!(changed[0].matches.of > 20 && changed[0].others.of > 100, "{changed:?}");
    assert!(changed[0].others.of + changed[0].matches.of <= 600);
    // The same version twice: nothing has changed.
    assert!(checks(&rows, Some(&rows), json!({})).unwrap().changed.is_empty());
}
