//! Made reports: every kind of finding, of a size, and the days on which there is little to say.

#![allow(clippy::unwrap_used, reason = "a test may stop")]

#[path = "made/days.rs"]
mod days;
pub(crate) use days::{empty, equal, first, hostile, named, quiet};

use reports::{Lang, report::*};

/// The page of a report.
pub(crate) fn page(report: &Report, lang: Lang) -> String {
    reports::drift::page(report, lang)
}

/// Numbers that look drawn, the same on every day.
struct Draw(u64);

impl Draw {
    fn next(&mut self) -> f64 {
        self.0 =
            self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

fn version(number: u64, date: &str) -> VersionFacts {
    VersionFacts {
        version: format!("v{number}"),
        logical_date: date.to_owned(),
        people: 42_100 + 40 * number,
        jobs: 13_900 + 15 * number,
        applications: 53_100 + 55 * number,
        first_application: Some("2018-05-02".to_owned()),
        last_application: Some(date.to_owned()),
    }
}

fn measure(name: MeasureName, value: f64, watch: f64, severity: Severity) -> Measure {
    let psi = name == MeasureName::Psi;
    Measure {
        name,
        value,
        watch,
        alert: watch * 2.5,
        p: (!psi).then_some(value * value / 900.0),
        p_adjusted: (!psi).then_some(if severity == Severity::None { 0.41 } else { 1.3e-7 }),
        critical: psi.then_some(0.0123),
        before: 53_705,
        after: 53_760,
        severity,
    }
}

fn of(aspect: Aspect, measure: Measure) -> ColumnMeasure {
    ColumnMeasure { aspect, measure }
}

const TERMS: [&str; 16] = [
    "langchain",
    "lakehouse",
    "mlops",
    "genai",
    "kubernetes",
    "python",
    "finops",
    "vectordb",
    "java",
    "cobol",
    "sap",
    "delphi",
    "suporte",
    "abap",
    "presencial",
    "oracle",
];

const CATEGORIES: [(&str, &[&str]); 6] = [
    (
        "area_atuacao",
        &[
            "TI - Desenvolvimento/Programação",
            "TI - Dados e BI",
            "TI - Projetos",
            "TI - Infraestrutura",
            "Administrativa",
            "Recursos Humanos",
            "Financeira/Controladoria",
        ],
    ),
    ("nivel_profissional_vaga", &["Sênior", "Pleno", "Júnior", "Especialista", "Analista"]),
    ("ingles", &["Avançado", "Intermediário", "Básico", "Nenhum", "Fluente"]),
    (
        "situacao_candidato",
        &[
            "Prospect",
            "Encaminhado ao Requisitante",
            "Contratado pela Decision",
            "Inscrito",
            "Não Aprovado pelo Cliente",
        ],
    ),
    ("estado_vaga", &["São Paulo", "Rio de Janeiro", "Minas Gerais", "Paraná"]),
    ("tipo_contratacao", &["CLT Full", "PJ/Autônomo", "CLT Full, PJ/Autônomo", "Hunting"]),
];

const TEXTS: [&str; 5] = [
    "cv_candidato",
    "titulo_vaga",
    "principais_atividades",
    "competencia_tecnicas_e_comportamentais",
    "conhecimentos_tecnicos",
];

fn quantiles(scale: f64) -> Quantiles {
    Quantiles {
        min: 0.0,
        p10: 0.3 * scale,
        p25: 0.55 * scale,
        p50: scale,
        p75: 1.6 * scale,
        p90: 2.7 * scale,
        max: 9.3 * scale,
    }
}

fn histogram(draw: &mut Draw, first: f64, last: f64, bins: usize, shift: f64) -> Histogram {
    let side = |draw: &mut Draw, middle: f64| {
        let weight = |i: usize, noise: f64| {
            let x = (i as f64 + 0.5) / bins as f64;
            (-(x - middle).powi(2) * 18.0).exp() * (0.85 + 0.3 * noise)
        };
        let weights: Vec<f64> = (0..bins).map(|i| weight(i, draw.next())).collect();
        let all: f64 = weights.iter().sum();
        weights.iter().map(|w| w / all).collect::<Vec<f64>>()
    };
    Histogram {
        edges: (0..=bins).map(|i| first + (last - first) * i as f64 / bins as f64).collect(),
        before: side(draw, 0.4),
        after: side(draw, 0.4 + shift),
    }
}

fn column(table: &str, name: &str, kind: ColumnKind, severity: Severity) -> ColumnDrift {
    ColumnDrift {
        table: table.to_owned(),
        column: name.to_owned(),
        kind,
        severity,
        uncounted: None,
        rows_before: 53_705,
        rows_after: 53_760,
        missing_before: 0.8312,
        missing_after: 0.8127,
        distinct_before: None,
        distinct_after: None,
        measures: vec![of(
            Aspect::Missing,
            measure(MeasureName::ShareDifference, 0.0185, 0.02, Severity::None),
        )],
        categories: vec![],
        appeared: vec![],
        vanished: vec![],
        histogram: None,
        quantiles_before: None,
        quantiles_after: None,
        languages: vec![],
        terms: vec![],
    }
}

fn category(draw: &mut Draw, i: usize, strength: f64) -> ColumnDrift {
    let (name, values) = CATEGORIES[i];
    let severity = [Severity::Alert, Severity::Watch, Severity::None][i.min(2)];
    let severity = if strength > 0.0 { severity } else { Severity::None };
    let mut out = column("candidates", name, ColumnKind::Category, severity);
    let v = strength * [0.31, 0.12, 0.02][i.min(2)];
    out.measures.push(of(Aspect::Values, measure(MeasureName::CramersV, v, 0.1, severity)));
    out.measures.push(of(
        Aspect::Values,
        measure(MeasureName::Psi, v * 0.9 + 0.003 * draw.next(), 0.1, severity),
    ));
    let before: Vec<f64> = values.iter().map(|_| 0.1 + draw.next()).collect();
    let after: Vec<f64> = before
        .iter()
        .enumerate()
        .map(|(j, b)| b * if j == 1 { 1.0 + 2.0 * v } else { 1.0 })
        .collect();
    let (all_before, all_after): (f64, f64) = (before.iter().sum(), after.iter().sum());
    for (j, value) in values.iter().enumerate() {
        let (share_before, share_after) = (before[j] / all_before, after[j] / all_after);
        out.categories.push(CategoryShift {
            value: Some((*value).to_owned()),
            before: (share_before * 9_000.0) as u64,
            after: (share_after * 9_200.0) as u64,
            share_before,
            share_after,
        });
    }
    out.categories.push(CategoryShift {
        value: None,
        before: 12,
        after: 14,
        share_before: 0.001,
        share_after: 0.001,
    });
    out.distinct_before = Some(values.len() as u64);
    out.distinct_after = Some(values.len() as u64 + 1);
    if i == 0 {
        out.appeared = vec![
            CategoryCount { value: "TI - Ciência de Dados".to_owned(), rows: 1_412 },
            CategoryCount { value: "TI - Nuvem".to_owned(), rows: 388 },
        ];
        out.vanished = vec![CategoryCount { value: "Telecomunicações".to_owned(), rows: 17 }];
    }
    out
}

fn text(draw: &mut Draw, i: usize, strength: f64) -> ColumnDrift {
    let severity = if i == 0 && strength > 0.0 { Severity::Alert } else { Severity::None };
    let table = if i == 0 || i == 4 { "people" } else { "jobs" };
    let mut out = column(table, TEXTS[i], ColumnKind::Text, severity);
    let size = strength * if i == 0 { 0.18 } else { 0.01 };
    for (aspect, name, value) in [
        (Aspect::Terms, MeasureName::JensenShannon, size),
        (Aspect::Length, MeasureName::Ks, size / 3.0 + 0.004),
        (Aspect::Languages, MeasureName::CramersV, size / 2.0),
        (Aspect::Length, MeasureName::Psi, size / 4.0 + 0.002 * draw.next()),
    ] {
        let graver = if aspect == Aspect::Terms { severity } else { Severity::None };
        out.measures.push(of(aspect, measure(name, value, 0.05, graver)));
    }
    out.quantiles_before = Some(quantiles(3_120.0));
    out.quantiles_after = Some(quantiles(3_390.0));
    out.histogram = Some(histogram(draw, 0.0, 29_800.0, 30, size));
    let english = 0.08 + 0.02 * draw.next();
    for (language, before, after) in [
        ("pt", 0.87 - english, 0.87 - english - size),
        ("en", english, english + size),
        ("es", 0.03, 0.03),
        ("other", 0.1, 0.1),
    ] {
        out.languages.push(LanguageShift {
            language: language.to_owned(),
            before,
            after,
            change: after - before,
        });
    }
    for (j, term) in TERMS.iter().enumerate() {
        let change = strength * (0.16 - 0.02 * j as f64);
        let before = if j < 4 { 0.0 } else { 0.2 };
        let after = f64::max(before + change, 0.0);
        out.terms.push(TermShift {
            term: (*term).to_owned(),
            before,
            after,
            change: after - before,
        });
    }
    out
}

fn numbers(draw: &mut Draw, strength: f64) -> Vec<ColumnDrift> {
    let mut pay = column("people", "remuneracao", ColumnKind::Number, Severity::None);
    pay.measures.push(of(Aspect::Values, measure(MeasureName::Ks, 0.011, 0.05, Severity::None)));
    pay.measures
        .push(of(Aspect::Values, measure(MeasureName::Wasserstein, 0.02, 0.1, Severity::None)));
    pay.measures.push(of(Aspect::Values, measure(MeasureName::Psi, 0.004, 0.1, Severity::None)));
    pay.quantiles_before = Some(quantiles(6_500.0));
    pay.quantiles_after = Some(quantiles(6_540.0));
    pay.histogram = Some(histogram(draw, 0.0, 60_450.0, 20, 0.01));
    let mut day = column("candidates", "data_candidatura", ColumnKind::Date, Severity::None);
    let days = |last: f64| Quantiles {
        min: 17_653.0,
        p10: 18_000.0,
        p25: 18_500.0,
        p50: 19_000.0 + last,
        p75: 19_900.0,
        p90: 20_400.0,
        max: 20_750.0 + last,
    };
    day.quantiles_before = Some(days(0.0));
    day.quantiles_after = Some(days(21.0));
    day.histogram = Some(histogram(draw, 17_653.0, 20_781.0, 24, 0.08 * strength));
    vec![pay, day]
}

fn classic(draw: &mut Draw, terms: usize, strength: f64) -> Classic {
    let mut rows = Vec::new();
    for i in 0..terms {
        let term = TERMS.get(i).map_or_else(|| format!("termo{i}"), |t| (*t).to_owned());
        let falls = (8..16).contains(&i) || (i >= 16 && i % 2 == 0);
        let size = strength * 0.012 / (1.0 + i as f64 / 3.0);
        let mean_before = 0.002 + 0.02 * draw.next();
        let difference = if falls { -size.min(mean_before) } else { size };
        rows.push(ClassicTerm {
            term,
            distance: 0.11 / (1.0 + i as f64 / 8.0),
            p: if i < 40 { 1e-9 * i as f64 } else { draw.next() },
            psi: 0.04 / (1.0 + i as f64),
            mean_before,
            mean_after: mean_before + difference,
            difference,
        });
    }
    Classic {
        is_drift: true,
        threshold: 0.05 / terms.max(1) as f64,
        is_drift_fdr: true,
        threshold_fdr: 0.0021,
        drifted_terms: 40.min(terms as u64),
        global_psi: 0.0021,
        rows_before: 53_705,
        rows_after: 53_760,
        terms: rows,
        withheld: 3,
    }
}

fn comparison(term: Term, terms: usize, strength: f64) -> Comparison {
    let mut draw = Draw(if term == Term::Live { 7 } else { 11 });
    let mut columns: Vec<ColumnDrift> = (0..6).map(|i| category(&mut draw, i, strength)).collect();
    columns.extend((0..5).map(|i| text(&mut draw, i, strength)));
    columns.extend(numbers(&mut draw, strength));
    let worst = columns.iter().map(|c| c.severity).max().unwrap();
    let rate = measure(MeasureName::ShareDifference, 0.0031, 0.01, Severity::None);
    let separable = measure(MeasureName::Separability, 0.62 * strength, 0.1, worst);
    let rows = measure(MeasureName::RelativeChange, 0.0124, 0.2, Severity::None);
    let finding = |subject, measure: &Measure| Finding {
        severity: measure.severity,
        term: Some(term),
        window: None,
        aspect: matches!(subject, Subject::Column { .. }).then_some(Aspect::Values),
        subject,
        measure: Some(measure.clone()),
        known: None,
    };
    let place = |c: &ColumnDrift| (c.table.clone(), c.column.clone());
    let (area, cv) = (place(&columns[0]), place(&columns[6]));
    let mut reasons = vec![
        finding(
            Subject::Words { terms: TERMS[..6].iter().map(|t| (*t).to_owned()).collect() },
            &separable,
        ),
        finding(Subject::Column { table: cv.0, column: cv.1 }, &columns[6].measures[1].measure),
        finding(Subject::Column { table: area.0, column: area.1 }, &columns[0].measures[1].measure),
    ];
    reasons[1].aspect = Some(Aspect::Terms);
    let volume = |name: &str, before, after, measure| Volume {
        name: name.to_owned(),
        before,
        after,
        measure,
    };
    Comparison {
        term,
        also: if term == Term::Live { vec![] } else { vec![Term::Year] },
        baseline: if term == Term::Live {
            version(11, "2026-11-23")
        } else {
            version(1, "2026-10-25")
        },
        equal: false,
        severity: worst,
        tests: 61,
        reasons,
        schema: vec![],
        volumes: vec![
            volume("applications", Some(53_705), Some(53_760), Some(rows.clone())),
            volume("people", Some(42_540), Some(42_580), Some(rows.clone())),
            volume("jobs", Some(14_065), Some(14_080), Some(rows)),
            volume("orphans_job", Some(2_150), Some(2_162), None),
            volume("rejected_records_applicants", None, Some(3), None),
        ],
        columns,
        label_rate: Some(RateDrift { before: 0.0549, after: 0.058, measure: rate }),
        classifier: Part::Present(Classifier {
            auc: 0.5 + 0.31 * strength,
            auc_low: 0.49 + 0.31 * strength,
            auc_high: 0.51 + 0.31 * strength,
            rows_before: 4_000,
            rows_after: 4_000,
            measure: separable,
            terms: TERMS
                .iter()
                .enumerate()
                .map(|(i, term)| ClassifierTerm {
                    term: (*term).to_owned(),
                    weight: 3.1 - 0.2 * i as f64,
                    before: if i < 4 { 0.0 } else { 0.11 + 0.01 * i as f64 },
                    after: 0.12 + 0.07 * strength - 0.004 * i as f64,
                })
                .collect(),
        }),
        embeddings: vec![EmbeddingDrift {
            side: "people".to_owned(),
            encoder: "multilingual-e5-small".to_owned(),
            auc: 0.53,
            measure: measure(MeasureName::Separability, 0.06, 0.1, Severity::None),
        }],
        embeddings_absent: None,
        classic: Part::Present(classic(&mut draw, terms, strength)),
    }
}

fn profile() -> Vec<ColumnProfile> {
    let mut draw = Draw(3);
    let blank = |table: &str, name: &str, kind| ColumnProfile {
        table: table.to_owned(),
        column: name.to_owned(),
        kind,
        rows: 53_760,
        missing: 0.8127,
        distinct: None,
        top: vec![],
        quantiles: None,
        days: None,
        languages: vec![],
    };
    let mut out = Vec::new();
    for (name, values) in CATEGORIES {
        let mut column = blank("candidates", name, ColumnKind::Category);
        column.distinct = Some(values.len() as u64);
        column.top = values
            .iter()
            .enumerate()
            .map(|(i, v)| CategoryCount {
                value: (*v).to_owned(),
                rows: (6_000.0 * draw.next()) as u64 / (i as u64 + 1) + 20,
            })
            .collect();
        out.push(column);
    }
    for name in TEXTS {
        let mut column = blank("people", name, ColumnKind::Text);
        column.quantiles = Some(quantiles(3_390.0));
        for (language, share) in [("pt", 0.78), ("en", 0.09), ("es", 0.03), ("other", 0.1)] {
            column.languages.push(LanguageShare { language: language.to_owned(), share });
        }
        out.push(column);
    }
    let mut pay = blank("people", "remuneracao", ColumnKind::Number);
    pay.quantiles = Some(quantiles(6_540.0));
    out.push(pay);
    let mut day = blank("candidates", "data_candidatura", ColumnKind::Date);
    day.days = Some(("2018-05-02".to_owned(), "2026-11-24".to_owned()));
    out.push(day);
    out
}

fn history(count: usize, last: Severity) -> Vec<PastVerdict> {
    (0..count)
        .map(|i| PastVerdict {
            logical_date: format!("2026-{}-{:02}", if i < 6 { 10 } else { 11 }, (i + 25) % 30 + 1),
            features: format!("v{}", i + 1),
            severity: match i {
                _ if i + 1 == count => last,
                4 | 5 | 17 => Severity::Watch,
                18 => Severity::Alert,
                _ => Severity::None,
            },
        })
        .collect()
}

/// What was reported before and goes on.
fn known() -> Vec<Finding> {
    let of = |subject, term, window, aspect, name, value| Finding {
        severity: Severity::Watch,
        term,
        window,
        subject,
        aspect,
        measure: Some(measure(name, value, 0.1, Severity::Watch)),
        known: Some(EarlierFinding { since: "2026-11-02".to_owned(), severity: Severity::Watch }),
    };
    let column = |table: &str, column: &str| Subject::ArrivedColumn {
        table: table.to_owned(),
        column: column.to_owned(),
    };
    vec![
        of(
            column("jobs", "tipo_contratacao"),
            None,
            Some(WindowName::Days90),
            Some(Aspect::Values),
            MeasureName::Psi,
            0.19,
        ),
        of(
            Subject::ArrivedVolume("candidates".to_owned()),
            None,
            Some(WindowName::Days30),
            None,
            MeasureName::RelativeChange,
            0.31,
        ),
        of(Subject::ArrivedRate, None, None, None, MeasureName::RelativeChange, 0.2),
        of(Subject::Calibration, None, None, None, MeasureName::RelativeChange, 0.2),
        of(
            Subject::Volume("orphans_job".to_owned()),
            Some(Term::Quarter),
            None,
            None,
            MeasureName::ShareDifference,
            0.03,
        ),
    ]
}

fn arrivals() -> Arrivals {
    let mut draw = Draw(17);
    let table = |draw: &mut Draw, table: &str, rows: u64, days: Option<u32>| {
        let mut kind = category(draw, 5, 1.0);
        kind.severity = Severity::Alert;
        kind.table = table.to_owned();
        kind.measures[2] =
            of(Aspect::Values, measure(MeasureName::Psi, 0.41, 0.1, Severity::Alert));
        let mut unread = category(draw, 1, 1.0);
        unread.table = table.to_owned();
        unread.uncounted = Some(Uncounted::Unread);
        let after = rows as f64 / 6.0;
        TableArrivals {
            table: table.to_owned(),
            rows,
            rows_before: rows * 9,
            volumes: days.map(|_| Volumes {
                before: after * 1.4,
                usual_low: after * 0.9,
                usual_high: after * 1.9,
                after,
                measure: measure(MeasureName::RelativeChange, 0.29, 0.25, Severity::Watch),
            }),
            columns: if table == "people" { vec![text(draw, 0, 1.0)] } else { vec![kind, unread] },
        }
    };
    let windows = [
        (WindowName::Days30, Some(30), 700),
        (WindowName::Days90, Some(90), 2_100),
        (WindowName::SinceLive, None, 55),
    ];
    let windows = windows.into_iter().map(|(name, days, rows)| Window {
        name,
        days,
        tables: vec![
            table(&mut draw, "people", rows / 2, days),
            table(&mut draw, "jobs", rows / 7 + 31, days),
            table(&mut draw, "candidates", rows, days),
        ],
    });
    Arrivals {
        as_of: "2026-11-24".to_owned(),
        tests: 412,
        windows: windows.collect(),
        cohorts: (0..8)
            .map(|i| Cohort {
                from: format!("202{}-{:02}-01", 5 + i / 4, 1 + i % 4 * 3),
                to: format!("202{}-{:02}-30", 5 + i / 4, 3 + i % 4 * 3),
                applications: 3_000 + 100 * i,
                positives: 200 - 10 * i,
                rate: Some((200.0 - 10.0 * i as f64) / 3_000.0),
                low: Some(0.03),
                high: Some(0.07),
                mature: i < 6,
            })
            .collect(),
        rate: Some(CohortRate {
            from: "2026-04-01".to_owned(),
            to: "2026-06-30".to_owned(),
            rows_before: 12_400,
            rows_after: 3_500,
            before: 0.0601,
            after: 0.0428,
            low: 0.036,
            high: 0.051,
            measure: measure(MeasureName::RelativeChange, 0.288, 0.1, Severity::Alert),
        }),
    }
}

/// A day of drift, with so many terms in each of two comparisons.
pub(crate) fn report(terms: usize) -> Report {
    let comparisons =
        vec![comparison(Term::Live, terms, 1.0), comparison(Term::Quarter, terms, 1.4)];
    let mut draw = Draw(5);
    Report {
        format: FORMAT,
        current: version(12, "2026-11-24"),
        severity: Severity::Alert,
        new: comparisons[0].reasons.clone(),
        known: known(),
        columns_read: Some(vec!["area_atuacao".to_owned(), "cv_candidato".to_owned()]),
        arrivals: Part::Present(arrivals()),
        profile: profile(),
        comparisons,
        unreadable: Vec::new(),
        live_scores: Part::Present(LiveScores {
            model: "v9".to_owned(),
            trained_on: "v8".to_owned(),
            calibration: Some(Calibration {
                from: "2026-04-01".to_owned(),
                to: "2026-06-30".to_owned(),
                rows: 1_204,
                expected: 0.0521,
                observed: 0.0349,
                low: 0.0241,
                high: 0.0502,
                measure: measure(MeasureName::RelativeChange, 0.33, 0.1, Severity::Alert),
            }),
            rows_before: 10_712,
            rows_after: 10_760,
            mean_before: 0.0561,
            mean_after: 0.0643,
            measures: vec![
                measure(MeasureName::Ks, 0.048, 0.05, Severity::None),
                measure(MeasureName::Psi, 0.011, 0.1, Severity::None),
            ],
            histogram: histogram(&mut draw, 0.0, 1.0, 10, 0.05),
        }),
        history: history(30, Severity::Alert),
        settings: Settings { level: 0.05, max_features: 1_000, min_support: 5 },
    }
}
