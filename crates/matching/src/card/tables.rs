//! The tables of the card.

use webpage::{
    Lang, MISSING,
    figure::{Figure, Node},
    markup::Markup,
    table::{Format, Show, Spec, of_rows, table},
    view::Block,
};

/// A figure with its interval under it.
fn with_interval(node: &Node<'_>, format: fn(&Node<'_>) -> Figure) -> Markup {
    if !node.at("value").is_there() {
        return Markup::of(MISSING);
    }
    let value = format(&node.at("value")).html();
    if !node.at("low").is_there() {
        return value;
    }
    let (low, high) = (format(&node.at("low")).html(), format(&node.at("high")).html());
    let interval = Markup::of("[").then(&low).text("; ").then(&high).text("]");
    value.text(" ").element("span", &[("class", "soft")], &interval)
}

fn places(node: &Node<'_>, key: &str) -> Markup {
    with_interval(&node.path(key), |n| n.decimal(3))
}

fn percents(node: &Node<'_>, key: &str) -> Markup {
    with_interval(&node.path(key), |n| n.percent(1))
}

fn signed(node: &Node<'_>, key: &str) -> Markup {
    with_interval(&node.path(key), |n| n.signed(3))
}

fn ratio(node: &Node<'_>, key: &str) -> Markup {
    with_interval(&node.path(key), |n| n.decimal(2))
}

const fn figure(format: Format) -> Show {
    Show::Figure(format)
}

/// A split, a model or a group as the language calls it.
fn called(word: &str, lang: Lang) -> Markup {
    let (pt, en) = match word {
        "candidate" => ("pessoas não vistas", "unseen people"),
        "job" => ("vagas não vistas", "unseen jobs"),
        "temporal" => ("depois do treino", "after the training"),
        "stratified" => ("ao acaso", "at random"),
        "prior" => ("a taxa média", "the mean rate"),
        "decision_tree" => ("árvore de decisão", "decision tree"),
        "job_only" => ("só a vaga", "the job alone"),
        "candidate_only" => ("só a pessoa", "the person alone"),
        "without_relations" => ("pessoa e vaga sem relação", "person and job without relation"),
        "new" => ("primeira candidatura", "first application"),
        "returning" => ("já se candidatou antes", "applied before"),
        "pt" => ("português", "Portuguese"),
        "en" => ("inglês", "English"),
        "es" => ("espanhol", "Spanish"),
        "other" => ("outro ou curto demais", "other or too short"),
        "?" => ("desconhecido", "unknown"),
        _ => return Markup::new().word(word, 60),
    };
    Markup::of(lang.pick(pt, en))
}

fn words(node: &Node<'_>, lang: Lang) -> Markup {
    called(node.text(), lang)
}

fn too_few(node: &Node<'_>, lang: Lang) -> Markup {
    Markup::of(if node.is_true() { lang.pick("poucos dados", "too few") } else { "" })
}

/// The figures under each split.
pub(super) fn splits(root: &Node<'_>, lang: Lang) -> Option<Block> {
    let caption = Markup::of(lang.pick(
        "O modelo julgado em pessoas, vagas e dias que o treino não viu. Entre colchetes, o intervalo de 95 % sobre pessoas.",
        "The model judged on people, jobs and days that training has not seen. In brackets the 95 % interval over people.",
    ));
    let specs: &[Spec] = &[
        (("Julgado em", "Judged on"), "split", Show::Words(words)),
        (("Candidaturas", "Applications"), "test/rows", figure(Format::Integer)),
        (("Acertos", "Matches"), "test/positives", figure(Format::Integer)),
        (("AUC", "AUC"), "figures/roc_auc", Show::Own(places)),
        (("PR-AUC", "PR-AUC"), "figures/pr_auc", Show::Own(places)),
        (("Log-loss", "Log-loss"), "figures/log_loss", Show::Own(places)),
        (("Brier", "Brier"), "figures/brier", Show::Own(places)),
        (("Erro de calibração", "Calibration error"), "figures/ece", Show::Own(places)),
        (
            ("nDCG@5 acima do acaso", "nDCG@5 above random"),
            "figures/within_job/ndcg_at_5_lift",
            Show::Own(signed),
        ),
        (
            ("Recall@5 acima do acaso", "Recall@5 above random"),
            "figures/within_job/recall_at_5_lift",
            Show::Own(signed),
        ),
    ];
    let name = lang.pick("Avaliação", "Evaluation");
    Some(table(&root.path("metrics/splits"), lang, &caption, specs)?.named(name).block())
}

