//! The two errors of the contract, measured: how many good days it refuses over two years of either
//! law, and by which name it refuses each broken one.
//!
//! `cargo run --release -p features --example contract_errors [PEOPLE]`

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "an example")]
#![allow(missing_docs, dead_code, reason = "an example")]

#[path = "../tests/it/morning.rs"]
mod morning;

use morning::Company;
use sample::{Day, Law, breakage::Breakage};

fn main() {
    let people = std::env::args().nth(1).map_or(1500, |text| text.parse().unwrap());
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
