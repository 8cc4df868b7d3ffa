//! Good data keep every expectation; each way of going wrong breaks its own.

use std::collections::BTreeMap;

use crate::{
    Contract, Dates, Expectation, Identity, JobContent, Observed, ObservedColumn, ObservedOutcome,
    ObservedTable, Pair, Share, Statuses, examine,
};

/// The expectations that are not kept.
fn breaches(day: &Observed, live: Option<&Observed>) -> Vec<Expectation> {
    let all = examine(&Contract::default(), day, live).into_iter();
    all.filter(|expectation| !expectation.passed).collect()
}

/// Days of three years, each with so many rows.
fn daily(until: i32, n: u64) -> BTreeMap<i32, u64> {
    (until - 1000..=until).map(|day| (day, n)).collect()
}

fn column(rows: u64) -> ObservedColumn {
    ObservedColumn { rows, filled: rows, present: rows, ..ObservedColumn::default() }
}

const END: i32 = 20_000;

/// A whole day: 2,000 people, 3,003 applications, one in ten a hire.
fn whole(end: i32) -> Observed {
    let table = |rows: u64, names: &[&str]| ObservedTable {
        records: rows,
        repeated: 0,
        columns: names.iter().map(|name| ((*name).to_owned(), column(rows))).collect(),
    };
    let tables = [
        ("applicants", table(2000, &["cv_pt"])),
        (
            "vagas",
            table(
                1001,
                &[
                    "informacoes_basicas.titulo_vaga",
                    "informacoes_basicas.data_requicisao",
                    "perfil_vaga.principais_atividades",
                ],
            ),
        ),
        (
            "prospects",
            table(3003, &["situacao_candidado", "data_candidatura", "ultima_atualizacao"]),
        ),
    ];
    let identity = |id: u64| Identity {
        fields: [Some(id), Some(id + 1), Some(id + 2), None],
        has_cv: true,
        since: i32::try_from(id % 1000).ok().map(|age| end - age),
    };
    let pair = |i: u64| {
        let outcome = match i % 10 {
            0 => ObservedOutcome::Positive,
            1..5 => ObservedOutcome::Negative,
            _ => ObservedOutcome::Open,
        };
        Pair { date: i32::try_from(i / 3).ok().map(|age| end - age), outcome }
    };
    Observed {
        logical_date: end + 1,
        content: end.to_string(),
        people: 2000,
        jobs: 1001,
        applications: 3003,
        applications_read: 3100,
        orphans_of_jobs: 97,
        positives: 301,
        open_jobs: 90,
        left_out_by_age: 150,
        future_dates: [("jobs.data_requicisao".to_owned(), Share { part: 1, whole: 1001 })].into(),
        tables: tables.map(|(name, table)| (name.to_owned(), table)).into(),
        statuses: Statuses { filled: 3003, ..Statuses::default() },
        dates: Dates {
            jobs: daily(end, 1),
            applications: daily(end, 3),
            updates: daily(end, 1),
            people: daily(end, 2),
        },
        identities: (0..2000).map(|id| (id, identity(id))).collect(),
        job_contents: (0..1001)
            .map(|id| (id, JobContent { fields: [("titulo_vaga".to_owned(), id)].into() }))
            .collect(),
        pairs: (0..3003).map(|i| (i, pair(i))).collect(),
        ..Observed::default()
    }
}

/// What breaks when a whole day is changed so, on a first day and beside the live data.
fn broken(change: impl FnOnce(&mut Observed)) -> (Vec<String>, Vec<String>) {
    let live = whole(END);
    let mut now = whole(END);
    now.content = "another".to_owned();
    change(&mut now);
    let names = |live: Option<&Observed>| {
        breaches(&now, live).into_iter().map(|breach| breach.name).collect()
    };
    (names(None), names(Some(&live)))
}

fn first(change: impl FnOnce(&mut Observed)) -> Vec<String> {
    broken(change).0
}

fn later(change: impl FnOnce(&mut Observed)) -> Vec<String> {
    broken(change).1
}

fn column_of<'a>(observed: &'a mut Observed, table: &str, name: &str) -> &'a mut ObservedColumn {
    observed.tables.get_mut(table).unwrap().columns.entry(name.to_owned()).or_default()
}

