//! One regression tree.

/// A node of a [`Tree`].
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Node {
    /// What the node does with a row.
    pub(crate) kind: NodeKind,
    /// Sum of the hessians of the training rows that came here.
    pub(crate) cover: f32,
    /// The value that a leaf would have here, before the learning rate; a leaf's own value.
    pub(crate) weight: f32,
}

/// Split or leaf.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum NodeKind {
    /// Ends here and adds `value` to the margin.
    Leaf {
        /// What is added.
        value: f32,
    },
    /// Goes on to a child.
    Split(NodeSplit),
}

/// The question that a split asks: is the value of `feature` below `threshold`?
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct NodeSplit {
    /// Column of the matrix.
    pub(crate) feature: u32,
    /// Values strictly below go left.
    pub(crate) threshold: f32,
    /// Whether rows that miss the feature go left.
    pub(crate) default_left: bool,
    /// Loss change of the split.
    pub(crate) gain: f32,
    /// Node of the rows that go left.
    pub(crate) left: u32,
    /// Node of the rows that go right.
    pub(crate) right: u32,
}

impl NodeSplit {
    /// The child of a row whose value of the feature is `value` (NaN = missing).
    pub(crate) fn child(&self, value: f32) -> u32 {
        let left = if value.is_nan() { self.default_left } else { value < self.threshold };
        if left { self.left } else { self.right }
    }
}

/// A tree: node 0 is the root, each other node is the child of one split.
///
/// Trees come from training and from the JSON reader, which both make sure of that.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
}

impl Tree {
    /// Most splits between the root and a leaf.
    pub(crate) fn depth(&self) -> usize {
        let (mut deepest, mut open) = (0, vec![(0u32, 0)]);
        while let Some((node, depth)) = open.pop() {
            deepest = deepest.max(depth);
            if let NodeKind::Split(s) = &self.nodes[node as usize].kind {
                open.extend([(s.left, depth + 1), (s.right, depth + 1)]);
            }
        }
        deepest
    }

    /// The splits with the cover of their node.
    pub(crate) fn splits(&self) -> impl Iterator<Item = (&NodeSplit, f32)> {
        self.nodes.iter().filter_map(|node| match &node.kind {
            NodeKind::Split(split) => Some((split, node.cover)),
            NodeKind::Leaf { .. } => None,
        })
    }
}
