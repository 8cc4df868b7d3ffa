//! The pictures of the page: which rows of the report each shows, and the same in words.

mod column;
pub(crate) use column::{column, commonest, scores};

use crate::{
    charts::{self, Bar, Cell, Change, Pair, Stack, Words},
    page::{
        Lang,
        figure::{Figure, Node},
        finding::column_name,
        markup::Markup,
        severity::Severity,
        table::Format,
        view::{LONGEST, Picture},
        words::{self, Both},
    },
};

/// Rows of a picture at most.
const ROWS: usize = 12;

/// The verdicts of the last reports.
pub(crate) fn history(root: &Node<'_>, lang: Lang) -> Option<Picture> {
    let past = root.at("history").items();
    if past.is_empty() {
        return None;
    }
    let mut told = Vec::new();
    let mut cells = Vec::new();
    for verdict in &past {
        let severity = Severity::of(&verdict.at("severity"));
        cells.push(Cell { version: verdict.at("features").name(), severity });
        told.push(
            verdict
                .at("features")
                .name()
                .html()
                .text(" (")
                .then(&verdict.at("logical_date").date().html())
                .text("): ")
                .text(severity.word(lang)),
        );
    }
    let words =
        say(lang, ("Vereditos das últimas versões", "Verdicts of the last versions"), &told);
    Some(Picture {
        caption: words.title.clone(),
        note: Markup::of(lang.pick(
            "Da mais antiga à mais nova; ○ sem alarme, ▲ atenção, ■ alerta. A moldura marca esta versão.",
            "From the oldest to the newest; ○ no alarm, ▲ watch, ■ alert. The frame marks this version.",
        )),
        svg: charts::strip(&words, &cells),
    })
}

/// PSI of each column that has one, beside what chance would give.
pub(crate) fn psi(comparison: &Node<'_>, lang: Lang) -> Option<Picture> {
    let mut found = Vec::new();
    for column in comparison.at("columns").items() {
        for measure in column.at("measures").items() {
            if measure.at("name").text() == "psi" && measure.at("critical").is_there() {
                found.push((column.clone(), measure));
            }
        }
    }
    let over = |m: &Node<'_>| {
        m.at("value").number().unwrap_or(0.0) / m.at("critical").number().unwrap_or(1.0).max(1e-12)
    };
    // What chance gives is no news.
    found.retain(|(_, measure)| over(measure) > 1.0);
    found.sort_by(|a, b| over(&b.1).total_cmp(&over(&a.1)));
    found.truncate(ROWS);
    if found.is_empty() {
        return None;
    }
    let mut told = Vec::new();
    let mut bars = Vec::new();
    for (column, measure) in &found {
        let (value, critical) = (measure.at("value").decimal(3), measure.at("critical").decimal(3));
        told.push(
            Markup::new()
                .word(column.at("column").text(), LONGEST)
                .text(" · ")
                .text(words::aspect_word(measure.at("aspect").text(), lang))
                .text(": ")
                .then(&value.html())
                .text(lang.pick(", crítico ", ", critical "))
                .then(&critical.html()),
        );
        bars.push(Bar {
            label: (
                column.at("column").text(),
                words::aspect_word(measure.at("aspect").text(), lang).to_lowercase(),
            ),
            value,
            threshold: critical,
            severity: Severity::of(&measure.at("severity")),
        });
    }
    let words = say(lang, ("PSI por coluna", "PSI by column"), &told);
    Some(Picture {
        caption: words.title.clone(),
        note: Markup::of(lang.pick(
            "O traço é o valor crítico, que o acaso raramente ultrapassa com este número de linhas. Há alarme (▲ ou ■) só quando, além dele, o PSI passa do tamanho que importa.",
            "The tick is the critical value, which chance rarely exceeds with this number of rows. There is an alarm (▲ or ■) only where PSI, besides, passes the size that matters.",
        )),
        svg: charts::thresholds(&words, lang.pick("crítico", "critical"), &bars),
    })
}

