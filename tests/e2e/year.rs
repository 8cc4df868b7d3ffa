//! Two years of days, on small worlds of both laws, with every breakage on a day of its own.
//!
//! Run by the release binary, for it is some two hundred days:
//! `cargo build --release && MLLAB_E2E_BIN=target/release cargo test -p e2e --test e2e -- --ignored year::`

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use sample::breakage::Breakage;
use serde_json::Value;

/// The binary, and a folder with a lake and the raw files of a day.
struct Company {
    dir: tempfile::TempDir,
    mllab: PathBuf,
    law: &'static str,
    /// Further arguments of `mllab sample`.
    more: Vec<String>,
}

/// What came of a day.
struct Day {
    code: i32,
    answer: Value,
}

impl Day {
    /// The series whose new versions went live.
    fn published(&self) -> Vec<&str> {
        let names = self.answer["release"]["published"].as_array().map_or(&[][..], Vec::as_slice);
        names.iter().filter_map(|name| name.as_str()?.split(' ').next()).collect()
    }

    /// Whether all that services follow went live, or has nothing new to show on this day.
    fn is_live(&self) -> bool {
        let published = self.published();
        let stages = self.answer["stages"].as_array().map_or(&[][..], Vec::as_slice);
        let is_unchanged = |stage: &str| {
            stages.iter().any(|done| done["stage"] == stage && done["unchanged"] == true)
        };
        self.code == 0
            && ["features", "matching", "recommend"]
                .iter()
                .all(|stage| published.contains(stage) || is_unchanged(stage))
    }

    fn said(&self) -> String {
        let release = &self.answer["release"];
        let message = self.answer["message"].as_str().unwrap_or_default();
        format!("exit {}: {message}{release}", self.code)
    }
}

impl Company {
    fn new(law: &'static str) -> Self {
        let bin = std::env::var("MLLAB_E2E_BIN").expect("MLLAB_E2E_BIN: a folder with mllab");
        let mllab = fs::canonicalize(Path::new(&bin).join("mllab"));
        let mllab = mllab.or_else(|_| fs::canonicalize(Path::new("..").join(&bin).join("mllab")));
        let dir = tempfile::tempdir().unwrap();
        Self { dir, mllab: mllab.expect("MLLAB_E2E_BIN holds mllab"), law, more: Vec::new() }
    }

    /// The same company as it is now, to be tried out on.
    fn copy(&self) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let lake = self.dir.path().join("lake");
        let copied = Command::new("cp").arg("-r").arg(&lake).arg(dir.path()).status().unwrap();
        assert!(copied.success());
        Self { dir, mllab: self.mllab.clone(), law: self.law, more: self.more.clone() }
    }

    fn mllab(&self, args: &[&str]) -> Day {
        let output = Command::new(&self.mllab)
            .args(args)
            .args(["--json", "--quiet"])
            .current_dir(self.dir.path())
            .output()
            .unwrap();
        let answer = serde_json::from_slice(&output.stdout).unwrap_or(Value::Null);
        Day { code: output.status.code().unwrap(), answer }
    }

    /// The export of a day, broken or not.
    fn export(&self, day: &str, broken: Option<Breakage>) {
        let mut args = vec!["sample", "--out", "raw", "--law", self.law, "--day", day];
        args.extend(["--candidates", "1500", "--jobs", "500", "--applications", "2500"]);
        args.extend(["--start", "2022-01-01", "--end", "2025-12-31"]);
        args.extend(self.more.iter().map(String::as_str));
        if let Some(broken) = broken {
            args.extend(["--break", broken.name()]);
        }
        let raw = self.dir.path().join("raw");
        if raw.exists() {
            fs::remove_dir_all(&raw).unwrap();
        }
        let made = self.mllab(&args);
        assert_eq!(made.code, 0, "{day}: {}", made.answer);
    }

    fn day(&self, day: &str, broken: Option<Breakage>) -> Day {
        self.export(day, broken);
        self.mllab(&["run", "--raw", "raw", "--date", day])
    }

    /// The new alerts of the newest report.
    fn alerts(&self) -> Vec<String> {
        let reports = self.dir.path().join("lake/decision-data-lake/drift_reports");
        let latest = fs::read_to_string(reports.join("latest.txt")).unwrap();
        let version = latest.split('/').next().unwrap();
        let report = fs::read(reports.join(version).join("drift.json")).unwrap();
        let report: Value = serde_json::from_slice(&report).unwrap();
        let new = report["new"].as_array().unwrap().iter();
        new.filter(|of| of["severity"] == "alert").map(|of| of["subject"].to_string()).collect()
    }
}

