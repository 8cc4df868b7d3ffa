//! What the words before a number, and the word after it, say that it is.

use std::{ops::Range, sync::LazyLock};

use hashbrown::{HashMap, HashSet};

use super::{
    dates,
    fold::folded,
    words::{begins, next_word, word_before},
};

/// What a number is called.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Label {
    /// A document or a register: CPF, RG, CTPS.
    Document,
    /// A telephone.
    Phone,
    /// A date of birth.
    Birth,
    /// A postal code.
    Postcode,
    /// Something that is nobody's: a ticket, a port, an amount.
    Other,
}

/// Words between a label and what it labels, at most.
const MOST_WORDS: usize = 6;

/// What may stand between a label and its number, besides words.
const BETWEEN: &str = " \t\u{a0}:.-–—=#/()[]ºª°*_|,;>\"'";

const DOCUMENTS: &[&str] = &[
    "cei",
    "cnh",
    "cnpj",
    "cns",
    "cpf",
    "cpfmf",
    "crea",
    "crm",
    "cro",
    "crp",
    "crc",
    "cra",
    "cref",
    "crefito",
    "coren",
    "creci",
    "cress",
    "crn",
    "crf",
    "crmv",
    "carteira",
    "cau",
    "cft",
    "ctps",
    "dni",
    "drt",
    "habilitacao",
    "identidade",
    "lattes",
    "nis",
    "nit",
    "oab",
    "orcid",
    "pasep",
    "passaporte",
    "passport",
    "pis",
    "registro",
    "reservista",
    "rg",
    "rne",
    "rnm",
    "ssn",
    "titulo",
    "cin",
];

const PHONES: &[&str] = &[
    "cel",
    "celular",
    "celulares",
    "cell",
    "contato",
    "contatos",
    "fax",
    "fone",
    "fones",
    "ligar",
    "mobile",
    "phone",
    "recado",
    "recados",
    "tel",
    "telefone",
    "telefones",
    "telf",
    "tels",
    "whats",
    "whatsapp",
    "whatsap",
    "wpp",
    "zap",
    "movel",
];

/// The beginnings of words for a birth.
const BIRTHS: [&str; 6] = ["nasc", "nacim", "nacid", "birth", "born", "aniversario"];

/// What numbers of seven digits and more count or name besides people.
const OTHERS: &[&str] = &[
    "acao",
    "agencia",
    "amostra",
    "apolice",
    "artigo",
    "ativo",
    "auto",
    "bo",
    "boleto",
    "build",
    "caso",
    "chamado",
    "chave",
    "cod",
    "code",
    "codigo",
    "conta",
    "contrato",
    "custo",
    "deploy",
    "ean",
    "empenho",
    "faturamento",
    "fatura",
    "id",
    "incidente",
    "isbn",
    "issn",
    "issue",
    "item",
    "job",
    "lei",
    "licitacao",
    "lote",
    "meta",
    "modelo",
    "nf",
    "nfe",
    "nota",
    "op",
    "orcamento",
    "ordem",
    "os",
    "patente",
    "patrimonio",
    "pedido",
    "pn",
    "port",
    "porta",
    "portas",
    "ports",
    "processo",
    "produto",
    "projeto",
    "project",
    "proposta",
    "protocolo",
    "receita",
    "ref",
    "release",
    "req",
    "requisicao",
    "revisao",
    "sala",
    "serial",
    "sku",
    "task",
    "ticket",
    "tombo",
    "valor",
    "verba",
    "versao",
    "version",
];

/// What is counted after a number.
const UNITS: &[&str] = &[
    "acessos",
    "alunos",
    "amostras",
    "arquivos",
    "bits",
    "bytes",
    "clientes",
    "chamados",
    "colaboradores",
    "contas",
    "contratos",
    "documentos",
    "dolares",
    "downloads",
    "euros",
    "eventos",
    "familias",
    "funcionarios",
    "gb",
    "habitantes",
    "horas",
    "imagens",
    "itens",
    "kb",
    "kg",
    "km",
    "kwh",
    "leads",
    "linhas",
    "litros",
    "lojas",
    "mb",
    "mil",
    "minutos",
    "notas",
    "operacoes",
    "pacientes",
    "parcelas",
    "pecas",
    "pedidos",
    "pessoas",
    "pontos",
    "processos",
    "produtos",
    "reais",
    "records",
    "registros",
    "requests",
    "requisicoes",
    "rows",
    "segundos",
    "sku",
    "skus",
    "tb",
    "titulos",
    "toneladas",
    "transacoes",
    "transactions",
    "unidades",
    "users",
    "usuarios",
    "vagas",
    "vendas",
    "visitas",
];

/// Words that may stand between a label and its number and are no label themselves.
const FILLERS: &[&str] = &[
    "a",
    "ao",
    "casa",
    "civil",
    "com",
    "da",
    "data",
    "de",
    "do",
    "e",
    "eleitor",
    "eleitoral",
    "em",
    "emissor",
    "expedicao",
    "fixo",
    "geral",
    "is",
    "mf",
    "militar",
    "n",
    "no",
    "nr",
    "nro",
    "num",
    "number",
    "numero",
    "o",
    "orgao",
    "para",
    "pessoal",
    "principal",
    "profissional",
    "recados",
    "residencial",
    "secao",
    "serie",
    "ssp",
    "trabalho",
    "via",
    "zona",
    "whatsapp",
];

