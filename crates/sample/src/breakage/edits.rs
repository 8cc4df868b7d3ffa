//! What each breakage does to the files.

use super::Breakage;
use super::encodings::{latin_1, mojibake};
use super::table::{self, RawTable, edit};
use crate::market::{self, GOOD};
use crate::rng::{Purpose, Stream};
use crate::{Day, Error, file};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::Path;

/// Where people's and jobs' second codes begin: past any that a sample gives.
const SECOND_CODES: usize = 500_000_000;
/// The days of "the last month".
const MONTH: i32 = 30;
/// The days of a feed that stopped.
const HALF_A_YEAR: i32 = 182;
/// People who withdraw, applications that arrive twice.
const A_FEW: usize = 30;

/// The parts of a file that arrived twice.
pub(super) const PARTS: [&str; 2] = ["part-1.json", "part-2.json"];

const STATUS: &str = "situacao_candidado";
const APPLIED: &str = "data_candidatura";
const UPDATED: &str = "ultima_atualizacao";
const HIRED: &str = GOOD[0].0;
const PROSPECT: &str = "Prospect";

pub(super) fn apply(breakage: Breakage, folder: &Path, day: Day, seed: u64) -> Result<(), Error> {
    let [people, jobs, prospects] =
        ["applicants.json", "vagas.json", "prospects.json"].map(|name| folder.join(name));
    let mut stream = Stream::new(seed, Purpose::Breakage, 0);
    let stream = &mut stream;
    match breakage {
        Breakage::HalfOfApplicantsMissing => edit(&people, |table| halve(table, stream)),
        Breakage::HalfOfJobsMissing => edit(&jobs, |table| halve(table, stream)),
        Breakage::AllCvsEmpty => each_record(&people, empty_cv),
        Breakage::NewCvsEmpty => each_record(&people, |record| {
            if came(record).is_some_and(|came| is_last_month(came, day)) {
                empty_cv(record);
            }
        }),
        Breakage::CvKeyRenamed => each_record(&people, |record| {
            rename(record, "cv_pt", "curriculo_pt");
        }),
        Breakage::CvKeyAbsent => each_record(&people, |record| {
            remove(record, "cv_pt");
        }),
        Breakage::OneCvForAll => edit(&people, one_cv_for_all),
        Breakage::RecordsOfOthers => edit(&people, |table| records_of_others(table, stream)),
        Breakage::PeopleTwice => {
            let mut codes = BTreeSet::new();
            edit(&people, |table| codes = people_twice(table))?;
            each_list(&prospects, |list| apply_under_second_codes(list, &codes))
        }
        Breakage::PeopleWithdrawn => edit(&people, |table| withdraw(table, stream)),
        Breakage::JobTextsEmpty => each_record(&jobs, |record| {
            for field in ["principais_atividades", "competencia_tecnicas_e_comportamentais"] {
                set(&mut record["perfil_vaga"], field, json!(""));
            }
        }),
        Breakage::ContractsRenamed => each_record(&jobs, rename_contracts),
        Breakage::JobsTwice => edit(&jobs, twice).and_then(|()| edit(&prospects, twice)),
        Breakage::OneJobIn2099 => edit(&jobs, |table| {
            date_newest_job(table, |(day, month, _)| (day, month, 2099));
        }),
        Breakage::OneJobAYearAhead => edit(&jobs, |table| {
            date_newest_job(table, |(day, month, year)| (day, month, year + 1));
        }),
        Breakage::OneApplicationIn2099 => {
            let mut left = 1;
            each_application(&prospects, |one| {
                if left > 0 && date_of(one, APPLIED).is_some() {
                    set(one, APPLIED, json!("15-03-2099"));
                    left -= 1;
                }
            })
        }
        Breakage::ApplicationsAYearAhead => each_application(&prospects, |one| {
            if stream.chance(0.02) {
                redate(one, APPLIED, |(day, month, year)| json!(dashed(day, month, year + 1)));
            }
        }),
        Breakage::DatesMonthFirst => {
            all_dates(&prospects, |(day, month, year)| json!(dashed(month, day, year)))
        }
        Breakage::DatesMonthFirstSlashed => {
            all_dates(&prospects, |(day, month, year)| json!(format!("{month:02}/{day:02}/{year}")))
        }
        Breakage::DatesAsSerials => all_dates(&prospects, |(day, month, year)| {
            // 1 January 2018 is number 43,101.
            Day::from_civil(year, month, day)
                .map_or(Value::Null, |d| json!(43_101 + u32::from(d.0)))
        }),
        Breakage::DatesWithTwoDigitYears => all_dates(&prospects, |(day, month, year)| {
            json!(format!("{day:02}-{month:02}-{:02}", year % 100))
        }),
        Breakage::HireStatusRenamed => each_application(&prospects, |one| {
            if status(one) == HIRED {
                set(one, STATUS, json!("Contratado"));
            }
        }),
        Breakage::NewHireStatus => each_application(&prospects, |one| {
            let hired = date_of(one, UPDATED).or_else(|| date_of(one, APPLIED));
            if status(one) == HIRED && hired.is_some_and(|hired| is_last_month(hired, day)) {
                set(one, STATUS, json!("Contratado CLT"));
            }
        }),
        Breakage::StatusesInCapitals => each_application(&prospects, |one| {
            let capitals = status(one).to_uppercase();
            set(one, STATUS, json!(capitals));
        }),
        Breakage::StatusesInEnglish => each_application(&prospects, |one| {
            let english = ENGLISH.iter().find(|(portuguese, _)| *portuguese == status(one));
            if let Some((_, english)) = english {
                set(one, STATUS, json!(english));
            }
        }),
        Breakage::ProspectSplit => each_application(&prospects, |one| {
            if status(one) == PROSPECT && stream.chance(0.3) {
                set(one, STATUS, json!("Triagem"));
            }
        }),
        Breakage::StatusColumnRenamed => {
            each_application(&prospects, |one| rename(one, STATUS, "situacao_candidato"))
        }
        Breakage::StatusesNull => each_application(&prospects, |one| set(one, STATUS, Value::Null)),
        Breakage::LastDayWithoutStatus => edit(&prospects, |table| {
            last_day_without_status(table, day);
        }),
        Breakage::OutcomesMissing => each_application(&prospects, |one| {
            let recent = |applied: Day| (0..HALF_A_YEAR).contains(&day.since(applied));
            if market::is_decided(status(one)) && date_of(one, APPLIED).is_some_and(recent) {
                set(one, STATUS, json!(PROSPECT));
                set(one, UPDATED, json!(""));
            }
        }),
        Breakage::LabelNoise => edit(&prospects, |table| label_noise(table, stream)),
        Breakage::NoPositives => each_application(&prospects, |one| {
            if GOOD.iter().any(|good| good.0 == status(one)) {
                set(one, STATUS, json!("Não Aprovado pelo Cliente"));
            }
        }),
        Breakage::AllPositives => {
            each_application(&prospects, |one| set(one, STATUS, json!(HIRED)))
        }
        Breakage::ApplicationsTwice => each_list(&prospects, |list| {
            *list = list.drain(..).flat_map(|one| [one.clone(), one]).collect();
        }),
        Breakage::ProspectsFileTwice => in_two_parts(&prospects),
        Breakage::PairsTwice => edit(&prospects, |table| pairs_twice(table, day, stream)),
        Breakage::OneApplication => {
            let mut left = 1;
            each_list(&prospects, |list| {
                list.truncate(left);
                left -= list.len();
            })
        }
        Breakage::NoApplications => each_list(&prospects, Vec::clear),
        Breakage::LastMonthMissing => each_list(&prospects, |list| {
            list.retain(|one| !date_of(one, APPLIED).is_some_and(|d| is_last_month(d, day)));
        }),
        Breakage::DeltaExport => each_list(&prospects, |list| {
            list.retain(|one| date_of(one, APPLIED).is_some_and(|d| is_last_month(d, day)));
        }),
        Breakage::JobsInLatin1 => file::replace(&jobs, &latin_1(&table::text(&jobs)?)),
        Breakage::Mojibake => [people, jobs, prospects].iter().try_for_each(|path| spoil(path)),
        Breakage::MojibakeOfJobs => spoil(&jobs),
        Breakage::MojibakeOfProspects => spoil(&prospects),
    }
}

