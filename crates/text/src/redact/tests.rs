use std::sync::LazyLock;

use proptest::prelude::*;

use super::*;

static REDACTOR: LazyLock<Redactor> = LazyLock::new(Redactor::new);

fn redact(text: &str, names: &[&str]) -> (String, Redactions) {
    let mut counts = Redactions::default();
    let owner = REDACTOR.owner(&Record { names: names.to_vec(), ..Record::default() });
    let redacted = REDACTOR.redact(text, &owner, &mut counts).into_owned();
    (redacted, counts)
}

/// The rows of a section of `cases.tsv`: a text, and what must be left of it.
fn cases(section: &str) -> Vec<(String, String)> {
    let header = format!("[{section}]");
    let lines = include_str!("cases.tsv").lines().skip_while(|line| *line != header).skip(1);
    let rows: Vec<(String, String)> = lines
        .take_while(|line| !line.is_empty())
        .map(|line| {
            let row = line.replace("\\n", "\n").replace("\\u{a0}", "\u{a0}");
            let row = row.replace("\\u{301}", "\u{301}");
            let (text, left) = row.split_once('\t').unwrap_or((&row, &row));
            (text.to_owned(), left.to_owned())
        })
        .collect();
    assert!(!rows.is_empty(), "{section}");
    rows
}

fn check(section: &str, names: &[&str]) {
    for (text, expected) in cases(section) {
        assert_eq!(redact(&text, names).0, expected, "of {text:?}");
    }
}

#[test]
fn e_mail() {
    check("e-mail", &[]);
}

#[test]
fn addresses() {
    check("addresses", &[]);
}

#[test]
fn documents() {
    check("documents", &[]);
    let counts = redact("529.982.247-25 11222333000181", &[]).1;
    assert_eq!(counts, Redactions { documents: 2, ..Redactions::default() });
}

#[test]
fn telephones() {
    for (number, _) in cases("telephones") {
        let (text, counts) = redact(&format!("tel:{number};"), &[]);
        let digits = text.chars().any(|c| c.is_ascii_digit());
        assert!(!digits && counts.phones == 1 && text.contains(MARK), "{number} left {text}");
    }
    check("telephones in texts", &[]);
}

#[test]
fn what_is_no_telephone() {
    for (text, _) in cases("no telephones") {
        assert_eq!(redact(&text, &[]), (text, Redactions::default()));
    }
}

#[test]
fn names() {
    check("names", &["Fábio da Silva Costa"]);
}

#[test]
fn names_that_are_ordinary_words_go_only_beside_the_rest() {
    check("ordinary names", &["Vitória Dias dos Santos"]);
    check("a skill as a name", &["Ângular Rocha"]);
    check("a word of CVs as a name", &["Bruno Lemos Júnior"]);
}

#[test]
fn a_saint_is_a_place() {
    check("saints", &["Paulo Souza"]);
}

#[test]
fn odd_names_are_taken_as_they_come() {
    let text = "analista de dados 4.7.2";
    for names in [&[][..], &[""], &["-", "  "], &["da", "de e"], &["Al Bo"], &["123"], &["\u{301}"]]
    {
        let owner = REDACTOR.owner(&Record { names: names.to_vec(), ..Record::default() });
        let redacted = REDACTOR.redact(text, &owner, &mut Redactions::default());
        assert!(matches!(redacted, Cow::Borrowed(_)));
    }
    assert_eq!(redact("张伟民 李小龙", &["张伟民"]).0, "· 李小龙");
    assert_eq!(redact("ana usa ana", &["Ana", "ANA", ""]).0, "· usa ·");
}

#[test]
fn a_cv_loses_what_is_personal_and_keeps_the_rest() {
    let cv = "vitória araújo\nvitoria_araújo@gmail.com\n(11) 99021-6359\nrio de janeiro/rio de janeiro\n\
              elaboração de relatórios com .NET Core 4.7.2 e SQL Server 04/2017 - 10/2025, R$ 5.000,00";
    let (text, counts) = redact(cv, &["Vitória Araújo", "Vitória Araújo"]);
    assert_eq!(
        text,
        "·\n·\n·\nrio de janeiro/rio de janeiro\n\
         elaboração de relatórios com .NET Core 4.7.2 e SQL Server 04/2017 - 10/2025, R$ 5.000,00"
    );
    assert_eq!(counts, Redactions { emails: 1, phones: 1, names: 1, ..Redactions::default() });
    assert_eq!(counts.total(), 3);
}

#[test]
fn the_mark_is_no_token() {
    assert_eq!(crate::tokens::tokens("· ·· x·y ab·cd"), ["ab", "cd"]);
}

#[test]
fn long_texts_without_a_break_take_linear_time() {
    for unit in [
        "fabiocosta",
        "a.",
        "a@",
        " @abcd",
        "www.",
        "1",
        "1 ",
        "11 9",
        "http://",
        "fabio ",
        "é",
        "x.com",
        "rua ",
        "ref: ana ",
        "skype:",
        "cpf ",
        " at ",
        "nasc 1",
        "f a ",
        "fabio-\n",
        "\u{301}",
        "&amp;",
        "pai: ana e ",
        " arroba ",
        "1/",
    ] {
        let text = unit.repeat(300_000 / unit.len());
        assert!(redact(&text, &["Fábio Costa"]).0.len() <= text.len() * 2);
    }
}

/// What stands in CVs, and what is like it, to be put side by side in any order.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        "[0-9]{1,14}",
        "[ .,/()+@:_\\-\n$]{1,3}",
        "(19|20)[0-9]{2}",
        "\\(?(11|55|21|10)\\)?",
        "9[0-9]{4}-?[0-9]{4}",
        "[2-9][0-9]{3}[- .][0-9]{4}",
        "(fabio|Fábio|costa|CAMPOS|da|de|fabiocosta|são|paulo|a\u{301}|é|·|–|angular)",
        "(cpf|rg: |nasc\\. |tel |cep|projeto |reais| de |ref: |pai: |rua |, 12|apto |&aacute;|\u{200b}|е)",
        "( at | arroba |\\[at\\]|skype: |linkedin|/in/|github| \\. |@\n|ana |José |-\n|21/09/1987|setembro)",
        "(gmail|com|\\.com|br|www\\.|http://|https://|linkedin\\.com/in/|asp\\.net/|io|github\\.io/)",
        Just("529.982.247-25".to_owned()),
        Just("11222333000181".to_owned()),
        "\\+[0-9]{1,3}",
        "\\PC",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn redacting_again_changes_nothing(pieces in proptest::collection::vec(piece(), 0..12)) {
        let names = &["Fábio da Costa Campos", "Paulo Ângular"];
        let once = redact(&pieces.concat(), names).0;
        let (twice, counts) = redact(&once, names);
        prop_assert_eq!(&twice, &once);
        prop_assert_eq!(counts.total(), 0);
    }

    #[test]
    fn any_text_and_any_name_are_taken(text in "\\PC{0,60}", name in "\\PC{0,20}") {
        let once = redact(&text, &[&name]).0;
        prop_assert_eq!(&redact(&once, &[&name]).0, &once);
    }

    #[test]
    fn a_name_at_the_top_is_gone(
        first in "[A-Z][a-z]{3,8}", last in "[A-ZÁÉÃ][a-záéçã]{3,8}", rest in "[0-9 .,]{0,20}",
    ) {
        let name = format!("{first} {last}");
        let text = format!("{}\n{rest}", name.to_lowercase());
        let redacted = redact(&text, &[&name]).0;
        prop_assert!(redacted.starts_with(MARK), "{}", redacted);
    }
}
