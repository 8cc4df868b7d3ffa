//! The section of a comparison: its verdict and findings, its pictures, its tables.

use crate::page::{
    Lang,
    figure::Node,
    finding,
    markup::Markup,
    pictures,
    severity::Severity,
    table::{DATED, Format, MEASURED, Show, Spec, of_rows, table},
    view::{Block, LONGEST, Section},
    words,
};

/// Columns with pictures of their own at most.
const COLUMNS: usize = 6;

/// The section of a comparison.
pub(crate) fn section(root: &Node<'_>, comparison: &Node<'_>, lang: Lang) -> Section {
    let title = match comparison.at("term").text() {
        "named" => Markup::of(lang.pick("Comparação pedida: ", "Comparison asked for: ")),
        _ => Markup::of(lang.pick("A base inteira ", "The whole store ")),
    };
    let title = title.then(&since(comparison, lang));
    let mut blocks = vec![Block::text(pair(root, comparison, lang))];
    let also = comparison.at("also").items();
    if !also.is_empty() {
        let mut line = Markup::of(lang.pick("É também a versão: ", "It is also the version: "));
        for (i, term) in also.iter().enumerate() {
            line = line.text(if i > 0 { ", " } else { "" }).text(words::term(term.text(), lang));
        }
        blocks.push(Block::text(line.text(".")));
    }
    if comparison.at("equal").is_true() {
        blocks.push(Block::text(Markup::of(lang.pick(
            "As duas versões guardam os mesmos dados, byte a byte. Nada pode ter mudado, e nada foi testado.",
            "Both versions hold the same data, byte for byte. Nothing can have changed, and nothing was tested.",
        ))));
    } else {
        reasons(root, comparison, lang, &mut blocks);
        overview(comparison, lang, &mut blocks);
        moved_columns(comparison, lang, &mut blocks);
        tables(comparison, lang, &mut blocks);
        classic(comparison, lang, &mut blocks);
    }
    // Both versions may be named.
    let id = match comparison.at("term").text() {
        "named" => format!("named-{}", comparison.pointer().rsplit('/').next().unwrap_or_default()),
        term => term.to_owned(),
    };
    Section { id, title, blocks }
}

/// Since which version a comparison tells what changed.
pub(crate) fn since(comparison: &Node<'_>, lang: Lang) -> Markup {
    let (pt, en) = match comparison.at("term").text() {
        "live" => ("desde a versão em produção", "since the live version"),
        "quarter" => ("desde há três meses", "since three months ago"),
        "year" => ("desde há um ano", "since a year ago"),
        _ => {
            return Markup::fill(
                lang.pick("desde a versão {}, de {}", "since version {}, of {}"),
                &[
                    comparison.path("baseline/version").name().html(),
                    comparison.path("baseline/logical_date").date().html(),
                ],
            );
        }
    };
    Markup::of(lang.pick(pt, en))
}

/// Which versions are compared, and how it ended.
fn pair(root: &Node<'_>, comparison: &Node<'_>, lang: Lang) -> Markup {
    let of = |version: &Node<'_>| {
        Markup::fill(
            lang.pick("{} ({}, {} candidaturas)", "{} ({}, {} applications)"),
            &[
                version.at("version").name().html(),
                version.at("logical_date").date().html(),
                version.at("applications").integer().html(),
            ],
        )
    };
    Markup::fill(
        lang.pick("{} De {} para {}.", "{} From {} to {}."),
        &[
            Severity::of(&comparison.at("severity")).tag(lang).text(". "),
            of(&comparison.at("baseline")),
            of(&root.at("current")),
        ],
    )
}

fn reasons(root: &Node<'_>, comparison: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let found: Vec<_> = comparison
        .at("reasons")
        .items()
        .into_iter()
        .filter(|reason| reason.at("severity").text() != "none")
        .collect();
    let tests = comparison.at("tests").integer().html();
    if found.is_empty() {
        blocks.push(Block::text(Markup::fill(
            lang.pick(
                "De {} medidas testadas, nenhuma passou ao mesmo tempo do tamanho que importa e do que o acaso explica.",
                "Of {} measures tested, none passed both the size that matters and what chance explains.",
            ),
            &[tests],
        )));
        return;
    }
    blocks.push(Block::text(Markup::fill(
        lang.pick(
            "As mudanças que mais pesam, de {} medidas testadas:",
            "The changes that weigh most, of {} measures tested:",
        ),
        &[tests],
    )));
    let told = |reason: &Node<'_>| {
        let tag = Severity::of(&reason.at("severity")).tag(lang).text(". ");
        tag.then(&finding::sentence(root, reason, lang))
    };
    blocks.push(Block::List { items: found.iter().map(told).collect() });
}

