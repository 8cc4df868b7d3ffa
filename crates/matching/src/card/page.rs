//! The card in words.

use webpage::{
    Lang,
    figure::Node,
    markup::Markup,
    severity::Severity,
    view::{Block, Fact, Section, Verdict, View},
};

use super::{pictures, tables};

pub(super) fn view(root: &Node<'_>, lang: Lang) -> View {
    let (severity, headline) = verdict(root, lang);
    let title = lang.pick("Cartão do modelo de matching", "Model card of the match model");
    View {
        title: title.to_owned(),
        kicker: title,
        verdict: Verdict {
            class: severity.class(),
            mark: severity.mark(),
            word: severity.word(lang),
            headline: headline.to_owned(),
        },
        reasons: reasons(root, lang),
        advice: advice(root, lang),
        facts: facts(root, lang),
        sections: sections(root, lang),
        footer: vec![Markup::of(lang.pick(
            "Cada número desta página está em model_card.json, na mesma pasta. Nenhum texto de currículo e nenhuma pessoa aparece aqui.",
            "Each figure of this page stands in model_card.json, in the same folder. No text of a CV and no person appears here.",
        ))],
    }
}

fn verdict(root: &Node<'_>, lang: Lang) -> (Severity, &'static str) {
    if root.at("nothing_to_learn").is_true() {
        return (
            Severity::Alert,
            lang.pick(
                "Não há o que aprender: o modelo não ordena melhor que o acaso",
                "There is nothing to learn: the model ranks no better than chance",
            ),
        );
    }
    if !root.path("metrics/beats_baseline").is_true() {
        return (
            Severity::Alert,
            lang.pick(
                "O modelo não ordena melhor que uma árvore pequena",
                "The model ranks no better than a small tree",
            ),
        );
    }
    if !root.path("fairness/alarms").items().is_empty() {
        return (
            Severity::Watch,
            lang.pick(
                "O modelo ordena bem, e a auditoria tem alarmes",
                "The model ranks well, and the audit has alarms",
            ),
        );
    }
    (
        Severity::None,
        lang.pick(
            "O modelo ordena melhor que o acaso e que uma árvore pequena",
            "The model ranks better than chance and than a small tree",
        ),
    )
}

fn reasons(root: &Node<'_>, lang: Lang) -> Vec<Markup> {
    let mut all = Vec::new();
    if let Some(under) = root.path("metrics/splits").items().first() {
        let auc = under.path("figures/roc_auc");
        all.push(Markup::fill(
            lang.pick(
                "AUC {} (de {} a {}) em candidaturas que o treino não viu.",
                "AUC {} (from {} to {}) on applications that training has not seen.",
            ),
            &["value", "low", "high"].map(|key| auc.at(key).decimal(3).html()),
        ));
        all.push(Markup::fill(
            lang.pick(
                "Erro de calibração {}: em média, a distância entre a nota e a parte que dá certo.",
                "Calibration error {}: on the mean, how far the score is from the share that succeeds.",
            ),
            &[under.path("figures/ece/value").decimal(3).html()],
        ));
    }
    if let Some(first) = root.at("importance").items().first() {
        let name = Markup::new().word(first.at("name").text(), 60);
        all.push(Markup::fill(
            lang.pick("O que mais pesa: {} ({}).", "What weighs most: {} ({})."),
            &[name, first.at("share").percent(0).html()],
        ));
    }
    all
}

fn advice(root: &Node<'_>, lang: Lang) -> Vec<Markup> {
    let mut all = Vec::new();
    let protected = root.at("protected").items();
    if !protected.is_empty() {
        let mut names = Markup::new();
        for (i, name) in protected.iter().enumerate() {
            names = if i > 0 { names.text(", ") } else { names }.word(name.text(), 60);
        }
        all.push(Markup::fill(
            lang.pick(
                "Atenção: este modelo usa atributos protegidos ({}), como o sistema Python. Não o use para decidir sobre pessoas.",
                "Beware: this model uses protected attributes ({}), as the Python system does. Do not decide about people by it.",
            ),
            &[names],
        ));
    }
    all.push(Markup::of(lang.pick(
        "Para ordenar as candidaturas de uma vaga antes de uma pessoa as ler. Não para recusar ninguém sem leitura, nem para comparar vagas entre si, nem para medir pessoas.",
        "For putting a job's applications in order before a person reads them. Not for turning anybody down unread, not for comparing jobs, not for measuring people.",
    )));
    all
}

