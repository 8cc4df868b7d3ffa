//! The section of a comparison: its verdict and findings, its pictures, its tables.

use maud::{Markup, html};

use super::{
    finding, pictures,
    words::{self, judged},
};
use crate::{
    Lang,
    draw::gallery,
    markup::{joined, list, name, soft, text as paragraph, word, wording},
    page::Section,
    report::{
        CategoryCount, Classic, ColumnDrift, ColumnMeasure, Comparison, Measure, Part, Quantiles,
        Report, SchemaChange, Severity, Term, VersionFacts, Volume,
    },
    table::{self, Cell, Table, number, text, verdict},
};

/// Columns with pictures of their own at most.
const COLUMNS: usize = 6;

/// The section of the comparison with this place in the report.
pub(super) fn section(
    report: &Report,
    (place, comparison): (usize, &Comparison),
    lang: Lang,
) -> Section {
    let (id, title) = match comparison.term {
        // Both versions may be named.
        Term::Named => {
            (format!("named-{place}"), lang.pick("Comparação pedida: ", "Comparison asked for: "))
        }
        term => (
            match term {
                Term::Live => "live",
                Term::Quarter => "quarter",
                _ => "year",
            }
            .to_owned(),
            lang.pick("A base inteira ", "The whole store "),
        ),
    };
    let also = comparison.also.iter().map(|term| words::term(*term, lang));
    let body = html! {
        (pair(&report.current, comparison, lang))
        @if !comparison.also.is_empty() {
            (paragraph(wording!(
                lang,
                "É também a versão: {}.",
                "It is also the version: {}.",
                joined(also, ", ")
            )))
        }
        @if comparison.equal {
            (paragraph(lang.pick(
                "As duas versões guardam os mesmos dados, byte a byte. Nada pode ter mudado, e nada foi testado.",
                "Both versions hold the same data, byte for byte. Nothing can have changed, and nothing was tested.",
            )))
        } @else {
            (reasons(report, comparison, lang))
            (overview(comparison, lang))
            (moved_columns(&comparison.columns, lang))
            h3 { (lang.pick("Em números", "In numbers")) }
            (columns(&comparison.columns, lang))
            (measures(&comparison.columns, lang))
            (volumes(&comparison.volumes, lang))
            (further(comparison, lang))
            (schema(&comparison.schema, lang))
            (came_and_went(&comparison.columns, lang))
            (classic(&comparison.classic, lang))
        }
    };
    Section { id, title: html! { (title) (words::since(comparison, lang)) }, body }
}

/// Which versions are compared, and how it ended.
fn pair(current: &VersionFacts, comparison: &Comparison, lang: Lang) -> Markup {
    let version = |of: &VersionFacts| {
        wording!(
            lang,
            "{} ({}, {} candidaturas)",
            "{} ({}, {} applications)",
            name(&of.version),
            lang.date(&*of.logical_date),
            lang.count(of.applications)
        )
    };
    let (from, to) = (version(&comparison.baseline), version(current));
    let told = wording!(lang, "De {} para {}.", "From {} to {}.", from, to);
    paragraph(judged(comparison.severity, told, lang))
}

fn reasons(report: &Report, comparison: &Comparison, lang: Lang) -> Markup {
    let found = comparison.reasons.iter().filter(|reason| reason.severity > Severity::None);
    let found: Vec<_> = found
        .map(|reason| judged(reason.severity, finding::sentence(report, reason, lang), lang))
        .collect();
    let tests = lang.count(comparison.tests);
    if found.is_empty() {
        return paragraph(wording!(
            lang,
            "De {} medidas testadas, nenhuma passou ao mesmo tempo do tamanho que importa e do que o acaso explica.",
            "Of {} measures tested, none passed both the size that matters and what chance explains.",
            tests
        ));
    }
    html! {
        (paragraph(wording!(
            lang,
            "As mudanças que mais pesam, de {} medidas testadas:",
            "The changes that weigh most, of {} measures tested:",
            tests
        )))
        (list(found))
    }
}

