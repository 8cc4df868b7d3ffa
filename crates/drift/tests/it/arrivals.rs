//! What has arrived, and what of it counts.

use bytes::Bytes;
use drift::report::{
    Arrivals, ColumnDrift, Part, Report, Severity, Subject, Uncounted, WindowName,
};
use serde_json::json;
use versioning::Artefact;

use crate::fixture::{Place, Random, Row, Rows, row};

/// 2024-12-31, in days since 1970-01-01.
const LAST: i32 = 20_088;

/// Four jobs a day and three applications to each, over two years; one in eight is a match.
fn years(change: impl Fn(i32, &mut Row, &mut Row, &mut Random)) -> Rows {
    let mut random = Random(7);
    let mut rows = Rows::default();
    for day in LAST - 729..=LAST {
        for _ in 0..4 {
            let number = rows.jobs.len();
            let (code, date) = (format!("{}", 1_000 + number), day.to_string());
            let kind = ["CLT Full", "PJ/Autônomo", "Cooperado"][random.below(3)];
            let mut job = row([
                ("codigo_vaga", Some(&code)),
                ("data_requicisao", Some(&date)),
                ("tipo_contratacao", Some(kind)),
            ]);
            for _ in 0..3 {
                let person = format!("{}", 50_000 + rows.people.len());
                rows.people.push(row([("codigo", Some(&person)), ("cidade", Some("Recife"))]));
                let status =
                    if random.below(8) == 0 { "Contratado pela Decision" } else { "Desistiu" };
                let mut application = row([
                    ("codigo", Some(&person)),
                    ("codigo_vaga", Some(&code)),
                    ("situacao_candidato", Some(status)),
                    ("data_candidatura", Some(&date)),
                ]);
                change(LAST - day, &mut job, &mut application, &mut random);
                rows.applications.push(application);
            }
            rows.jobs.push(job);
        }
    }
    rows
}

fn set(row: &mut Row, column: &str, value: &str) {
    row.insert(column.to_owned(), Some(value.to_owned()));
}

fn report(rows: &Rows) -> Report {
    let mut place = Place::new();
    place.features("2025-01-01", rows);
    place.report()
}

fn arrivals(report: &Report) -> &Arrivals {
    let Part::Present(arrivals) = &report.arrivals else { panic!("{:?}", report.arrivals) };
    arrivals
}

fn column<'a>(report: &'a Report, window: WindowName, table: &str, name: &str) -> &'a ColumnDrift {
    let window = arrivals(report).windows.iter().find(|w| w.name == window).unwrap();
    let table = window.tables.iter().find(|t| t.table == table).unwrap();
    table.columns.iter().find(|c| c.column == name).unwrap()
}

fn is_new(report: &Report, subject: &Subject) -> Option<Severity> {
    report.new.iter().find(|f| f.subject == *subject).map(|f| f.severity)
}

fn arrived(table: &str) -> Subject {
    let (table, column) = (table.to_owned(), "tipo_contratacao".to_owned());
    Subject::ArrivedColumn { table, column }
}

#[test]
fn a_steady_world_is_told_as_such() {
    let report = report(&years(|_, _, _, _| ()));
    assert_eq!(report.severity, Severity::None, "{:?}", report.new);
    let found = arrivals(&report);
    assert_eq!((found.as_of.as_str(), found.windows.len()), ("2024-12-31", 2));
    let candidates = &found.windows[0].tables[2];
    assert_eq!((candidates.rows, candidates.rows_before), (360, 365 * 12));
    let volumes = candidates.volumes.as_ref().unwrap();
    assert!((volumes.after - 84.0).abs() < 1e-9 && (volumes.before - 84.0).abs() < 1e-9);
    let rate = found.rate.as_ref().unwrap();
    assert_eq!((rate.from.as_str(), rate.to.as_str()), ("2024-07-01", "2024-09-30"));
    assert_eq!((found.cohorts.len(), found.cohorts[7].mature), (8, false));
}

/// The whole store hardly sees it: a month is a twenty-fourth of it.
#[test]
fn a_new_mix_of_contracts_among_what_arrives_is_an_alert() {
    let report = report(&years(|age, job, _, random| {
        if age < 30 && random.below(2) == 0 {
            set(job, "tipo_contratacao", "Cooperado");
        }
    }));
    for table in ["jobs", "candidates"] {
        assert_eq!(is_new(&report, &arrived(table)), Some(Severity::Alert), "{:?}", report.new);
        let month = column(&report, WindowName::Days30, table, "tipo_contratacao");
        let psi = month.measures.last().unwrap();
        assert!(psi.measure.value > 0.25 && psi.measure.critical.is_some(), "{psi:?}");
    }
    // The rows of a job are alike: 360 applications tell as much as their 120 jobs.
    let month = column(&report, WindowName::Days30, "candidates", "tipo_contratacao");
    assert_eq!((month.rows_after, month.measures[0].measure.after), (360, 120));
}

#[test]
fn a_stop_of_applications_is_told_though_the_last_one_is_the_newest() {
    let mut rows = years(|_, _, _, _| ());
    rows.applications
        .retain(|a| a["data_candidatura"].as_ref().unwrap() <= &(LAST - 31).to_string());
    let report = report(&rows);
    let about = Subject::ArrivedVolume("candidates".to_owned());
    assert_eq!(is_new(&report, &about), Some(Severity::Alert), "{:?}", report.new);
}

