//! Personal data in a CV, in the forms that people write it, and what of it must not be read
//! elsewhere.

use crate::person::{NAMES, PersonIdentity};
use crate::rng::{Purpose, Stream};

/// A line of a CV with personal data.
pub(crate) struct Planted {
    /// Whose and what: `cpf`, `birth`, `referee` …
    pub(crate) kind: &'static str,
    pub(crate) line: String,
    /// The part of the line that is personal.
    pub(crate) personal: String,
}

/// The lines planted in a candidate's CV: two to four.
pub(crate) fn planted(seed: u64, index: usize, identity: &PersonIdentity) -> Vec<Planted> {
    let mut stream = Stream::new(seed, Purpose::Personal, index as u64);
    let first = stream.below(KINDS.len());
    let count = stream.between(2, 4);
    (0..count)
        .map(|more| plant(KINDS[(first + more) % KINDS.len()], &mut stream, identity))
        .collect()
}

const KINDS: [&str; 12] = [
    "cpf",
    "rg",
    "pis",
    "birth",
    "birth_in_words",
    "street",
    "postcode",
    "email",
    "handle",
    "referee",
    "spouse",
    "parents",
];

fn plant(kind: &'static str, stream: &mut Stream, identity: &PersonIdentity) -> Planted {
    let digits = |stream: &mut Stream, count: usize| -> String {
        (0..count).map(|_| char::from(b'1' + stream.below(9) as u8)).collect()
    };
    let somebody = |stream: &mut Stream, first: &[&'static str]| {
        format!("{} {}", stream.pick(first), stream.pick(&NAMES.surnames)).to_lowercase()
    };
    let labelled = |label: &str, personal: String| (format!("{label}{personal}"), personal);
    let (day, month) = (stream.between(1, 28), stream.between(1, 12));
    let year = identity.birth_year;
    let (line, personal) = match kind {
        "cpf" => {
            labelled(stream.pick(&["cpf: ", "cpf nº ", "cpf ", "cpf/mf: "]), identity.cpf.clone())
        }
        "rg" => labelled(stream.pick(&["rg: ", "rg nº ", "identidade: "]), digits(stream, 8)),
        "pis" => labelled(stream.pick(&["pis: ", "pis/pasep ", "nis: "]), digits(stream, 11)),
        "birth" => {
            let sign = stream.pick(&["/", "-", "."]);
            let label = stream.pick(&["data de nascimento: ", "nasc.: ", "dn ", "nascido em "]);
            labelled(label, format!("{day:02}{sign}{month:02}{sign}{year}"))
        }
        "birth_in_words" => {
            let month =
                stream.pick(&["janeiro", "março", "maio", "agosto", "setembro", "dezembro"]);
            labelled("nascimento: ", format!("{day} de {month} de {year}"))
        }
        "street" => {
            let name =
                stream.pick(&["das acácias", "dos pardais", "sete de abril", "padre anchieta"]);
            let kind = stream.pick(&["rua", "av.", "travessa"]);
            labelled("", format!("{kind} {name}, {}", stream.between(1, 2999)))
        }
        "postcode" => labelled("cep ", format!("{}-{}", digits(stream, 5), digits(stream, 3))),
        "email" => {
            let (local, domain) = identity.email.split_once('@').unwrap_or((&identity.email, ""));
            let at = stream.pick(&[" [at] ", "(at)", " (arroba) ", "%40", " @ ", "  @  ", "@\n"]);
            (format!("{local}{at}{domain}"), local.to_owned())
        }
        "handle" => {
            let handle = format!("{}_{}", digits(stream, 3), identity.birth_year);
            let label =
                stream.pick(&["skype: usuario.", "linkedin: /in/usuario-", "instagram: @usuario_"]);
            labelled(label, handle)
        }
        "referee" => labelled(
            stream.pick(&["referência: ", "ref.: ", "contato: "]),
            somebody(stream, &NAMES.women),
        ),
        "spouse" => labelled(
            stream.pick(&["cônjuge: ", "esposa: ", "casado com "]),
            somebody(stream, &NAMES.women),
        ),
        _ => labelled(
            stream.pick(&["filiação: ", "nome do pai: ", "pai: "]),
            somebody(stream, &NAMES.men),
        ),
    };
    Planted { kind, line, personal }
}
