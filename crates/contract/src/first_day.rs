//! What any export keeps, whatever came before it.

use crate::{
    Contract, Expectation, Observed, ObservedColumn, chance,
    expectation::{part, percent, ratio},
    observed::{between, end},
};

/// Keys without which the day says nothing: table, column, and what hangs on it.
const REQUIRED: [(&str, &str, &str); 6] = [
    ("applicants", "cv_pt", "no CV is read"),
    ("vagas", "informacoes_basicas.titulo_vaga", "jobs have no title"),
    ("vagas", "informacoes_basicas.data_requicisao", "no job is open"),
    ("prospects", "situacao_candidado", "no application has an outcome"),
    ("prospects", "data_candidatura", "no application has an age"),
    ("prospects", "ultima_atualizacao", "of two rows of a pair the newer is not known"),
];

/// Dates that labels and openness hang on.
const DATES: [(&str, &str); 3] = [
    ("vagas", "informacoes_basicas.data_requicisao"),
    ("prospects", "data_candidatura"),
    ("prospects", "ultima_atualizacao"),
];

/// Days of a window of arrivals: four weeks, so that weekdays weigh alike.
const WINDOW: i32 = 28;

pub(crate) fn examine(contract: &Contract, observed: &Observed) -> Vec<Expectation> {
    let mut found = volumes(contract, observed);
    found.extend(orphans(contract, observed));
    found.extend(REQUIRED.iter().map(|required| key(observed, *required)));
    found.extend(dates(contract, observed));
    found.extend(statuses(contract, observed));
    found.extend(texts(contract, observed));
    found.extend(repeated(contract, observed));
    found.push(arrivals(contract, observed));
    found.push(hires(contract, observed));
    found
}

fn column(observed: &Observed, table: &str, name: &str) -> ObservedColumn {
    let table = observed.tables.get(table);
    table.and_then(|table| table.columns.get(name)).cloned().unwrap_or_default()
}

fn volumes(contract: &Contract, observed: &Observed) -> Vec<Expectation> {
    let rows = [
        ("people", observed.people, contract.min_people),
        ("jobs", observed.jobs, contract.min_jobs),
        ("applications", observed.applications, contract.min_applications),
    ];
    let mut found: Vec<Expectation> = rows
        .into_iter()
        .map(|(table, n, least)| {
            let name = format!("volume-of-{table}");
            Expectation::new(&name, table, format!("at least {least}"), n.to_string(), n >= least)
        })
        .collect();
    let Observed { applications, positives, open_jobs, left_out_by_age, .. } = *observed;
    found.push(
        Expectation::new(
            "both-classes",
            "applications",
            "some positive outcomes, and some others",
            format!("{positives} positive of {applications}"),
            positives > 0 && positives < applications,
        )
        .hint("a model learns nothing from one class: see that outcomes are in the export"),
    );
    found.push(Expectation::new(
        "open-jobs",
        "jobs",
        "at least 1 open job",
        format!("{open_jobs} of {}", observed.jobs),
        open_jobs > 0,
    ));
    found.push(Expectation::new(
        "left-out-by-age",
        "applications",
        "not all of them too young to learn from",
        part(left_out_by_age, applications),
        left_out_by_age < applications || applications == 0,
    ));
    found
}

fn orphans(contract: &Contract, observed: &Observed) -> Vec<Expectation> {
    let read = observed.applications_read;
    let of = |name: &str, n: u64, whose: &str| {
        let such = format!("name a {whose} that is absent");
        Expectation::at_most(name, "applications", (contract.max_orphans, &such), (n, read))
            .hint(&format!("a part of the {whose}s is missing from the export"))
    };
    vec![
        of("orphans-of-jobs", observed.orphans_of_jobs, "job"),
        of("orphans-of-people", observed.orphans_of_people, "candidate"),
    ]
}

fn key(observed: &Observed, (table, name, means): (&str, &str, &str)) -> Expectation {
    let ObservedColumn { present, renamed, .. } = column(observed, table, name);
    let instead = renamed.map_or(String::new(), |key| {
        format!(", but nearly all records have `{key}`: did you mean that")
    });
    Expectation::new(
        &format!("key-of-{}", name.rsplit('.').next().unwrap_or(name).replace('_', "-")),
        table,
        "the key in some record",
        if present == 0 {
            format!("no record has it{instead}")
        } else {
            format!("{present} have it")
        },
        present > 0,
    )
    .of(name)
    .hint(&format!("without it {means}"))
}