/// The live model beside it.
pub(super) fn champion(root: &Node<'_>, lang: Lang) -> Option<Block> {
    let champion = root.path("metrics/champion");
    let comparison = champion.at("comparison");
    let caption = Markup::fill(
        lang.pick(
            "O modelo ao lado do que está no ar ({}), em {} candidaturas que nenhum dos dois viu. Diferença positiva: o novo é pior.",
            "The model beside the live one ({}), on {} applications that neither has seen. A positive difference: the new one is worse.",
        ),
        &[champion.at("live").name().html(), comparison.at("rows").integer().html()],
    );
    let specs: &[Spec] = &[
        (("Medida", "Measure"), "measure", Show::Words(compared)),
        (("Atributo", "Attribute"), "of", Show::Word),
        (("Novo", "New"), "new", figure(Format::Decimal(4))),
        (("No ar", "Live"), "live", figure(Format::Decimal(4))),
        (("Pior por", "Worse by"), "worse_by", Show::Own(worse_by)),
        (("Erro-padrão", "Standard error"), "standard_error", figure(Format::Decimal(4))),
        (("p ajustado", "Adjusted p"), "p_adjusted", figure(Format::Probability)),
    ];
    let name = lang.pick("Novo e no ar", "New and live");
    Some(table(&comparison.at("measures"), lang, &caption, specs)?.named(name).block())
}

fn worse_by(node: &Node<'_>, key: &str) -> Markup {
    node.at(key).signed(4).html()
}

fn compared(node: &Node<'_>, lang: Lang) -> Markup {
    let (pt, en) = match node.text() {
        "log_loss" => ("log-loss", "log-loss"),
        "pr_auc" => ("PR-AUC", "PR-AUC"),
        "order" => ("ordem dentro da vaga", "order within a job"),
        "calibration" => ("calibração dos últimos 90 dias", "calibration of the last 90 days"),
        _ => ("menor razão de impacto", "lowest impact ratio"),
    };
    Markup::of(lang.pick(pt, en))
}

/// Simpler models beside it.
pub(super) fn baselines(root: &Node<'_>, lang: Lang) -> Option<Block> {
    let caption = Markup::of(lang.pick(
        "Modelos mais simples nas mesmas candidaturas, calibrados do mesmo modo; à direita, quanto o modelo está à frente.",
        "Simpler models on the same applications, calibrated alike; on the right, what the model is ahead by.",
    ));
    let specs: &[Spec] = &[
        (("Modelo", "Model"), "name", Show::Words(words)),
        (("AUC", "AUC"), "figures/roc_auc", Show::Own(places)),
        (("PR-AUC", "PR-AUC"), "figures/pr_auc", Show::Own(places)),
        (("Log-loss", "Log-loss"), "figures/log_loss", Show::Own(places)),
        (("AUC à frente", "AUC ahead"), "lead/roc_auc", Show::Own(signed)),
    ];
    let name = lang.pick("Modelos mais simples", "Simpler models");
    Some(table(&root.path("metrics/baselines"), lang, &caption, specs)?.named(name).block())
}

