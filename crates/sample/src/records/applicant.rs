//! One record of `applicants.json`.

use super::world::{FIRST_CANDIDATE, World, colleague, dashed, slashed};
use crate::Day;
use crate::catalogue::{ACADEMIC, AREAS, CLIENTS, FLUENCY, LEVELS, skill};
use crate::json::Writer;
use crate::person::{Person, PersonIdentity};
use crate::rng::{Purpose, Stream};
use crate::text::{self, Author};

/// Share of candidates who filled their profile; others left it blank. Each field of it is then
/// filled with a chance that gives the source's fill rate.
const FILLED: f64 = 0.18;

/// Writes the record of a candidate; `cv` is a buffer to write the text in.
pub(crate) fn write(json: &mut Writer, cv: &mut String, world: &World, index: usize) {
    let person = &world.market.people[index];
    let identity = world.identity(index);
    let mut stream = Stream::new(world.config.seed, Purpose::Profile, index as u64);
    let filled = stream.chance(FILLED);
    json.open("");
    basics(json, &mut stream, world, index, &identity, filled);
    personal(json, &mut stream, world, index, &identity, filled);
    professional(json, &mut stream, person, filled);
    education(json, &mut stream, person, filled);
    let mut of_hire = stream.clone();
    position(json, &mut of_hire, world, index, &identity);
    if world.registered(index).is_none() {
        stream = of_hire;
    }
    text::cv(cv, &author(world, index, &identity), &world.spellings);
    if world.config.personal {
        for planted in text::planted(world.config.seed, index, &identity) {
            cv.push('\n');
            cv.push_str(&planted.line);
        }
    }
    json.text("cv_pt", cv);
    json.text("cv_en", if stream.chance(0.003) { "see the attached resume" } else { "" });
    json.close();
}

/// Who writes a candidate's CV.
pub(super) fn author<'a>(
    world: &'a World,
    index: usize,
    identity: &'a PersonIdentity,
) -> Author<'a> {
    Author {
        seed: world.config.seed,
        index,
        person: &world.market.people[index],
        identity,
        law: world.config.law,
        drift: world.config.drift,
        present: world.registered(index).map_or(PRESENT, |day| Day(day).civil().0),
    }
}

/// The text, where the profile is filled and a coin falls so; else nothing.
fn maybe(json: &mut Writer, stream: &mut Stream, key: &str, filled: bool, share: f64, text: &str) {
    // The coin falls either way, so that no draw depends on another's outcome.
    let falls = stream.chance(share / FILLED);
    json.text(key, if filled && falls { text } else { "" });
}

/// The year in which CVs are read, where there is no history.
const PRESENT: usize = 2025;

/// Days from 1 January 2018 to 31 December 2025, in which records are made where there is no history.
const DAYS: usize = 2922;

/// One of so many days, and a time of it.
fn moment(stream: &mut Stream, days: usize) -> (usize, String) {
    let day = stream.below(days);
    let (hour, minute, second) = (stream.between(7, 22), stream.below(60), stream.below(60));
    (day, format!("{hour:02}:{minute:02}:{second:02}"))
}

/// `04-05-2021 07:29:49`
fn stamp(day: u16, time: &str) -> String {
    format!("{} {time}", dashed(day))
}

