//! The two errors of the contract, measured: how many good days it refuses over two years of either
//! law, and by which name it refuses each broken one.
//!
//! `cargo run --release -p features --example contract_errors [PEOPLE]`, or, for the verdict of a first
//! day on each of the folders within a folder, `… contract_errors FOLDER DATE`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example")]
#![allow(dead_code, reason = "an example")]

#[path = "../tests/it/morning.rs"]
mod morning;

use std::path::Path;

use morning::Company;
use sample::{Day, Law, breakage::Breakage};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let first = arguments.next().unwrap_or_else(|| "1500".to_owned());
    match arguments.next() {
        Some(date) => folders(first.as_ref(), &date),
        None => history(first.parse().unwrap()),
    }
}

/// The verdict of a first day on each folder of raw files within a folder.
fn folders(cases: &Path, date: &str) {
    let mut folders: Vec<_> =
        std::fs::read_dir(cases).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    for folder in folders {
        let verdict = Company::new(Law::Relation, 20).export(&folder, date, false);
        let said = verdict.refusals().join("; ");
        println!("{}: {said}", folder.file_name().unwrap().to_string_lossy());
    }
}

/// Two years of either law, then each breakage.
fn history(people: usize) {
    for law in Law::ALL {
        println!("law {}", law.name());
        let mut company = Company::new(law, people);
        let first: Day = "2023-01-02".parse().unwrap();
        let mut days: Vec<Day> = (0..24).map(|month| first.plus(month * 30)).collect();
        let last = *days.last().unwrap();
        days.extend((1..=10).map(|day| last.plus(day)));
        let mut refused = 0;
        for day in &days {
            let refusals = company.day(*day, None, true).refusals();
            refused += usize::from(!refusals.is_empty());
            refusals.iter().for_each(|said| println!("  good day {day} refused: {said}"));
        }
        println!("  {refused} of {} good days refused", days.len());
        let day = days.last().unwrap().plus(1);
        for broken in Breakage::ALL {
            for (when, verdict) in [
                ("later", company.day(day, Some(*broken), false)),
                ("first", Company::new(law, people).day(day, Some(*broken), false)),
            ] {
                let names = verdict.names().join(", ");
                let good = if broken.is_good() { "good" } else { "bad" };
                println!("  {good:4} {when} {broken}: {names}");
            }
        }
    }
}