fn overview(comparison: &Comparison, lang: Lang) -> Markup {
    let classic = comparison.classic.present();
    let classifier = comparison.classifier.present();
    let drawn = vec![
        classic.and_then(|classic| pictures::movers(classic, lang)),
        pictures::languages_beside(&comparison.columns, lang),
        classifier.and_then(|classifier| pictures::classifier(classifier, lang)),
        pictures::psi(&comparison.columns, lang),
    ];
    html! {
        (gallery(Some(lang.pick("Em figuras", "In pictures")), drawn))
        @if let Part::Absent(why) = comparison.classifier {
            (paragraph(wording!(
                lang,
                "Sem classificador de domínio: {}.",
                "No domain classifier: {}.",
                words::absence(why, lang)
            )))
        }
    }
}

fn moved_columns(columns: &[ColumnDrift], lang: Lang) -> Markup {
    let mut moved: Vec<_> = columns.iter().filter(|one| one.severity > Severity::None).collect();
    moved.sort_by_key(|column| words::gravity(column));
    let drawn = moved.iter().take(COLUMNS).flat_map(|column| pictures::column(column, lang));
    let heading = lang.pick("As colunas que mais mudaram", "The columns that moved most");
    gallery(Some(heading), drawn.collect())
}

fn columns(columns: &[ColumnDrift], lang: Lang) -> Table {
    let mut rows: Vec<_> = columns.iter().collect();
    rows.sort_by_key(|column| words::gravity(column));
    let caption = lang.pick(
        "Cada coluna das duas versões: linhas sem valor, valores diferentes, veredito. Uma coluna que não conta é mostrada e não faz alarme.",
        "Each column of both versions: rows without a value, different values, verdict. A column that does not count is shown and makes no alarm.",
    );
    let median = |row: &ColumnDrift, of: Option<Quantiles>| {
        number(of.map_or("–".to_owned(), |quantiles| words::value(row.kind, quantiles.p50, lang)))
    };
    Table::new(
        lang,
        lang.pick("Colunas", "Columns"),
        caption,
        &rows,
        &[
            (("Coluna", "Column"), &|row| table::word(&row.column)),
            (("Veredito", "Verdict"), &|row| verdict(row.severity)),
            (("Conta?", "Counts?"), &|row| text(words::uncounted(row.uncounted, lang))),
            (("Tabela", "Table"), &|row| table::word(&row.table)),
            (("Tipo", "Kind"), &|row| text(words::kind(row.kind, lang))),
            (("Sem valor antes", "Missing before"), &|row| {
                number(lang.percent(row.missing_before, 1))
            }),
            (("Sem valor depois", "Missing after"), &|row| {
                number(lang.percent(row.missing_after, 1))
            }),
            (("Valores antes", "Values before"), &|row| number(lang.count(row.distinct_before))),
            (("Valores depois", "Values after"), &|row| number(lang.count(row.distinct_after))),
            (("Mediana antes", "Median before"), &|row| median(row, row.quantiles_before)),
            (("Mediana depois", "Median after"), &|row| median(row, row.quantiles_after)),
        ],
    )
}

