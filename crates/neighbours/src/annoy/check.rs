//! What must hold of a file before it is served.
//!
//! After this check a query reads no node out of range, ends, and finds every item in every tree once.

use super::layout::{self, HEADER, Nodes};
use crate::kernel;
use crate::{Error, vectors};

/// What the check finds out.
pub(super) struct Checked {
    pub(super) items: usize,
    /// One root a tree.
    pub(super) roots: Vec<u32>,
    /// One over the length of each item.
    pub(super) inverse_norms: Vec<f32>,
}

/// Checks the words of a file of `bytes` bytes.
pub(super) fn check(words: &[u32], bytes: usize, dimensions: usize) -> Result<Checked, Error> {
    structure(words, bytes, dimensions).map_err(|error| match fitting(words, dimensions) {
        Some(found) => Error::OtherDimension { expected: dimensions, found },
        None => error,
    })
}

fn structure(words: &[u32], bytes: usize, dimensions: usize) -> Result<Checked, Error> {
    let node_bytes = 4 * layout::stride(dimensions);
    if bytes == 0 || !bytes.is_multiple_of(node_bytes) {
        return Err(Error::Truncated {
            found: format!("{bytes} bytes"),
            expected: format!("whole nodes of {node_bytes} bytes ({dimensions} dimensions)"),
        });
    }
    let nodes = Nodes::new(words, dimensions);
    // The last node is the copy of a root, and a root has all items below it.
    let items = nodes.below(nodes.len() - 1);
    if items >= nodes.len() {
        let problem = format!("a root over {items} items, of which the file cannot hold all");
        return Err(Error::Corrupt { node: nodes.len() - 1, problem });
    }
    let inverse_norms = check_items(nodes, items)?;
    let mut parents = vec![false; nodes.len() - items];
    for node in items..nodes.len() {
        check_inner(nodes, node, items, &mut parents)?;
    }
    let roots = roots(nodes, items, &parents)?;
    check_trees(nodes, items, &roots)?;
    Ok(Checked { items, roots, inverse_norms })
}

/// An item has 1 in word 0; Annoy leaves 0 where a number was never given to a vector.
fn check_items(nodes: Nodes<'_>, items: usize) -> Result<Vec<f32>, Error> {
    let inverse_norms = vectors::inverse_norms(nodes.table(), items)
        .map_err(|node| Error::Corrupt { node, problem: "its vector is not finite".into() })?;
    for (node, inverse) in inverse_norms.iter().enumerate() {
        if nodes.below(node) != 1 {
            let problem = format!("an item that stands for {} items, not 1", nodes.below(node));
            return Err(Error::Corrupt { node, problem });
        }
        // Files of old versions of Annoy have no length there.
        let stored = f32::from_bits(nodes.children(node)[0]);
        let wrong = stored.is_nan() || (stored.sqrt() * inverse - 1.0).abs() > 1e-3;
        if stored.to_bits() != 0 && *inverse > 0.0 && wrong {
            let problem = "its vector has not the length that is stored beside it".into();
            return Err(Error::Corrupt { node, problem });
        }
    }
    Ok(inverse_norms)
}

/// Children and items in range, and the numbers of items below in agreement: so a child has fewer items below
/// than its parent, and no path runs in a circle.
fn check_inner(
    nodes: Nodes<'_>,
    node: usize,
    items: usize,
    parents: &mut [bool],
) -> Result<(), Error> {
    let corrupt = |problem: String| Err(Error::Corrupt { node, problem });
    let below = nodes.below(node);
    if below > items || below == 0 && items > 0 {
        return corrupt(format!("{below} items below it, of {items}"));
    }
    if below <= layout::capacity(nodes.dimensions()) {
        let bucket = &nodes.words(node)[1..=below];
        return match bucket.iter().find(|&&item| item as usize >= items) {
            Some(item) => corrupt(format!("it holds item {item} of {items}")),
            None => Ok(()),
        };
    }
    let mut sum = 0;
    for child in nodes.children(node).map(|child| child as usize) {
        if child >= nodes.len() {
            return corrupt(format!("its child is node {child} of {}", nodes.len()));
        }
        match nodes.below(child) {
            0 => return corrupt(format!("its child {child} is empty")),
            below_child => sum += below_child,
        }
        if child >= items {
            // A root's copy has the same children as the root: it alone may name a child again.
            parents[child - items] = true;
        }
    }
    if sum != below {
        return corrupt(format!("{below} items below it, {sum} below its children"));
    }
    let normal = nodes.vector(node);
    if !kernel::dot(normal, normal).is_finite() {
        return corrupt("its plane is not finite".into());
    }
    Ok(())
}

