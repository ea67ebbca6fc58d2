//! Names as the compiler would read them, as far as one file tells.

use std::collections::{HashMap, HashSet};

use syn::visit::Visit;
use syn::{ItemMod, ItemUse, UseTree};

/// The names of one module.
pub(super) struct Scope {
    /// Of the module, from the root of its crate.
    module: Vec<String>,
    /// What imports brought in, anywhere in the module.
    aliases: HashMap<String, Vec<String>>,
    modules: HashSet<String>,
}

/// A leaf of a `use`: what it names, and how the module calls it. A glob is `*` and has no name of its own.
pub(super) struct Import {
    pub(super) path: Vec<String>,
    alias: Option<String>,
    pub(super) line: usize,
}

impl Scope {
    pub(super) fn of(module: Vec<String>, items: &[syn::Item]) -> Self {
        let mut names = Names::default();
        for item in items {
            names.visit_item(item);
        }
        let mut scope = Self { module, aliases: HashMap::new(), modules: names.modules };
        for Import { path, alias, .. } in names.imports {
            if let Some(alias) = alias {
                let path = scope.absolute(path);
                scope.aliases.insert(alias, path);
            }
        }
        scope
    }

    pub(super) fn child(&self, name: String) -> Vec<String> {
        self.module.iter().cloned().chain([name]).collect()
    }

    /// The path in full.
    pub(super) fn resolve(&self, path: Vec<String>) -> Vec<String> {
        let mut path = self.absolute(path);
        // An import may start from another one; no chain is longer than this.
        for _ in 0..4 {
            match self.aliases.get(&path[0]) {
                Some(target) if target[0] != path[0] || target.len() > 1 => {
                    path = target.iter().cloned().chain(path.into_iter().skip(1)).collect();
                    if path[0] == "crate" {
                        break;
                    }
                }
                _ => break,
            }
        }
        path
    }

    /// Without `self`, `super`, or a module of this one in front.
    fn absolute(&self, path: Vec<String>) -> Vec<String> {
        let mut base = self.module.clone();
        let mut rest = path.iter().map(String::as_str).peekable();
        match rest.peek() {
            Some(&"self") => drop(rest.next()),
            Some(&"super") => {}
            Some(&first) if self.modules.contains(first) => {}
            _ => return path,
        }
        while rest.next_if_eq(&"super").is_some() {
            base.pop();
        }
        ["crate"].into_iter().chain(base.iter().map(String::as_str)).chain(rest).map(str::to_owned).collect()
    }
}

#[derive(Default)]
struct Names {
    imports: Vec<Import>,
    modules: HashSet<String>,
}

impl<'ast> Visit<'ast> for Names {
    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        self.imports.extend(imports(item));
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        // What is inside has a scope of its own.
        self.modules.insert(item.ident.to_string());
    }

    fn visit_attribute(&mut self, _: &'ast syn::Attribute) {}
}

/// The leaves of a `use`.
pub(super) fn imports(item: &ItemUse) -> Vec<Import> {
    let mut leaves = Vec::new();
    collect(&item.tree, &mut Vec::new(), &mut leaves);
    leaves
}

fn collect(tree: &UseTree, path: &mut Vec<String>, leaves: &mut Vec<Import>) {
    match tree {
        UseTree::Path(inner) => {
            path.push(inner.ident.to_string());
            collect(&inner.tree, path, leaves);
            path.pop();
        }
        UseTree::Group(group) => group.items.iter().for_each(|inner| collect(inner, path, leaves)),
        UseTree::Name(name) => leaves.push(leaf(path, &name.ident, &name.ident)),
        UseTree::Rename(name) => leaves.push(leaf(path, &name.ident, &name.rename)),
        UseTree::Glob(glob) => {
            let path = path.iter().cloned().chain(["*".to_owned()]).collect();
            leaves.push(Import { path, alias: None, line: glob.star_token.spans[0].start().line });
        }
    }
}

fn leaf(folder: &[String], name: &syn::Ident, alias: &syn::Ident) -> Import {
    let line = name.span().start().line;
    let mut path = folder.to_vec();
    let mut alias = alias.to_string();
    if name == "self" {
        // `use std::fs::{self}`.
        alias = if alias == "self" { path.last().cloned().unwrap_or(alias) } else { alias };
    } else {
        path.push(name.to_string());
    }
    Import { path, alias: Some(alias), line }
}
