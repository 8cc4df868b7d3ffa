//! What each measure means, in plain words.

use maud::{Markup, html};

use crate::Lang;

/// Terms and their meanings: each term in Portuguese and in English, then each meaning.
const MEASURES: [[&str; 4]; 17] = [
    [
        "Sem alarme, atenção, alerta",
        "No alarm, watch, alert",
        "Um alarme pede duas coisas ao mesmo tempo: que a mudança seja grande o bastante para importar (tamanho do efeito) e que dificilmente seja acaso (significância, corrigida pelo número de testes). Só uma das duas não basta: com muitas linhas, qualquer diferença mínima é significativa; com poucas, qualquer acaso parece grande. É alerta quando o tamanho alcança o limite de alerta e o valor p corrigido fica abaixo do nível (no PSI: quando passa do valor crítico); atenção, do mesmo modo, com o limite de atenção.",
        "An alarm needs two things at once: a change large enough to matter (effect size) and one that is unlikely to be chance (significance, corrected for the number of tests). One of the two is not enough: with many rows any tiny difference is significant; with few rows any accident looks large. It is an alert when the size reaches the alert limit and the corrected p-value is below the level (for PSI: when it passes the critical value); watch, likewise, with the watch limit.",
    ],
    [
        "Distância KS (Kolmogorov–Smirnov)",
        "KS distance (Kolmogorov–Smirnov)",
        "A maior distância vertical entre as duas distribuições acumuladas, de 0 (iguais) a 1 (sem nada em comum). Um KS de 0,10 diz que, em algum ponto, a fração de linhas abaixo dele mudou dez pontos percentuais.",
        "The largest vertical gap between the two cumulative distributions, from 0 (equal) to 1 (nothing in common). A KS of 0.10 says that at some point the share of rows below it moved by ten percentage points.",
    ],
    [
        "Valor p e valor p corrigido",
        "p-value and corrected p-value",
        "A probabilidade de ver uma diferença tão grande se nada tivesse mudado. Com muitos testes, alguns dão pequenos por acaso; o valor corrigido leva isso em conta. Bonferroni é a correção mais severa; a de Benjamini–Hochberg (FDR) limita a fração de falsos achados.",
        "The chance of a difference this large had nothing changed. Among many tests some come out small by accident; the corrected value allows for that. Bonferroni is the strictest correction; Benjamini–Hochberg's (FDR) bounds the share of false finds.",
    ],
    [
        "PSI (índice de estabilidade populacional)",
        "PSI (population stability index)",
        "Compara as fatias de cada faixa antes e depois: soma de (depois − antes) × ln(depois ÷ antes). Zero é igual. As faixas são dez, de mesma largura, sobre os valores dos dois lados; faixa vazia conta como 0,0001.",
        "Compares the share of each bin before and after: the sum of (after − before) × ln(after ÷ before). Zero is equal. There are ten bins of equal width over the values of both sides; an empty bin counts as 0.0001.",
    ],
    [
        "Valor crítico do PSI",
        "Critical value of PSI",
        "O PSI que o puro acaso raramente ultrapassa com este número de linhas e de faixas. Os limites usuais (0,10 e 0,25) não conhecem o número de linhas: com cem linhas o acaso passa de 0,10 com frequência; com cinquenta mil, um PSI bem menor já é mudança de verdade.",
        "The PSI that pure chance rarely exceeds with this number of rows and bins. The usual limits (0.10 and 0.25) do not know the number of rows: with a hundred rows chance often passes 0.10; with fifty thousand a much smaller PSI is already a real change.",
    ],
    [
        "V de Cramér",
        "Cramér’s V",
        "Quanto a mistura de categorias mudou entre as duas versões, de 0 (nada) a 1 (nada em comum), qualquer que seja o número de linhas.",
        "How much the mix of categories changed between the two versions, from 0 (not at all) to 1 (nothing in common), whatever the number of rows.",
    ],
    [
        "Divergência de Jensen–Shannon",
        "Jensen–Shannon divergence",
        "Distância entre duas misturas (de termos, de idiomas), de 0 (iguais) a 1 (sem nada em comum).",
        "A distance between two mixes (of terms, of languages), from 0 (equal) to 1 (nothing in common).",
    ],
    [
        "Distância de Wasserstein",
        "Wasserstein distance",
        "Quanto, em média, cada valor teria de andar para que uma distribuição virasse a outra. Dividida pelo desvio padrão, não depende da unidade.",
        "How far, on average, each value would have to move for one distribution to become the other. Divided by the standard deviation it does not depend on the unit.",
    ],
    [
        "Análise clássica",
        "Classic analysis",
        "TF-IDF de até mil termos ajustado na versão de base, teste KS de cada termo com valor p assintótico e PSI por termo. Avisa mudança se um único termo passa no teste corrigido, por menor que seja o efeito; por isso é mostrada como é, mas não decide o alarme.",
        "TF-IDF of up to a thousand terms fitted on the baseline, a KS test of each term with asymptotic p-value, and PSI per term. It reports drift when a single term passes the corrected test, however small the effect; so it is shown as it is, but does not decide the alarm.",
    ],
    [
        "Classificador de domínio (AUC)",
        "Domain classifier (AUC)",
        "Um modelo pequeno tenta adivinhar, só pelo texto, se uma linha é da versão antiga ou da nova. AUC de 0,5: não consegue, os textos são iguais. AUC de 1: distingue todas. Os termos de maior peso dizem onde está a diferença.",
        "A small model tries to guess, from the text alone, whether a row is of the old version or the new one. An AUC of 0.5: it cannot, the texts are alike. An AUC of 1: it tells all of them apart. The terms with the most weight say where the difference lies.",
    ],
    [
        "Separabilidade",
        "Separability",
        "Duas vezes a AUC menos um: 0 quando o classificador só chuta, 1 quando distingue todas as linhas.",
        "Twice the AUC less one: 0 when the classifier only guesses, 1 when it tells all rows apart.",
    ],
    [
        "Embeddings",
        "Embeddings",
        "Um classificador tenta separar os vetores antigos e novos do modelo de recomendação. Vê mudanças de sentido que não aparecem em nenhum termo sozinho.",
        "A classifier tries to tell the recommender’s old vectors from the new ones. It sees changes of meaning that no single term shows.",
    ],
    [
        "Diferença de frações e variação relativa",
        "Difference of shares and relative change",
        "A diferença de frações é dada em pontos percentuais: de 10% para 13% são 3 p.p. A variação relativa compara contagens: de 100 para 110 linhas são 10%.",
        "A difference of shares is given in percentage points: from 10% to 13% is 3 pp. A relative change compares counts: from 100 to 110 rows is 10%.",
    ],
    [
        "Notas do modelo",
        "Scores of the model",
        "A distribuição das notas que o modelo de match em produção dá às duas versões. Se os dados mudam mas as notas não, o modelo provavelmente aguenta; se as notas mudam, vale reavaliá-lo.",
        "The distribution of the scores that the live match model gives to both versions. When the data move but the scores do not, the model probably copes; when the scores move, evaluate it again.",
    ],
    [
        "Chegadas e trimestres maduros",
        "Arrivals and mature quarters",
        "As chegadas são julgadas pelo PSI e pelo V de Cramér, e só com pelo menos 30 linhas de cada lado. Candidaturas à mesma vaga se parecem, então várias delas contam como menos linhas. Um trimestre é maduro 90 dias depois do seu último dia: antes disso faltam desfechos.",
        "Arrivals are judged by PSI and Cramér’s V, and only with at least 30 rows on each side. Applications to one job are alike, so several of them count as fewer rows. A quarter is mature 90 days after its last day: before that outcomes are missing.",
    ],
    [
        "O que conta",
        "What counts",
        "Só fazem alarme as colunas que um modelo lê, e os valores só onde pelo menos 5% das linhas têm um. Datas andam com o calendário e não são julgadas.",
        "Only columns that a model reads make an alarm, and values only where at least 5% of the rows have one. Dates move with the calendar and are not judged.",
    ],
    [
        "Órfãos e rejeitados",
        "Orphans and rejects",
        "Órfã é a candidatura cujo candidato ou vaga não está nos dados do dia; rejeitado é o registro que a ingestão não pôde ler e pôs de lado. Muitos deles apontam um problema na fonte, não no mercado.",
        "An orphan is an application whose candidate or job is not in the day’s data; a reject is a record that ingest could not read and set aside. Many of them point to a fault of the source, not of the market.",
    ],
];

pub(super) fn glossary(lang: Lang) -> Markup {
    let of = |[pt, en, in_pt, in_en]: [_; 4]| lang.pick((pt, in_pt), (en, in_en));
    html! {
        dl.glossary {
            @for (term, meaning) in MEASURES.map(of) { dt { (term) } dd { (meaning) } }
        }
    }
}
