//! Every breakage does what its documentation says, and no more.
#![allow(clippy::unwrap_used, reason = "helpers of tests, which may")]

use sample::breakage::{self, Breakage};
use sample::{Day, Error, SampleConfig, generate};
use serde_json::{Map, Value};
use std::collections::BTreeSet;
use std::ops::ControlFlow;
use std::path::Path;

const FILES: [&str; 3] = ["applicants.json", "vagas.json", "prospects.json"];

fn config() -> SampleConfig {
    let day = |text: &str| text.parse::<Day>().unwrap();
    SampleConfig {
        candidates: 600,
        jobs: 200,
        applications: 1000,
        start: day("2020-01-01"),
        end: day("2021-12-31"),
        day: Some(day("2021-12-20")),
        ..SampleConfig::default()
    }
}

fn make(dir: &Path) {
    generate(&config(), dir, &|_| ControlFlow::Continue(())).unwrap();
}

fn apply(breakage: Breakage, dir: &Path) {
    breakage::apply(breakage, dir, config().last_day(), 7).unwrap();
}

type Table = Map<String, Value>;

struct Raw {
    people: Table,
    jobs: Table,
    prospects: Table,
}

fn read(dir: &Path) -> Raw {
    let [people, jobs, prospects] =
        FILES.map(|name| serde_json::from_slice(&std::fs::read(dir.join(name)).unwrap()).unwrap());
    Raw { people, jobs, prospects }
}

/// The sample, whole and broken.
fn both(breakage: Breakage) -> (Raw, Raw) {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path());
    let before = read(dir.path());
    apply(breakage, dir.path());
    (before, read(dir.path()))
}

fn applications(raw: &Raw) -> Vec<&Value> {
    raw.prospects.values().flat_map(|job| job["prospects"].as_array().unwrap()).collect()
}

fn texts<'a>(raw: &'a Raw, field: &str) -> Vec<&'a str> {
    applications(raw).into_iter().map(|one| one[field].as_str().unwrap()).collect()
}

fn count(raw: &Raw, status: &str) -> usize {
    texts(raw, "situacao_candidado").into_iter().filter(|found| *found == status).count()
}

/// Pairs of a value before and after that differ.
fn differing<'a>(before: &[&'a str], after: &[&'a str]) -> Vec<(&'a str, &'a str)> {
    assert_eq!(before.len(), after.len());
    before.iter().copied().zip(after.iter().copied()).filter(|(b, a)| b != a).collect()
}

fn cv(person: &Value) -> &str {
    person["cv_pt"].as_str().unwrap()
}

const HIRED: &str = "Contratado pela Decision";

#[test]
fn every_name_is_its_own_and_is_read_as_it_is_written() {
    let names: BTreeSet<&str> = Breakage::ALL.iter().map(|breakage| breakage.name()).collect();
    assert_eq!(names.len(), Breakage::ALL.len());
    for breakage in Breakage::ALL {
        let name = breakage.name();
        assert!(name.bytes().all(|b| matches!(b, b'a'..=b'z' | b'0'..=b'9' | b'-')), "{name}");
        assert_eq!(name.parse(), Ok(*breakage));
    }
    let good: Vec<&str> =
        Breakage::ALL.iter().filter(|b| b.is_good()).map(|breakage| breakage.name()).collect();
    assert_eq!(
        good,
        [
            "people-twice",
            "people-withdrawn",
            "jobs-twice",
            "one-job-in-2099",
            "one-job-a-year-ahead",
            "one-application-in-2099",
            "statuses-in-capitals",
            "last-day-without-status",
            "pairs-twice",
        ]
    );
    let message = "no-such".parse::<Breakage>().unwrap_err().to_string();
    assert!(message.contains("\"no-such\"") && message.contains("mojibake-of-jobs"), "{message}");
}

