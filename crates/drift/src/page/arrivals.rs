//! The section of what has arrived: how much, what it is like, how much of it is a match.

use crate::page::{
    Lang,
    figure::Node,
    finding,
    markup::Markup,
    pictures,
    severity::Severity,
    table::{Format, MEASURED, Show, Spec, of_rows, table},
    view::{Block, LONGEST, Section},
    words,
};

/// Columns with pictures of their own at most.
const COLUMNS: usize = 6;

/// The section, or why there is nothing to show.
pub(crate) fn section(root: &Node<'_>, lang: Lang) -> Option<Section> {
    let arrivals = root.path("arrivals/present");
    let mut blocks = Vec::new();
    if arrivals.is_there() {
        blocks.push(Block::text(Markup::fill(
            lang.pick(
                "O que chegou até {}, ao lado do que chegou no ano anterior. A base inteira quase não se move com o que chega em um mês; aqui só se olha o que chegou: candidaturas e vagas pela sua data, candidatos pela primeira candidatura.",
                "What arrived up to {}, beside what arrived in the year before. The whole store hardly moves with what arrives in a month; here only what arrived is looked at: applications and jobs by their date, candidates by their first application.",
            ),
            &[arrivals.at("as_of").date().html()],
        )));
        volumes(&arrivals, lang, &mut blocks);
        columns(&arrivals, lang, &mut blocks);
        cohorts(&arrivals, lang, &mut blocks);
    } else {
        let why = words::absence(&root.path("arrivals/absent"), lang)?;
        let line = lang.pick("Nada a comparar: ", "Nothing to compare: ");
        blocks.push(Block::text(Markup::of(line).text(why).text(".")));
    }
    Some(Section {
        id: "arrivals".to_owned(),
        title: Markup::of(lang.pick("O que chegou", "What has arrived")),
        blocks,
    })
}

/// What counts as having arrived: `os últimos 30 dias`.
pub(crate) fn window(window: &Node<'_>, lang: Lang) -> Markup {
    match window.at("name").text() {
        "since_live" => {
            Markup::of(lang.pick("desde a versão em produção", "since the live version"))
        }
        _ => Markup::fill(
            lang.pick("últimos {} dias", "last {} days"),
            &[window.at("days").integer().html()],
        ),
    }
}

fn volumes(arrivals: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let mut rows = Vec::new();
    for one in arrivals.at("windows").items() {
        for table in one.at("tables").items() {
            let head = words::table(&table.at("table"), lang).text(", ").then(&window(&one, lang));
            rows.push((head, table));
        }
    }
    let specs: &[Spec] = &[
        (("O que chegou", "What arrived"), "", Show::Head),
        (("Veredito", "Verdict"), "volumes/measure/severity", Show::Severity),
        (("Linhas", "Rows"), "rows", Show::Figure(Format::Integer)),
        (("Por semana", "A week"), "volumes/after", Show::Figure(Format::Decimal(1))),
        (
            ("No ano anterior", "In the year before"),
            "volumes/before",
            Show::Figure(Format::Decimal(1)),
        ),
        (("Usual de", "Usual from"), "volumes/usual_low", Show::Figure(Format::Decimal(1))),
        (("Usual até", "Usual to"), "volumes/usual_high", Show::Figure(Format::Decimal(1))),
    ];
    let caption = lang.pick(
        "Quanto chegou, e por semana ao lado do ano anterior e do que é usual nele.",
        "How much arrived, and a week beside the year before and what is usual in it.",
    );
    if let Some(table) = of_rows(&rows, lang, &Markup::of(caption), specs) {
        blocks.push(table.named(lang.pick("Volumes do que chegou", "Volumes of arrivals")).block());
    }
}

/// A column of a window.
struct Moved<'a> {
    window: Node<'a>,
    table: Node<'a>,
    column: Node<'a>,
}

