//! What a model does not depend on, byte for byte.

use std::collections::BTreeSet;

use matching::{
    Config, Decision, History, Preprocessor, Scorer, Split,
    baseline::Baseline,
    dataset::{Dataset, Tables},
    evaluation::Evaluation,
    fit, split,
};
use proptest::prelude::*;
use stage::Silent;

use crate::fixture::{Random, Rows, generated, tables, with_second_codes};

fn config(value: &serde_json::Value) -> Config {
    let mut config: Config = stage::parse_config("matching", value).unwrap();
    config.check().unwrap();
    config.boost.n_estimators = 20;
    config
}

/// Model, preprocessor and figures as they are stored.
fn artefacts(rows: &Rows, config: &Config) -> [Vec<u8>; 4] {
    let tables = tables(rows);
    let dataset = Dataset::read(&tables, &config.positive).unwrap();
    let fitted = fit::fit(&tables, &dataset, config, config.split, &Silent).unwrap();
    let baseline =
        Baseline::fit(&fitted.model, &fitted.train.rows, &fitted.train.labels, config.baseline)
            .unwrap();
    assert!(baseline.is_some());
    let decision = Decision::fit(&fitted, &dataset, config).unwrap();
    let tree = baseline.as_ref();
    let evaluation =
        Evaluation::new(&fitted, &decision, tree, &dataset, config, config.split).unwrap();
    let mut model = Vec::new();
    fitted.model.to_json(&mut model).unwrap();
    let metrics = serde_json::to_vec(&evaluation.metrics).unwrap();
    [model, fitted.preprocessor.to_json().unwrap(), decision.to_json().unwrap(), metrics]
}

fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work)
}

#[test]
fn the_number_of_threads_changes_no_byte() {
    let rows = generated(300, 40, 900);
    for config in [config(&serde_json::json!({"preset": "classic"})), config(&().into())] {
        let one = on_threads(1, || artefacts(&rows, &config));
        assert_eq!(one, on_threads(4, || artefacts(&rows, &config)));
        assert_eq!(one, on_threads(4, || artefacts(&rows, &config)));
    }
}

#[test]
fn the_order_of_rows_in_the_files_changes_no_byte() {
    let rows = generated(200, 30, 600);
    let mut shuffled = rows.clone();
    let mut random = Random(3);
    random.shuffle(&mut shuffled.people);
    random.shuffle(&mut shuffled.jobs);
    random.shuffle(&mut shuffled.applications);
    for split in ["candidate", "stratified"] {
        let config = config(&serde_json::json!({"split": split}));
        assert_eq!(artefacts(&rows, &config), artefacts(&shuffled, &config));
    }
}

#[test]
fn protected_attributes_have_no_part_in_the_default_model() {
    let rows = generated(200, 30, 600);
    let mut permuted = rows.clone();
    for (attribute, seed) in [("sexo", 1), ("estado_civil", 2), ("pcd", 3)] {
        let mut values: Vec<_> = rows.people.iter().map(|p| p[attribute].clone()).collect();
        Random(seed).shuffle(&mut values);
        for (person, value) in permuted.people.iter_mut().zip(values) {
            person.insert(attribute.to_owned(), value);
        }
    }
    // The two that `features` derives for the audit: any values will do.
    let mut random = Random(4);
    for person in &mut permuted.people {
        person.insert("estado".to_owned(), Some(random.pick(&["Bahia", "Acre"]).to_owned()));
    }
    for application in &mut permuted.applications {
        let band = random.pick(&["<25", "35-44", "55+"]).to_owned();
        application.insert("faixa_etaria".to_owned(), Some(band));
    }
    let default = config(&().into());
    assert_eq!(artefacts(&rows, &default), artefacts(&permuted, &default));
    let classic = config(&serde_json::json!({"preset": "classic", "split": "candidate"}));
    assert_ne!(artefacts(&rows, &classic)[0], artefacts(&permuted, &classic)[0]);
}

#[test]
fn what_was_stored_predicts_the_same() {
    let rows = generated(200, 30, 600);
    let tables = tables(&rows);
    for relations in [true, false] {
        stored_predicts_the_same(&rows, &tables, relations);
    }
}

