//! What survives redaction, form by form, and what is cut that should stay.
//!
//! `personal/forms.tsv` has a form a line, of a made-up person, with what must not survive and what
//! was decided of it; `personal/ordinary.txt` lines that have nothing personal. Both are redacted as
//! texts of that person, whose numbers some of the ordinary lines have on purpose.

use std::collections::BTreeMap;

use text::redact::{Owner, Record, Redactions, Redactor, WrittenDate};

const FORMS: &str = include_str!("personal/forms.tsv");
const ORDINARY: &str = include_str!("personal/ordinary.txt");

/// Made up: the CPF is a number of textbooks, the telephones are nobody's.
fn owner(redactor: &Redactor) -> Owner {
    redactor.owner(&Record {
        names: vec!["Otávio Brandão Queirós de Albuquerque"],
        born: Some(WrittenDate { year: 1987, month: 9, day: 21 }),
        phones: vec!["(11) 98765-4321", "(11) 3876-4321"],
        documents: vec!["529.982.247-25"],
        contacts: vec![
            "tavinho.abq@hotmail.com",
            "https://www.linkedin.com/in/tavinho-abq-12345/",
            "tavinho.abq",
        ],
        streets: vec!["Rua das Acácias, 123, apto 45, Vila Mariana"],
    })
}

/// Of a person whose record has only the name, as most have little more.
fn named(redactor: &Redactor) -> Owner {
    let names = vec!["Otávio Brandão Queirós de Albuquerque"];
    redactor.owner(&Record { names, ..Record::default() })
}

struct Form {
    kind: &'static str,
    line: String,
    gone: String,
    decision: &'static str,
}

fn forms() -> Vec<Form> {
    let rows = FORMS.lines().filter(|line| !line.starts_with('#'));
    rows.map(|row| {
        let cells: Vec<&str> = row.split('\t').collect();
        let [kind, line, gone, decision] = cells[..] else { panic!("four cells in {row:?}") };
        let unescaped = |cell: &str| cell.replace("\\n", "\n");
        Form { kind, line: unescaped(line), gone: unescaped(gone), decision }
    })
    .collect()
}

#[test]
fn labelled_and_own_values_go_in_every_form_and_others_in_nineteen_of_twenty() {
    let redactor = Redactor::new();
    let owner = owner(&redactor);
    let mut by_kind: BTreeMap<&str, (u32, Vec<String>)> = BTreeMap::new();
    for form in forms() {
        let redacted = redactor.redact(&form.line, &owner, &mut Redactions::default());
        let again = redactor.redact(&redacted, &owner, &mut Redactions::default());
        assert_eq!(again, redacted, "the second time, of {}", form.kind);
        let (count, leaks) = by_kind.entry(form.decision.split(':').next().unwrap()).or_default();
        *count += 1;
        if redacted.contains(&form.gone) {
            leaks.push(format!("{}: {:?} left {redacted:?}", form.kind, form.line));
        }
    }
    println!("{:?}", by_kind.iter().map(|(k, (n, l))| (k, n, l.len())).collect::<Vec<_>>());
    let (own, leaks) = &by_kind["own"];
    assert!(*own > 150 && leaks.is_empty(), "{} of {own} leak:\n{}", leaks.len(), leaks.join("\n"));
    let (third, leaks) = &by_kind["third"];
    assert!(
        *third > 25 && leaks.len() * 20 <= *third as usize,
        "{} of {third} leak:\n{}",
        leaks.len(),
        leaks.join("\n")
    );
    // What was decided to stay does stay: else the decision is to be written anew.
    let (stay, found) = &by_kind["stays"];
    assert_eq!(found.len(), *stay as usize, "only these stay:\n{}", found.join("\n"));
}

#[test]
fn ordinary_lines_stay_whole() {
    let redactor = Redactor::new();
    for owner in [owner(&redactor), named(&redactor)] {
        let cut: Vec<String> = ORDINARY
            .lines()
            .filter_map(|line| {
                let redacted = redactor.redact(line, &owner, &mut Redactions::default());
                (redacted != line).then(|| format!("{line:?} became {redacted:?}"))
            })
            .collect();
        let lines = ORDINARY.lines().count();
        println!("{} of {lines} are cut", cut.len());
        assert!(cut.len() * 100 <= lines, "{} of {lines} are cut:\n{}", cut.len(), cut.join("\n"));
    }
}

#[test]
fn a_place_or_a_skill_that_is_somebodys_name_stays_in_her_text() {
    let redactor = Redactor::new();
    for name in [
        "Bahia", "Belém", "Goiânia", "Recife", "Salvador", "Natal", "Campos", "Franca", "Vitória",
        "Paraná", "Brasil", "Rosa", "Flores", "Vera", "Cruz", "Python", "Windows", "Scala", "SAP",
        "Java", "Ruby", "Angular", "Oracle", "Linux", "Delphi", "Kotlin",
    ] {
        let names = format!("Eduarda {name} Quintanilha");
        let owner = redactor.owner(&Record { names: vec![&names], ..Record::default() });
        for text in [
            format!("experiência com {name}, inglês"),
            format!("{name} - 2019 a 2022"),
            format!("{}: projetos", name.to_uppercase()),
        ] {
            let redacted = redactor.redact(&text, &owner, &mut Redactions::default());
            assert_eq!(redacted, text, "{names}");
        }
        // Beside the rest of the name it is the name.
        let text = format!("Eduarda {name} Quintanilha\nanalista");
        let redacted = redactor.redact(&text, &owner, &mut Redactions::default());
        assert_eq!(redacted, "·\nanalista");
    }
}
