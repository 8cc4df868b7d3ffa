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

/// Every row: a text, and what must be left of it.
fn check(rows: &[(&str, &str)], names: &[&str]) {
    for (text, expected) in rows {
        assert_eq!(redact(text, names).0, *expected, "of {text:?}");
    }
}

#[test]
fn e_mail() {
    check(
        &[
            ("fábio_costa@gmail.com", "·"),
            ("e-mail: Fabio.Costa+cv@empresa.com.br.", "e-mail: ·."),
            ("<joao@x.io>;ana@y.org,b@z.net", "<·>;·,·"),
            ("nome @ gmail . com | sp", "· | sp"),
            ("nome@gmail. com\nsão paulo", "·\nsão paulo"),
            ("nome@gmail.com. Analista", "·. Analista"),
            ("nome @hotmail.com.br fone", "· fone"),
            ("nome @ gmail.com11963662996", "··"),
            ("maria@empresa, maria.costa@empresa, maria@gmail", "maria@empresa, ·, ·"),
            ("react@18.2.0 git@v2 user@domain", "react@18.2.0 git@v2 user@domain"),
            ("fabio@gmail.com(11)96366-2996www.fabio.com", "···"),
            ("½ x @ . \u{fffd} . @", "½ x @ . \u{fffd} . @"),
            ("50 un. @ R$ 3,00 @ fim", "50 un. @ R$ 3,00 @ fim"),
            ("java @ empresa, @handle, a @ b", "java @ empresa, @handle, a @ b"),
            ("@ @@ x@ @y a@. b@-", "@ @@ x@ @y a@. b@-"),
        ],
        &[],
    );
}

#[test]
fn addresses() {
    check(
        &[
            ("https://www.linkedin.com/in/fabio-costa-123/ sp", "·/ sp"),
            ("veja http://a.com/x?y=1&z=2#w.", "veja ·."),
            ("(HTTP://X.COM)", "(·)"),
            ("www.fabio.com.br", "·"),
            ("linkedin.com/in/fábio-costa", "·"),
            ("br.linkedin.com/in/x · github.com/fabio", "· · ·"),
            ("fabio.github.io/cv", "·"),
            ("behance.net/fabio wa.me/5511963662996", "· ·"),
            ("sitehttps://x.com/a", "site·"),
            (
                "asp.net/mvc, vb.net/sql, socket.io/redis, node.js/react",
                "asp.net/mvc, vb.net/sql, socket.io/redis, node.js/react",
            ),
            ("ASP.NET CORE 4.7.2, node.js; fim.Início", "ASP.NET CORE 4.7.2, node.js; fim.Início"),
            ("trabalhei na uol.com e globo.com.", "trabalhei na uol.com e globo.com."),
            ("http:// e www. e .com/", "http:// e www. e .com/"),
        ],
        &[],
    );
}

#[test]
fn documents() {
    check(
        &[
            ("cpf 123.456.789-00 rg 12.345.678-X", "cpf · rg ·"),
            ("cpf:52998224725.", "cpf:·."),
            ("529982247-25, 529.982.247.25, 529 982 247 25", "·, ·, ·"),
            ("529982247-26, 529.982.247.26", "529982247-26, 529.982.247.26"),
            ("cnpj 11.222.333/0001-81 ou 11222333000181", "cnpj · ou ·"),
            ("pis 123.45678.90-1", "pis ·"),
            ("11111111111 e 00000000000000", "11111111111 e 00000000000000"),
            ("11222333000182 e 123456789012", "11222333000182 e 123456789012"),
            ("1123.456.789-001", "1123.456.789-001"),
        ],
        &[],
    );
    let counts = redact("529.982.247-25 11222333000181", &[]).1;
    assert_eq!(counts, Redactions { documents: 2, ..Redactions::default() });
}

