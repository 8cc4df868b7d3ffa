//! The section of what has arrived: how much, what it is like, how much of it is a match.

use maud::{Markup, html};

use super::{
    finding, pictures,
    words::{self, judged},
};
use crate::{
    Lang,
    draw::gallery,
    markup::{soft, text as paragraph, word, wording},
    page::Section,
    report::{
        Arrivals, Cohort, ColumnDrift, ColumnMeasure, Part, Report, Severity, TableArrivals, Window,
    },
    table::{Table, number, text, verdict},
};

/// Columns with pictures of their own at most.
const COLUMNS: usize = 6;

/// The section, or why there is nothing to show.
pub(super) fn section(report: &Report, lang: Lang) -> Section {
    let body = match &report.arrivals {
        Part::Present(arrivals) => html! {
            (paragraph(wording!(
                lang,
                "O que chegou até {}, ao lado do que chegou no ano anterior. A base inteira quase não se move com o que chega em um mês; aqui só se olha o que chegou: candidaturas e vagas pela sua data, candidatos pela primeira candidatura.",
                "What arrived up to {}, beside what arrived in the year before. The whole store hardly moves with what arrives in a month; here only what arrived is looked at: applications and jobs by their date, candidates by their first application.",
                lang.date(&*arrivals.as_of)
            )))
            (volumes(arrivals, lang))
            (columns(arrivals, lang))
            (cohorts(arrivals, lang))
        },
        Part::Absent(why) => paragraph(wording!(
            lang,
            "Nada a comparar: {}.",
            "Nothing to compare: {}.",
            words::absence(*why, lang)
        )),
    };
    let title = html! { (lang.pick("O que chegou", "What has arrived")) };
    Section { id: "arrivals".to_owned(), title, body }
}

/// Each window with each of its tables.
fn tables(arrivals: &Arrivals) -> impl Iterator<Item = (&Window, &TableArrivals)> {
    arrivals.windows.iter().flat_map(|window| window.tables.iter().map(move |one| (window, one)))
}

fn volumes(arrivals: &Arrivals, lang: Lang) -> Table {
    let caption = lang.pick(
        "Quanto chegou, e por semana ao lado do ano anterior e do que é usual nele.",
        "How much arrived, and a week beside the year before and what is usual in it.",
    );
    let rows: Vec<_> = tables(arrivals)
        .map(|(window, table)| {
            let name = words::table(&table.table, lang);
            (html! { (name) ", " (words::window(window, lang)) }, table.rows, &table.volumes)
        })
        .collect();
    let name = lang.pick("Volumes do que chegou", "Volumes of arrivals");
    Table::new(
        lang,
        name,
        caption,
        &rows,
        &[
            (("O que chegou", "What arrived"), &|row| text(&row.0)),
            (("Veredito", "Verdict"), &|row| verdict(row.2.as_ref().map(|v| v.measure.severity))),
            (("Linhas", "Rows"), &|row| number(lang.count(row.1))),
            (("Por semana", "A week"), &|row| {
                number(lang.decimal(row.2.as_ref().map(|v| v.after), 1))
            }),
            (("No ano anterior", "In the year before"), &|row| {
                number(lang.decimal(row.2.as_ref().map(|v| v.before), 1))
            }),
            (("Usual de", "Usual from"), &|row| {
                number(lang.decimal(row.2.as_ref().map(|v| v.usual_low), 1))
            }),
            (("Usual até", "Usual to"), &|row| {
                number(lang.decimal(row.2.as_ref().map(|v| v.usual_high), 1))
            }),
        ],
    )
}

/// A column of a window that has moved.
struct Moved<'a> {
    window: &'a Window,
    table: &'a str,
    column: &'a ColumnDrift,
}

impl Moved<'_> {
    /// What it is, as the head of a row.
    fn head(&self, lang: Lang) -> Markup {
        html! {
            (word(&self.column.column)) ", " (words::table(self.table, lang)) ", "
            (words::window(self.window, lang))
            @if self.column.uncounted.is_some() {
                " (" (words::uncounted(self.column.uncounted, lang)) ")"
            }
        }
    }
}