fn dates(contract: &Contract, observed: &Observed) -> Vec<Expectation> {
    let mut found = Vec::new();
    for (table, name) in DATES {
        let ObservedColumn { filled, unreadable, form, rows, .. } = column(observed, table, name);
        let there = filled + unreadable;
        let form = form.map_or(String::new(), |form| format!(", mostly of the form {form}"));
        let short = name.rsplit('.').next().unwrap_or(name).replace('_', "-");
        found.push(
            Expectation::new(
                &format!("readable-{short}"),
                table,
                format!(
                    "at least {} of the dates as dd-mm-yyyy or yyyy-mm-dd",
                    percent(contract.min_readable_dates)
                ),
                if unreadable == 0 {
                    format!("all of {there}")
                } else {
                    format!("unreadable {}{form}", part(unreadable, there))
                },
                1.0 - ratio(unreadable, there) >= contract.min_readable_dates,
            )
            .of(name)
            .sized(ratio(unreadable, there))
            .hint("export the dates in one of the forms that are read"),
        );
        // The last change is empty where nothing has changed.
        if name != "ultima_atualizacao" {
            let without = rows.saturating_sub(there);
            found.push(
                Expectation::at_most(
                    &format!("filled-{short}"),
                    table,
                    (contract.max_missing_dates, "without a date"),
                    (without, rows),
                )
                .of(name),
            );
        }
    }
    for (column, share) in &observed.future_dates {
        let (table, name) = column.split_once('.').unwrap_or(("", column));
        found.push(
            Expectation::at_most(
                &format!("future-{}", name.replace('_', "-")),
                table,
                (contract.max_future_dates, "set aside because they lie ahead"),
                (share.part, share.whole),
            )
            .of(name)
            .hint("see that the logical date (`--date`) is that of the export"),
        );
    }
    found
}

fn statuses(contract: &Contract, observed: &Observed) -> Vec<Expectation> {
    let statuses = &observed.statuses;
    let rows = column(observed, "prospects", "situacao_candidado").rows;
    let alike =
        statuses.resembles.as_ref().map_or(String::new(), |known| format!(", most like {known}"));
    let (filled, unknown, missing) =
        (statuses.filled, statuses.unknown, rows - statuses.filled.min(rows));
    vec![
        Expectation::new(
            "unknown-statuses",
            "prospects",
            format!(
                "at most {} of none of the source's statuses",
                percent(contract.max_unknown_statuses)
            ),
            format!("{}{alike}", part(unknown, filled)),
            ratio(unknown, filled) <= contract.max_unknown_statuses,
        )
        .of("situacao_candidado")
        .sized(ratio(unknown, filled))
        .hint("see whether statuses were renamed, translated or exported in another encoding"),
        Expectation::at_most(
            "missing-statuses",
            "prospects",
            (contract.max_missing_statuses, "without a status"),
            (missing, rows),
        )
        .of("situacao_candidado"),
    ]
}

/// Texts of a column that are enough to judge its encoding.
const ENOUGH_TEXTS: u64 = 20;

fn texts(contract: &Contract, observed: &Observed) -> Vec<Expectation> {
    let mut found = Vec::new();
    for (table, of) in &observed.tables {
        let judged = of.columns.iter().filter(|(_, c)| c.non_ascii >= ENOUGH_TEXTS);
        let share = |c: &ObservedColumn| ratio(c.mojibake, c.non_ascii);
        let worst = judged.max_by(|a, b| share(a.1).total_cmp(&share(b.1)));
        let such = "of a column's accented texts with UTF-8 read as Latin-1 (SÃ£o for São)";
        let Some((name, column)) = worst else { continue };
        found.push(
            Expectation::at_most(
                &format!("encoding-of-{table}"),
                table,
                (contract.max_mojibake, such),
                (column.mojibake, column.non_ascii),
            )
            .of(name)
            .hint("export the file as UTF-8 once"),
        );
    }
    let cv = column(observed, "applicants", "cv_pt");
    let people = observed.tables.get("applicants").map_or(0, |_| cv.rows);
    let english = column(observed, "applicants", "cv_en").filled;
    // Either text will do; people with both are counted by the Portuguese one.
    let with = cv.filled.max(english);
    found.push(
        Expectation::new(
            "people-with-cv",
            "applicants",
            format!("at least {} with a CV", percent(contract.min_cvs)),
            part(with, people),
            ratio(with, people) >= contract.min_cvs,
        )
        .of("cv_pt")
        .sized(1.0 - ratio(with, people))
        .hint("see that the extraction of texts from CVs ran"),
    );
    let common = cv.commonest.unwrap_or(0);
    let told = format!("{} have the commonest text", part(common, cv.filled));
    // A finding, not a breach: the day can be trained on and served.
    found.push(
        Expectation::new("distinct-cvs", "applicants", "told, not bounded", told, true).of("cv_pt"),
    );
    let text = |name: &str| column(observed, "vagas", name);
    let activities = text("perfil_vaga.principais_atividades");
    let skills = text("perfil_vaga.competencia_tecnicas_e_comportamentais");
    let with = activities.filled.max(skills.filled);
    found.push(Expectation::new(
        "jobs-with-text",
        "vagas",
        format!("at least {} with activities or competences", percent(contract.min_job_texts)),
        part(with, activities.rows),
        ratio(with, activities.rows) >= contract.min_job_texts,
    ));
    found
}

fn repeated(contract: &Contract, observed: &Observed) -> Vec<Expectation> {
    let mut found = vec![
        Expectation::at_most(
            "duplicate-applications",
            "applications",
            (contract.max_duplicates, "of a pair that is there already"),
            (observed.duplicates, observed.applications_read),
        )
        .hint("a file, or each row of it, is in the export twice"),
    ];
    for (name, table) in &observed.tables {
        found.push(Expectation::at_most(
            &format!("repeated-{name}"),
            name,
            (contract.max_repeated_records, "of a key that is there already"),
            (table.repeated, table.records),
        ));
    }
    found
}