fn stored_predicts_the_same(rows: &Rows, tables: &Tables<bytes::Bytes>, relations: bool) {
    let config = config(&serde_json::json!({"relations": relations}));
    let dataset = Dataset::read(tables, &config.positive).unwrap();
    let fitted = fit::fit(tables, &dataset, &config, config.split, &Silent).unwrap();
    let decision = Decision::fit(&fitted, &dataset, &config).unwrap();
    let expected = decision.probabilities(&fitted).unwrap();
    let mut model = Vec::new();
    fitted.model.to_json(&mut model).unwrap();
    let preprocessor = fitted.preprocessor.to_json().unwrap();
    assert_eq!(Preprocessor::from_json(&preprocessor).unwrap(), fitted.preprocessor);

    let decision = decision.to_json().unwrap();
    let scorer = Scorer::from_json(&model, &preprocessor, &decision).unwrap();
    let history = History::of(&dataset);
    let at = |pair: (u32, u32)| (pair.0, pair.1, history.moment(&dataset, pair));
    let pairs: Vec<_> = fitted.test.applications.iter().map(|a| at((a.person, a.job))).collect();
    let scores = scorer
        .score(
            (tables.people.clone(), &dataset.people),
            (tables.jobs.clone(), &dataset.jobs),
            &pairs,
        )
        .unwrap();
    assert_eq!(scores, expected);

    // From the joined file too, whose rows stand in another order. It tells nothing of the past.
    if relations {
        return;
    }
    let joined = scorer.score_joined("candidates.parquet", tables.candidates.clone()).unwrap();
    for (application, score) in fitted.test.applications.iter().zip(expected) {
        let id = |keys: &[Box<str>], number: u32| Some(keys[number as usize].to_string());
        let (person, job) =
            (id(dataset.people.ids(), application.person), id(dataset.jobs.ids(), application.job));
        let row = rows.applications.iter();
        let row = row.clone().position(|r| r["codigo"] == person && r["codigo_vaga"] == job);
        assert!((joined[row.unwrap()] - score).abs() < 1e-6);
    }
}

#[test]
fn a_preprocessor_of_another_model_is_refused() {
    let of = |value: &serde_json::Value| {
        let [model, preprocessor, decision, _] =
            artefacts(&generated(200, 30, 600), &config(value));
        (model, preprocessor, decision)
    };
    let (model, _, decision) = of(&().into());
    let (_, preprocessor, _) = of(&serde_json::json!({"preset": "classic"}));
    let said = Scorer::from_json(&model, &preprocessor, &decision).unwrap_err().to_string();
    assert!(said.contains("columns"), "{said}");
}

#[test]
fn without_both_classes_there_is_nothing_to_learn() {
    let tables = tables(&generated(50, 10, 100));
    let config = config(&serde_json::json!({"positive": ["Recusado"]}));
    let dataset = Dataset::read(&tables, &config.positive).unwrap();
    let error = fit::fit(&tables, &dataset, &config, config.split, &Silent).err().unwrap();
    let error = stage::Error::from(error);
    assert_eq!(error.name, stage::ErrorName::NothingToLearn);
    assert!(error.message.contains("Recusado"), "{}", error.message);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn a_person_is_never_in_both_parts(people in 1_usize..60, jobs in 2_usize..20, share in 1_usize..9) {
        let rows = generated(people, jobs, (people * jobs).min(people * share));
        let rows = with_second_codes(rows, 3);
        let config = config(&serde_json::json!({"unresolved": {"drop_younger_than": 9}}));
        let dataset = Dataset::read(&tables(&rows), &config.positive).unwrap();
        let parts = split::Parts::split(&dataset, &config.split(Split::Candidate));
        let people = |rows: &[usize]| -> BTreeSet<u32> {
            rows.iter().map(|&row| dataset.rows[row].person_group).collect()
        };
        for (one, other) in [
            (&parts.train, &parts.test), (&parts.train, &parts.aside), (&parts.aside, &parts.test)
        ] {
            prop_assert!(people(one).is_disjoint(&people(other)));
        }
        let all = [&parts.train, &parts.aside, &parts.test, &parts.left_out].map(Vec::len);
        prop_assert_eq!(all.iter().sum::<usize>(), dataset.rows.len());
        for person in people(&parts.test) {
            prop_assert!(split::is_held_out(&dataset.people.ids()[person as usize]));
        }

        // No job is in both parts of the split by job, no day of the split by time.
        let parts = split::Parts::split(&dataset, &config.split(Split::Job));
        let jobs = |rows: &[usize]| -> BTreeSet<u32> {
            rows.iter().map(|&row| dataset.rows[row].job_group).collect()
        };
        prop_assert!(jobs(&parts.train).is_disjoint(&jobs(&parts.test)));
        let parts = split::Parts::split(&dataset, &config.split(Split::Temporal));
        let days = |rows: &[usize]| rows.iter().map(|&r| dataset.rows[r].day).collect::<Vec<_>>();
        let (train, test) = (days(&parts.train), days(&parts.test));
        prop_assert!(train.iter().max() < test.iter().min() || test.is_empty() || train.is_empty());

        let config = self::config(&serde_json::json!({"preset": "classic"}));
        let parts = split::Parts::split(&dataset, &config.split(Split::Stratified));
        for class in [false, true] {
            let of = |rows: &[usize]| rows.iter().filter(|&&r| dataset.rows[r].positive == class).count();
            let (train, test) = (of(&parts.train), of(&parts.test));
            prop_assert!((test as f64 - 0.2 * (train + test) as f64).abs() <= 0.5);
        }
    }
}
