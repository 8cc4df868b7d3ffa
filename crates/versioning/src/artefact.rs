//! What the stages make, and the tables that they are made from.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

use crate::Version;

/// What stages make: one series each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Artefact {
    /// Clean tables, rejects, profile: made by `ingest`.
    Processed,
    /// The feature store's tables: made by `features`.
    Features,
    /// The match model: made by `matching`.
    Matching,
    /// The fitted state of the offline encoder: made by `recommend`, before its own versions.
    Lsa,
    /// Embeddings and index: made by `recommend`.
    Recommend,
    /// Drift reports: made by `drift`.
    Drift,
}

impl Artefact {
    /// All of them, in the order in which a day makes them.
    pub const ALL: [Self; 6] =
        [Self::Processed, Self::Features, Self::Matching, Self::Lsa, Self::Recommend, Self::Drift];

    /// Those that go live together, in the order in which a day makes them.
    pub const PUBLISHED: [Self; 4] = [Self::Features, Self::Matching, Self::Recommend, Self::Drift];

    /// Its name for commands and messages.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Features => "features",
            Self::Matching => "matching",
            Self::Lsa => "lsa",
            Self::Recommend => "recommend",
            Self::Drift => "drift",
        }
    }

    /// The artefact of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|artefact| artefact.name() == name)
    }

    /// The artefact of which `version` lies at a URI, wherever its lake is.
    pub(crate) fn of_uri(uri: &str, version: Version) -> Option<Self> {
        let is_at = |artefact: &Self| {
            let end = format!("{}/{version}", artefact.prefix());
            let before = uri.trim_end_matches('/').strip_suffix(&end);
            before.is_some_and(|before| before.is_empty() || before.ends_with('/'))
        };
        Self::ALL.into_iter().find(is_at)
    }

    pub(crate) const fn prefix(self) -> &'static str {
        match self {
            Self::Processed => "processed",
            Self::Features => "features",
            Self::Matching => "models/Modelo_Matching_Classificacao",
            Self::Lsa => "encoders/lsa",
            Self::Recommend => "models/Modelo_Recomendacao_Vagas",
            Self::Drift => "drift_reports",
        }
    }
}

impl Serialize for Artefact {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Artefact {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        let unknown = || format!("`{}` is not a series", name.escape_debug());
        Self::of_name(&name).ok_or_else(|| de::Error::custom(unknown()))
    }
}

/// The source's tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RawTable {
    /// Candidates.
    Applicants,
    /// Jobs.
    Vagas,
    /// Applications.
    Prospects,
}

impl RawTable {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Applicants, Self::Vagas, Self::Prospects];

    /// Its name, which its files begin with.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Applicants => "applicants",
            Self::Vagas => "vagas",
            Self::Prospects => "prospects",
        }
    }
}
