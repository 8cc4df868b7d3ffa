//! The tensors of a checkpoint, checked against what its configuration calls for.

use std::sync::Arc;

use safetensors::tensor::Metadata;
use safetensors::{Dtype, SafeTensors};

use crate::{Content, Error};

/// The table that every checkpoint has.
pub(super) const WORDS: &str = "embeddings.word_embeddings.weight";

/// A file of tensors.
pub(super) struct Weights<'a> {
    source_name: &'a str,
    file: &'a str,
    content: Arc<Content>,
    /// Bytes before the first tensor.
    start: usize,
    metadata: Metadata,
    prefix: &'static str,
}

impl<'a> Weights<'a> {
    /// Reads the header of `content`.
    pub(super) fn open(
        source_name: &'a str,
        file: &'a str,
        content: Content,
    ) -> Result<Self, Error> {
        let (header, metadata) =
            SafeTensors::read_metadata(&content).map_err(|error| Error::Malformed {
                source_name: source_name.into(),
                file: file.into(),
                expected: "a whole safetensors file",
                problem: error.to_string(),
            })?;
        // A checkpoint that was saved with a head on it names its body before every tensor.
        let prefix = ["", "bert.", "roberta."]
            .into_iter()
            .find(|prefix| metadata.info(&format!("{prefix}{WORDS}")).is_some())
            .unwrap_or("");
        // The header stands behind eight bytes that give its length.
        let start = 8 + header;
        Ok(Self { source_name, file, content: Arc::new(content), start, metadata, prefix })
    }

    /// The tensor called `name`, which must be of `shape`.
    pub(super) fn tensor(&self, name: &str, shape: &[usize]) -> Result<Vec<f32>, Error> {
        let (start, end) = self.find(name, shape)?;
        let tensor: Vec<f32> = floats(&self.content[start..end]).collect();
        if tensor.iter().any(|x| !x.is_finite()) {
            return Err(Error::Malformed {
                source_name: self.source_name.into(),
                file: self.file.into(),
                expected: "weights that are finite",
                problem: format!("{name} has a NaN or an infinity"),
            });
        }
        Ok(tensor)
    }

    /// The same, left where it lies.
    pub(super) fn table(&self, name: &str, shape: [usize; 2]) -> Result<TokenTable, Error> {
        let (start, _) = self.find(name, &shape)?;
        let [rows, columns] = shape;
        Ok(TokenTable { content: Arc::clone(&self.content), start, rows, columns })
    }

    /// Where in the file the tensor lies.
    fn find(&self, name: &str, shape: &[usize]) -> Result<(usize, usize), Error> {
        let name = format!("{}{name}", self.prefix);
        let Some(info) = self.metadata.info(&name) else {
            return Err(Error::NoTensor {
                source_name: self.source_name.into(),
                file: self.file.into(),
                tensor: name,
                expected: shape.to_vec(),
            });
        };
        if info.dtype != Dtype::F32 || info.shape != shape {
            return Err(Error::TensorShape {
                source_name: self.source_name.into(),
                file: self.file.into(),
                tensor: name,
                found: format!("{:?} {:?}", info.dtype, info.shape),
                expected: format!("F32 {shape:?}"),
            });
        }
        let (start, end) = info.data_offsets;
        Ok((self.start + start, self.start + end))
    }
}

/// A table of rows that stays in the file, since few of its rows are ever asked for.
#[derive(Debug)]
pub(super) struct TokenTable {
    content: Arc<Content>,
    start: usize,
    rows: usize,
    columns: usize,
}

impl TokenTable {
    pub(super) fn rows(&self) -> usize {
        self.rows
    }

    /// The numbers of row `row`.
    pub(super) fn row(&self, row: usize) -> impl Iterator<Item = f32> {
        let bytes = self.columns * size_of::<f32>();
        floats(&self.content[self.start + row * bytes..][..bytes])
    }
}

fn floats(bytes: &[u8]) -> impl Iterator<Item = f32> {
    bytes.chunks_exact(4).map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
}