/// The terms whose weight in the classic analysis fell and rose most.
pub(crate) fn movers(comparison: &Node<'_>, lang: Lang) -> Option<Picture> {
    let terms = comparison.path("classic/present/terms").items();
    let rows = ends(&terms, "difference");
    changes(
        &rows,
        lang,
        ("Termos que mais mudaram", "Terms that moved most"),
        (
            "Diferença do peso TF-IDF médio: à direita os que ganharam peso, à esquerda os que perderam.",
            "Difference of the mean TF-IDF weight: to the right those that gained, to the left those that lost.",
        ),
        "difference",
        Format::Signed(4),
    )
}

/// The terms by which the classifier tells the versions apart.
pub(crate) fn classifier(comparison: &Node<'_>, lang: Lang) -> Option<Picture> {
    let classifier = comparison.path("classifier/present");
    let terms: Vec<_> = classifier.at("terms").items().into_iter().take(10).collect();
    if terms.is_empty() {
        return None;
    }
    let rows: Vec<Pair<'_>> = terms
        .iter()
        .map(|term| Pair {
            label: term.at("term").text(),
            before: term.at("before").percent(1),
            after: term.at("after").percent(1),
        })
        .collect();
    let words = say(
        lang,
        ("Termos que separam as versões", "Terms that tell the versions apart"),
        &told_pairs(&rows, lang),
    );
    Some(Picture {
        caption: words.title.clone(),
        note: Markup::of(lang.pick(
            "Fração dos textos que têm o termo. AUC do classificador: ",
            "Share of the texts that have the term. AUC of the classifier: ",
        ))
        .then(&classifier.at("auc").decimal(3).html())
        .text(lang.pick(", intervalo de ", ", interval from "))
        .then(&classifier.at("auc_low").decimal(3).html())
        .text(lang.pick(" a ", " to "))
        .then(&classifier.at("auc_high").decimal(3).html())
        .text(". ")
        .then(&legend(lang)),
        svg: charts::pairs(&words, &rows),
    })
}

/// The languages of the text columns.
pub(crate) fn languages(columns: &[Node<'_>], lang: Lang) -> Option<Picture> {
    let moved = |column: &Node<'_>| {
        let changes = column.at("languages").items();
        changes.iter().filter_map(|l| l.at("change").number()).fold(0.0, |a: f64, b| a.max(b.abs()))
    };
    let mut texts: Vec<_> =
        columns.iter().filter(|c| !c.at("languages").items().is_empty()).cloned().collect();
    texts.sort_by(|a, b| moved(b).total_cmp(&moved(a)));
    texts.truncate(6);
    let keys: Vec<&str> = texts
        .first()?
        .at("languages")
        .items()
        .iter()
        .map(|l| l.at("language").text())
        .take(4)
        .collect();
    let mut told = Vec::new();
    let mut rows = Vec::new();
    for column in &texts {
        let all = column.at("languages").items();
        let side = |key: &str| -> Vec<Figure> {
            let shares = keys.iter().filter_map(|k| {
                all.iter().find(|l| l.at("language").text() == *k).map(|l| l.at(key))
            });
            shares.filter(Node::is_there).map(|share| share.percent(1)).collect()
        };
        // A profile has one side only.
        let (before, after) = (side("before"), [side("after"), side("share")].concat());
        let mut line = Markup::new().word(column.at("column").text(), LONGEST).text(": ");
        for (i, key) in keys.iter().enumerate() {
            line =
                line.text(if i > 0 { ", " } else { "" }).text(words::language(key, lang)).text(" ");
            if let Some(before) = before.get(i) {
                line = line.then(&before.html()).text(lang.pick(" antes, ", " before, "));
            }
            if let Some(after) = after.get(i) {
                line = line.then(&after.html());
            }
        }
        told.push(line);
        rows.push(Stack { label: column.at("column").text(), before, after });
    }
    let words = say(lang, ("Idiomas dos textos", "Languages of the texts"), &told);
    let one_sided = rows.iter().all(|row| row.before.is_empty());
    let now = if one_sided { ("hoje", "today") } else { ("depois", "after") };
    let sides = (lang.pick("antes", "before"), lang.pick(now.0, now.1));
    let names: Vec<&str> = keys.iter().map(|key| words::language(key, lang)).collect();
    Some(Picture {
        caption: words.title.clone(),
        note: Markup::of(
            lang.pick("Fração dos textos em cada idioma.", "Share of the texts in each language."),
        ),
        svg: charts::stacked(&words, &names, sides, &rows),
    })
}