fn columns(arrivals: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let mut moved = Vec::new();
    for window in arrivals.at("windows").items() {
        for table in window.at("tables").items() {
            for column in table.at("columns").items() {
                if Severity::of(&column.at("severity")) > Severity::None {
                    moved.push(Moved { window: window.clone(), table: table.at("table"), column });
                }
            }
        }
    }
    if moved.is_empty() {
        blocks.push(Block::text(Markup::fill(
            lang.pick(
                "De {} medidas das colunas do que chegou, nenhuma passou ao mesmo tempo do tamanho que importa e do que o acaso explica.",
                "Of {} measures of the columns of what arrived, none passed both the size that matters and what chance explains.",
            ),
            &[arrivals.at("tests").integer().html()],
        )));
        return;
    }
    moved.sort_by_key(|one| {
        let counts = !one.column.at("uncounted").is_there();
        std::cmp::Reverse((counts, Severity::of(&one.column.at("severity"))))
    });
    let mut rows = Vec::new();
    for one in &moved {
        let head = Markup::new()
            .word(one.column.at("column").text(), LONGEST)
            .text(", ")
            .then(&words::table(&one.table, lang))
            .text(", ")
            .then(&window(&one.window, lang));
        let measures = one.column.at("measures").items();
        let grave =
            measures.into_iter().filter(|m| Severity::of(&m.at("severity")) > Severity::None);
        let what = if one.column.at("uncounted").is_there() {
            head.text(" (").then(&words::uncounted(&one.column.at("uncounted"), lang)).text(")")
        } else {
            head
        };
        rows.extend(grave.map(|measure| (what.clone(), measure)));
    }
    let specs: &[Spec] = &[
        (("Coluna", "Column"), "", Show::Head),
        (("Veredito", "Verdict"), "severity", Show::Severity),
        (("De quê", "Of what"), "aspect", Show::Words(words::aspect)),
        (("Medida", "Measure"), "name", Show::Words(words::measure)),
        (("Tamanho", "Size"), "value", MEASURED),
        (("Alerta de", "Alert from"), "alert", MEASURED),
        (("p corrigido", "Corrected p"), "p_adjusted", Show::Figure(Format::Probability)),
        (("Linhas antes", "Rows before"), "before", Show::Figure(Format::Integer)),
        (("Linhas depois", "Rows after"), "after", Show::Figure(Format::Integer)),
    ];
    let caption = lang.pick(
        "As colunas do que chegou que mudaram, com a regra que as julga.",
        "The columns of what arrived that have changed, with the rule that judges them.",
    );
    blocks.push(Block::heading(lang.pick("O que mudou no que chega", "What has changed in it")));
    if let Some(table) = of_rows(&rows, lang, &Markup::of(caption), specs) {
        blocks.push(table.named(lang.pick("Colunas do que chegou", "Columns of arrivals")).block());
    }
    let mut pictures = Vec::new();
    let mut shown: Vec<&str> = Vec::new();
    for one in &moved {
        let name = one.column.at("column").text();
        if shown.len() < COLUMNS && !shown.contains(&name) {
            shown.push(name);
            pictures.extend(pictures::column(&one.column, lang));
        }
    }
    if !pictures.is_empty() {
        blocks.push(Block::Pictures { pictures });
    }
}

fn cohorts(arrivals: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let specs: &[Spec] = &[
        (("Trimestre de", "Quarter from"), "from", Show::Figure(Format::Date)),
        (("Maturidade", "Maturity"), "mature", Show::Words(maturity)),
        (("Candidaturas", "Applications"), "applications", Show::Figure(Format::Integer)),
        (("Matches", "Matches"), "positives", Show::Figure(Format::Integer)),
        (("Fração", "Share"), "rate", Show::Figure(Format::Percent(1))),
        (("De", "From"), "low", Show::Figure(Format::Percent(1))),
        (("Até", "To"), "high", Show::Figure(Format::Percent(1))),
    ];
    let caption = lang.pick(
        "Fração de match por trimestre da candidatura, com intervalo de confiança. Um trimestre novo ainda não tem todos os desfechos e não é julgado.",
        "Share of matches by quarter of the application, with its confidence interval. A young quarter does not have all its outcomes yet and is not judged.",
    );
    let cohorts = table(&arrivals.at("cohorts"), lang, &Markup::of(caption), specs);
    let Some(cohorts) = cohorts else { return };
    blocks.push(Block::heading(lang.pick("Match por trimestre", "Matches by quarter")));
    let rate = arrivals.at("rate");
    if rate.is_there() {
        let told = finding::rate(&rate, lang).text(". ").then(&finding::soft_rule(&rate, lang));
        let tag = Severity::of(&rate.path("measure/severity")).tag(lang);
        blocks.push(Block::text(tag.text(". ").then(&told)));
    } else {
        blocks.push(Block::text(Markup::of(lang.pick(
            "Ainda não há um trimestre maduro e um ano antes dele com candidaturas bastantes para julgar.",
            "There is no mature quarter yet with a year before it that has enough applications to judge.",
        ))));
    }
    blocks.push(cohorts.named(lang.pick("Trimestres", "Quarters")).block());
}

fn maturity(node: &Node<'_>, lang: Lang) -> Markup {
    Markup::of(match node.is_true() {
        true => lang.pick("maduro", "mature"),
        false => lang.pick("novo, não julgado", "young, not judged"),
    })
}
