//! What has arrived lately beside what arrived before: the whole of an export hides it, for a month
//! is a hundredth of it.
//!
//! Read from the current version alone, but for the rows that the live version does not have. A
//! window's rows stand beside those of the year before it, so they are independent samples. Columns
//! are judged by the index of stability and Cramér's V, which few rows raise by chance alone no more
//! often than the level says, and only where both sides have enough rows.

mod volumes;

#[cfg(test)]
mod simulation;

use schema::calendar;
use versioning::Timestamp;

use crate::{
    Error,
    applications::{self, ApplicationRow, Applications, KEYS},
    cohorts::{self, Fall},
    columns::{self, ComparedColumn, Independent},
    config::Config,
    kinds::Planned,
    observed::{self, Observed},
    reads::Reads,
    report::{
        Arrivals, Aspect, CohortRate, ColumnKind, MeasureName, TableArrivals, Volumes, Window,
        WindowName,
    },
    stats::verdict::EffectBounds as Bound,
    summary::Summary,
    version::{Plan, TABLES, Version},
};
use volumes::{Flow, flow};

/// The column that dates a job.
const OPENED: &str = "data_requicisao";
const STATUS: &str = "situacao_candidato";

/// Rows of a side below which a measure is not judged.
const FEWEST: u64 = 30;
/// Values of a column that are named.
const NAMED: usize = 6;

/// Days before the last one at which rows are counted apart: the ends of both windows, and of the
/// years before them and before the last day.
const AGES: [i32; 5] = [30, 90, 365, 395, 455];
/// Rows that are older, or not dated.
const OLDER: usize = AGES.len();
/// A group of rows is of an age, and of rows that the live version has or has not.
const GROUPS: usize = 2 * (OLDER + 1);

/// When the rows of a table arrived.
struct Arrived {
    days: Vec<Option<i32>>,
    /// Whether the live version has them not; none where nothing was live.
    new: Option<Vec<bool>>,
}

impl Arrived {
    /// The group of each row; of rows that none of the windows needs, none ([`GROUPS`]).
    fn groups(&self, as_of: i32) -> Vec<usize> {
        let group = |(row, day): (usize, &Option<i32>)| {
            let age = day.map(|day| as_of - day).filter(|age| *age >= 0);
            let age = age.and_then(|age| AGES.iter().position(|end| age < *end)).unwrap_or(OLDER);
            let new = self.new.as_ref().is_some_and(|new| new[row]);
            if age == OLDER && !new { GROUPS } else { 2 * age + usize::from(new) }
        };
        self.days.iter().enumerate().map(group).collect()
    }
}

/// Which groups a window is of, and which lie before it.
struct Sides {
    name: WindowName,
    days: Option<u32>,
    is_after: fn(age: usize, new: bool) -> bool,
    is_before: fn(age: usize, new: bool) -> bool,
}

const WINDOWS: [Sides; 3] = [
    Sides {
        name: WindowName::Days30,
        days: Some(30),
        is_after: |age, _| age == 0,
        is_before: |age, _| (1..=3).contains(&age),
    },
    Sides {
        name: WindowName::Days90,
        days: Some(90),
        is_after: |age, _| age <= 1,
        is_before: |age, _| (2..=4).contains(&age),
    },
    Sides {
        name: WindowName::SinceLive,
        days: None,
        is_after: |_, new| new,
        is_before: |age, new| age <= 2 && !new,
    },
];

fn is_of(side: fn(usize, bool) -> bool, group: usize) -> bool {
    group < GROUPS && side(group / 2, group % 2 == 1)
}

/// A column's differences wait for their judgement together with all others.
struct ArrivalTable {
    arrivals: TableArrivals,
    flow: Option<Flow>,
    columns: Vec<ComparedColumn>,
}

