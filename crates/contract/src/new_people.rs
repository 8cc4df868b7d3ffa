//! Whether new people are as whole as the others.

use crate::{
    Contract, Expectation, Observed, chance,
    expectation::{part, percent, ratio},
};

/// Days that a person is new.
const NEW: i32 = 28;

/// Below this probability a rise among few is not chance: looked at every day, in years.
const NO_CHANCE: f64 = 1e-6;

/// Whether new people have CVs as the others have: those of the last four weeks, and those that the
/// live version does not know.
pub(crate) fn new_people(
    contract: &Contract,
    now: &Observed,
    live: Option<&Observed>,
) -> Expectation {
    let end = now.dates.end().unwrap_or(now.logical_date);
    let is_recent = |since: Option<i32>| since.is_some_and(|day| day > end - NEW);
    let empty = |is_new: &dyn Fn(&u64, Option<i32>) -> bool| {
        let mut counts = [(0_u64, 0_u64); 2];
        for (id, person) in &now.identities {
            let (n, without) = &mut counts[usize::from(is_new(id, person.since))];
            *n += 1;
            *without += u64::from(!person.has_cv);
        }
        counts
    };
    let recent = empty(&|_, since| is_recent(since));
    let unknown = empty(&|id, _| live.is_some_and(|live| !live.identities.contains_key(id)));
    let is_broken = |[(others, others_without), (n, without)]: [(u64, u64); 2]| {
        // At least one in a hundred: the usual share, where all the others have one.
        let usual = ratio(others_without, others).max(0.01);
        let rise = ratio(without, n) - ratio(others_without, others);
        rise > contract.max_empty_rise && chance::so_many(without, n, usual) < NO_CHANCE
    };
    let worse = if is_broken(unknown) { unknown } else { recent };
    let [(_, _), (n, without)] = worse;
    Expectation::new(
        "new-people-with-cv",
        "applicants",
        format!(
            "at most {} more without a CV than among the others",
            percent(contract.max_empty_rise)
        ),
        format!("{} of the new people", part(without, n)),
        !is_broken(recent) && !is_broken(unknown),
    )
    .of("cv_pt")
    .hint("see that the extraction of texts from new CVs runs")
}