fn overview(comparison: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let columns = comparison.at("columns").items();
    let pictures: Vec<_> = [
        pictures::movers(comparison, lang),
        pictures::languages(&columns, lang),
        pictures::classifier(comparison, lang),
        pictures::psi(comparison, lang),
    ]
    .into_iter()
    .flatten()
    .collect();
    if !pictures.is_empty() {
        blocks.push(Block::heading(lang.pick("Em figuras", "In pictures")));
        blocks.push(Block::Pictures { pictures });
    }
    let classifier = comparison.at("classifier").at("absent");
    if let Some(why) = words::absence(&classifier, lang) {
        let line = lang.pick("Sem classificador de domínio: ", "No domain classifier: ");
        blocks.push(Block::text(Markup::of(line).text(why).text(".")));
    }
}

fn moved_columns(comparison: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let mut columns = comparison.at("columns").items();
    columns.retain(|column| Severity::of(&column.at("severity")) > Severity::None);
    columns.sort_by_key(grave);
    let pictures: Vec<_> =
        columns.iter().take(COLUMNS).flat_map(|column| pictures::column(column, lang)).collect();
    if !pictures.is_empty() {
        let title = lang.pick("As colunas que mais mudaram", "The columns that moved most");
        blocks.push(Block::heading(title));
        blocks.push(Block::Pictures { pictures });
    }
}

/// Columns that count first, the gravest first, the rest as they stand.
fn grave(column: &Node<'_>) -> (bool, std::cmp::Reverse<Severity>) {
    let severity = Severity::of(&column.at("severity"));
    (column.at("uncounted").is_there(), std::cmp::Reverse(severity))
}