/// Whether applications come in while jobs and people go on: those of the last four weeks
/// beside what is usual.
fn arrivals(contract: &Contract, observed: &Observed) -> Expectation {
    let dates = &observed.dates;
    let expected = format!(
        "at least {} of what is usual, unless that is chance",
        percent(contract.min_arrivals)
    );
    let answer = |found: String, passed| {
        Expectation::new("arrivals", "applications", expected.clone(), found, passed)
            .hint("jobs and people go on later: see whether the newest applications were exported")
    };
    let Some(until) = dates.end_of_jobs_and_people() else {
        return answer("no dates to compare with".to_owned(), true);
    };
    let first = dates.applications.keys().next().copied().unwrap_or(until);
    let windows = (0..=13).take_while(|i| until - WINDOW * (i + 1) >= first - 1);
    let counts: Vec<u64> = windows
        .map(|i| between(&dates.applications, until - WINDOW * (i + 1), until - WINDOW * i))
        .collect();
    let Some((now, past)) = counts.split_first().filter(|(_, past)| past.len() >= 3) else {
        return answer("too short a history to say what is usual".to_owned(), true);
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
    let past: Vec<f64> = past.iter().map(|n| *n as f64).collect();
    let mean = |counts: &[f64]| counts.iter().sum::<f64>() / counts.len() as f64;
    let year_ago = past.get(12).copied().unwrap_or(f64::INFINITY);
    let usual = mean(&past[..3]).min(year_ago);
    let average = mean(&past);
    let spread = past.iter().map(|n| (n - average).powi(2)).sum::<f64>() / past.len() as f64;
    // The spread of a year's counts holds its growth and its seasons: it errs towards patience.
    let variance = usual.max(spread * (usual / average.max(1.0)).powi(2));
    let p = chance::so_few(*now, usual, variance);
    #[expect(clippy::cast_precision_loss, reason = "a count of rows")]
    let few = (*now as f64) < contract.min_arrivals * usual;
    answer(format!("{now} in four weeks, usual are {usual:.0}"), !(few && p < contract.improbable))
}

/// Variance of hires beside their mean: they come in batches (a third of all real ones are of one
/// client), and a person under two codes is hired twice.
const BATCHES: f64 = 3.0;

/// Whether hires still come in: of the applications of 30 to 120 days ago, beside the year before.
fn hires(contract: &Contract, observed: &Observed) -> Expectation {
    let expected = format!(
        "at least {} of the rate of the year before, unless that is chance",
        percent(contract.min_hires)
    );
    let count = |from: i32, to: i32| {
        let dated = observed.pairs.values().filter(|p| p.date.is_some_and(|d| from < d && d <= to));
        dated.fold((0_u64, 0_u64), |(n, hired), pair| {
            (n + 1, hired + u64::from(pair.outcome == crate::ObservedOutcome::Positive))
        })
    };
    let until = end(&observed.dates.applications).unwrap_or(0);
    let ((n, hired), (before, hired_before)) =
        (count(until - 120, until - 30), count(until - 485, until - 120));
    #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
    let (usual, found) = (n as f64 * ratio(hired_before, before), hired as f64);
    let few = found < contract.min_hires * usual
        && chance::so_few(hired, usual, BATCHES * usual) < contract.improbable;
    Expectation::new(
        "recent-hires",
        "applications",
        expected,
        format!("{hired} of {n} that are 30 to 120 days old, usual are {usual:.0}"),
        !few,
    )
    .hint("see whether outcomes still arrive, and under the names that are known")
}

/// How old the newest record is.
pub(crate) fn age(
    contract: &Contract,
    observed: &Observed,
    live: Option<&Observed>,
) -> Expectation {
    let expected = format!("at most {} days, or newer than the live data", contract.max_age_days);
    let Some(newest) = observed.dates.end() else {
        return Expectation::new("age", "all tables", expected, "no dates", true);
    };
    let age = observed.logical_date - newest;
    let is_old = age > contract.max_age_days;
    let live_end = live.filter(|live| live.content != observed.content).and_then(|l| l.dates.end());
    // Where the live data were old when they went live, that is how they come.
    let was_fresh = |live: &&Observed| {
        live.dates.end().is_some_and(|end| live.logical_date - end <= contract.max_age_days)
    };
    let is_no_newer = live.filter(was_fresh).is_some() && live_end.is_some_and(|end| newest <= end);
    let date = chrono::NaiveDate::from_epoch_days(newest).unwrap_or_default();
    let told = match live {
        None if is_old => ": for data of that day, run with `--date` set to it",
        _ => "",
    };
    Expectation::new(
        "age",
        "all tables",
        expected,
        format!("{age} days: the newest records are of {date}{told}"),
        !(is_old && is_no_newer),
    )
    .hint("the export is an old one")
}