/// What every breakage has in common: the same settings break the same way, something changes, and
/// the truth does not.
#[test]
fn every_breakage_changes_the_raw_files_the_same_way_each_time() {
    let all = |dir: &Path| {
        let mut found = Vec::new();
        for folder in [dir.to_owned(), dir.join("prospects")] {
            for entry in std::fs::read_dir(folder).into_iter().flatten() {
                let path = entry.unwrap().path();
                if path.is_file() {
                    let name = path.strip_prefix(dir).unwrap().to_owned();
                    found.push((name, std::fs::read(&path).unwrap()));
                }
            }
        }
        found.sort();
        found
    };
    let whole = tempfile::tempdir().unwrap();
    make(whole.path());
    let before = all(whole.path());
    let truth =
        |files: &[(_, Vec<u8>)]| files.iter().find(|f| f.0 == Path::new("truth.csv")).cloned();
    for &breakage in Breakage::ALL {
        let broken = || {
            let dir = tempfile::tempdir().unwrap();
            for (name, bytes) in &before {
                std::io::Write::write_all(
                    &mut std::fs::File::create(dir.path().join(name)).unwrap(),
                    bytes,
                )
                .unwrap();
            }
            apply(breakage, dir.path());
            all(dir.path())
        };
        let (once, again): (Vec<(std::path::PathBuf, _)>, _) = (broken(), broken());
        assert!(once == again, "{breakage}: other bytes the second time");
        assert!(once != before, "{breakage}: nothing changed");
        assert_eq!(truth(&once), truth(&before), "{breakage}: the truth changed");
        assert!(once.iter().all(|(name, _)| !name.to_string_lossy().contains("partial")));
    }
}

#[test]
fn parts_of_the_export_are_missing() {
    let (before, after) = both(Breakage::HalfOfApplicantsMissing);
    let half = before.people.len() / 2;
    assert!(after.people.len().abs_diff(half) < 60, "{} of {half}", after.people.len());
    assert!(after.people.iter().all(|(code, person)| before.people[code] == *person));
    assert_eq!((&before.jobs, &before.prospects), (&after.jobs, &after.prospects));

    let (before, after) = both(Breakage::HalfOfJobsMissing);
    assert!(after.jobs.len().abs_diff(before.jobs.len() / 2) < 30);
    assert_eq!(before.prospects, after.prospects);

    let (before, after) = both(Breakage::PeopleWithdrawn);
    assert_eq!(after.people.len(), before.people.len() - 30);
    assert_eq!(before.prospects, after.prospects);

    let newest = |raw: &Raw| {
        let dates = texts(raw, "data_candidatura").into_iter();
        dates.map(|d| format!("{}{}{}", &d[6..], &d[3..5], &d[..2])).max().unwrap()
    };
    let (before, after) = both(Breakage::LastMonthMissing);
    assert_eq!(newest(&before), "20211220");
    assert_eq!(newest(&after), "20211120");
    let (_, delta) = both(Breakage::DeltaExport);
    let kept = applications(&after).len() + applications(&delta).len();
    assert_eq!(kept, applications(&before).len());
    assert!(applications(&delta).len() > 20);
    assert_eq!(before.people, delta.people);

    let (_, one) = both(Breakage::OneApplication);
    assert_eq!(applications(&one).len(), 1);
    let (before, none) = both(Breakage::NoApplications);
    assert_eq!((applications(&none).len(), none.prospects.len()), (0, before.prospects.len()));
}