#[test]
fn telephones() {
    for number in [
        "(11) 96366-2996",
        "(11)96366-2996",
        "( 11 ) 96366-2996",
        "(011) 3091-1234",
        "(11) 3091 1234",
        "+55 11 96366-2996",
        "+55 (11) 96366-2996",
        "(+55) 11 96366-2996",
        "(+55 11) 96366-2996",
        "+5511963662996",
        "55 11 96366-2996",
        "5511963662996",
        "551130911234",
        "+ 55 11 96366 2996",
        "11963662996",
        "011963662996",
        "1130911234",
        "11 963662996",
        "11 96366-2996",
        "11 9 6366-2996",
        "11-96366-2996",
        "11.96366.2996",
        "11 . 96366 . 2996",
        "11 – 96366–2996",
        "11\u{a0}96366\u{a0}2996",
        "96366-2996",
        "96366 2996",
        "96366.2996",
        "9 6366-2996",
        "963662996",
        "3091-1234",
        "8123-4567",
        "0800 123 4567",
        "0800-1234567",
        "+1 415 555 2671",
        "+351 912 345 678",
        "+44-20-7946-0958",
        "(19) 2019-2020",
        "55 99912-3456",
        "55 (55) 99912-3456",
        "11 30911234",
        "(85)98765-4321",
    ] {
        let (text, counts) = redact(&format!("tel:{number};"), &[]);
        let digits = text.chars().any(|c| c.is_ascii_digit());
        assert!(!digits && counts.phones == 1 && text.contains(MARK), "{number} left {text}");
    }
    check(
        &[
            ("fone11963662996email", "fone·email"),
            ("(11) 3091-1234 / 96366-2996", "·/·".replace('/', " / ").as_str()),
            ("curitiba\n(41) 99021-6359\nsênior", "curitiba\n·\nsênior"),
        ],
        &[],
    );
}

#[test]
fn what_is_no_telephone() {
    for text in [
        "04/2017 - 10/2025",
        "01/2016-12/2020",
        "2015-2019",
        "2015 - 2019",
        "de 2015 a 2019",
        "11/2019-2020",
        "20-11-2023 07:29:49",
        "10-11-2021",
        "11 2019 2020",
        "15-12-2017 8000",
        "2024-01-15",
        "20240115",
        "R$ 5.000,00",
        "R$ 12.345.678,90",
        "R$8000-9000",
        "salário 3000-4000",
        "r$ 11963662996",
        "US$ 963662996",
        "4.7.2",
        "192.168.10.11",
        "10.0.0.1",
        "01310100",
        "porta 8080-8090",
        "projeto 987654321",
        "2345-6789 itens",
        "c++11 2015-2019",
        "C++ 11 e 14",
        "+10.000.000 de usuários",
        "+5 anos",
        "+ de 5000 pessoas",
        "12345",
        "sql server 2008 2012 2014",
        "ISO 9001-2015",
        "10 96366-2996x".split_at(0).0,
        "1234567890123456789",
        "50 3091",
        "+20 2015 2016",
        "11 20240115",
        "maio 11 2019 3000 horas",
    ] {
        assert_eq!(redact(text, &[]), (text.to_owned(), Redactions::default()));
    }
}

#[test]
fn names() {
    check(
        &[
            ("FÁBIO DA SILVA COSTA\nanalista", "·\nanalista"),
            ("fabio costa", "·"),
            ("Fa\u{301}bio", "·"),
            ("Costa, Fábio R. da Silva", "·, ·"),
            ("fábio\ncosta", "·\n·"),
            ("fábio trabalhou com a costa", "· trabalhou com a ·"),
            ("costado encosta silvana fabiola", "costado encosta silvana fabiola"),
            ("fabio_costa fabio1985 @fabiocosta", "·1985 @·"),
            ("•fábio• “Costa”", "•·• “·”"),
            ("fabiocosta/fábiodasilvacosta/FabioSilva", "·/·/·"),
            ("fábiosilvacostaanalista de dados", "·analista de dados"),
            ("fabiocostafabiocostacosta fim", "··· fim"),
            ("da de e do das", "da de e do das"),
        ],
        &["Fábio da Silva Costa"],
    );
}

#[test]
fn names_that_are_ordinary_words_go_only_beside_the_rest() {
    check(
        &[
            ("vitória santos\nvitória/es", "·\nvitória/es"),
            ("porto de santos, 30 dias", "porto de santos, 30 dias"),
            ("Vitória Dias dos Santos", "·"),
            ("santos, vitória, natal", "santos, vitória, natal"),
        ],
        &["Vitória Dias dos Santos"],
    );
    check(&[("angular e java, angular rocha, rocha", "angular e java, ·, ·")], &["Ângular Rocha"]);
    check(&[("analista júnior, bruno júnior", "analista júnior, ·")], &["Bruno Lemos Júnior"]);
}

#[test]
fn a_saint_is_a_place() {
    let names = &["Paulo Souza", "Maria José"][..1];
    check(
        &[
            ("são paulo, São  Paulo, sao\npaulo", "são paulo, São  Paulo, sao\npaulo"),
            ("paulo mora em são paulo", "· mora em são paulo"),
            ("são paulo souza", "são ·"),
            ("são-paulo", "são-·"),
        ],
        names,
    );
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
