//! The checkpoints that are known by name: from where, which revision, and the hash of every file.

use crate::Error;

/// A checkpoint, pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Known {
    /// The name that a config gives.
    pub name: &'static str,
    /// The repository on the hub.
    pub repository: &'static str,
    /// The commit of the repository.
    pub revision: &'static str,
    /// Every file that the encoder needs.
    pub files: &'static [File],
    /// Numbers a vector has.
    pub dimensions: usize,
    /// Tokens that are read at once, special tokens included.
    pub max_seq_length: usize,
    /// The licence of the weights, as SPDX names it.
    pub license: &'static str,
}

/// A file of a checkpoint, pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct File {
    /// Its path in the repository.
    pub path: &'static str,
    /// Its length.
    pub bytes: u64,
    /// Its SHA-256, in lower-case hexadecimal digits.
    pub sha256: &'static str,
}

/// Mean pooling over all tokens, nothing normalised: the files say so.
pub const PARAPHRASE_MULTILINGUAL_MINILM_L12_V2: Known = Known {
    name: "paraphrase-multilingual-MiniLM-L12-v2",
    repository: "sentence-transformers/paraphrase-multilingual-MiniLM-L12-v2",
    revision: "e8f8c211226b894fcb81acc59f3b34ba3efd5f42",
    files: &[
        File {
            path: "1_Pooling/config.json",
            bytes: 190,
            sha256: "4be450dde3b0273bb9787637cfbd28fe04a7ba6ab9d36ac48e92b11e350ffc23",
        },
        File {
            path: "config.json",
            bytes: 645,
            sha256: "6300193cb75e01cf80c96decef7187dfb33094d97cc1490b7ead6ff134476e4e",
        },
        File {
            path: "config_sentence_transformers.json",
            bytes: 122,
            sha256: "b8c64b5cece00d8424b4896ea75b512b6008576088497609dfeb6bd63e6d36b8",
        },
        File {
            path: "model.safetensors",
            bytes: 470_641_600,
            sha256: "eaa086f0ffee582aeb45b36e34cdd1fe2d6de2bef61f8a559a1bbc9bd955917b",
        },
        File {
            path: "modules.json",
            bytes: 229,
            sha256: "8f4b264b80206c830bebbdcae377e137925650a433b689343a63bdc9b3145460",
        },
        File {
            path: "sentence_bert_config.json",
            bytes: 53,
            sha256: "70f4448f31320443fe3557cacea5abf2dcc4915dda8c80646bec9f3bb0aa5a1f",
        },
        File {
            path: "tokenizer.json",
            bytes: 9_081_518,
            sha256: "2c3387be76557bd40970cec13153b3bbf80407865484b209e655e5e4729076b8",
        },
    ],
    dimensions: 384,
    max_seq_length: 128,
    license: "Apache-2.0",
};

/// Every checkpoint that is known by name.
pub const ALL: &[Known] = &[PARAPHRASE_MULTILINGUAL_MINILM_L12_V2];

/// The checkpoint called `name`.
///
/// # Errors
/// [`Error::UnknownEncoder`] where there is none of that name.
pub fn by_name(name: &str) -> Result<&'static Known, Error> {
    ALL.iter().find(|known| known.name == name).ok_or_else(|| Error::UnknownEncoder {
        found: name.into(),
        known: ALL.iter().map(|known| known.name).collect::<Vec<_>>().join(", "),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pins_are_whole_and_sorted() {
        for known in ALL {
            assert_eq!(known.revision.len(), 40);
            assert!(known.files.is_sorted_by_key(|file| file.path));
            for file in known.files {
                let hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
                assert!(file.sha256.len() == 64 && file.sha256.chars().all(hex), "{}", file.path);
            }
        }
    }

    #[test]
    fn another_name_is_refused_with_those_that_are_known() {
        let error = by_name("MiniLM").unwrap_err().to_string();
        assert!(error.contains("paraphrase-multilingual-MiniLM-L12-v2"), "{error}");
    }
}