fn each_record(path: &Path, mut change: impl FnMut(&mut Value)) -> Result<(), Error> {
    edit(path, |table| table.0.iter_mut().for_each(|(_, record)| change(record)))
}

/// The lists of applications of all jobs.
fn lists(table: &mut RawTable) -> impl Iterator<Item = &mut Vec<Value>> {
    table.0.iter_mut().filter_map(|(_, record)| record.get_mut("prospects")?.as_array_mut())
}

fn applications(table: &mut RawTable) -> impl Iterator<Item = &mut Value> {
    lists(table).flatten()
}

fn each_list(prospects: &Path, change: impl FnMut(&mut Vec<Value>)) -> Result<(), Error> {
    edit(prospects, |table| lists(table).for_each(change))
}

fn each_application(prospects: &Path, change: impl FnMut(&mut Value)) -> Result<(), Error> {
    edit(prospects, |table| applications(table).for_each(change))
}

/// Puts a value under a key of a record that has it.
fn set(record: &mut Value, key: &str, value: Value) {
    if let Some(place) = record.get_mut(key) {
        *place = value;
    }
}

fn remove(record: &mut Value, key: &str) -> Option<Value> {
    record.as_object_mut()?.remove(key)
}

fn rename(record: &mut Value, key: &str, to: &str) {
    if let Some(value) = remove(record, key)
        && let Some(fields) = record.as_object_mut()
    {
        fields.insert(to.to_owned(), value);
    }
}

