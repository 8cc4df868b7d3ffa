//! Renders a page: of a `drift.json`, or of a made report of a full day.
//!
//! ```text
//! cargo run -p drift --example page -- [drift.json | full | quiet | first | equal | empty | hostile | named] [pt | en] > page.html
//! ```

#![allow(clippy::print_stdout, reason = "an example prints what it made")]
#![allow(dead_code, reason = "the tests use all that is made, this some")]

#[path = "../tests/it/made.rs"]
mod made;

use drift::page::{Lang, render, render_json};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let what = arguments.next().unwrap_or_else(|| "full".to_owned());
    let lang: Lang = arguments.next().as_deref().unwrap_or("pt").parse()?;
    let report = match what.as_str() {
        "full" => made::report(1_000),
        "quiet" => made::quiet(),
        "first" => made::first(),
        "equal" => made::equal(),
        "empty" => made::empty(),
        "hostile" => made::hostile(),
        "named" => made::named(),
        file => {
            let json = serde_json::from_slice(&std::fs::read(file)?)?;
            println!("{}", render_json(&json, lang)?);
            return Ok(());
        }
    };
    println!("{}", render(&report, lang)?);
    Ok(())
}