fn measures(columns: &[ColumnDrift], lang: Lang) -> Table {
    let mut rows: Vec<_> = columns
        .iter()
        .flat_map(|column| column.measures.iter().map(move |one| (column, one)))
        .collect();
    rows.sort_by_key(|(_, one)| std::cmp::Reverse(one.measure.severity));
    let caption = lang.pick(
        "Cada medida com a regra que a julga: alerta ou atenção quando o tamanho passa do limite e o acaso não o explica.",
        "Each measure with the rule that judges it: alert or watch when its size passes the limit and chance does not explain it.",
    );
    let size = |one: &ColumnMeasure, size| number(words::size(one.measure.name, size, lang));
    Table::new(
        lang,
        lang.pick("Medidas", "Measures"),
        caption,
        &rows,
        &[
            (("Coluna", "Column"), &|row| table::word(&row.0.column)),
            (("Veredito", "Verdict"), &|row| verdict(row.1.measure.severity)),
            (("De quê", "Of what"), &|row| text(words::aspect(row.1.aspect, lang))),
            (("Medida", "Measure"), &|row| text(words::measure(row.1.measure.name, lang))),
            (("Tamanho", "Size"), &|row| size(row.1, row.1.measure.value)),
            (("Atenção de", "Watch from"), &|row| size(row.1, row.1.measure.watch)),
            (("Alerta de", "Alert from"), &|row| size(row.1, row.1.measure.alert)),
            (("p corrigido", "Corrected p"), &|row| {
                number(lang.probability(row.1.measure.p_adjusted))
            }),
            (("PSI crítico", "Critical PSI"), &|row| {
                number(lang.decimal(row.1.measure.critical, 4))
            }),
            (("Linhas antes", "Rows before"), &|row| number(lang.count(row.1.measure.before))),
            (("Linhas depois", "Rows after"), &|row| number(lang.count(row.1.measure.after))),
        ],
    )
}

fn volumes(volumes: &[Volume], lang: Lang) -> Table {
    let caption = lang.pick(
        "Linhas das tabelas, repetidas, órfãs e rejeitadas.",
        "Rows of the tables, duplicates, orphans and rejects.",
    );
    let rule = |measure: &Option<Measure>| match measure {
        Some(measure) => text(finding::rule(measure, lang)),
        None => text("–"),
    };
    Table::new(
        lang,
        "Volumes",
        caption,
        volumes,
        &[
            (("O quê", "What"), &|row| text(words::volume(&row.name, lang))),
            (("Veredito", "Verdict"), &|row| verdict(row.measure.as_ref().map(|one| one.severity))),
            (("Antes", "Before"), &|row| number(lang.count(row.before))),
            (("Depois", "After"), &|row| number(lang.count(row.after))),
            (("Regra", "Rule"), &|row| rule(&row.measure)),
        ],
    )
}

/// The share of matches and the embeddings, each with its verdict and its rule.
fn further(comparison: &Comparison, lang: Lang) -> Markup {
    let with_rule = |told: Markup, measure: &Measure| {
        let rule = soft(finding::rule(measure, lang));
        judged(measure.severity, html! { (told) " " (rule) }, lang)
    };
    let rate = comparison.label_rate.iter().map(|rate| {
        let told = wording!(
            lang,
            "Candidaturas que terminam em match: de {} para {}.",
            "Applications that end in a match: from {} to {}.",
            lang.percent(rate.before, 1),
            lang.percent(rate.after, 1)
        );
        with_rule(told, &rate.measure)
    });
    let embeddings = comparison.embeddings.iter().map(|side| {
        let told = wording!(
            lang,
            "Embeddings de {} ({}): AUC de {}.",
            "Embeddings of {} ({}): AUC of {}.",
            words::side(&side.side, lang),
            word(&side.encoder),
            lang.decimal(side.auc, 3)
        );
        with_rule(told, &side.measure)
    });
    let absent = comparison.embeddings_absent.map(|why| {
        wording!(
            lang,
            "Sem comparação de embeddings: {}.",
            "No comparison of embeddings: {}.",
            words::absence(why, lang)
        )
    });
    let items: Vec<_> = rate.chain(embeddings).chain(absent).collect();
    html! { @if !items.is_empty() { (list(items)) } }
}

fn schema(changes: &[SchemaChange], lang: Lang) -> Table {
    let caption = lang.pick(
        "Colunas que vieram, saíram ou mudaram de tipo.",
        "Columns that came, went or changed their type.",
    );
    let kind = |kind: &Option<String>| table::word(kind.as_deref().unwrap_or_default());
    let name = lang.pick("Forma das tabelas", "Shape of the tables");
    Table::new(
        lang,
        name,
        caption,
        changes,
        &[
            (("Coluna", "Column"), &|row| table::word(&row.column)),
            (("Tabela", "Table"), &|row| table::word(&row.table)),
            (("Tipo antes", "Type before"), &|row| kind(&row.before)),
            (("Tipo depois", "Type after"), &|row| kind(&row.after)),
        ],
    )
}