#[test]
fn cvs_are_gone_or_somebody_elses() {
    let (_, after) = both(Breakage::AllCvsEmpty);
    assert!(after.people.values().all(|p| cv(p).is_empty()));

    let (before, after) = both(Breakage::NewCvsEmpty);
    let emptied: Vec<&Value> = after
        .people
        .iter()
        .filter(|(code, person)| cv(person).is_empty() && !cv(&before.people[*code]).is_empty())
        .map(|(_, person)| person)
        .collect();
    assert!((5..100).contains(&emptied.len()), "{}", emptied.len());
    for person in emptied {
        let came = person["infos_basicas"]["data_criacao"].as_str().unwrap();
        assert!(["11-2021", "12-2021"].contains(&&came[3..10]), "{came}");
    }

    let (before, after) = both(Breakage::CvKeyRenamed);
    for (code, person) in &after.people {
        assert_eq!(person["curriculo_pt"], before.people[code]["cv_pt"]);
        assert!(person.get("cv_pt").is_none());
    }
    let (_, after) = both(Breakage::CvKeyAbsent);
    assert!(after.people.values().all(|p| p.get("cv_pt").is_none() && p.get("cv_en").is_some()));

    let (_, after) = both(Breakage::OneCvForAll);
    let cvs: BTreeSet<&str> = after.people.values().map(cv).collect();
    assert!(cvs.len() == 1 && !cvs.contains(""));

    let (before, after) = both(Breakage::RecordsOfOthers);
    let others = after.people.iter().filter(|(code, person)| before.people[*code] != **person);
    let share = others.count() as f64 / before.people.len() as f64;
    assert!((0.06..0.14).contains(&share), "{share}");
    let names = |raw: &Raw| {
        let mut cvs: Vec<String> = raw.people.values().map(|p| cv(p).to_owned()).collect();
        cvs.sort();
        cvs
    };
    assert_eq!(names(&before), names(&after));
}

#[test]
fn people_jobs_and_applications_are_there_twice() {
    let (before, after) = both(Breakage::PeopleTwice);
    assert_eq!(after.people.len(), 2 * before.people.len());
    let cvs: BTreeSet<&str> = after.people.values().map(cv).collect();
    assert!(cvs.len() <= before.people.len());
    // But for those of absent people.
    let absent = texts(&before, "codigo");
    let absent = absent.iter().filter(|code| !before.people.contains_key(**code)).count();
    assert!(absent > 0);
    assert_eq!(applications(&after).len() + absent, 2 * applications(&before).len());
    assert!(after.people.iter().all(|(c, p)| p["infos_basicas"]["codigo_profissional"] == **c));

    let (before, after) = both(Breakage::JobsTwice);
    assert_eq!(after.jobs.len(), 2 * before.jobs.len());
    assert_eq!(applications(&after).len(), 2 * applications(&before).len());

    let (before, after) = both(Breakage::ApplicationsTwice);
    let doubled: Vec<&str> = texts(&before, "codigo").into_iter().flat_map(|c| [c, c]).collect();
    assert_eq!(texts(&after, "codigo"), doubled);

    let (before, after) = both(Breakage::PairsTwice);
    let more = applications(&after).len() - applications(&before).len();
    assert!((12..50).contains(&more), "{more}");
    assert_eq!(count(&after, HIRED), count(&before, HIRED) + more);
    assert_eq!(count(&after, "Prospect"), count(&before, "Prospect"));

    let dir = tempfile::tempdir().unwrap();
    make(dir.path());
    let whole = std::fs::read(dir.path().join("prospects.json")).unwrap();
    apply(Breakage::ProspectsFileTwice, dir.path());
    assert!(!dir.path().join("prospects.json").exists());
    for part in ["part-1.json", "part-2.json"] {
        assert_eq!(std::fs::read(dir.path().join("prospects").join(part)).unwrap(), whole);
    }
}

#[test]
fn statuses_are_other_words_or_none() {
    let status = "situacao_candidado";
    let (before, after) = both(Breakage::HireStatusRenamed);
    assert_eq!((count(&after, HIRED), count(&after, "Contratado")), (0, count(&before, HIRED)));

    let (before, after) = both(Breakage::NewHireStatus);
    let new = count(&after, "Contratado CLT");
    assert!(new > 0 && new < count(&before, HIRED) / 2, "{new}");
    assert_eq!(count(&after, HIRED) + new, count(&before, HIRED));

    let (before, after) = both(Breakage::StatusesInCapitals);
    let upper: Vec<String> = texts(&before, status).iter().map(|s| s.to_uppercase()).collect();
    assert_eq!(texts(&after, status), upper);

    let (_, after) = both(Breakage::StatusesInEnglish);
    assert_eq!((count(&after, HIRED), count(&after, "Prospect")), (0, 0));
    assert!(count(&after, "Hired by Decision") > 0);

    let (before, after) = both(Breakage::ProspectSplit);
    let share = count(&after, "Triagem") as f64 / count(&before, "Prospect") as f64;
    assert!((0.2..0.4).contains(&share), "{share}");

    let (before, after) = both(Breakage::StatusColumnRenamed);
    for (old, new) in applications(&before).into_iter().zip(applications(&after)) {
        assert_eq!(old[status], new["situacao_candidato"]);
        assert!(new.get(status).is_none());
    }

    let (_, after) = both(Breakage::StatusesNull);
    assert!(applications(&after).iter().all(|one| one[status].is_null()));
    let (_, after) = both(Breakage::LastDayWithoutStatus);
    let null: Vec<_> = applications(&after).into_iter().filter(|o| o[status].is_null()).collect();
    assert!((1..30).contains(&null.len()));
    assert!(null.iter().all(|one| one["data_candidatura"] == "20-12-2021"));
}

