//! The tree of a seal: the Merkle tree of RFC 6962 with SHA-256. Leaves and nodes are told apart by their first byte, so that neither can stand for the
//! other. Made leaf by leaf in memory that grows with the depth of the tree only. Pure.

use ring::digest::{Context, SHA256};

/// A hash in the tree.
pub type Hash = [u8; 32];

fn hash(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    parts.iter().for_each(|part| context.update(part));
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// The leaf of a chain: every column with its length in front, so that no two ends have the same bytes.
pub fn leaf(kind: &str, id: &str, version: i64, end: &[u8]) -> Hash {
    let length = |part: &[u8]| (part.len() as u64).to_be_bytes();
    let (kind, id) = (kind.as_bytes(), id.as_bytes());
    hash(&[&[0], &length(kind), kind, &length(id), id, &version.to_be_bytes(), &length(end), end])
}

fn node(left: &Hash, right: &Hash) -> Hash {
    hash(&[&[1], left, right])
}

/// A tree that grows to the right.
#[derive(Clone, Debug, Default)]
pub struct Tree {
    leaves: u64,
    /// Roots of the full trees from left to right, each larger than the next.
    full: Vec<Hash>,
}

impl Tree {
    /// Adds a leaf.
    pub fn push(&mut self, leaf: Hash) {
        let mut grown = leaf;
        // Every one at the end of the count is a full tree of the same size.
        for _ in 0..self.leaves.trailing_ones() {
            if let Some(left) = self.full.pop() {
                grown = node(&left, &grown);
            }
        }
        self.full.push(grown);
        self.leaves += 1;
    }

    /// How many leaves it has.
    pub fn leaves(&self) -> u64 {
        self.leaves
    }

    /// Its root; that of an empty tree is the hash of nothing.
    pub fn root(&self) -> Hash {
        self.full.iter().rev().copied().reduce(|right, left| node(&left, &right)).unwrap_or_else(|| hash(&[]))
    }
}

/// The root of some leaves.
pub fn root(leaves: &[Hash]) -> Hash {
    let mut tree = Tree::default();
    leaves.iter().for_each(|leaf| tree.push(*leaf));
    tree.root()
}

/// The hashes that lead from a leaf to the root: what is shown to somebody whose case it is.
pub fn proof(leaves: &[Hash], nth: usize) -> Vec<Hash> {
    if leaves.len() < 2 {
        return Vec::new();
    }
    let (left, right) = leaves.split_at(split(leaves.len()));
    let (mut path, beside) = match nth < left.len() {
        true => (proof(left, nth), root(right)),
        false => (proof(right, nth - left.len()), root(left)),
    };
    path.push(beside);
    path
}

/// True when a proof leads from the leaf to the root of a tree of so many leaves.
pub fn holds(leaf: Hash, nth: usize, leaves: usize, path: &[Hash], root: &Hash) -> bool {
    fn climb(leaf: Hash, nth: usize, leaves: usize, path: &[Hash]) -> Option<Hash> {
        let Some((beside, below)) = path.split_last() else {
            return (leaves == 1 && nth == 0).then_some(leaf);
        };
        if nth >= leaves || leaves < 2 {
            return None;
        }
        let left = split(leaves);
        match nth < left {
            true => climb(leaf, nth, left, below).map(|own| node(&own, beside)),
            false => climb(leaf, nth - left, leaves - left, below).map(|own| node(beside, &own)),
        }
    }
    climb(leaf, nth, leaves, path).as_ref() == Some(root)
}

/// How many leaves stand on the left: the largest power of two below their number.
fn split(leaves: usize) -> usize {
    leaves.next_power_of_two() / 2
}

/// The hexadecimal digits of a hash.
pub fn hex(hash: &Hash) -> String {
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, word for word.
    fn by_definition(leaves: &[Hash]) -> Hash {
        match leaves {
            [] => hash(&[]),
            [one] => *one,
            more => {
                let (left, right) = more.split_at(split(more.len()));
                node(&by_definition(left), &by_definition(right))
            }
        }
    }

    #[test]
    fn a_tree_that_grows_has_the_root_of_the_definition_and_proves_every_leaf() {
        let leaves: Vec<_> =
            (0..70).map(|nth| leaf("case", &format!("{nth:04}"), nth + 1, &[7; 32])).collect();
        assert_eq!(hex(&root(&[])), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
        for count in 0..leaves.len() {
            let some = &leaves[..count];
            assert_eq!(root(some), by_definition(some), "{count} leaves");
            for nth in 0..count {
                let path = proof(some, nth);
                assert!(holds(some[nth], nth, count, &path, &root(some)), "{nth} of {count}");
                assert!(!holds(leaf("case", "other", 1, &[7; 32]), nth, count, &path, &root(some)));
                assert!(!holds(some[nth], nth, count, &path, &root(&leaves[..count + 1])));
            }
        }
    }

    #[test]
    fn no_two_ends_have_the_same_leaf() {
        assert_ne!(leaf("ab", "c", 1, &[]), leaf("a", "bc", 1, &[]));
        assert_ne!(leaf("a", "b", 1, &[1]), leaf("a", "b", 2, &[1]));
    }
}
