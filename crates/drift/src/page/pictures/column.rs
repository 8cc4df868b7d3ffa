//! The pictures of a column: its values, their distribution, its terms.

use crate::{
    charts::{self, Histogram, Pair, Single},
    page::{
        Lang,
        figure::Node,
        finding::moved_by,
        markup::Markup,
        pictures::{captioned, changes, ends, from_to, legend, say, told_pairs},
        severity::Severity,
        table::Format,
        view::{LONGEST, Picture},
        words::Both,
    },
};

/// The terms of a text column whose share of texts moved most.
fn column_terms(column: &Node<'_>, lang: Lang) -> Option<Picture> {
    let rows = ends(&column.at("terms").items(), "change");
    let mut picture = changes(
        &rows,
        lang,
        ("Termos", "Terms"),
        (
            "Mudança da fração de textos que têm o termo.",
            "Change of the share of texts that have the term.",
        ),
        "change",
        Format::SignedPoints,
    )?;
    picture.caption = captioned(column, picture.caption);
    Some(picture)
}

/// What has moved in a column.
pub(crate) fn column(column: &Node<'_>, lang: Lang) -> Vec<Picture> {
    let moved = |aspect: &str| {
        column.at("measures").items().iter().any(|measure| {
            measure.at("aspect").text() == aspect
                && Severity::of(&measure.at("severity")) > Severity::None
        })
    };
    let values = moved("values").then(|| categories(column, lang));
    let lie = (moved("values") || moved("length")).then(|| distribution(column, lang));
    let terms = moved("terms").then(|| column_terms(column, lang));
    [values, lie, terms].into_iter().flatten().flatten().collect()
}

fn categories(column: &Node<'_>, lang: Lang) -> Option<Picture> {
    let mut values: Vec<_> = column
        .at("categories")
        .items()
        .into_iter()
        .filter(|c| !c.at("value").text().is_empty() && moved_by(c) > 0.0)
        .collect();
    values.sort_by(|a, b| moved_by(b).total_cmp(&moved_by(a)));
    values.truncate(6);
    if values.is_empty() {
        return None;
    }
    let rows: Vec<Pair<'_>> = values
        .iter()
        .map(|value| Pair {
            label: value.at("value").text(),
            before: value.at("share_before").percent(1),
            after: value.at("share_after").percent(1),
        })
        .collect();
    let title = ("Valores que mais mudaram", "Values that moved most");
    let words = say(lang, title, &told_pairs(&rows, lang));
    Some(Picture {
        caption: captioned(column, words.title.clone()),
        note: legend(lang),
        svg: charts::pairs(&words, &rows),
    })
}

/// Where the numbers, days or lengths of a column lie.
fn distribution(column: &Node<'_>, lang: Lang) -> Option<Picture> {
    let format = match column.at("kind").text() {
        "date" => Format::Day,
        _ => Format::Decimal(0),
    };
    let title = match column.at("kind").text() {
        "text" => ("Tamanho dos textos, em caracteres", "Length of the texts, in characters"),
        _ => ("Distribuição", "Distribution"),
    };
    let mut told = Vec::new();
    for (key, (pt, en)) in [
        ("p25", ("primeiro quartil", "first quartile")),
        ("p50", ("mediana", "median")),
        ("p75", ("terceiro quartil", "third quartile")),
    ] {
        let before = column.path(&format!("quantiles_before/{key}"));
        let after = column.path(&format!("quantiles_after/{key}"));
        if before.is_there() && after.is_there() {
            told.push(from_to(lang.pick(pt, en), &format.of(&before), &format.of(&after), lang));
        }
    }
    let key = ("Linha: antes; barras: depois", "Line: before; bars: after");
    let mut picture = histogram(&column.at("histogram"), lang, (title, key), &told, format)?;
    picture.caption = captioned(column, picture.caption);
    Some(picture)
}

/// The scores that the live model gives.
pub(crate) fn scores(scores: &Node<'_>, lang: Lang) -> Option<Picture> {
    let told = [from_to(
        lang.pick("média", "mean"),
        &scores.at("mean_before").decimal(3),
        &scores.at("mean_after").decimal(3),
        lang,
    )];
    let title = ("Notas do modelo em produção", "Scores of the live model");
    let key = ("Linha: na avaliação; barras: hoje", "Line: when judged; bars: today");
    histogram(&scores.at("histogram"), lang, (title, key), &told, Format::Decimal(1))
}

fn histogram(
    node: &Node<'_>,
    lang: Lang,
    (title, key): (Both, Both),
    told: &[Markup],
    format: Format,
) -> Option<Picture> {
    let edges = node.at("edges").items();
    let (first, last) = (edges.first()?, edges.last()?);
    let shares = |key| node.at(key).items().iter().map(|n| n.number().unwrap_or(0.0)).collect();
    let data = Histogram {
        before: shares("before"),
        after: shares("after"),
        ends: (format.of(first), format.of(last)),
    };
    let mut told = told.to_vec();
    told.push(
        Markup::of(lang.pick("de ", "from "))
            .then(&data.ends.0.html())
            .text(lang.pick(" a ", " to "))
            .then(&data.ends.1.html()),
    );
    let words = say(lang, title, &told);
    Some(Picture {
        caption: words.title.clone(),
        note: told
            .iter()
            .take(told.len() - 1)
            .fold(Markup::of(lang.pick(key.0, key.1)), |all, one| all.text("; ").then(one))
            .text("."),
        svg: charts::histogram(&words, &data),
    })
}

/// The commonest values of a column of one version.
pub(crate) fn commonest(column: &Node<'_>, lang: Lang) -> Option<Picture> {
    let values: Vec<_> = column.at("top").items().into_iter().take(6).collect();
    if values.is_empty() {
        return None;
    }
    let rows: Vec<Single<'_>> = values
        .iter()
        .map(|v| Single { label: v.at("value").text(), value: v.at("rows").integer() })
        .collect();
    let told: Vec<Markup> = rows
        .iter()
        .map(|row| Markup::new().word(row.label, LONGEST).text(": ").then(&row.value.html()))
        .collect();
    let words = say(lang, ("Valores mais comuns", "Commonest values"), &told);
    Some(Picture {
        caption: captioned(column, words.title.clone()),
        note: Markup::of(lang.pick("Linhas com cada valor.", "Rows with each value.")),
        svg: charts::singles(&words, &rows),
    })
}