#[test]
fn outcomes_are_missing_all_alike_or_noise() {
    let (before, after) = both(Breakage::OutcomesMissing);
    let lost =
        differing(&texts(&before, "situacao_candidado"), &texts(&after, "situacao_candidado"));
    assert!(lost.len() > 20 && lost.iter().all(|pair| pair.1 == "Prospect"), "{lost:?}");
    assert!(lost.iter().any(|pair| pair.0 == HIRED) && count(&after, HIRED) > 0);

    let (before, after) = both(Breakage::LabelNoise);
    let moved =
        differing(&texts(&before, "situacao_candidado"), &texts(&after, "situacao_candidado"));
    assert!(moved.len() > 50, "{}", moved.len());
    for status in [HIRED, "Prospect", "Desistiu", "Encaminhado ao Requisitante"] {
        assert_eq!(count(&before, status), count(&after, status));
        assert!(moved.iter().all(|(old, _)| !["Prospect", "Inscrito"].contains(old)));
    }

    let good = [HIRED, "Aprovado", "Proposta Aceita", "Encaminhar Proposta"];
    let (_, after) = both(Breakage::NoPositives);
    assert_eq!(good.map(|status| count(&after, status)), [0; 4]);
    let (_, after) = both(Breakage::AllPositives);
    assert_eq!(count(&after, HIRED), applications(&after).len());
}

#[test]
fn jobs_say_nothing_or_other_words() {
    let (_, after) = both(Breakage::JobTextsEmpty);
    for job in after.jobs.values() {
        assert_eq!(job["perfil_vaga"]["principais_atividades"], "");
        assert_eq!(job["perfil_vaga"]["competencia_tecnicas_e_comportamentais"], "");
    }
    let (before, after) = both(Breakage::ContractsRenamed);
    for (code, job) in &after.jobs {
        let [old, new] = [&before.jobs[code], job]
            .map(|job| job["informacoes_basicas"]["tipo_contratacao"].as_str().unwrap());
        assert!(old.is_empty() == new.is_empty() && (old != new || old.is_empty()), "{old} {new}");
    }
}

#[test]
fn one_date_is_wrong() {
    let opened = |raw: &Raw| -> Vec<String> {
        let jobs = raw.jobs.values();
        jobs.map(|job| job["informacoes_basicas"]["data_requicisao"].as_str().unwrap().to_owned())
            .collect()
    };
    for (breakage, year) in [(Breakage::OneJobIn2099, "2099"), (Breakage::OneJobAYearAhead, "2022")]
    {
        let (before, after) = both(breakage);
        let (before, after) = (opened(&before), opened(&after));
        let wrong: Vec<_> = before.iter().zip(&after).filter(|(b, a)| b != a).collect();
        assert_eq!(wrong.len(), 1, "{breakage}");
        assert!(wrong[0].1.ends_with(year) && wrong[0].0[..5] == wrong[0].1[..5], "{wrong:?}");
    }
    let (before, after) = both(Breakage::OneApplicationIn2099);
    let dates = |raw| texts(raw, "data_candidatura");
    assert_eq!(differing(&dates(&before), &dates(&after)).len(), 1);
    let (before, after) = both(Breakage::ApplicationsAYearAhead);
    let ahead = differing(&dates(&before), &dates(&after));
    assert!((8..40).contains(&ahead.len()), "{}", ahead.len());
    for (old, new) in ahead {
        let year = |date: &str| date[6..].parse::<i32>().unwrap();
        assert_eq!(year(old) + 1, year(new));
    }
}

