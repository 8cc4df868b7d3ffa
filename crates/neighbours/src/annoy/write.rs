//! Writing a forest as a file.

use super::grow::Forest;
use super::tree::Tree;
use super::{Index, layout};
use crate::{Error, kernel};
use std::io::{BufWriter, Write};

impl Forest<'_> {
    /// Writes the index as a file of Annoy.
    pub fn write_to(&self, out: impl Write) -> Result<(), Error> {
        self.write_trees(self.trees.len(), out)
    }

    /// The index, in memory.
    pub fn index(&self) -> Result<Index, Error> {
        self.index_of(self.trees.len())
    }

    /// The index of the first `trees` trees.
    pub(super) fn index_of(&self, trees: usize) -> Result<Index, Error> {
        let mut bytes = Vec::with_capacity(self.bytes(trees));
        self.write_trees(trees, &mut bytes)?;
        Index::from_bytes(bytes, self.vectors.dimensions())
    }

    /// Bytes of the file of the first `trees` trees.
    fn bytes(&self, trees: usize) -> usize {
        let inner: usize = self.trees[..trees].iter().map(Tree::nodes).sum();
        (self.vectors.len() + inner + trees) * 4 * layout::stride(self.vectors.dimensions())
    }

    fn write_trees(&self, trees: usize, out: impl Write) -> Result<(), Error> {
        let nodes = self.bytes(trees) / (4 * layout::stride(self.vectors.dimensions()));
        if i32::try_from(nodes).is_err() {
            let (name, expected) =
                ("nodes of the index", "at most 2,147,483,647: take fewer trees");
            return Err(Error::Parameter { name, expected, found: nodes });
        }
        let mut writer = Nodes {
            out: BufWriter::with_capacity(1 << 20, out),
            node: vec![0; layout::stride(self.vectors.dimensions())],
            bytes: Vec::new(),
            written: 0,
        };
        for row in 0..self.vectors.len() {
            let vector = self.vectors.row(row);
            let square = kernel::dot(vector, vector);
            writer.vector(1, [square.to_bits(), 0], vector)?;
        }
        let mut roots = Vec::with_capacity(trees);
        for tree in &self.trees[..trees] {
            writer.tree(tree)?;
            roots.push(writer.node.clone());
        }
        for root in roots {
            writer.node = root;
            writer.put()?;
        }
        writer.out.flush()?;
        Ok(())
    }
}

impl Tree {
    /// Items below.
    fn below(&self) -> usize {
        match self {
            Self::Item(_) => 1,
            Self::Bucket(items) => items.len(),
            Self::Split(split) => split.below,
        }
    }

    /// Nodes that are not items.
    fn nodes(&self) -> usize {
        match self {
            Self::Item(_) => 0,
            Self::Bucket(_) => 1,
            Self::Split(split) => 1 + split.sides.iter().map(Self::nodes).sum::<usize>(),
        }
    }
}

struct Nodes<W: Write> {
    out: BufWriter<W>,
    /// The node being written; after [`Nodes::tree`], its root.
    node: Vec<u32>,
    bytes: Vec<u8>,
    written: u32,
}

impl<W: Write> Nodes<W> {
    /// Writes a tree, children first; the number of its root.
    fn tree(&mut self, tree: &Tree) -> Result<u32, Error> {
        match tree {
            Tree::Item(item) => return Ok(*item),
            Tree::Bucket(items) => {
                self.node.fill(0);
                self.node[0] = items.len() as u32;
                self.node[1..=items.len()].copy_from_slice(items);
                self.put()?;
            }
            Tree::Split(split) => {
                let [left, right] = &split.sides;
                let children = [self.tree(left)?, self.tree(right)?];
                self.vector(tree.below() as u32, children, &split.normal)?;
            }
        }
        Ok(self.written - 1)
    }

    fn vector(&mut self, below: u32, words: [u32; 2], vector: &[f32]) -> Result<(), Error> {
        self.node[0] = below;
        self.node[1..layout::HEADER].copy_from_slice(&words);
        for (to, value) in self.node[layout::HEADER..].iter_mut().zip(vector) {
            *to = value.to_bits();
        }
        self.put()
    }

    fn put(&mut self) -> Result<(), Error> {
        self.bytes.clear();
        self.bytes.extend(self.node.iter().flat_map(|word| word.to_le_bytes()));
        self.out.write_all(&self.bytes)?;
        self.written += 1;
        Ok(())
    }
}