/// The first days of 24 months.
fn months() -> Vec<String> {
    let of = |year: u32| (1..=12).map(move |month| format!("{year}-{month:02}-01"));
    of(2024).chain(of(2025)).collect()
}

fn every_good_day_goes_live(law: &'static str) {
    let mut refused = Vec::new();
    let company = Company::new(law);
    let ten = (5..15).map(|day| format!("2025-12-{day:02}"));
    for day in months().into_iter().chain(ten) {
        let done = company.day(&day, None);
        if !done.is_live() {
            refused.push(format!("{day}: {}", done.said()));
        }
    }
    assert!(refused.is_empty(), "{} of 34 days:\n{}", refused.len(), refused.join("\n"));
}

/// A bad morning is refused; what is good about it goes live. The good day after it, on which a good
/// change lasts and a bad one is mended, goes live without help.
fn each_breakage_is_refused_or_set_aside(law: &'static str) {
    let mut wrong = Vec::new();
    let company = Company::new(law);
    for day in ["2025-03-03", "2025-04-07", "2025-05-05"] {
        let done = company.day(day, None);
        assert!(done.is_live(), "{day}: {}", done.said());
    }
    for &broken in Breakage::ALL {
        let company = company.copy();
        let morning = company.day("2025-06-02", Some(broken));
        let is_right = match (broken.is_good(), morning.code) {
            (true, code) => code == 0 && morning.published().contains(&"features"),
            (false, code) => code == 77 || code == 65,
        };
        if !is_right {
            wrong.push(format!("{}: {}", broken.name(), morning.said()));
        }
        let next = company.day("2025-06-09", Some(broken).filter(|broken| broken.is_good()));
        if !next.is_live() {
            wrong.push(format!("after {}: {}", broken.name(), next.said()));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

fn a_change_for_good_goes_live_and_is_told_once(law: &'static str) {
    let mut company = Company::new(law);
    company.more = vec!["--change".to_owned(), "2025-01-15".to_owned()];
    let mut told: Vec<String> = Vec::new();
    for day in months().into_iter().skip(9) {
        let done = company.day(&day, None);
        assert!(done.is_live(), "{day}: {}", done.said());
        told.extend(company.alerts());
    }
    let mut subjects = told.clone();
    subjects.sort_unstable();
    subjects.dedup();
    assert!(!told.is_empty(), "the change is told");
    assert!(told.len() <= 2 * subjects.len(), "told again and again: {told:#?}");
}

/// The tests of a law: they run side by side.
macro_rules! year_of {
    ($law:ident) => {
        mod $law {
            #[test]
            #[ignore = "needs the release binary"]
            fn every_good_day_of_two_years_goes_live() {
                super::every_good_day_goes_live(stringify!($law));
            }

            #[test]
            #[ignore = "needs the release binary"]
            fn each_breakage_is_refused_or_set_aside_and_the_next_day_goes_live_without_help() {
                super::each_breakage_is_refused_or_set_aside(stringify!($law));
            }

            #[test]
            #[ignore = "needs the release binary"]
            fn a_change_for_good_goes_live_and_is_told_once() {
                super::a_change_for_good_goes_live_and_is_told_once(stringify!($law));
            }
        }
    };
}

year_of!(relation);
year_of!(operations);
