//! The module tree of a crate: which file uses which, and which types each defines.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use syn::{
    Attribute, Item, ItemMod, UseTree, Visibility,
    visit::{self, Visit},
};

/// A module's path from the root of the crate, without `crate`.
type ModulePath = Vec<String>;

/// What one module says by itself.
struct Module {
    file: PathBuf,
    /// Structs, functions and whatever else has a name here.
    defined: BTreeSet<String>,
    /// What `use` brings here, by the name that it has here.
    imported: BTreeMap<String, ModulePath>,
    /// Paths that the code of the module names, but for what it only re-exports.
    named: BTreeSet<ModulePath>,
    types: BTreeSet<String>,
}

/// The modules of a crate, without those of tests.
pub(crate) struct Modules(BTreeMap<ModulePath, Module>);

impl Modules {
    /// Those of the library whose root is `lib`.
    pub(crate) fn parse(lib: &Path) -> Self {
        let mut modules = Self(BTreeMap::new());
        modules.parse_file(Vec::new(), lib, lib.parent().unwrap());
        modules
    }

    fn parse_file(&mut self, path: ModulePath, file: &Path, folder: &Path) {
        let text = fs::read_to_string(file).unwrap();
        let parsed = syn::parse_file(&text).unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.add(path, file, folder, parsed.items);
    }

    fn add(&mut self, path: ModulePath, file: &Path, folder: &Path, items: Vec<Item>) {
        let mut reader = Reader::default();
        for item in items.iter().filter(|item| !is_test(attributes(item))) {
            reader.visit_item(item);
        }
        let Reader { defined, imported, named, types } = reader;
        let module = Module { file: file.to_owned(), defined, imported, named, types };
        self.0.insert(path.clone(), module);
        for item in items {
            let Item::Mod(ItemMod { ident, content, attrs, .. }) = item else { continue };
            if is_test(&attrs) {
                continue;
            }
            let name = ident.to_string();
            let child: ModulePath = path.iter().cloned().chain([name.clone()]).collect();
            let below = folder.join(&name);
            match content {
                Some((_, items)) => self.add(child, file, &below, items),
                None => {
                    let flat = folder.join(format!("{name}.rs"));
                    let file = if flat.is_file() { flat } else { below.join("mod.rs") };
                    self.parse_file(child, &file, &below);
                }
            }
        }
    }

    /// Each type with the file that defines it.
    pub(crate) fn types(&self) -> impl Iterator<Item = (&str, &Path)> {
        self.0.values().flat_map(|m| m.types.iter().map(|t| (t.as_str(), m.file.as_path())))
    }

    /// The files that use themselves by way of others, each with those of them that it uses.
    pub(crate) fn circles(&self) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
        let uses = self.uses();
        let reached: BTreeMap<&PathBuf, BTreeSet<&PathBuf>> =
            uses.keys().map(|file| (file, reach(file, &uses))).collect();
        let mut circles: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        for (file, used) in &uses {
            for other in used.iter().filter(|other| reached[other].contains(file)) {
                circles.entry(file.clone()).or_default().insert(other.clone());
            }
        }
        circles
    }

    /// The other files that each file uses.
    fn uses(&self) -> BTreeMap<PathBuf, BTreeSet<PathBuf>> {
        let mut uses: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        for (path, module) in &self.0 {
            let used = module.named.iter().filter_map(|named| self.file_of(path, named, 0));
            uses.entry(module.file.clone())
                .or_default()
                .extend(used.filter(|file| **file != module.file).cloned());
        }
        uses
    }

    /// The file of the item that `named` means in the module at `from`; none when it is of another
    /// crate.
    fn file_of(&self, from: &[String], named: &[String], depth: usize) -> Option<&PathBuf> {
        // A glob import of one's own parent would go on for ever.
        if depth > 16 {
            return None;
        }
        let (first, mut rest) = named.split_first()?;
        let mut at = from.to_vec();
        match first.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => drop(at.pop()),
            _ => rest = named,
        }
        while let Some((next, after)) = rest.split_first() {
            if next == "super" {
                at.pop();
                rest = after;
                continue;
            }
            let child: ModulePath = at.iter().cloned().chain([next.clone()]).collect();
            let module = self.0.get(&at)?;
            if self.0.contains_key(&child) {
                at = child;
            } else if module.defined.contains(next) {
                return Some(&module.file);
            } else if let Some(meant) = module.imported.get(next) {
                let meant: ModulePath = meant.iter().chain(after).cloned().collect();
                return self.file_of(&at, &meant, depth + 1);
            } else {
                return None;
            }
            rest = after;
        }
        // A module by itself: what is used of it is named where it is used.
        None
    }
}

