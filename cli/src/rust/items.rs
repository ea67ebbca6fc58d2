//! What a source makes visible to others, and whether it is Rust at all.

use std::collections::BTreeSet;

use syn::{Item, UseTree, Visibility};

/// Where and why a source is no Rust.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// Why.
    pub message: String,
    /// The line, from 1.
    pub line: usize,
}

/// What others can name of a source.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exports {
    names: BTreeSet<String>,
    /// `pub use other::*`, or macros that may make anything.
    is_open: bool,
}

impl Exports {
    /// Whether others can name it; whoever cannot tell says yes.
    #[must_use]
    pub fn has(&self, name: &str) -> bool {
        self.is_open || self.names.contains(name)
    }
}

/// What a source exports at its top level, to its own crate at least.
///
/// # Errors
/// [`SyntaxError`] if it is no Rust.
pub fn exports(source: &str) -> Result<Exports, SyntaxError> {
    let file = syn::parse_file(source).map_err(|error| SyntaxError {
        message: error.to_string(),
        line: error.span().start().line.max(1),
    })?;
    let mut exports = Exports::default();
    for item in &file.items {
        let (visibility, name) = match item {
            Item::Const(item) => (&item.vis, item.ident.to_string()),
            Item::Enum(item) => (&item.vis, item.ident.to_string()),
            Item::Fn(item) => (&item.vis, item.sig.ident.to_string()),
            Item::Mod(item) => (&item.vis, item.ident.to_string()),
            Item::Static(item) => (&item.vis, item.ident.to_string()),
            Item::Struct(item) => (&item.vis, item.ident.to_string()),
            Item::Trait(item) => (&item.vis, item.ident.to_string()),
            Item::Type(item) => (&item.vis, item.ident.to_string()),
            Item::Use(item) => {
                if is_visible(&item.vis) {
                    exports.add(&item.tree);
                }
                continue;
            }
            // `umbrella::application!()` makes a function; what others make is not known.
            Item::Macro(item) => {
                exports.is_open |= !item.mac.path.segments.iter().any(|part| part.ident == "umbrella");
                continue;
            }
            Item::Union(item) => (&item.vis, item.ident.to_string()),
            Item::TraitAlias(item) => (&item.vis, item.ident.to_string()),
            Item::ExternCrate(_) | Item::ForeignMod(_) | Item::Impl(_) | Item::Verbatim(_) | _ => continue,
        };
        if is_visible(visibility) {
            exports.names.insert(name);
        }
    }
    Ok(exports)
}

impl Exports {
    fn add(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => self.add(&path.tree),
            UseTree::Name(name) => _ = self.names.insert(name.ident.to_string()),
            UseTree::Rename(rename) => _ = self.names.insert(rename.rename.to_string()),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.add(tree)),
            UseTree::Glob(_) => self.is_open = true,
        }
    }
}

fn is_visible(visibility: &Visibility) -> bool {
    !matches!(visibility, Visibility::Inherited)
}

#[cfg(test)]
mod tests {
    use super::exports;

    #[test]
    fn what_is_visible_is_exported() {
        let source = "pub const A: u8 = 1;\nstruct B;\npub(crate) struct C;\npub async fn d() {}\npub use x::{E, F as G};\n\
                      use y::H;\numbrella::application!();\nimpl C { pub fn i() {} }\n";
        let exports = exports(source).unwrap();
        let seen = ["A", "B", "C", "d", "E", "F", "G", "H", "i"].map(|name| exports.has(name));
        assert_eq!(seen, [true, false, true, true, true, false, true, false, false]);
    }

    #[test]
    fn what_cannot_be_known_is_believed() {
        assert!(exports("pub use x::*;").unwrap().has("Anything"));
        assert!(exports("make! { Anything }").unwrap().has("Anything"));
    }

    #[test]
    fn what_is_no_rust_is_told_with_its_line() {
        for (source, line) in
            [("fn a() {\n    let x = ;\n}\n", 2), ("fn a() {}\n\nstruct {}\n", 3), ("fn a( {\n", 1)]
        {
            assert_eq!(exports(source).unwrap_err().line, line, "{source}");
        }
    }
}