fn text<'a>(record: &'a Value, key: &str) -> &'a str {
    record.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn status(application: &Value) -> &str {
    text(application, STATUS)
}

/// Day, month, year of `04-05-2021` or `04-05-2021 07:29:49`.
fn parts(text: &str) -> Option<(usize, usize, usize)> {
    let mut parts = text.get(..10)?.split('-').map(|part| part.parse().ok());
    let [day, month, year] = [parts.next()??, parts.next()??, parts.next()??];
    Day::from_civil(year, month, day).map(|_| (day, month, year))
}

fn dashed(day: usize, month: usize, year: usize) -> String {
    format!("{day:02}-{month:02}-{year}")
}

fn date_of(record: &Value, key: &str) -> Option<Day> {
    let (day, month, year) = parts(text(record, key))?;
    Day::from_civil(year, month, day)
}

/// Writes a date of a record anew, where there is one.
fn redate(record: &mut Value, key: &str, write: impl Fn((usize, usize, usize)) -> Value) {
    if let Some(parts) = parts(text(record, key)) {
        set(record, key, write(parts));
    }
}

/// Writes both dates of every application anew.
fn all_dates(
    prospects: &Path,
    write: impl Fn((usize, usize, usize)) -> Value,
) -> Result<(), Error> {
    each_application(prospects, |one| {
        redate(one, APPLIED, &write);
        redate(one, UPDATED, &write);
    })
}

fn is_last_month(date: Day, day: Day) -> bool {
    (0..MONTH).contains(&day.since(date))
}

/// The day on which a candidate's record was made.
fn came(person: &Value) -> Option<Day> {
    date_of(person.get("infos_basicas")?, "data_criacao")
}

fn empty_cv(person: &mut Value) {
    set(person, "cv_pt", json!(""));
    set(person, "cv_en", json!(""));
}

fn halve(table: &mut RawTable, stream: &mut Stream) {
    table.0.retain(|_| stream.chance(0.5));
}

fn one_cv_for_all(table: &mut RawTable) {
    let cvs = table.0.iter().map(|(_, person)| text(person, "cv_pt"));
    let cv = cvs.into_iter().find(|cv| !cv.is_empty()).unwrap_or_default().to_owned();
    table.0.iter_mut().for_each(|(_, person)| set(person, "cv_pt", json!(cv)));
}

/// Of one record in ten, each takes the next one's content.
fn records_of_others(table: &mut RawTable, stream: &mut Stream) {
    let struck: Vec<usize> = (0..table.0.len()).filter(|_| stream.chance(0.1)).collect();
    for pair in struck.windows(2) {
        let (before, after) = table.0.split_at_mut(pair[1]);
        std::mem::swap(&mut before[pair[0]].1, &mut after[0].1);
    }
}

/// Each record again, under a second code; returns the first codes.
fn people_twice(table: &mut RawTable) -> BTreeSet<String> {
    let first = table.0.len();
    twice(table);
    for (code, person) in &mut table.0[first..] {
        if let Some(basics) = person.get_mut("infos_basicas") {
            set(basics, "codigo_profissional", json!(code));
        }
    }
    table.0[..first].iter().map(|(code, _)| code.clone()).collect()
}

fn second_code(code: &str) -> String {
    (SECOND_CODES + code.parse().unwrap_or(0)).to_string()
}

/// Every application of those candidates again, under their second code.
fn apply_under_second_codes(list: &mut Vec<Value>, codes: &BTreeSet<String>) {
    for at in 0..list.len() {
        let code = text(&list[at], "codigo");
        if codes.contains(code) {
            let mut again = list[at].clone();
            set(&mut again, "codigo", json!(second_code(code)));
            list.push(again);
        }
    }
}

/// Each record again, under a second code.
fn twice(table: &mut RawTable) {
    for at in 0..table.0.len() {
        let (code, job) = &table.0[at];
        let again = (second_code(code), job.clone());
        table.0.push(again);
    }
}

fn withdraw(table: &mut RawTable, stream: &mut Stream) {
    for _ in 0..A_FEW.min(table.0.len() / 10) {
        table.0.remove(stream.below(table.0.len()));
    }
}