fn reach<'a>(
    file: &'a PathBuf,
    uses: &'a BTreeMap<PathBuf, BTreeSet<PathBuf>>,
) -> BTreeSet<&'a PathBuf> {
    let (mut reached, mut todo) = (BTreeSet::new(), vec![file]);
    while let Some(next) = todo.pop() {
        if reached.insert(next) {
            todo.extend(uses.get(next).into_iter().flatten());
        }
    }
    reached
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| match &attribute.meta {
        syn::Meta::List(list) if list.path.is_ident("cfg") => {
            list.tokens.to_string().split(|c: char| !c.is_alphanumeric()).any(|word| word == "test")
        }
        _ => false,
    })
}

fn attributes(item: &Item) -> &[Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Enum(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Macro(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Static(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Trait(i) => &i.attrs,
        Item::Type(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

#[derive(Default)]
struct Reader {
    defined: BTreeSet<String>,
    imported: BTreeMap<String, ModulePath>,
    named: BTreeSet<ModulePath>,
    types: BTreeSet<String>,
}

impl Reader {
    fn define_type(&mut self, name: &syn::Ident) {
        self.defined.insert(name.to_string());
        self.types.insert(name.to_string());
    }

    fn import(&mut self, tree: &UseTree, before: &[String], is_export: bool) {
        let with = |name: &syn::Ident| -> ModulePath {
            before.iter().cloned().chain([name.to_string()]).collect()
        };
        let (name, path) = match tree {
            UseTree::Path(path) => return self.import(&path.tree, &with(&path.ident), is_export),
            UseTree::Group(group) => {
                return group.items.iter().for_each(|tree| self.import(tree, before, is_export));
            }
            UseTree::Glob(_) => return,
            UseTree::Name(name) if name.ident == "self" => match before.last() {
                Some(last) => (last.clone(), before.to_vec()),
                None => return,
            },
            UseTree::Name(name) => (name.ident.to_string(), with(&name.ident)),
            UseTree::Rename(renamed) => (renamed.rename.to_string(), with(&renamed.ident)),
        };
        if !is_export {
            self.named.insert(path.clone());
        }
        self.imported.insert(name, path);
    }
}

impl<'a> Visit<'a> for Reader {
    fn visit_item(&mut self, item: &'a Item) {
        match item {
            Item::Mod(_) => return,
            Item::Use(item) => {
                let is_export = !matches!(item.vis, Visibility::Inherited);
                return self.import(&item.tree, &[], is_export);
            }
            Item::Struct(item) => self.define_type(&item.ident),
            Item::Enum(item) => self.define_type(&item.ident),
            Item::Trait(item) => self.define_type(&item.ident),
            Item::Type(item) => self.define_type(&item.ident),
            Item::Fn(item) => drop(self.defined.insert(item.sig.ident.to_string())),
            Item::Const(item) => drop(self.defined.insert(item.ident.to_string())),
            Item::Static(item) => drop(self.defined.insert(item.ident.to_string())),
            _ => {}
        }
        visit::visit_item(self, item);
    }

    fn visit_path(&mut self, path: &'a syn::Path) {
        if path.leading_colon.is_none() {
            self.named.insert(path.segments.iter().map(|s| s.ident.to_string()).collect());
        }
        visit::visit_path(self, path);
    }
}