/// What arrived at `version` up to a day, and beside `live`, where one was.
pub(crate) fn arrivals(
    (version, plan): (&Version, &Plan),
    live: Option<&Version>,
    (applications, as_of): (&Applications, i32),
    reads: &Reads,
    config: &Config,
) -> Result<Arrivals, Error> {
    let arrived = arrived(version, live, applications)?;
    let mut windows: Vec<(&Sides, Vec<ArrivalTable>)> = WINDOWS
        .iter()
        .filter(|sides| sides.days.is_some() || live.is_some())
        .map(|sides| (sides, Vec::new()))
        .collect();
    for (at, arrived) in arrived.iter().enumerate() {
        let groups = arrived.groups(as_of);
        let plan = planned(at, version, plan);
        let summaries = Summary::by_group(&version.tables[at], &plan, &groups, GROUPS)?;
        for (sides, tables) in &mut windows {
            let independent = |column: &str| match TABLES[at] {
                "candidates" => {
                    let of_a_job = version.tables[1].data_type(column).is_some();
                    independent(&applications.rows, &groups, sides, of_a_job)
                }
                _ => Independent::ALL,
            };
            let mut table = table(TABLES[at], &summaries, sides, independent, config);
            for column in &mut table.columns {
                reads.weigh(&mut column.drift);
            }
            let days = sides.days.and_then(|days| i32::try_from(days).ok());
            table.flow = days.and_then(|days| flow(&arrived.days, as_of, days, &config.bounds));
            tables.push(table);
        }
    }
    let fall = cohorts::fall(&applications.rows, as_of, config);
    Ok(judged(windows, fall, (&applications.rows, as_of), config))
}

/// Judges how much arrives together, and what it is like.
fn judged(
    windows: Vec<(&Sides, Vec<ArrivalTable>)>,
    fall: Option<Fall>,
    (applications, as_of): (&[ApplicationRow], i32),
    config: &Config,
) -> Arrivals {
    let tables = || windows.iter().flat_map(|(_, tables)| tables);
    let flows = tables().filter_map(|t| t.flow.as_ref()).map(|flow| flow.observed);
    let counts: Vec<Observed> = flows.chain(fall.iter().map(|fall| fall.observed)).collect();
    let mut counts = observed::judge(&counts, config.level).into_iter();
    let columns = tables().flat_map(|t| &t.columns).flat_map(|c| &c.observed);
    let columns: Vec<Observed> = columns.map(|(_, observed)| *observed).collect();
    let columns = observed::judge(&columns, config.level);
    let tests = columns.iter().filter(|measure| measure.p.is_some()).count() as u64;
    let mut columns = columns.into_iter();
    let windows = windows
        .into_iter()
        .map(|(sides, tables)| {
            let tables = tables.into_iter().map(|table| {
                let ArrivalTable { mut arrivals, flow, columns: compared } = table;
                arrivals.volumes = flow.and_then(|flow| {
                    let Flow { before, usual_low, usual_high, after, .. } = flow;
                    let measure = counts.next()?;
                    Some(Volumes { before, usual_low, usual_high, after, measure })
                });
                arrivals.columns =
                    compared.into_iter().map(|one| one.judged(&mut columns)).collect();
                arrivals
            });
            Window { name: sides.name, days: sides.days, tables: tables.collect() }
        })
        .collect();
    let rate = fall.and_then(|Fall { quarter, before, after, rate, .. }| {
        Some(CohortRate {
            from: calendar::iso(quarter.from),
            to: calendar::iso(quarter.to),
            rows_before: before.rows,
            rows_after: after.rows,
            before: before.value(),
            after: rate.value,
            low: rate.low,
            high: rate.high,
            measure: counts.next()?,
        })
    });
    let cohorts = cohorts::cohorts(applications, as_of);
    Arrivals { as_of: calendar::iso(as_of), tests, windows, cohorts, rate }
}

/// When the rows of each table arrived, in the order of [`TABLES`].
fn arrived(
    version: &Version,
    live: Option<&Version>,
    applications: &Applications,
) -> Result<[Arrived; 3], Error> {
    let [people, jobs, candidates] = &version.tables;
    let mut first: Vec<Option<i32>> = Vec::new();
    for ApplicationRow { person, day, .. } in &applications.rows {
        let person = *person as usize;
        first.resize(first.len().max(person + 1), None);
        first[person] = first[person].into_iter().chain(*day).min();
    }
    let ids = applications::ids(people, &KEYS[..1])?;
    let first = |id: &str| first.get(applications.people.find(id)? as usize).copied().flatten();
    let days = [
        ids.iter().map(|id| first(id)).collect(),
        applications::days(jobs, OPENED)?,
        applications.rows.iter().map(|application| application.day).collect(),
    ];
    let tables = [(people, &KEYS[..1]), (jobs, &KEYS[1..]), (candidates, &KEYS[..])];
    let mut new = [None, None, None];
    if let Some(live) = live {
        for ((new, (table, keys)), earlier) in new.iter_mut().zip(tables).zip(&live.tables) {
            *new = Some(applications::is_new(table, earlier, keys)?);
        }
    }
    let mut new = new.into_iter();
    Ok(days.map(|days| Arrived { days, new: new.next().flatten() }))
}