pub(super) fn slices(root: &Node<'_>, lang: Lang) -> Vec<Block> {
    let mut blocks = Vec::new();
    for by in root.path("metrics/slices").items() {
        let (pt, en) = match by.at("by").text() {
            "cv_language" => ("Língua do currículo", "Language of the CV"),
            "area" => ("Área da vaga", "Area of the job"),
            "level" => ("Nível da vaga", "Level of the job"),
            "month" => ("Mês", "Month"),
            _ => ("Pessoa nova ou já conhecida", "New or returning person"),
        };
        let title = lang.pick(pt, en);
        let specs: &[Spec] = &[
            (("Grupo", "Group"), "group", Show::Words(words)),
            (("Candidaturas", "Applications"), "rows", figure(Format::Integer)),
            (("Acertos", "Matches"), "positives", figure(Format::Integer)),
            (("AUC", "AUC"), "roc_auc", Show::Own(places)),
            (("Previsto", "Predicted"), "mean_probability", figure(Format::Percent(1))),
            (("Observado", "Observed"), "rate", figure(Format::Percent(1))),
            (("", ""), "too_few", Show::Words(too_few)),
        ];
        let found = table(&by.at("groups"), lang, &Markup::of(title), specs);
        blocks.extend(found.map(|t| t.named(title).folded(Markup::of(title)).block()));
    }
    blocks
}

/// The groups of each attribute, or of two crossed.
pub(super) fn attributes(list: &Node<'_>, lang: Lang) -> Vec<Block> {
    let mut blocks = Vec::new();
    for attribute in list.items() {
        let known = attribute.at("known").percent(1).html();
        let line =
            lang.pick("{}: conhecido em {} das candidaturas", "{}: known of {} of applications");
        let name = Markup::new().word(attribute.at("name").text(), 60);
        let caption = Markup::fill(line, &[name, known]);
        let specs: &[Spec] = &[
            (("Grupo", "Group"), "", Show::Head),
            (("Candidaturas", "Applications"), "outcomes/rows", figure(Format::Integer)),
            (("Taxa observada", "Observed rate"), "outcomes/observed/rate", Show::Own(percents)),
            (("Razão", "Ratio"), "outcomes/observed/impact_ratio", Show::Own(ratio)),
            (("Selecionadas", "Selected"), "held_out/selection/rate", Show::Own(percents)),
            (
                ("Razão de impacto", "Impact ratio"),
                "held_out/selection/impact_ratio",
                Show::Own(ratio),
            ),
            (
                ("Entre as 5 da vaga", "In the job's first 5"),
                "held_out/top/rate",
                Show::Own(percents),
            ),
            (("Razão de impacto", "Impact ratio"), "held_out/top/impact_ratio", Show::Own(ratio)),
            (
                ("Acima da mediana", "Above the median"),
                "held_out/scoring/impact_ratio",
                Show::Own(ratio),
            ),
            (
                ("Acertos encontrados", "Matches found"),
                "held_out/true_positives/rate",
                Show::Own(percents),
            ),
            (
                ("Erro de calibração", "Calibration gap"),
                "held_out/calibration_gap",
                Show::Own(signed),
            ),
            (("", ""), "held_out/too_few", Show::Words(too_few)),
        ];
        let unknown = lang.pick("desconhecido", "unknown");
        let groups: Vec<_> = attribute
            .at("groups")
            .items()
            .into_iter()
            .map(|group| {
                let name = group.at("group");
                let shown = Markup::new();
                let head =
                    if name.is_there() { shown.word(name.text(), 60) } else { shown.text(unknown) };
                (head, group)
            })
            .collect();
        let found = of_rows(&groups, lang, &caption, specs);
        blocks.extend(found.map(|t| t.named(attribute.at("name").text()).block()));
    }
    blocks
}

fn measure(node: &Node<'_>, lang: Lang) -> Markup {
    let (pt, en) = match node.text() {
        "outcome" => ("taxa observada (rótulos)", "observed rate (labels)"),
        "selection" => ("selecionadas no limiar", "selected at the threshold"),
        "top" => ("entre as primeiras da vaga", "among the first of the job"),
        "scoring" => ("acima da mediana", "above the median"),
        "true_positives" => ("acertos encontrados", "matches found"),
        _ => ("calibração", "calibration"),
    };
    Markup::of(lang.pick(pt, en))
}

