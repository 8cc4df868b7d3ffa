//! What an export keeps beside the data that are live.

use std::collections::BTreeMap;

use crate::{
    Contract, Expectation, JobContent, Observed, ObservedOutcome,
    expectation::{part, percent, ratio},
};

/// Days of age from which on no outcome matures any more: of real ones 95 % settle in 22 days.
const MATURE: i32 = 180;

/// Days for which levels (open jobs, rows left out) are comparable.
const COMPARABLE: i32 = 45;

/// Days that a person is new.
const NEW: i32 = 28;

pub(crate) fn examine(contract: &Contract, now: &Observed, live: &Observed) -> Vec<Expectation> {
    let mut found = volumes(contract, now, live);
    found.extend(columns(contract, now, live));
    found.push(people(contract, now, live));
    found.extend(jobs(contract, now, live));
    found.extend(applications(contract, now, live));
    found.push(new_status(contract, now, live));
    found.push(one_text(contract, now, live));
    found.extend(levels(contract, now, live));
    found
}

fn volumes(contract: &Contract, now: &Observed, live: &Observed) -> Vec<Expectation> {
    let rows = [
        ("people", now.people, live.people),
        ("jobs", now.jobs, live.jobs),
        ("applications", now.applications, live.applications),
        ("hires", now.positives, live.positives),
    ];
    let of = |(table, now, live): (&str, u64, u64)| {
        let gone = live.saturating_sub(now);
        Expectation::new(
            &format!("fall-of-{table}"),
            table,
            format!("at most {} fewer than the live {live}", percent(contract.max_fall)),
            format!("{now}, {gone} fewer"),
            gone <= contract.fall_slack || ratio(gone, live) <= contract.max_fall,
        )
        .sized(ratio(gone, live))
        .hint("records are missing from the export")
    };
    rows.into_iter().map(of).collect()
}

/// Columns that lost their values, or have more missing dates.
fn columns(contract: &Contract, now: &Observed, live: &Observed) -> Vec<Expectation> {
    let mut found = Vec::new();
    for (name, before) in &live.tables {
        let after = now.tables.get(name);
        let mut worst: Option<(String, f64, u64, u64)> = None;
        for (column, before) in &before.columns {
            // A column that hardly anybody fills may well lose its few values.
            if before.filled < contract.min_rows || ratio(before.filled, before.rows) < 0.02 {
                continue;
            }
            let after = after.and_then(|t| t.columns.get(column)).cloned().unwrap_or_default();
            let share = ratio(after.filled, after.rows) / ratio(before.filled, before.rows);
            if worst.as_ref().is_none_or(|(_, least, ..)| share < *least) {
                worst = Some((column.clone(), share, after.filled, before.filled));
            }
        }
        let Some((column, share, after, before)) = worst else { continue };
        found.push(
            Expectation::new(
                &format!("emptied-{name}"),
                name,
                format!(
                    "every column at most {} emptier than the live one",
                    percent(contract.max_emptied)
                ),
                format!("{after} values where {before} were"),
                1.0 - share <= contract.max_emptied,
            )
            .of(&column)
            .sized(1.0 - share)
            .hint("the column was left out of the export, or its key is another"),
        );
    }
    for (table, name) in
        [("vagas", "informacoes_basicas.data_requicisao"), ("prospects", "data_candidatura")]
    {
        let missing = |observed: &Observed| {
            let column = observed.tables.get(table).and_then(|t| t.columns.get(name));
            column.map_or((0, 0), |c| (c.rows.saturating_sub(c.filled), c.rows))
        };
        let ((a, n), (b, m)) = (missing(now), missing(live));
        let rise = ratio(a, n) - ratio(b, m);
        found.push(
            Expectation::new(
                &format!("missing-{}", name.rsplit('.').next().unwrap_or(name).replace('_', "-")),
                table,
                format!(
                    "at most {} more without a date than live",
                    percent(contract.max_dates_missing_rise)
                ),
                format!("{}, live {}", part(a, n), part(b, m)),
                rise <= contract.max_dates_missing_rise || a.saturating_sub(b) < contract.min_rows,
            )
            .of(name)
            .sized(rise),
        );
    }
    found
}

/// Rows that few records of a share may be: of a small table, one is too much of it.
fn bound(contract: &Contract, share: f64, of: u64) -> u64 {
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a count of rows"
    )]
    let rows = (share * of as f64).floor() as u64;
    rows.max(contract.min_rows / 4)
}

fn people(contract: &Contract, now: &Observed, live: &Observed) -> Expectation {
    let common =
        live.identities.iter().filter_map(|(id, was)| Some((was, now.identities.get(id)?)));
    let (mut n, mut changed) = (0, 0);
    for (was, is) in common {
        n += 1;
        changed += u64::from(was.is_another(is));
    }
    Expectation::new(
        "same-people",
        "applicants",
        format!(
            "at most {} of the codes with another person",
            percent(contract.max_changed_people)
        ),
        part(changed, n),
        changed <= bound(contract, contract.max_changed_people, n),
    )
    .sized(ratio(changed, n))
    .hint("codes were given anew, or a join went wrong")
}

fn jobs(contract: &Contract, now: &Observed, live: &Observed) -> Option<Expectation> {
    let mut by_field: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (id, was) in &live.job_contents {
        let Some(is) = now.job_contents.get(id) else { continue };
        count_changes(&mut by_field, was, is);
    }
    let share = |(changed, n): &(u64, u64)| ratio(*changed, *n);
    let (field, (changed, n)) =
        by_field.into_iter().max_by(|a, b| share(&a.1).total_cmp(&share(&b.1)))?;
    let found = Expectation::new(
        "same-jobs",
        "jobs",
        format!("at most {} of the codes say something else", percent(contract.max_changed_jobs)),
        part(changed, n),
        changed <= bound(contract, contract.max_changed_jobs, n),
    )
    .sized(ratio(changed, n));
    Some(found.of(field).hint("codes were given anew, or the source renamed its values"))
}