fn facts(root: &Node<'_>, lang: Lang) -> Vec<Fact> {
    let fact = |pt, en, value| Fact { term: lang.pick(pt, en), value, note: None };
    let node = |path: &str| root.path(path);
    let days: Vec<Markup> = node("days").items().iter().map(|d| d.day().html()).collect();
    let word = |path: &str| Markup::new().word(node(path).text(), 60);
    let mut all = vec![
        fact("Preset", "Preset", word("config/preset")),
        fact("Calibração", "Calibration", word("calibrated/method")),
        fact("Dados", "Features", node("features").name().html()),
        fact(
            "Candidaturas de",
            "Applications from",
            Markup::fill(lang.pick("{} a {}", "{} to {}"), &days),
        ),
        fact("Candidaturas", "Applications", node("metrics/labels/applications").integer().html()),
        fact("Acertos", "Matches", node("metrics/labels/matches").integer().html()),
        fact(
            "Sem resposta, contadas como não",
            "Open, counted as none",
            node("metrics/labels/unresolved_as_others").integer().html(),
        ),
        fact(
            "Recentes demais, fora",
            "Too recent, left out",
            node("metrics/labels/left_out_young").integer().html(),
        ),
        fact(
            "Nem acerto nem recusa, fora",
            "Neither match nor refusal, left out",
            node("metrics/labels/left_out_other").integer().html(),
        ),
        Fact {
            term: lang.pick("Cadastros da mesma pessoa", "Records of one person"),
            value: node("metrics/same/people/in_groups").integer().html(),
            note: Some(Markup::fill(
                lang.pick("{} pessoas", "{} people"),
                &[node("metrics/same/people/groups").integer().html()],
            )),
        },
        Fact {
            term: lang.pick("Vagas com o mesmo texto", "Jobs of one text"),
            value: node("metrics/same/jobs/in_groups").integer().html(),
            note: Some(Markup::fill(
                lang.pick("{} textos", "{} texts"),
                &[node("metrics/same/jobs/groups").integer().html()],
            )),
        },
        fact("Treino", "Trained on", node("metrics/train/rows").integer().html()),
        fact(
            "Calibração e limiar",
            "Calibration and threshold",
            node("metrics/aside/rows").integer().html(),
        ),
        fact("Teste", "Held out", node("metrics/test/rows").integer().html()),
        fact("Colunas", "Columns", node("metrics/columns").integer().html()),
        fact("Árvores", "Trees", node("metrics/trees").integer().html()),
    ];
    let threshold = node("metrics/threshold");
    if threshold.is_there() {
        all.push(Fact {
            term: lang.pick("Limiar", "Threshold"),
            value: threshold.at("threshold").decimal(3).html(),
            note: Some(Markup::fill(
                lang.pick("{} por vaga em média", "{} a job on the mean"),
                &[threshold.path("expected/called_per_job").decimal(1).html()],
            )),
        });
    }
    all
}

fn section(id: &str, title: &str, blocks: Vec<Block>) -> Section {
    Section { id: id.to_owned(), title: Markup::of(title), blocks }
}

fn sections(root: &Node<'_>, lang: Lang) -> Vec<Section> {
    let some = |blocks: Vec<Option<Block>>| blocks.into_iter().flatten().collect::<Vec<_>>();
    let mut slices = vec![Block::text(Markup::of(lang.pick(
        "Onde o modelo vai melhor ou pior. Grupos pequenos não têm números.",
        "Where the model does better or worse. Small groups have no figures.",
    )))];
    slices.extend(tables::slices(root, lang));
    let mut surrogate = vec![Block::text(Markup::fill(
        lang.pick(
            "Decide como o modelo em {} das candidaturas de teste; a sua AUC sobre o que o modelo chama é {}.",
            "It decides like the model on {} of the applications held out; its AUC on what the model calls is {}.",
        ),
        &[
            root.path("surrogate/agreement").percent(1).html(),
            root.path("surrogate/fidelity").decimal(3).html(),
        ],
    ))];
    surrogate.extend(tables::surrogate(root, lang));
    let mut all = vec![
        section(
            "figures",
            lang.pick("Quão bom", "How good"),
            some(vec![
                tables::splits(root, lang),
                tables::champion(root, lang),
                tables::baselines(root, lang),
            ]),
        ),
        section(
            "pictures",
            lang.pick("Em imagens", "In pictures"),
            vec![pictures::all(root, lang)],
        ),
        section("slices", lang.pick("Por grupo", "By group"), slices),
        section("fairness", lang.pick("Quão justo", "How fair"), fairness(root, lang)),
    ];
    if root.at("surrogate").is_there() {
        all.push(section(
            "tree",
            lang.pick("Uma árvore que o imita", "A tree that imitates it"),
            surrogate,
        ));
    }
    all.push(section(
        "checks",
        lang.pick("O que foi verificado", "What was checked"),
        checks(root, lang),
    ));
    all.push(section("limits", lang.pick("Limites", "Limits"), limits(lang)));
    all
}

