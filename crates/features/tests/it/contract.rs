//! Whether the input is whole: good days of two laws pass, and broken ones are refused by name.

use sample::{Day, Law, breakage::Breakage};

use crate::morning::Company;

const PEOPLE: usize = 600;

fn start() -> Day {
    "2023-06-01".parse().unwrap()
}

#[test]
fn good_days_of_either_law_pass() {
    for law in Law::ALL {
        let mut company = Company::new(law, PEOPLE);
        for days in [0, 30, 61, 91, 92, 93] {
            let refusals = company.day(start().plus(days), None, true).refusals();
            assert!(refusals.is_empty(), "{} {days}: {refusals:?}", law.name());
        }
    }
}

#[test]
fn broken_days_are_refused_by_name_on_the_first_day_and_later() {
    let day = start().plus(200);
    let mut company = Company::new(Law::Operations, PEOPLE);
    assert!(company.day(day.plus(-1), None, true).names().is_empty());
    let first = || Company::new(Law::Operations, PEOPLE);
    for (broken, on_the_first, later) in [
        (Breakage::HalfOfApplicantsMissing, "orphans-of-people", "fall-of-people"),
        (Breakage::HalfOfJobsMissing, "orphans-of-jobs", "fall-of-jobs"),
        (Breakage::NewCvsEmpty, "new-people-with-cv", "new-people-with-cv"),
        (Breakage::AllCvsEmpty, "people-with-cv", "emptied-applicants"),
        (Breakage::CvKeyRenamed, "key-of-cv-pt", "key-of-cv-pt"),
        (Breakage::RecordsOfOthers, "", "same-people"),
        (Breakage::OneCvForAll, "", "one-cv-for-all"),
        (Breakage::JobTextsEmpty, "jobs-with-text", "emptied-vagas"),
        (Breakage::ContractsRenamed, "", "same-jobs"),
        (
            Breakage::DatesMonthFirstSlashed,
            "readable-data-candidatura",
            "readable-data-candidatura",
        ),
        (Breakage::DatesAsSerials, "readable-data-candidatura", "readable-data-candidatura"),
        (Breakage::StatusesInEnglish, "unknown-statuses", "unknown-statuses"),
        (Breakage::StatusColumnRenamed, "key-of-situacao-candidado", "key-of-situacao-candidado"),
        (Breakage::StatusesNull, "missing-statuses", "reverted-outcomes"),
        (Breakage::OutcomesMissing, "", "reverted-outcomes"),
        (Breakage::LabelNoise, "", "rewritten-history"),
        (Breakage::NoPositives, "both-classes", "fall-of-hires"),
        (Breakage::ApplicationsTwice, "duplicate-applications", "duplicate-applications"),
        (Breakage::LastMonthMissing, "", "recent-applications"),
        (Breakage::DeltaExport, "", "fall-of-applications"),
        (Breakage::Mojibake, "unknown-statuses", "encoding-of-vagas"),
        (Breakage::MojibakeOfJobs, "encoding-of-vagas", "encoding-of-vagas"),
    ] {
        let verdicts = [
            (first().day(day, Some(broken), false), on_the_first),
            (company.day(day, Some(broken), false), later),
        ];
        for (verdict, expected) in verdicts {
            let found = verdict.names();
            assert!(expected.is_empty() || found.contains(&expected), "{broken}: {found:?}");
        }
    }
}

#[test]
fn what_is_set_aside_or_only_told_refuses_no_day() {
    let day = start().plus(200);
    let mut company = Company::new(Law::Operations, PEOPLE);
    assert!(company.day(day.plus(-1), None, true).names().is_empty());
    // Thirty people withdrawn are a loss to a company of three hundred.
    let good = Breakage::ALL.iter().filter(|broken| broken.is_good());
    for broken in good.filter(|broken| **broken != Breakage::PeopleWithdrawn) {
        let refusals = company.day(day, Some(*broken), false).refusals();
        assert!(refusals.is_empty(), "{broken}: {refusals:?}");
        let refusals =
            Company::new(Law::Operations, PEOPLE).day(day, Some(*broken), false).refusals();
        assert!(refusals.is_empty(), "{broken} on a first day: {refusals:?}");
    }
}