fn changes(
    rows: &[Node<'_>],
    lang: Lang,
    title: Both,
    note: Both,
    key: &str,
    format: Format,
) -> Option<Picture> {
    if rows.is_empty() {
        return None;
    }
    let bars: Vec<Change<'_>> = rows
        .iter()
        .map(|row| Change { label: row.at("term").text(), change: format.of(&row.at(key)) })
        .collect();
    let told: Vec<Markup> = bars
        .iter()
        .map(|bar| Markup::new().word(bar.label, LONGEST).text(" ").then(&bar.change.html()))
        .collect();
    let words = say(lang, title, &told);
    Some(Picture {
        caption: words.title.clone(),
        note: Markup::of(lang.pick(note.0, note.1)),
        svg: charts::diverging(&words, &bars),
    })
}

/// The rows that rose most, the most first, then those that fell, the most last.
fn ends<'a>(rows: &[Node<'a>], key: &str) -> Vec<Node<'a>> {
    let size = |row: &Node<'_>| row.at(key).number().unwrap_or(0.0);
    let mut sorted: Vec<_> = rows.iter().filter(|row| size(row) != 0.0).cloned().collect();
    sorted.sort_by(|a, b| size(b).total_cmp(&size(a)));
    let up = sorted.iter().filter(|row| size(row) > 0.0).count().min(ROWS / 2 + 2);
    let down = sorted.iter().filter(|row| size(row) < 0.0).count().min(ROWS / 2 + 2);
    let fell = sorted.split_off(sorted.len() - down);
    sorted.truncate(up);
    sorted.extend(fell);
    sorted
}

fn told_pairs(rows: &[Pair<'_>], lang: Lang) -> Vec<Markup> {
    let one = |row: &Pair<'_>| {
        let name = Markup::new().word(row.label, LONGEST);
        Markup::fill(
            lang.pick("{} de {} para {}", "{} from {} to {}"),
            &[name, row.before.html(), row.after.html()],
        )
    };
    rows.iter().map(one).collect()
}

fn from_to(what: &str, before: &Figure, after: &Figure, lang: Lang) -> Markup {
    Markup::fill(
        lang.pick("{} de {} para {}", "{} from {} to {}"),
        &[Markup::of(what), before.html(), after.html()],
    )
}

/// A caption under the name of the column that it is of.
fn captioned(column: &Node<'_>, caption: Markup) -> Markup {
    column_name(&column.at("column")).text(" · ").then(&caption)
}

fn legend(lang: Lang) -> Markup {
    Markup::new()
        .raw("<span class=\"key\"></span> ")
        .text(lang.pick("antes", "before"))
        .raw(" &nbsp; <span class=\"key b\"></span> ")
        .text(lang.pick("depois", "after"))
}

/// A title, and what is to be seen as one sentence.
fn say(lang: Lang, title: Both, told: &[Markup]) -> Words {
    let mut description = Markup::new();
    for (i, line) in told.iter().enumerate() {
        description = description.text(if i > 0 { "; " } else { "" }).then(line);
    }
    Words { title: Markup::of(lang.pick(title.0, title.1)), description: description.text(".") }
}