fn fairness(root: &Node<'_>, lang: Lang) -> Vec<Block> {
    let audit = root.at("fairness");
    let mut blocks = vec![Block::text(Markup::fill(
        lang.pick(
            "Atributos que o modelo padrão nunca lê, guardados só para esta auditoria. {} comparações foram testadas; a chance de algum alarme falso é de {}. A razão de impacto compara cada grupo com o de maior taxa (regra dos quatro quintos; NYC Local Law 144).",
            "Attributes that the default model never reads, kept for this audit alone. {} comparisons were tested; the chance of any false alarm is {}. The impact ratio sets each group against the one with the highest rate (four-fifths rule; NYC Local Law 144).",
        ),
        &[audit.at("tests").integer().html(), audit.at("level").percent(0).html()],
    ))];
    match tables::alarms(root, lang) {
        Some(alarms) => blocks.push(alarms),
        None => blocks.push(Block::text(Markup::of(lang.pick("Sem alarmes.", "No alarms.")))),
    }
    blocks.extend(tables::attributes(&audit.at("attributes"), lang));
    blocks.push(Block::heading(lang.pick("Atributos cruzados", "Attributes crossed")));
    blocks.extend(tables::attributes(&audit.at("intersections"), lang).into_iter().map(fold));
    blocks.extend(tables::proxies(root, lang));
    blocks
}

/// Folds a table under its caption.
fn fold(block: Block) -> Block {
    match block {
        Block::Table(table) => {
            let caption = table.caption.clone();
            table.folded(caption).block()
        }
        other => other,
    }
}

fn checks(root: &Node<'_>, lang: Lang) -> Vec<Block> {
    let checks = root.path("metrics/checks");
    let single = checks.at("highest_single");
    let mut items = vec![Markup::of(lang.pick(
        "O modelo só lê o que se sabia no momento da candidatura: o compilador recusa o resto.",
        "The model reads only what was known when the application was made: the compiler refuses the rest.",
    ))];
    if single.is_there() {
        let name = Markup::new().word(single.at("column").text(), 60);
        items.push(Markup::fill(
            lang.pick(
                "Nenhuma coluna sozinha diz o resultado; o que mais diz sozinho é {} (AUC {}).",
                "No column by itself tells the outcome; what tells most by itself is {} (AUC {}).",
            ),
            &[name, single.at("auc").decimal(3).html()],
        ));
    }
    for strong in checks.at("above_bound").items() {
        let name = Markup::new().word(strong.at("column").text(), 60);
        items.push(Markup::fill(
            lang.pick(
                "Acima do limite, e conhecido a tempo: {} (AUC {}).",
                "Above the bound, and known in time: {} (AUC {}).",
            ),
            &[name, strong.at("auc").decimal(3).html()],
        ));
    }
    if checks.at("shuffled_auc").is_there() {
        items.push(Markup::fill(
            lang.pick(
                "De rótulos embaralhados nada se aprende: AUC {} (erro-padrão {}).",
                "Of shuffled labels nothing is learnt: AUC {} (standard error {}).",
            ),
            &[
                checks.at("shuffled_auc").decimal(3).html(),
                checks.at("shuffled_se").decimal(3).html(),
            ],
        ));
    }
    vec![Block::List { items }]
}

fn limits(lang: Lang) -> Vec<Block> {
    let items = [
        (
            "O modelo aprende quem foi aprovado, não quem teria trabalhado bem.",
            "The model learns who was approved, not who would have done the work well.",
        ),
        (
            "Quem recrutou decidiu quem entrou nos dados; o que nunca foi tentado não se aprende.",
            "Recruiters decided who came into the data; what was never tried cannot be learnt.",
        ),
        (
            "De muitos cadastros só há o currículo: o que ele não diz não conta.",
            "Of many records there is only the CV: what it does not say does not count.",
        ),
        (
            "Atributos de poucos são conhecidos; onde são poucos, a auditoria nada pode dizer.",
            "Attributes are known of few; where they are few, the audit can say nothing.",
        ),
    ];
    let items = items.map(|(pt, en)| Markup::of(lang.pick(pt, en))).to_vec();
    vec![Block::List { items }]
}