fn basics(
    json: &mut Writer,
    stream: &mut Stream,
    world: &World,
    index: usize,
    identity: &PersonIdentity,
    filled: bool,
) {
    let person = &world.market.people[index];
    let place = person.place();
    json.open("infos_basicas");
    json.text("telefone_recado", "");
    json.text("telefone", &identity.phone_written(0));
    let objective = person.profession()[0];
    maybe(json, stream, "objetivo_profissional", filled, 0.15, objective);
    let (drawn, time) = moment(stream, DAYS);
    let registered = world.registered(index);
    let created = stamp(registered.unwrap_or(drawn as u16), &time);
    json.text("data_criacao", &created);
    json.text("inserido_por", &colleague(stream));
    json.text("email", &identity.email);
    maybe(json, stream, "local", filled, 0.17, &format!("{}, {}", place.name, place.state));
    let source = stream.pick(&["Site de Empregos", "Indeed", "Outros", "Anúncio", "Indicação"]);
    maybe(json, stream, "sabendo_de_nos_por", filled, 0.16, source);
    let (later, time) = moment(stream, DAYS - drawn);
    let changed = match registered {
        None => stamp((drawn + later) as u16, &time),
        Some(registered) => {
            let changed = Day(registered).plus((later % 400) as i32 + 1);
            let known = world.config.day.is_none_or(|day| changed <= day);
            if known { stamp(changed.0, &time) } else { created }
        }
    };
    json.text("data_atualizacao", &changed);
    json.text("codigo_profissional", &(FIRST_CANDIDATE + index).to_string());
    json.text("nome", &identity.name);
    json.close();
}

fn personal(
    json: &mut Writer,
    stream: &mut Stream,
    world: &World,
    index: usize,
    identity: &PersonIdentity,
    filled: bool,
) {
    let person = &world.market.people[index];
    json.open("informacoes_pessoais");
    let accepted = if stream.chance(0.3) {
        let drawn = stream.between(800, 2900) as u16;
        let day = world.registered(index).unwrap_or(drawn);
        format!("{} {:02}:{:02}", slashed(day), stream.between(7, 22), stream.below(60))
    } else {
        "Cadastro anterior ao registro de aceite".to_owned()
    };
    json.text("data_aceite", &accepted);
    json.text("nome", &identity.name);
    json.text("cpf", &if stream.chance(0.04) { identity.cpf_written() } else { String::new() });
    json.text("fonte_indicacao", if stream.chance(0.95) { ":" } else { "Outros:" });
    json.text("email", &identity.email);
    let second_mail =
        if stream.chance(0.04) { format!("outro.{}", identity.email) } else { String::new() };
    json.text("email_secundario", &second_mail);
    let known = stream.chance(if filled { 0.98 } else { 0.25 });
    let (day, month) = (stream.between(1, 28), stream.between(1, 12));
    let born = format!("{day:02}-{month:02}-{}", identity.birth_year);
    json.text("data_nascimento", if known { &born } else { "0000-00-00" });
    json.text("telefone_celular", &identity.phone_written(0));
    json.text("telefone_recado", "");
    let sex = if identity.woman { "Feminino" } else { "Masculino" };
    maybe(json, stream, "sexo", filled, 0.18, sex);
    let status = stream.pick(&["Solteiro", "Casado", "Solteiro", "União Estável", "Divorciado"]);
    maybe(json, stream, "estado_civil", filled, 0.16, status);
    let disabled = if stream.chance(0.03) { "Sim" } else { "Não" };
    maybe(json, stream, "pcd", filled, 0.16, disabled);
    maybe(json, stream, "endereco", filled, 0.15, &person.place().state.to_lowercase());
    json.blanks(&["skype"]);
    let page = format!("https://www.exemplo.com/in/{index}");
    maybe(json, stream, "url_linkedin", filled, 0.03, &page);
    json.blanks(&["facebook"]);
    if stream.chance(0.002) {
        json.text("download_cv", &format!("https://www.exemplo.com/cv/{index}.pdf"));
    }
    json.close();
}