fn rename_contracts(job: &mut Value) {
    let Some(basics) = job.get_mut("informacoes_basicas") else { return };
    let renamed = text(basics, "tipo_contratacao")
        .replace("CLT Full", "CLT - Efetivo")
        .replace("CLT Cotas", "CLT - Reserva de vagas")
        .replace("PJ/Autônomo", "Pessoa Jurídica")
        .replace("Cooperado", "Cooperativa")
        .replace("Hunting", "Recrutamento");
    set(basics, "tipo_contratacao", json!(renamed));
}

/// Writes the opening of the job that opened last anew.
fn date_newest_job(
    table: &mut RawTable,
    write: impl Fn((usize, usize, usize)) -> (usize, usize, usize),
) {
    let opened = |job: &Value| date_of(job.get("informacoes_basicas")?, "data_requicisao");
    let newest = table.0.iter_mut().max_by_key(|(_, job)| opened(job));
    if let Some(basics) = newest.and_then(|(_, job)| job.get_mut("informacoes_basicas")) {
        redate(basics, "data_requicisao", |parts| {
            let (day, month, year) = write(parts);
            // 29 February is in no year after.
            json!(dashed(day.min(if month == 2 { 28 } else { 31 }), month, year))
        });
    }
}

fn last_day_without_status(table: &mut RawTable, day: Day) {
    let dates = applications(table).filter_map(|one| date_of(one, APPLIED));
    let newest = dates.filter(|&date| date <= day).max();
    for one in applications(table).filter(|one| date_of(one, APPLIED) == newest) {
        set(one, STATUS, Value::Null);
    }
}

/// Deals the statuses of decided applications out anew.
fn label_noise(table: &mut RawTable, stream: &mut Stream) {
    let decided = |one: &&mut Value| market::is_decided(status(one));
    let mut ends: Vec<String> =
        applications(table).filter(decided).map(|one| status(one).to_owned()).collect();
    for last in (1..ends.len()).rev() {
        ends.swap(last, stream.below(last + 1));
    }
    for (one, end) in applications(table).filter(decided).zip(ends) {
        set(one, STATUS, json!(end));
    }
}

/// Some untouched applications again, hired on the day.
fn pairs_twice(table: &mut RawTable, day: Day, stream: &mut Stream) {
    let untouched = applications(table).filter(|one| status(one) == PROSPECT).count();
    let share = A_FEW as f64 / untouched.max(1) as f64;
    let (on_day, month, year) = (day.civil().2, day.civil().1, day.civil().0);
    for list in lists(table) {
        for at in 0..list.len() {
            if status(&list[at]) == PROSPECT && stream.chance(share) {
                let mut again = list[at].clone();
                set(&mut again, STATUS, json!(HIRED));
                set(&mut again, UPDATED, json!(dashed(on_day, month, year)));
                list.push(again);
                if stream.chance(0.5) {
                    let last = list.len() - 1;
                    list.swap(at, last);
                }
            }
        }
    }
}

/// The file as a folder of two parts, each the whole.
fn in_two_parts(prospects: &Path) -> Result<(), Error> {
    let folder = prospects.with_extension("");
    let failed = |action, path: &Path, source| Error::Io { action, path: path.to_owned(), source };
    let whole = table::text(prospects)?;
    std::fs::create_dir_all(&folder).map_err(|e| failed("create folder", &folder, e))?;
    for part in PARTS {
        file::replace(&folder.join(part), whole.as_bytes())?;
    }
    std::fs::remove_file(prospects).map_err(|e| failed("remove", prospects, e))
}

fn spoil(path: &Path) -> Result<(), Error> {
    file::replace(path, mojibake(&table::text(path)?).as_bytes())
}

/// What a translated form calls the statuses.
const ENGLISH: [(&str, &str); 17] = [
    ("Prospect", "Lead"),
    ("Encaminhado ao Requisitante", "Sent to Requester"),
    ("Inscrito", "Registered"),
    ("Não Aprovado pelo Cliente", "Not Approved by Client"),
    ("Contratado pela Decision", "Hired by Decision"),
    ("Desistiu", "Gave Up"),
    ("Não Aprovado pelo RH", "Not Approved by HR"),
    ("Não Aprovado pelo Requisitante", "Not Approved by Requester"),
    ("Entrevista Técnica", "Technical Interview"),
    ("Sem interesse nesta vaga", "Not Interested"),
    ("Entrevista com Cliente", "Client Interview"),
    ("Em avaliação pelo RH", "In Review by HR"),
    ("Contratado como Hunting", "Hired as Hunting"),
    ("Aprovado", "Approved"),
    ("Desistiu da Contratação", "Withdrew from Hiring"),
    ("Proposta Aceita", "Offer Accepted"),
    ("Encaminhar Proposta", "Send Offer"),
];