#[test]
fn all_dates_have_another_form() {
    let form = |breakage| -> Vec<(String, Value)> {
        let (before, after) = both(breakage);
        applications(&before)
            .into_iter()
            .zip(applications(&after))
            .map(|(old, new)| {
                (
                    old["data_candidatura"].as_str().unwrap().to_owned(),
                    new["data_candidatura"].clone(),
                )
            })
            .collect()
    };
    for (old, new) in form(Breakage::DatesMonthFirst) {
        assert_eq!(new, format!("{}-{}-{}", &old[3..5], &old[..2], &old[6..]));
    }
    for (old, new) in form(Breakage::DatesMonthFirstSlashed) {
        assert_eq!(new, format!("{}/{}/{}", &old[3..5], &old[..2], &old[6..]));
    }
    for (old, new) in form(Breakage::DatesWithTwoDigitYears) {
        assert_eq!(new, format!("{}-{}", &old[..5], &old[8..]));
    }
    let serials = form(Breakage::DatesAsSerials);
    // A spreadsheet has 1 January 2021 as 44,197.
    let expected = |old: &str| old == "01-01-2021";
    for (old, new) in &serials {
        assert!((43_831..44_600).contains(&new.as_u64().unwrap()), "{old} {new}");
        assert!(!expected(old) || *new == 44_197);
    }
}

#[test]
fn encodings_are_wrong() {
    let spoilt = |breakage| {
        let dir = tempfile::tempdir().unwrap();
        make(dir.path());
        apply(breakage, dir.path());
        FILES.map(|name| std::fs::read(dir.path().join(name)).unwrap())
    };
    let moji = |bytes: &[u8]| {
        std::str::from_utf8(bytes).is_ok_and(|text| text.contains("SÃ£o") || text.contains("NÃ£o"))
    };
    assert_eq!(spoilt(Breakage::Mojibake).map(|file| moji(&file)), [true; 3]);
    assert_eq!(spoilt(Breakage::MojibakeOfJobs).map(|file| moji(&file)), [false, true, false]);
    assert_eq!(spoilt(Breakage::MojibakeOfProspects).map(|file| moji(&file)), [false, false, true]);
    let latin = spoilt(Breakage::JobsInLatin1);
    assert_eq!(latin.each_ref().map(|file| std::str::from_utf8(file).is_ok()), [true, false, true]);
}

#[test]
fn records_keep_their_order() {
    let dir = tempfile::tempdir().unwrap();
    make(dir.path());
    let keys = || -> Vec<String> {
        let text = std::fs::read_to_string(dir.path().join("applicants.json")).unwrap();
        text.match_indices("\"codigo_profissional\":")
            .map(|(at, mark)| {
                text[at + mark.len()..].trim_start_matches([' ', '"'])[..5].to_owned()
            })
            .collect()
    };
    let before = keys();
    apply(Breakage::AllCvsEmpty, dir.path());
    assert_eq!(before, keys());
    assert!(before.len() > 400);
}

#[test]
fn what_cannot_be_broken_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let day = config().last_day();
    let error = breakage::apply(Breakage::AllCvsEmpty, dir.path(), day, 7).unwrap_err();
    assert!(matches!(&error, Error::Unreadable { path, .. } if path.ends_with("applicants.json")));
    for wrong in ["[]", "{\"31000\": ", "\u{feff}{}"] {
        let mut file = std::fs::File::create(dir.path().join("applicants.json")).unwrap();
        std::io::Write::write_all(&mut file, wrong.as_bytes()).unwrap();
        let error = breakage::apply(Breakage::AllCvsEmpty, dir.path(), day, 7).unwrap_err();
        assert!(error.to_string().contains("without hostile records"), "{error}");
        assert_eq!(std::fs::read_to_string(dir.path().join("applicants.json")).unwrap(), wrong);
    }
}