#[test]
fn a_share_of_matches_that_halves_is_an_alert_by_the_first_mature_quarter() {
    // From July on; the last day is 92 days after September's last.
    let halved = |age: i32, _: &mut Row, application: &mut Row, random: &mut Random| {
        if age < 184 && random.below(2) == 0 {
            set(application, "situacao_candidato", "Desistiu");
        }
    };
    let found = report(&years(halved));
    assert_eq!(is_new(&found, &Subject::ArrivedRate), Some(Severity::Alert), "{:?}", found.new);
    let rate = arrivals(&found).rate.as_ref().unwrap();
    assert!(rate.after < 0.6 * rate.before && rate.high < rate.before, "{rate:?}");
    // Two days before, the quarter was young: nothing was judged.
    let mut young = years(halved);
    let until = (LAST - 3).to_string();
    young.applications.retain(|a| a["data_candidatura"].as_ref().unwrap() <= &until);
    young.jobs.retain(|j| j["data_requicisao"].as_ref().unwrap() <= &until);
    assert_eq!(is_new(&report(&young), &Subject::ArrivedRate), None);
}

#[test]
fn what_the_live_version_does_not_have_is_compared_with_what_it_has() {
    let mut rows = years(|_, _, _, _| ());
    let mut place = Place::new();
    place.features("2024-12-31", &rows);
    for i in 0..60 {
        let (person, job, day) = (format!("9{i:04}"), format!("8{i:04}"), LAST.to_string());
        rows.people.push(row([("codigo", Some(&person)), ("cidade", None)]));
        rows.jobs.push(row([
            ("codigo_vaga", Some(&job)),
            ("data_requicisao", Some(&day)),
            ("tipo_contratacao", Some("Hunting")),
        ]));
        rows.applications.push(row([
            ("codigo", Some(&person)),
            ("codigo_vaga", Some(&job)),
            ("situacao_candidato", Some("Prospect")),
            ("data_candidatura", Some(&day)),
        ]));
    }
    place.features("2025-01-01", &rows);
    let report = place.report();
    let new = column(&report, WindowName::SinceLive, "jobs", "tipo_contratacao");
    assert_eq!((new.rows_after, new.severity), (60, Severity::Alert));
    let city = column(&report, WindowName::SinceLive, "people", "cidade");
    assert_eq!((city.missing_before, city.missing_after), (0.0, 1.0));
    assert_eq!(city.severity, Severity::Alert);
}

/// A match model that reads the columns.
fn model(place: &mut Place, columns: &[&str], date: &str) {
    let series = place.lake.series(Artefact::Features);
    let features = series.newest().unwrap().unwrap();
    let blocks: Vec<_> = columns
        .iter()
        .map(|c| json!({"kind": "one_hot", "column": c, "side": "jobs", "categories": [""]}))
        .collect();
    let stored = json!({"format": 2, "blocks": blocks, "relations": null});
    let files = [("preprocessor.json", Bytes::from(stored.to_string()))];
    place.commit(Artefact::Matching, date, &files, &[("features", &features)], json!({}));
}

#[test]
fn a_column_that_no_model_reads_is_shown_and_raises_nothing() {
    let moved = |share: usize| {
        years(move |_, job, _, random| {
            if random.below(100) < share {
                set(job, "prazo_contratacao", "Determinado");
            }
        })
    };
    for (reads, severity) in
        [("prazo_contratacao", Severity::Alert), ("titulo_vaga", Severity::None)]
    {
        let mut place = Place::new();
        place.features("2024-12-31", &moved(40));
        place.features("2025-01-01", &moved(20));
        model(&mut place, &[reads], "2025-01-01");
        let report = place.report();
        assert_eq!(report.severity, severity, "{reads}: {:?}", report.new);
        let columns = &report.comparisons[0].columns;
        let column = columns.iter().find(|c| c.column == "prazo_contratacao").unwrap();
        assert_eq!(column.severity, Severity::Alert);
        let unread = (reads == "titulo_vaga").then_some(Uncounted::Unread);
        assert_eq!(column.uncounted, unread);
    }
}

#[test]
fn values_of_a_field_that_hardly_any_row_has_raise_nothing() {
    // Filled in 1.6 % of the jobs, and with other values.
    let filled = |value: &'static str| {
        years(move |_, job, _, random| {
            if random.below(190) == 0 {
                set(job, "outros_idiomas_vaga", value);
            }
        })
    };
    let mut place = Place::new();
    place.features("2024-12-31", &filled("Alemão"));
    place.features("2025-01-01", &filled("Português Básico"));
    let report = place.report();
    assert_eq!(report.severity, Severity::None, "{:?}", report.new);
    let columns = &report.comparisons[0].columns;
    let column = columns.iter().find(|c| c.column == "outros_idiomas_vaga").unwrap();
    assert!(column.missing_after > 0.98 && column.missing_after < 0.99);
    assert_eq!(column.uncounted, Some(Uncounted::FewValues));
    assert_eq!(column.severity, Severity::Alert);
}

#[test]
fn the_calendar_is_no_drift() {
    let mut place = Place::new();
    let rows = years(|_, _, _, _| ());
    let mut half = rows.clone();
    half.applications
        .retain(|a| a["data_candidatura"].as_ref().unwrap() <= &(LAST - 500).to_string());
    half.jobs.retain(|j| j["data_requicisao"].as_ref().unwrap() <= &(LAST - 500).to_string());
    place.features("2024-01-01", &half);
    place.features("2025-01-01", &rows);
    let report = place.report();
    let columns = report.comparisons.iter().flat_map(|c| &c.columns);
    let dates: Vec<_> = columns.filter(|c| c.column.starts_with("data_")).collect();
    assert_eq!(dates.len(), 2);
    for date in dates {
        assert_eq!(date.severity, Severity::None, "{}", date.column);
        assert!(date.histogram.is_some());
    }
}