/// The alarms of the audit.
pub(super) fn alarms(root: &Node<'_>, lang: Lang) -> Option<Block> {
    let caption = Markup::of(lang.pick(
        "Grupos que ficam abaixo de quatro quintos do grupo de maior taxa, e não por acaso.",
        "Groups that fare below four fifths of the group with the highest rate, and not by chance.",
    ));
    let specs: &[Spec] = &[
        (("Atributo", "Attribute"), "attribute", Show::Word),
        (("Grupo", "Group"), "group", Show::Word),
        (("Medida", "Measure"), "measure", Show::Words(measure)),
        (("Grupo", "Group"), "figure", figure(Format::Percent(1))),
        (("Maior", "Highest"), "highest_figure", figure(Format::Percent(1))),
        (("Razão", "Ratio"), "ratio", figure(Format::Decimal(2))),
        (("p ajustado", "Adjusted p"), "p_adjusted", figure(Format::Probability)),
    ];
    let name = lang.pick("Alarmes", "Alarms");
    Some(table(&root.path("fairness/alarms"), lang, &caption, specs)?.named(name).block())
}

/// How well the inputs give attributes away.
pub(super) fn proxies(root: &Node<'_>, lang: Lang) -> Option<Block> {
    let mut rows = Vec::new();
    for proxy in root.path("fairness/proxies").items() {
        for group in proxy.at("groups").items() {
            let head = Markup::new()
                .word(proxy.at("attribute").text(), 60)
                .text(": ")
                .word(group.at("group").text(), 60);
            rows.push((head, group));
        }
    }
    let caption = Markup::of(lang.pick(
        "Quanto as entradas do modelo revelam cada atributo: 0,5 é nada, 1 é tudo.",
        "How well the inputs of the model give each attribute away: 0.5 is not at all, 1 is wholly.",
    ));
    let specs: &[Spec] = &[
        (("Atributo e grupo", "Attribute and group"), "", Show::Head),
        (("AUC", "AUC"), "auc", Show::Own(places)),
        (("Coluna que mais diz", "Column that says most"), "columns", Show::Words(first)),
    ];
    let name = lang.pick("Entradas que revelam atributos", "Inputs that give attributes away");
    Some(of_rows(&rows, lang, &caption, specs)?.named(name).block())
}

fn first(columns: &Node<'_>, _: Lang) -> Markup {
    let first = columns.items().into_iter().next();
    first.map_or_else(Markup::new, |c| Markup::new().word(c.at("column").text(), 60))
}

/// The tree that says nearly the same, a node a line.
pub(super) fn surrogate(root: &Node<'_>, lang: Lang) -> Option<Block> {
    let rows: Vec<_> = root
        .path("surrogate/rules")
        .items()
        .into_iter()
        .map(|rule| {
            let depth = rule.at("depth").number().unwrap_or(0.0) as usize;
            let branch = match (rule.at("is_below").is_there(), rule.at("is_below").is_true()) {
                (false, _) => "",
                (true, true) => lang.pick("abaixo: ", "below: "),
                (true, false) => lang.pick("senão: ", "else: "),
            };
            let head = Markup::of(&"\u{2003}".repeat(depth)).text(branch);
            let column = rule.at("column");
            let head = if column.is_there() { head.word(column.text(), 60) } else { head };
            (head, rule)
        })
        .collect();
    let caption = Markup::of(lang.pick(
        "Uma árvore pequena que imita o modelo, para ler. Um valor ausente conta como 0.",
        "A small tree that imitates the model, to be read. A missing value counts as 0.",
    ));
    let specs: &[Spec] = &[
        (("Pergunta", "Question"), "", Show::Head),
        (("Limiar", "Threshold"), "threshold", figure(Format::Decimal(3))),
        (("Chamadas", "Called"), "rate", figure(Format::Percent(1))),
    ];
    let mut found = of_rows(&rows, lang, &caption, specs)?;
    found.sorts = false;
    Some(found.named(lang.pick("Árvore", "Tree")).block())
}
