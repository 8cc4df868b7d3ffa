//! The language of a text.
//!
//! By [whichlang](https://docs.rs/whichlang), which weighs groups of two to four letters for sixteen
//! languages. Over the CVs and job descriptions of a sample it is right more often than whatlang and
//! lingua, which take most English CVs with Portuguese words in them for Portuguese (15 of 17 right,
//! against 6 and 5), and it is the fastest; lingua is a hundred times slower. On titles of two or
//! three words all three are weak, hence the rule for short texts.

use serde::{Deserialize, Serialize};

/// Characters that are read: more change the answer in no text worth asking about.
const READ: usize = 1000;

/// Words and letters below which no answer is ventured.
const FEWEST_WORDS: usize = 4;
const FEWEST_LETTERS: usize = 20;

/// A language that the models know.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Language {
    /// Portuguese.
    #[serde(rename = "pt")]
    Portuguese,
    /// English.
    #[serde(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    Spanish,
    /// Another language, or a text too short or too little text to tell.
    #[serde(rename = "other")]
    Other,
}

impl Language {
    /// `pt`, `en`, `es` or `other`.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Portuguese => "pt",
            Self::English => "en",
            Self::Spanish => "es",
            Self::Other => "other",
        }
    }
}

impl std::fmt::Display for Language {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

/// The language that most of the first thousand characters of `text` are in.
///
/// [`Language::Other`] stands for every further language, and for a text of fewer than four words of
/// two letters, or fewer than twenty letters. A list of technologies (`java, sql, spring, docker`)
/// has no language and gets any.
///
/// ```
/// use text::language::{Language, language};
///
/// assert_eq!(language("atuação no levantamento de requisitos"), Language::Portuguese);
/// assert_eq!(language("java"), Language::Other);
/// ```
#[must_use]
pub fn language(text: &str) -> Language {
    let end = text.char_indices().nth(READ).map_or(text.len(), |(end, _)| end);
    let text = text[..end].trim();
    if !is_enough(text) {
        return Language::Other;
    }
    match whichlang::detect_language(text) {
        whichlang::Lang::Por => Language::Portuguese,
        whichlang::Lang::Eng => Language::English,
        whichlang::Lang::Spa => Language::Spanish,
        _ => Language::Other,
    }
}

/// Whether there are words and letters enough; looks no further than it must.
fn is_enough(text: &str) -> bool {
    let (mut words, mut letters) = (0, 0);
    for word in text.split(|c: char| !c.is_alphabetic()) {
        let len = word.chars().count();
        letters += len;
        words += usize::from(len > 1);
        if words >= FEWEST_WORDS && letters >= FEWEST_LETTERS {
            return true;
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sentences_of_cvs_and_jobs() {
        for (expected, texts) in [
            (
                Language::Portuguese,
                &[
                    "elaboração de relatórios gerenciais e indicadores com Power BI",
                    "Conhecimento avançado em Excel e inglês fluente",
                    "objetivo: atuar na área de tecnologia",
                    "PARTICIPAÇÃO EM REUNIÕES COM ÁREAS DE NEGÓCIO PARA DEFINIÇÃO DE ESCOPO",
                    "·\n·\n·\ncuritiba/paraná\nanalista\ndesenvolvimento e manutenção de rotinas em Redis",
                ][..],
            ),
            (
                Language::English,
                &[
                    "worked closely with stakeholders to gather requirements for SAP",
                    "Java developer with 5 years of experience in spring boot and microservices",
                    "Responsible for the monthly accounting closing",
                ],
            ),
            (
                Language::Spanish,
                &[
                    "profesional con experiencia en PMO y Stakeholders en proyectos de gran tamaño",
                    "Conocimientos avanzados de Excel y Power BI",
                    "responsable del soporte y la mejora de sistemas con Ansible",
                ],
            ),
            (
                Language::Other,
                &[
                    "Ingénieur logiciel avec cinq ans d'expérience dans le développement",
                    "Softwareentwickler mit fünf Jahren Erfahrung in der Industrie",
                    "Esperienza nelle vendite e nel servizio clienti",
                    "Опыт работы в продажах и обслуживании клиентов",
                ],
            ),
        ] {
            for text in texts {
                assert_eq!(language(text), expected, "{text}");
            }
        }
    }

    #[test]
    fn too_little_text_is_no_language() {
        for text in [
            "",
            " \n",
            "-",
            "java",
            "gerente de projetos",
            "11 96366-2996",
            "a b c d e f g",
            "· · ·",
        ] {
            assert_eq!(language(text), Language::Other, "{text}");
        }
    }

    #[test]
    fn only_the_beginning_is_read() {
        let portuguese = "atuação no levantamento de requisitos e documentação ".repeat(20);
        let text = portuguese + &"worked closely with the stakeholders ".repeat(1000);
        assert_eq!(language(&text), Language::Portuguese);
    }

    #[test]
    fn stored_by_code() {
        for language in
            [Language::Portuguese, Language::English, Language::Spanish, Language::Other]
        {
            assert_eq!(serde_json::to_value(language).unwrap(), language.to_string());
        }
    }

    proptest! {
        #[test]
        fn any_text_is_taken(text in "\\PC{0,200}") {
            prop_assert_eq!(language(&text), language(text.trim_end()));
        }
    }
}