/// The roots: half of the nodes that no node names, the other half being their copies at the end of the file.
fn roots(nodes: Nodes<'_>, items: usize, parents: &[bool]) -> Result<Vec<u32>, Error> {
    let named = parents.iter().enumerate();
    let tops: Vec<usize> = named.filter(|(_, named)| !**named).map(|(i, _)| items + i).collect();
    let cut = |found: String| {
        let expected = "each root twice, the second time at the end".into();
        Err(Error::Truncated { found, expected })
    };
    if tops.is_empty() || !tops.len().is_multiple_of(2) {
        return cut(format!("{} roots and copies of roots", tops.len()));
    }
    let (originals, copies) = tops.split_at(tops.len() / 2);
    if copies[0] + copies.len() != nodes.len() {
        return cut(format!("the copies of {} roots are not at its end", copies.len()));
    }
    if let Some(&node) = tops.iter().find(|&&node| nodes.below(node) != items) {
        let problem = format!("nothing leads to it, and it has not all {items} items below it");
        return Err(Error::Corrupt { node, problem });
    }
    // A forest that several threads of Annoy grew has its roots in another order than their copies.
    let sorted = |tops: &[usize]| {
        let mut words: Vec<&[u32]> = tops.iter().map(|&node| nodes.words(node)).collect();
        words.sort_unstable();
        words
    };
    if sorted(originals) != sorted(copies) {
        return cut("roots that differ from their copies".into());
    }
    Ok(originals.iter().map(|&node| node as u32).collect())
}

/// Every tree holds every item once.
fn check_trees(nodes: Nodes<'_>, items: usize, roots: &[u32]) -> Result<(), Error> {
    let capacity = layout::capacity(nodes.dimensions());
    let mut seen = vec![0u32; items];
    for (tree, &root) in (1u32..).zip(roots) {
        let mut found = 0;
        let mut stack = vec![root];
        while let Some(node) = stack.pop() {
            let below = nodes.below(node as usize);
            let held = if (node as usize) < items {
                std::slice::from_ref(&node)
            } else if below <= capacity {
                &nodes.words(node as usize)[1..=below]
            } else {
                stack.extend(nodes.children(node as usize));
                continue;
            };
            for &item in held {
                if std::mem::replace(&mut seen[item as usize], tree) == tree {
                    let problem = format!("item {item} is twice in its tree");
                    return Err(Error::Corrupt { node: node as usize, problem });
                }
                found += 1;
            }
        }
        if found != items {
            let problem = format!("its tree holds {found} of {items} items");
            return Err(Error::Corrupt { node: root as usize, problem });
        }
    }
    Ok(())
}

/// The dimensions that the file seems to have, if not those: the first two items have the length that is
/// stored beside them.
fn fitting(words: &[u32], dimensions: usize) -> Option<usize> {
    let fits = |dimensions: usize| {
        let nodes = Nodes::new(words, dimensions);
        words.len().is_multiple_of(layout::stride(dimensions))
            && nodes.len() > 2
            && (0..2).all(|node| {
                let vector = nodes.vector(node);
                let square = kernel::dot(vector, vector);
                let stored = f32::from_bits(nodes.children(node)[0]);
                nodes.below(node) == 1 && square > 0.0 && (square / stored - 1.0).abs() < 1e-3
            })
    };
    let most = (words.len() / 3).saturating_sub(HEADER).min(8192);
    (1..=most).find(|&other| other != dimensions && fits(other)).filter(|_| !fits(dimensions))
}