fn tables(comparison: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let columns = comparison.at("columns");
    let mut measures: Vec<(Markup, Node<'_>)> = Vec::new();
    for column in columns.items() {
        let name = Markup::new().word(column.at("column").text(), LONGEST);
        measures.extend(column.at("measures").items().into_iter().map(|m| (name.clone(), m)));
    }
    measures.sort_by_key(|(_, m)| std::cmp::Reverse(Severity::of(&m.at("severity"))));
    blocks.push(Block::heading(lang.pick("Em números", "In numbers")));
    let caption = lang.pick(
        "Cada coluna das duas versões: linhas sem valor, valores diferentes, veredito. Uma coluna que não conta é mostrada e não faz alarme.",
        "Each column of both versions: rows without a value, different values, verdict. A column that does not count is shown and makes no alarm.",
    );
    let specs: &[Spec] = &[
        (("Coluna", "Column"), "column", Show::Word),
        (("Veredito", "Verdict"), "severity", Show::Severity),
        (("Conta?", "Counts?"), "uncounted", Show::Words(words::uncounted)),
        (("Tabela", "Table"), "table", Show::Word),
        (("Tipo", "Kind"), "kind", Show::Words(words::kind)),
        (("Sem valor antes", "Missing before"), "missing_before", Show::Figure(Format::Percent(1))),
        (("Sem valor depois", "Missing after"), "missing_after", Show::Figure(Format::Percent(1))),
        (("Valores antes", "Values before"), "distinct_before", Show::Figure(Format::Integer)),
        (("Valores depois", "Values after"), "distinct_after", Show::Figure(Format::Integer)),
        (("Mediana antes", "Median before"), "quantiles_before/p50", DATED),
        (("Mediana depois", "Median after"), "quantiles_after/p50", DATED),
    ];
    let name = lang.pick("Colunas", "Columns");
    let mut rows: Vec<_> =
        columns.items().into_iter().map(|column| (Markup::new(), column)).collect();
    rows.sort_by_key(|(_, column)| grave(column));
    push(blocks, of_rows(&rows, lang, &Markup::of(caption), specs), name);

    let caption = lang.pick(
        "Cada medida com a regra que a julga: alerta ou atenção quando o tamanho passa do limite e o acaso não o explica.",
        "Each measure with the rule that judges it: alert or watch when its size passes the limit and chance does not explain it.",
    );
    let specs: &[Spec] = &[
        (("Coluna", "Column"), "", Show::Head),
        (("Veredito", "Verdict"), "severity", Show::Severity),
        (("De quê", "Of what"), "aspect", Show::Words(words::aspect)),
        (("Medida", "Measure"), "name", Show::Words(words::measure)),
        (("Tamanho", "Size"), "value", MEASURED),
        (("Atenção de", "Watch from"), "watch", MEASURED),
        (("Alerta de", "Alert from"), "alert", MEASURED),
        (("p corrigido", "Corrected p"), "p_adjusted", Show::Figure(Format::Probability)),
        (("PSI crítico", "Critical PSI"), "critical", Show::Figure(Format::Decimal(4))),
        (("Linhas antes", "Rows before"), "before", Show::Figure(Format::Integer)),
        (("Linhas depois", "Rows after"), "after", Show::Figure(Format::Integer)),
    ];
    let measured = of_rows(&measures, lang, &Markup::of(caption), specs);
    push(blocks, measured, lang.pick("Medidas", "Measures"));
    counts(comparison, lang, blocks);
    came_and_went(&columns, lang, blocks);
}

fn counts(comparison: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let caption = lang.pick(
        "Linhas das tabelas, repetidas, órfãs e rejeitadas.",
        "Rows of the tables, duplicates, orphans and rejects.",
    );
    let specs: &[Spec] = &[
        (("O quê", "What"), "name", Show::Words(words::volume)),
        (("Veredito", "Verdict"), "measure/severity", Show::Severity),
        (("Antes", "Before"), "before", Show::Figure(Format::Integer)),
        (("Depois", "After"), "after", Show::Figure(Format::Integer)),
        (("Regra", "Rule"), "measure", Show::Words(finding::rule)),
    ];
    let volumes = table(&comparison.at("volumes"), lang, &Markup::of(caption), specs);
    push(blocks, volumes, lang.pick("Volumes", "Volumes"));

    let mut more = Vec::new();
    let rate = comparison.at("label_rate");
    if rate.is_there() {
        let told = Markup::fill(
            lang.pick(
                "Candidaturas que terminam em match: de {} para {}.",
                "Applications that end in a match: from {} to {}.",
            ),
            &[rate.at("before").percent(1).html(), rate.at("after").percent(1).html()],
        );
        more.push(judged(told, &rate.at("measure"), lang));
    }
    for side in comparison.at("embeddings").items() {
        let told = Markup::fill(
            lang.pick("Embeddings de {} ({}): AUC de {}.", "Embeddings of {} ({}): AUC of {}."),
            &[
                words::side(&side.at("side"), lang),
                Markup::new().word(side.at("encoder").text(), LONGEST),
                side.at("auc").decimal(3).html(),
            ],
        );
        more.push(judged(told, &side.at("measure"), lang));
    }
    if let Some(why) = words::absence(&comparison.at("embeddings_absent"), lang) {
        let line = lang.pick("Sem comparação de embeddings: ", "No comparison of embeddings: ");
        more.push(Markup::of(line).text(why).text("."));
    }
    if !more.is_empty() {
        blocks.push(Block::List { items: more });
    }

    let caption = lang.pick(
        "Colunas que vieram, saíram ou mudaram de tipo.",
        "Columns that came, went or changed their type.",
    );
    let specs: &[Spec] = &[
        (("Coluna", "Column"), "column", Show::Word),
        (("Tabela", "Table"), "table", Show::Word),
        (("Tipo antes", "Type before"), "before", Show::Word),
        (("Tipo depois", "Type after"), "after", Show::Word),
    ];
    let schema = table(&comparison.at("schema"), lang, &Markup::of(caption), specs);
    push(blocks, schema, lang.pick("Forma das tabelas", "Shape of the tables"));
}

/// What changed, its verdict and its rule.
fn judged(told: Markup, measure: &Node<'_>, lang: Lang) -> Markup {
    let rule = finding::rule(measure, lang);
    Severity::of(&measure.at("severity"))
        .tag(lang)
        .text(". ")
        .then(&told)
        .text(" ")
        .then(&Markup::new().element("span", &[("class", "soft")], &rule))
}

fn came_and_went(columns: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    let rows: Vec<(Markup, Node<'_>)> = columns
        .items()
        .into_iter()
        .filter(|c| !c.at("appeared").items().is_empty() || !c.at("vanished").items().is_empty())
        .map(|column| (Markup::new().word(column.at("column").text(), LONGEST), column))
        .collect();
    let caption = lang.pick(
        "Categorias que só uma das versões tem, com o número de linhas.",
        "Categories that only one of the versions has, with their rows.",
    );
    let specs: &[Spec] = &[
        (("Coluna", "Column"), "", Show::Head),
        (("Novas", "New"), "appeared", Show::Words(values)),
        (("Desaparecidas", "Vanished"), "vanished", Show::Words(values)),
    ];
    let values = of_rows(&rows, lang, &Markup::of(caption), specs);
    push(
        blocks,
        values,
        lang.pick("Categorias novas e desaparecidas", "New and vanished categories"),
    );
}

/// Values with their rows.
fn values(list: &Node<'_>, _: Lang) -> Markup {
    let mut out = Markup::new();
    for value in list.items() {
        let comma = if out.is_empty() { "" } else { "; " };
        out = out
            .text(comma)
            .word(value.at("value").text(), LONGEST)
            .text(" ")
            .then(&value.at("rows").integer().html());
    }
    if out.is_empty() { Markup::of("–") } else { out }
}

fn classic(comparison: &Node<'_>, lang: Lang, blocks: &mut Vec<Block>) {
    blocks.push(Block::heading(lang.pick("Análise clássica", "Classic analysis")));
    let classic = comparison.path("classic/present");
    if !classic.is_there() {
        let why = words::absence(&comparison.path("classic/absent"), lang).unwrap_or_default();
        let line = lang.pick("Não foi feita: ", "Not made: ");
        blocks.push(Block::text(Markup::of(line).text(why).text(".")));
        return;
    }
    let verdict = |key| match classic.at(key).is_true() {
        true => Markup::of(lang.pick("drift", "drift")),
        false => Markup::of(lang.pick("sem drift", "no drift")),
    };
    blocks.push(Block::text(Markup::fill(
        lang.pick(
            "O veredito do sistema anterior, como ele o dá: {} com Bonferroni ({} termos com p abaixo de {}), {} com FDR; PSI global de {}, sobre {} documentos antes e {} depois. Ele não vê o tamanho do efeito, por isso não decide o alarme.",
            "The verdict of the former system, as it gives it: {} with Bonferroni ({} terms with p below {}), {} with FDR; global PSI of {}, over {} documents before and {} after. It does not see the size of the effect, so it does not decide the alarm.",
        ),
        &[
            verdict("is_drift"),
            classic.at("drifted_terms").integer().html(),
            classic.at("threshold").small().html(),
            verdict("is_drift_fdr"),
            classic.at("global_psi").small().html(),
            classic.at("rows_before").integer().html(),
            classic.at("rows_after").integer().html(),
        ],
    )));
    if classic.at("withheld").number().unwrap_or(0.0) > 0.0 {
        blocks.push(Block::text(Markup::fill(
            lang.pick(
                "Por privacidade, {} termos raros entram nas contas mas não são nomeados.",
                "For privacy, {} rare terms are counted but not named.",
            ),
            &[classic.at("withheld").integer().html()],
        )));
    }
    let caption = lang.pick(
        "Cada termo, do que mais mudou ao que menos mudou.",
        "Each term, from the one that moved most to the one that moved least.",
    );
    let specs: &[Spec] = &[
        (("Termo", "Term"), "term", Show::Word),
        (("Média antes", "Mean before"), "mean_before", Show::Figure(Format::Decimal(5))),
        (("Média depois", "Mean after"), "mean_after", Show::Figure(Format::Decimal(5))),
        (("Diferença", "Difference"), "difference", Show::Figure(Format::Signed(5))),
        (("KS", "KS"), "distance", Show::Figure(Format::Decimal(4))),
        (("p", "p"), "p", Show::Figure(Format::Probability)),
        (("PSI", "PSI"), "psi", Show::Figure(Format::Decimal(4))),
    ];
    if let Some(terms) = table(&classic.at("terms"), lang, &Markup::of(caption), specs) {
        let line = Markup::of(lang.pick("Todos os termos", "All terms"));
        let name = lang.pick("Termos da análise clássica", "Terms of the classic analysis");
        blocks.push(terms.named(name).folded(line).block());
    }
}

fn push(blocks: &mut Vec<Block>, table: Option<crate::page::view::Table>, name: &str) {
    blocks.extend(table.map(|table| table.named(name).block()));
}