fn columns(arrivals: &Arrivals, lang: Lang) -> Markup {
    let all = tables(arrivals).flat_map(|(window, table)| {
        let moved = move |column| Moved { window, table: &table.table, column };
        table.columns.iter().map(moved)
    });
    let mut moved: Vec<_> = all.filter(|one| one.column.severity > Severity::None).collect();
    if moved.is_empty() {
        return paragraph(wording!(
            lang,
            "De {} medidas das colunas do que chegou, nenhuma passou ao mesmo tempo do tamanho que importa e do que o acaso explica.",
            "Of {} measures of the columns of what arrived, none passed both the size that matters and what chance explains.",
            lang.count(arrivals.tests)
        ));
    }
    moved.sort_by_key(|one| words::gravity(one.column));
    let mut shown: Vec<&str> = Vec::new();
    let mut drawn = Vec::new();
    for column in moved.iter().map(|one| one.column) {
        if shown.len() < COLUMNS && !shown.contains(&&*column.column) {
            shown.push(&column.column);
            drawn.extend(pictures::column(column, lang));
        }
    }
    html! {
        h3 { (lang.pick("O que mudou no que chega", "What has changed in it")) }
        (measures(&moved, lang))
        (gallery(None, drawn))
    }
}

fn measures(moved: &[Moved<'_>], lang: Lang) -> Table {
    let all = moved.iter().flat_map(|one| one.column.measures.iter().map(move |m| (one, m)));
    let rows: Vec<_> = all.filter(|row| row.1.measure.severity > Severity::None).collect();
    let caption = lang.pick(
        "As colunas do que chegou que mudaram, com a regra que as julga.",
        "The columns of what arrived that have changed, with the rule that judges them.",
    );
    let name = lang.pick("Colunas do que chegou", "Columns of arrivals");
    let size = |one: &ColumnMeasure, size| number(words::size(one.measure.name, size, lang));
    Table::new(
        lang,
        name,
        caption,
        &rows,
        &[
            (("Coluna", "Column"), &|row| text(row.0.head(lang))),
            (("Veredito", "Verdict"), &|row| verdict(row.1.measure.severity)),
            (("De quê", "Of what"), &|row| text(words::aspect(row.1.aspect, lang))),
            (("Medida", "Measure"), &|row| text(words::measure(row.1.measure.name, lang))),
            (("Tamanho", "Size"), &|row| size(row.1, row.1.measure.value)),
            (("Alerta de", "Alert from"), &|row| size(row.1, row.1.measure.alert)),
            (("p corrigido", "Corrected p"), &|row| {
                number(lang.probability(row.1.measure.p_adjusted))
            }),
            (("Linhas antes", "Rows before"), &|row| number(lang.count(row.1.measure.before))),
            (("Linhas depois", "Rows after"), &|row| number(lang.count(row.1.measure.after))),
        ],
    )
}

fn cohorts(arrivals: &Arrivals, lang: Lang) -> Markup {
    if arrivals.cohorts.is_empty() {
        return html! {};
    }
    html! {
        h3 { (lang.pick("Match por trimestre", "Matches by quarter")) }
        @match &arrivals.rate {
            Some(rate) => {
                @let rule = soft(finding::rule(&rate.measure, lang));
                @let told = html! { (finding::rate(rate, lang)) ". " (rule) };
                (paragraph(judged(rate.measure.severity, told, lang)))
            }
            None => (paragraph(lang.pick(
                "Ainda não há um trimestre maduro e um ano antes dele com candidaturas bastantes para julgar.",
                "There is no mature quarter yet with a year before it that has enough applications to judge.",
            ))),
        }
        (quarters(&arrivals.cohorts, lang))
    }
}

fn quarters(cohorts: &[Cohort], lang: Lang) -> Table {
    let caption = lang.pick(
        "Fração de match por trimestre da candidatura, com intervalo de confiança. Um trimestre novo ainda não tem todos os desfechos e não é julgado.",
        "Share of matches by quarter of the application, with its confidence interval. A young quarter does not have all its outcomes yet and is not judged.",
    );
    let maturity = |mature| match mature {
        true => lang.pick("maduro", "mature"),
        false => lang.pick("novo, não julgado", "young, not judged"),
    };
    Table::new(
        lang,
        lang.pick("Trimestres", "Quarters"),
        caption,
        cohorts,
        &[
            (("Trimestre de", "Quarter from"), &|row| text(lang.date(&*row.from))),
            (("Maturidade", "Maturity"), &|row| text(maturity(row.mature))),
            (("Candidaturas", "Applications"), &|row| number(lang.count(row.applications))),
            (("Matches", "Matches"), &|row| number(lang.count(row.positives))),
            (("Fração", "Share"), &|row| number(lang.percent(row.rate, 1))),
            (("De", "From"), &|row| number(lang.percent(row.low, 1))),
            (("Até", "To"), &|row| number(lang.percent(row.high, 1))),
        ],
    )
}