#[test]
fn whole_data_keep_every_expectation_and_growth_is_none_of_them() {
    assert_eq!(broken(|_| ()), (vec![], vec![]));
    let mut grown = whole(END);
    grown.content = "another".to_owned();
    grown.people *= 2;
    grown.left_out_by_age *= 2;
    assert_eq!(breaches(&grown, Some(&whole(END))), []);
    let names: Vec<_> =
        examine(&Contract::default(), &whole(END), None).into_iter().map(|e| e.name).collect();
    let mut once = names.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), names.len(), "{names:?}");
}

#[test]
fn a_first_day_is_refused_by_what_is_wrong_with_it() {
    for (name, found) in [
        ("volume-of-people", first(|o| o.people = 3)),
        ("orphans-of-jobs", first(|o| o.orphans_of_jobs = 500)),
        ("orphans-of-people", first(|o| o.orphans_of_people = 1500)),
        ("both-classes", first(|o| o.positives = 0)),
        ("both-classes", first(|o| o.positives = o.applications)),
        ("open-jobs", first(|o| o.open_jobs = 0)),
        ("left-out-by-age", first(|o| o.left_out_by_age = o.applications)),
        (
            "key-of-ultima-atualizacao",
            first(|o| {
                column_of(o, "prospects", "ultima_atualizacao").present = 0;
            }),
        ),
        ("unknown-statuses", first(|o| o.statuses.unknown = 70)),
        ("missing-statuses", first(|o| o.statuses.filled = 2000)),
        ("people-with-cv", first(|o| column_of(o, "applicants", "cv_pt").filled = 900)),
        (
            "jobs-with-text",
            first(|o| {
                column_of(o, "vagas", "perfil_vaga.principais_atividades").filled = 100;
            }),
        ),
        (
            "encoding-of-vagas",
            first(|o| {
                let column = column_of(o, "vagas", "informacoes_basicas.titulo_vaga");
                (column.non_ascii, column.mojibake) = (100, 30);
            }),
        ),
        ("duplicate-applications", first(|o| o.duplicates = 900)),
        ("repeated-vagas", first(|o| o.tables.get_mut("vagas").unwrap().repeated = 100)),
        (
            "future-data-requicisao",
            first(|o| {
                o.future_dates.get_mut("jobs.data_requicisao").unwrap().part = 60;
            }),
        ),
        ("arrivals", first(|o| drop(o.dates.applications.split_off(&(END - 27))))),
    ] {
        assert_eq!(found, [name]);
    }
}

#[test]
fn a_breach_says_how_much_against_which_bound_and_what_it_may_mean() {
    let mut day = whole(END);
    let dates = column_of(&mut day, "prospects", "data_candidatura");
    (dates.filled, dates.unreadable) = (1000, 2003);
    dates.form = Some("99/99/9999 (month first)".to_owned());
    let cv = column_of(&mut day, "applicants", "cv_pt");
    (cv.present, cv.filled) = (0, 0);
    cv.renamed = Some("curriculo_pt".to_owned());
    let breaches = breaches(&day, None);
    let said = |name: &str| {
        let breach = breaches.iter().find(|breach| breach.name == name).unwrap();
        let column = breach.column.as_deref().unwrap();
        [&breach.table, column, &breach.expected, &breach.found, &breach.hint].join("|")
    };
    assert_eq!(
        said("readable-data-candidatura"),
        "prospects|data_candidatura|at least 98 % of the dates as dd-mm-yyyy or yyyy-mm-dd|unreadable \
         66.7 % (2003 of 3003), mostly of the form 99/99/9999 (month first)|export the dates in one \
         of the forms that are read"
    );
    assert_eq!(
        said("key-of-cv-pt"),
        "applicants|cv_pt|the key in some record|no record has it, but nearly all records have \
         `curriculo_pt`: did you mean that|without it no CV is read"
    );
}

#[test]
fn a_breach_of_a_share_has_a_size() {
    let day = |orphans_of_jobs| Observed { orphans_of_jobs, ..whole(END) };
    let size = |orphans| breaches(&day(orphans), None)[0].size.unwrap();
    assert!((0.15..0.25).contains(&size(600)));
    assert!(size(601) > size(600));
}