/// The states' letters, which stand in the numbers of documents.
const STATES: [&str; 27] = [
    "ac", "al", "am", "ap", "ba", "ce", "df", "es", "go", "ma", "mg", "ms", "mt", "pa", "pb", "pe",
    "pi", "pr", "rj", "rn", "ro", "rr", "rs", "sc", "se", "sp", "to",
];

/// The label of the number whose digits begin at `at`, and where what it labels begins: up to three
/// letters that are glued to the digits (`FX123456`, `MG-12.345.678`) belong to them.
pub(super) fn before(text: &str, at: usize) -> Option<(Label, usize)> {
    let mut start = at;
    let mut end = at;
    let mut words = 0;
    // Over one line's end only right after the label: `CPF:` and the number below it.
    let mut broken = None;
    while let Some(word) = previous(text, end, &mut broken) {
        let word = initials(text, word);
        let mut shown = folded(&text[word.clone()]);
        shown.retain(|c| c != '.');
        let meaning = meaning(&shown);
        if let Some(Meaning::Label(label)) = meaning {
            let near = match label {
                Label::Other => words <= 2,
                // `Registro Geral`, `carteira de trabalho`: alone they say little.
                Label::Document if matches!(shown.as_str(), "registro" | "carteira") => words > 0,
                _ => true,
            };
            let apart = broken.is_none_or(|line: usize| line >= word.end);
            return (near && apart && begins(text, word.start)).then_some((label, start));
        }
        let glued = word.end == end || is_prefix(&text[word.clone()]);
        if words == 0 && glued && shown.len() <= 3 && begins(text, word.start) {
            start = word.start;
        } else if meaning.is_none() {
            return birth_further(text, word, words).map(|label| (label, at));
        }
        words += 1;
        if words > MOST_WORDS {
            return None;
        }
        end = word.start;
    }
    None
}

/// The whole of `C.P.F` whose last letter is `word`.
fn initials(text: &str, word: Range<usize>) -> Range<usize> {
    let mut start = word.start;
    while word.len() == 1
        && let [.., letter, b'.'] = text.as_bytes()[..start]
        && letter.is_ascii_alphabetic()
        && begins(text, start - 2)
    {
        start -= 2;
    }
    start..word.end
}

/// `MG` of `MG-12.345.678`.
fn is_prefix(word: &str) -> bool {
    word.len() == 2 && STATES.contains(&folded(word).as_str())
}

/// The word before `end`; over a line's end at most once, whose place is kept.
fn previous(text: &str, end: usize, broken: &mut Option<usize>) -> Option<Range<usize>> {
    if let Some(word) = word_before(text, end, BETWEEN) {
        return Some(word);
    }
    let line = text[..end].trim_end_matches(|c| BETWEEN.contains(c));
    let above = line.strip_suffix('\n')?;
    let above = above.strip_suffix('\r').unwrap_or(above);
    if broken.is_some() {
        return None;
    }
    let word = word_before(text, above.len(), BETWEEN)?;
    *broken = Some(word.end);
    Some(word)
}

/// `nascido em São Paulo, em` before a date: a birth has its place between.
fn birth_further(text: &str, word: Range<usize>, mut words: usize) -> Option<Label> {
    let mut start = word.start;
    while words < MOST_WORDS {
        let word = word_before(text, start, " \t,.-/")?;
        let shown = folded(&text[word.clone()]);
        if ["nascid", "nacid", "born"].iter().any(|birth| shown.starts_with(birth)) {
            return Some(Label::Birth);
        }
        start = word.start;
        words += 1;
    }
    None
}

/// What a word before a number means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    Label(Label),
    Filler,
}

/// The meanings of all words of the lists above, folded.
static MEANINGS: LazyLock<HashMap<&str, Meaning>> = LazyLock::new(|| {
    let of = |words: &'static [&'static str], meaning| words.iter().map(move |w| (*w, meaning));
    // Labels last: they win where a word is in two lists.
    of(&STATES, Meaning::Filler)
        .chain(of(FILLERS, Meaning::Filler))
        .chain(of(OTHERS, Meaning::Label(Label::Other)))
        .chain(of(&["cep", "zip"], Meaning::Label(Label::Postcode)))
        .chain(of(PHONES, Meaning::Label(Label::Phone)))
        .chain(of(DOCUMENTS, Meaning::Label(Label::Document)))
        .chain(of(&["dn", "dob"], Meaning::Label(Label::Birth)))
        .collect()
});

/// What is counted, folded.
static COUNTED: LazyLock<HashSet<&str>> = LazyLock::new(|| UNITS.iter().copied().collect());

fn meaning(word: &str) -> Option<Meaning> {
    if BIRTHS.iter().any(|birth| word.starts_with(birth)) {
        return Some(Meaning::Label(Label::Birth));
    }
    let month = || dates::month(word).map(|_| Meaning::Filler);
    MEANINGS.get(word).copied().or_else(month)
}

/// Whether the word after `at` is what the number counts: `reais`, `usuários`.
pub(super) fn counts_something(text: &str, at: usize) -> bool {
    let word = next_word(text, at, " \t\u{a0}");
    word.is_some_and(|word| COUNTED.contains(folded(&text[word]).as_str()))
}