fn professional(json: &mut Writer, stream: &mut Stream, person: &Person, filled: bool) {
    let level = LEVELS[usize::from(person.level)].0;
    let area = &AREAS[usize::from(person.area)];
    json.open("informacoes_profissionais");
    let title = match stream.below(3) {
        0 => format!("{} {level}", capitalised(area.profession[0])),
        1 => capitalised(area.profession[0]),
        _ => format!("{level} {}", area.skills[stream.below(area.skills.len())].name),
    };
    maybe(json, stream, "titulo_profissional", filled, 0.16, &title);
    let mut areas = area.name.to_owned();
    if stream.chance(0.25) {
        areas.push_str(", ");
        areas.push_str(AREAS[usize::from(person.second)].name);
    }
    maybe(json, stream, "area_atuacao", filled, 0.17, &areas);
    let names: Vec<&str> = person
        .skills
        .iter()
        .filter(|_| stream.chance(0.7))
        .map(|number| skill(number).name)
        .collect();
    maybe(json, stream, "conhecimentos_tecnicos", filled, 0.05, &names.join(", "));
    let certificate = stream.pick(&[
        "PMP",
        "ITIL Foundation",
        "Scrum Master",
        "AWS Cloud Practitioner",
        "SAP Certified",
        "Azure Fundamentals",
        "CCNA",
        "OCP Java",
    ]);
    maybe(json, stream, "certificacoes", filled, 0.02, certificate);
    let course = format!("Curso de {}", area.skills[stream.below(area.skills.len())].name);
    maybe(json, stream, "outras_certificacoes", filled, 0.03, &course);
    let pay = pay(stream, person);
    maybe(json, stream, "remuneracao", filled, 0.17, &pay);
    maybe(json, stream, "nivel_profissional", filled, 0.003, level);
    if stream.chance(0.01) {
        json.text("qualificacoes", "");
        json.text("experiencias", "");
    }
    json.close();
}

fn pay(stream: &mut Stream, person: &Person) -> String {
    let amount = 2000 + 1800 * usize::from(person.level) + 500 * stream.below(8);
    match stream.below(10) {
        0 => format!("R$ {}.{:03},00", amount / 1000, amount % 1000),
        1 => "0,00".to_owned(),
        _ => format!("{amount},00"),
    }
}

fn education(json: &mut Writer, stream: &mut Stream, person: &Person, filled: bool) {
    json.open("formacao_e_idiomas");
    maybe(json, stream, "nivel_academico", filled, 0.17, ACADEMIC[usize::from(person.academic)].0);
    maybe(json, stream, "nivel_ingles", filled, 0.17, FLUENCY[usize::from(person.english)].0);
    maybe(json, stream, "nivel_espanhol", filled, 0.17, FLUENCY[usize::from(person.spanish)].0);
    let other = match stream.below(12) {
        0 => "Português - Fluente",
        1 => "Francês - Básico",
        _ => "-",
    };
    json.text("outro_idioma", if filled { other } else { "-" });
    let schooling = stream.chance(0.15 / FILLED);
    if filled && schooling {
        json.text(
            "instituicao_ensino_superior",
            if stream.chance(0.3) { "Universidade Exemplo" } else { "" },
        );
        let course =
            stream.pick(&["Administração de Empresas", "Sistemas de Informação", "Engenharia"]);
        json.text("cursos", course);
        json.text("ano_conclusao", &stream.between(1995, 2024).to_string());
    }
    json.close();
}

/// Filled for people whom an application hired: known only after the outcome.
fn position(
    json: &mut Writer,
    stream: &mut Stream,
    world: &World,
    index: usize,
    identity: &PersonIdentity,
) {
    json.open("cargo_atual");
    if let Some(slot) = world.market.hired[index] {
        let application = &world.market.applications[slot as usize];
        let since = application.updated.unwrap_or(application.applied);
        json.text("id_ibrati", &stream.between(1000, 99_999).to_string());
        json.text("email_corporativo", &format!("corp.{}", identity.email));
        json.text("cargo_atual", &capitalised(world.market.people[index].profession()[0]));
        json.text("projeto_atual", "");
        json.text("cliente", &capitalised(stream.pick(&CLIENTS)));
        json.text("unidade", "Decision São Paulo");
        json.text("data_admissao", &dashed(since));
        json.text("data_ultima_promocao", "");
        json.text("nome_superior_imediato", &colleague(stream));
        json.text("email_superior_imediato", "");
    }
    json.close();
}

/// With its first letter in upper case.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}
