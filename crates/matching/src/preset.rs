//! The two sets of defaults: what the Python system does, and what we stand behind.

use schema::statuses::POSITIVE;
use text::stopwords::StopWords;

use crate::{
    config::{Baseline, Boost, Config, Preset, Split, TextColumn, Weight},
    judge::{
        calibration::Method,
        threshold::{Capacity, Rule},
    },
    labels::Unresolved,
    leak::Bounds,
};

/// The columns that the Python system encodes as categories, in its order.
const ONE_HOT: [&str; 16] = [
    "sexo",
    "estado_civil",
    "pcd",
    "vaga_especifica_para_pcd",
    "pais_vaga",
    "nivel_academico",
    "tipo_contratacao",
    "cidade",
    "cidade_vaga",
    "nivel_profissional",
    "nivel_profissional_vaga",
    "ingles",
    "espanhol",
    "outros_idiomas",
    "nivel_ingles_vaga",
    "nivel_espanhol_vaga",
];

/// Its text columns with their `max_features`, in its order.
const TFIDF: [(&str, usize); 8] = [
    ("titulo_profissional", 20),
    ("conhecimentos_tecnicos", 20),
    ("certificacoes", 50),
    ("outras_certificacoes", 50),
    ("area_atuacao", 50),
    ("areas_atuacao_vaga", 20),
    ("competencia_tecnicas_e_comportamentais", 50),
    ("cv_candidato", 100),
];

/// All values of a preset.
pub(crate) fn config(preset: Preset) -> Config {
    let classic = preset == Preset::Classic;
    // The city gives the state away, which the audit alone reads; relations know whether it is the
    // job's.
    let kept =
        |column: &&str| classic || (!crate::columns::is_protected(column) && **column != *"cidade");
    Config {
        preset,
        one_hot: ONE_HOT.iter().filter(|c| kept(c)).map(|&c| c.to_owned()).collect(),
        tfidf: TFIDF
            .map(|(column, max_features)| TextColumn { column: column.to_owned(), max_features })
            .to_vec(),
        relations: !classic,
        stop_words: StopWords::Both,
        min_texts: schema::FEWEST,
        allow_protected: classic,
        split: if classic { Split::Stratified } else { Split::Candidate },
        unresolved: if classic { Unresolved::Negative } else { Unresolved::DropYoungerThan(90) },
        calibration: if classic { Method::None } else { Method::Platt },
        threshold: Rule::Capacity(Capacity { per_job: 2.0 }),
        compare: !classic,
        leak: Bounds::default(),
        replicates: 200,
        test_share: 0.2,
        seed: 42,
        positive: POSITIVE.map(str::to_owned).to_vec(),
        boost: if classic { Boost::default() } else { small_trees() },
        thresholds: vec![0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9],
        baseline: Baseline::default(),
    }
}

/// Trees of three splits that see a third of the columns each: on the sample's relation between
/// candidate and job they rank better than the Python system's (docs/benchmarks.md), because a few
/// relations carry the signal and hundreds of columns carry none. Both classes weigh what they are, which leaves the
/// probabilities near the truth before they are calibrated.
fn small_trees() -> Boost {
    Boost {
        max_depth: 3,
        min_child_weight: 5.0,
        colsample_bytree: 0.3,
        scale_pos_weight: Weight::Fixed(1.0),
        ..Boost::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn default_is_classic_without_protected_attributes_on_unseen_candidates() {
        let (classic, default) = (config(Preset::Classic), config(Preset::Default));
        assert_eq!(classic.one_hot.len(), 16);
        let kept = |column: &&String| *column != "cidade";
        let expected: Vec<_> = classic.one_hot[3..].iter().filter(kept).cloned().collect();
        assert_eq!(default.one_hot, expected);
        assert_eq!(default.tfidf, classic.tfidf);
        assert_eq!(default.tfidf.iter().map(|t| t.max_features).sum::<usize>(), 360);
        assert_eq!((classic.split, default.split), (Split::Stratified, Split::Candidate));
    }
}