#[test]
fn a_later_day_is_refused_by_what_it_lost_or_changed() {
    let hire = |pair: &&mut Pair| pair.outcome == ObservedOutcome::Positive;
    for (name, found) in [
        ("fall-of-people", later(|o| o.people = 1900)),
        (
            "emptied-prospects",
            later(|o| {
                column_of(o, "prospects", "ultima_atualizacao").filled = 100;
            }),
        ),
        (
            "same-people",
            later(|o| {
                o.identities
                    .values_mut()
                    .step_by(10)
                    .for_each(|p| p.fields = [Some(7), Some(8), Some(9), None]);
            }),
        ),
        (
            "same-jobs",
            later(|o| {
                o.job_contents
                    .values_mut()
                    .step_by(5)
                    .for_each(|j| j.fields.extend([("titulo_vaga".to_owned(), 1)]));
            }),
        ),
        (
            "reverted-outcomes",
            later(|o| {
                let decided =
                    o.pairs.values_mut().filter(|p| p.outcome == ObservedOutcome::Negative);
                decided.step_by(10).for_each(|p| p.outcome = ObservedOutcome::Open);
            }),
        ),
        (
            "rewritten-history",
            later(|o| {
                o.pairs
                    .values_mut()
                    .filter(hire)
                    .step_by(5)
                    .for_each(|p| p.outcome = ObservedOutcome::Negative);
            }),
        ),
        (
            "redated-applications",
            later(|o| {
                o.pairs.values_mut().step_by(50).for_each(|p| p.date = p.date.map(|d| d - 365));
            }),
        ),
        ("recent-applications", later(|o| o.pairs.retain(|i, _| *i >= 60))),
        ("new-status", later(|o| o.statuses.texts.extend([(1, 5)]))),
        (
            "new-people-with-cv",
            later(|o| {
                o.identities
                    .values_mut()
                    .filter(|p| p.since > Some(END - 14))
                    .for_each(|p| p.has_cv = false);
            }),
        ),
        ("one-cv-for-all", later(|o| column_of(o, "applicants", "cv_pt").commonest = Some(2000))),
        ("open-jobs-beside-live", later(|o| o.open_jobs = 1)),
        ("left-out-beside-live", later(|o| o.left_out_by_age = 1)),
        ("age", later(|o| o.logical_date = END + 60)),
    ] {
        assert_eq!(found, [name]);
    }
}

#[test]
fn an_old_export_is_told_on_a_first_day_and_with_the_same_data_later() {
    let mut old = whole(END);
    old.logical_date = END + 300;
    assert_eq!(breaches(&old, None), []);
    let told =
        examine(&Contract::default(), &old, None).into_iter().find(|e| e.name == "age").unwrap();
    assert!(
        told.found.contains("300 days") && told.found.contains("run with `--date`"),
        "{told:?}"
    );
    assert_eq!(breaches(&old, Some(&whole(END))), []);
}

#[test]
fn corrections_and_a_status_that_was_there_before_are_no_breach() {
    assert_eq!(
        broken(|o| o.identities.values_mut().for_each(|p| p.fields[0] = Some(7))).1,
        Vec::<String>::new()
    );
    let mut live = whole(END);
    live.statuses.texts.insert(1, 40);
    let mut now = whole(END);
    now.statuses.texts.insert(1, 60);
    assert_eq!(breaches(&now, Some(&live)), []);
}

#[test]
fn hires_that_stop_are_seen_when_they_should_have_come() {
    let recent = |pair: &&mut Pair| pair.date > Some(END - 125);
    let found = first(|o| {
        // Ten applications a day, so that some ninety hires are usual.
        let more = o.pairs.clone();
        for i in 1..4 {
            o.pairs.extend(more.iter().map(|(id, pair)| (id + i * 10_000, *pair)));
        }
        o.pairs.values_mut().filter(recent).for_each(|p| p.outcome = ObservedOutcome::Open);
    });
    assert_eq!(found, ["recent-hires"]);
}

#[test]
fn the_contract_is_read_with_defaults_and_without_unknown_bounds() {
    let contract: Contract = serde_json::from_str(r#"{"max_orphans": 0.3}"#).unwrap();
    assert_eq!(contract, Contract { max_orphans: 0.3, ..Contract::default() });
    assert!(serde_json::from_str::<Contract>(r#"{"max_orphan": 0.3}"#).is_err());
    assert!(contract.shares().iter().all(|(_, share)| (0.0..=1.0).contains(share)));
}