fn count_changes<'a>(
    by_field: &mut BTreeMap<&'a str, (u64, u64)>,
    was: &'a JobContent,
    is: &JobContent,
) {
    for (field, hash) in &was.fields {
        let Some(now) = is.fields.get(field) else { continue };
        let (changed, n) = by_field.entry(field).or_default();
        *changed += u64::from(now != hash);
        *n += 1;
    }
}

fn applications(contract: &Contract, now: &Observed, live: &Observed) -> Vec<Expectation> {
    let end = live.dates.end().unwrap_or(live.logical_date);
    let (mut decided, mut reverted) = (0, 0);
    let (mut hires, mut lost) = (0, 0);
    let (mut dated, mut redated) = (0, 0);
    let (mut recent, mut gone) = (0, 0);
    for (id, was) in &live.pairs {
        let is = now.pairs.get(id);
        let open_again = is.is_some_and(|is| is.outcome == ObservedOutcome::Open);
        if was.outcome != ObservedOutcome::Open {
            decided += 1;
            reverted += u64::from(open_again);
        }
        if was.outcome == ObservedOutcome::Positive && was.date.is_some_and(|d| d <= end - MATURE) {
            hires += 1;
            lost += u64::from(is.is_none_or(|is| is.outcome != ObservedOutcome::Positive));
        }
        // A date that is set aside now is another date too.
        if let (Some(was), Some(is)) = (was.date, is) {
            dated += 1;
            redated += u64::from(is.date != Some(was));
        }
        if was.date.is_some_and(|d| d > end - NEW) {
            recent += 1;
            gone += u64::from(is.is_none());
        }
    }
    let of = |name: &str, bounds: (f64, &str), (n, all): (u64, u64), hint: &str| {
        Expectation::new(
            name,
            "applications",
            format!("at most {} {}", percent(bounds.0), bounds.1),
            part(n, all),
            n <= bound(contract, bounds.0, all),
        )
        .sized(ratio(n, all))
        .hint(hint)
    };
    vec![
        of(
            "reverted-outcomes",
            (contract.max_reverted, "of the decided ones open again"),
            (reverted, decided),
            "outcomes are missing from the export, or under another name",
        ),
        of(
            "rewritten-history",
            (contract.max_rewritten, "of the hires of half a year ago and more gone"),
            (lost, hires),
            "outcomes of the past do not change by themselves",
        ),
        of(
            "redated-applications",
            (contract.max_redated, "with another date"),
            (redated, dated),
            "dates of the past do not change by themselves",
        ),
        of(
            "recent-applications",
            (contract.max_fall * 5.0, "of the live data's last four weeks gone"),
            (gone, recent),
            "the newest applications are missing from the export",
        ),
    ]
}

/// Whether an unknown status has come into use: told on the day on which so many have it, however
/// slowly they came, and again when it has twice as many as live.
fn new_status(contract: &Contract, now: &Observed, live: &Observed) -> Expectation {
    let rows = contract.new_status_rows;
    let is_new = |(text, n): &(&u64, &u64)| {
        let before = live.statuses.texts.get(text).copied().unwrap_or(0);
        **n >= rows && (before < rows || **n >= 2 * before)
    };
    let most = now.statuses.texts.iter().filter(is_new).map(|(_, n)| *n).max();
    Expectation::new(
        "new-status",
        "prospects",
        format!("no unknown status with {rows} applications that has come into use since live"),
        most.map_or("none".to_owned(), |n| format!("one with {n}")),
        most.is_none(),
    )
    .of("situacao_candidado")
    .hint("see whether it means a hire: until it is known it counts as undecided")
}

fn one_text(contract: &Contract, now: &Observed, live: &Observed) -> Expectation {
    let share = |observed: &Observed| {
        let cv = observed.tables.get("applicants").and_then(|t| t.columns.get("cv_pt"));
        cv.map_or((0, 0), |cv| (cv.commonest.unwrap_or(0), cv.filled))
    };
    let ((n, of), (m, all)) = (share(now), share(live));
    let broken = ratio(n, of) > contract.max_one_text && ratio(m, all) * 2.0 < ratio(n, of);
    Expectation::new(
        "one-cv-for-all",
        "applicants",
        format!("at most {} with one and the same text", percent(contract.max_one_text)),
        format!("{}, live {}", part(n, of), part(m, all)),
        !broken,
    )
    .of("cv_pt")
    .hint("a join went wrong")
}

/// Open jobs and rows left out by age, beside the live figures of a few weeks ago at most.
fn levels(contract: &Contract, now: &Observed, live: &Observed) -> Vec<Expectation> {
    let days = now.dates.end().zip(live.dates.end()).map_or(0, |(now, live)| (now - live).abs());
    let of = |name: &str, table: &str, now: u64, live: u64| {
        let level = ratio(now, live);
        let comparable = days <= COMPARABLE && live >= contract.min_rows;
        Expectation::new(
            name,
            table,
            format!("{} to {} times the live {live}", contract.min_level, contract.max_level),
            now.to_string(),
            !comparable || (contract.min_level..=contract.max_level).contains(&level),
        )
        .hint("the newest date of the table has moved, or its newest rows are missing")
    };
    vec![
        of("open-jobs-beside-live", "jobs", now.open_jobs, live.open_jobs),
        of("left-out-beside-live", "applications", now.left_out_by_age, live.left_out_by_age),
    ]
}