fn came_and_went(columns: &[ColumnDrift], lang: Lang) -> Table {
    let rows: Vec<_> =
        columns.iter().filter(|c| !c.appeared.is_empty() || !c.vanished.is_empty()).collect();
    let caption = lang.pick(
        "Categorias que só uma das versões tem, com o número de linhas.",
        "Categories that only one of the versions has, with their rows.",
    );
    let values = |values: &[CategoryCount]| -> Cell {
        let values =
            values.iter().map(|one| html! { (word(&one.value)) " " (lang.count(one.rows)) });
        let values = joined(values, "; ");
        text(if values.0.is_empty() {
            html! { "–" }
        } else {
            values
        })
    };
    let name = lang.pick("Categorias novas e desaparecidas", "New and vanished categories");
    Table::new(
        lang,
        name,
        caption,
        &rows,
        &[
            (("Coluna", "Column"), &|row| table::word(&row.column)),
            (("Novas", "New"), &|row| values(&row.appeared)),
            (("Desaparecidas", "Vanished"), &|row| values(&row.vanished)),
        ],
    )
}

fn classic(classic: &Part<Classic>, lang: Lang) -> Markup {
    html! {
        h3 { (lang.pick("Análise clássica", "Classic analysis")) }
        @match classic {
            Part::Absent(why) => (paragraph(wording!(
                lang, "Não foi feita: {}.", "Not made: {}.", words::absence(*why, lang)
            ))),
            Part::Present(classic) => { (classic_verdict(classic, lang)) (terms(classic, lang)) }
        }
    }
}

fn classic_verdict(classic: &Classic, lang: Lang) -> Markup {
    let verdict = |is_drift| match is_drift {
        true => "drift",
        false => lang.pick("sem drift", "no drift"),
    };
    html! {
        (paragraph(wording!(
            lang,
            "O veredito do sistema anterior, como ele o dá: {} com Bonferroni ({} termos com p abaixo de {}), {} com FDR; PSI global de {}, sobre {} documentos antes e {} depois. Ele não vê o tamanho do efeito, por isso não decide o alarme.",
            "The verdict of the former system, as it gives it: {} with Bonferroni ({} terms with p below {}), {} with FDR; global PSI of {}, over {} documents before and {} after. It does not see the size of the effect, so it does not decide the alarm.",
            verdict(classic.is_drift),
            lang.count(classic.drifted_terms),
            lang.small(classic.threshold),
            verdict(classic.is_drift_fdr),
            lang.small(classic.global_psi),
            lang.count(classic.rows_before),
            lang.count(classic.rows_after)
        )))
        @if classic.withheld > 0 {
            (paragraph(wording!(
                lang,
                "Por privacidade, {} termos raros entram nas contas mas não são nomeados.",
                "For privacy, {} rare terms are counted but not named.",
                lang.count(classic.withheld)
            )))
        }
    }
}

fn terms(classic: &Classic, lang: Lang) -> Table {
    let caption = lang.pick(
        "Cada termo, do que mais mudou ao que menos mudou.",
        "Each term, from the one that moved most to the one that moved least.",
    );
    let name = lang.pick("Termos da análise clássica", "Terms of the classic analysis");
    Table::new(
        lang,
        name,
        caption,
        &classic.terms,
        &[
            (("Termo", "Term"), &|row| table::word(&row.term)),
            (("Média antes", "Mean before"), &|row| number(lang.decimal(row.mean_before, 5))),
            (("Média depois", "Mean after"), &|row| number(lang.decimal(row.mean_after, 5))),
            (("Diferença", "Difference"), &|row| number(lang.signed(row.difference, 5))),
            (("KS", "KS"), &|row| number(lang.decimal(row.distance, 4))),
            (("p", "p"), &|row| number(lang.probability(row.p))),
            (("PSI", "PSI"), &|row| number(lang.decimal(row.psi, 4))),
        ],
    )
    .folded(lang.pick("Todos os termos", "All terms"))
}