/// The last day on which an application was made or a job opened. A day after the version's own is a
/// mistake of the source.
pub(crate) fn last_day(
    version: &Version,
    applications: &Applications,
) -> Result<Option<i32>, Error> {
    const MILLIS_OF_DAY: i64 = 24 * 60 * 60 * 1000;
    let today = version.logical_date().parse().ok().and_then(|today: Timestamp| {
        i32::try_from(today.as_millis().div_euclid(MILLIS_OF_DAY)).ok()
    });
    let opened = applications::days(&version.tables[1], OPENED)?;
    let applied = applications.rows.iter().map(|application| application.day);
    let days = applied.chain(opened).flatten();
    Ok(days.filter(|day| today.is_none_or(|today| *day <= today)).max())
}

/// What is measured of a table: of applications, beside their own columns, the categories of the
/// jobs; no status, for that of a young application is not known yet; no days.
fn planned(at: usize, version: &Version, plan: &Plan) -> Vec<Planned> {
    let [_, jobs, _] = plan;
    let of_jobs = jobs.iter().filter(|column| {
        let there = version.tables[at].data_type(&column.column).is_some();
        TABLES[at] == "candidates" && column.kind == ColumnKind::Category && there
    });
    let own = plan[at].iter().filter(|column| column.kind != ColumnKind::Date);
    own.filter(|column| column.column != STATUS).chain(of_jobs).cloned().collect()
}

/// How many independent rows an application stands for in a column of its job or of its own.
fn independent(
    applications: &[ApplicationRow],
    groups: &[usize],
    sides: &Sides,
    of_a_job: bool,
) -> Independent {
    let of = |side: fn(usize, bool) -> bool| {
        let rows = applications.iter().zip(groups).filter(move |(_, group)| is_of(side, **group));
        cohorts::independent(rows.map(move |(a, _)| if of_a_job { a.job } else { a.person }))
    };
    Independent { before: of(sides.is_before), after: of(sides.is_after) }
}

/// A table's rows of a window beside those before it.
fn table(
    name: &str,
    groups: &[Summary],
    sides: &Sides,
    independent: impl Fn(&str) -> Independent,
    config: &Config,
) -> ArrivalTable {
    let sum = |side: fn(usize, bool) -> bool| {
        let of = groups.iter().enumerate().filter(|(group, _)| is_of(side, *group));
        Summary::sum(of.map(|(_, summary)| summary))
    };
    let (before, after) = (sum(sides.is_before), sum(sides.is_after));
    let pairs = before.columns.iter().zip(&after.columns);
    let columns = pairs.filter_map(|(was, is)| {
        let (was, is) = ((before.rows, was), (after.rows, is));
        let mut compared = columns::compare(name, was, is, independent(&is.1.column), config);
        compared.observed.retain_mut(|(aspect, observed)| is_judged(*aspect, observed, config));
        compared.drift.categories.truncate(NAMED);
        compared.drift.histogram = None;
        (!compared.observed.is_empty()).then_some(compared)
    });
    ArrivalTable {
        columns: columns.collect(),
        flow: None,
        arrivals: TableArrivals {
            table: name.to_owned(),
            rows: after.rows,
            rows_before: before.rows,
            volumes: None,
            columns: Vec::new(),
        },
    }
}

/// Whether a difference of arrivals is judged, by the bounds that it then has.
fn is_judged(aspect: Aspect, observed: &mut Observed, config: &Config) -> bool {
    let observation = &observed.observation;
    if observation.before.min(observation.after) < FEWEST {
        return false;
    }
    match observation.name {
        MeasureName::Psi => true,
        MeasureName::ShareDifference => aspect == Aspect::Missing,
        MeasureName::CramersV => {
            // Near no drift an index of stability is four times V², so both say the same.
            let of = |psi: f64| psi.sqrt() / 2.0;
            let psi = config.bounds.psi;
            observed.bound = Bound { watch: of(psi.watch), alert: of(psi.alert) };
            true
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use schema::tables::{CANDIDATES, JOBS};

    use super::*;

    #[test]
    fn what_dates_a_row_is_a_column_of_the_feature_store() {
        assert!(JOBS.position(OPENED).is_some());
        assert!(CANDIDATES.position(STATUS).is_some());
        assert!(KEYS.iter().all(|key| CANDIDATES.position(key).is_some()));
    }
}
