//! Reads one Rust file.

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::visit::{self, Visit};
use syn::{Attribute, Block, ImplItemFn, Item, ItemMod, ItemUse, Signature, TraitItemFn};

use super::scope::{Scope, imports};
use super::{Default, Doc, Function, Mention, Module, RustFile};

/// Reads the file at `path`.
pub(super) fn read(path: &'static str, text: &str) -> RustFile {
    let file = syn::parse_file(text).unwrap_or_else(|error| panic!("cannot parse {path}: {error}"));
    let scope = Scope::of(module(path), &file.items);
    let mut reader = Reader {
        file: RustFile { path, ..<_>::default() },
        scopes: vec![scope],
        owner: None,
        in_test: false,
        is_paused: false,
    };
    reader.document(String::new(), &file.attrs);
    reader.visit_file(&file);
    let mut file = reader.file;
    if ["tests", "benches", "examples"].iter().any(|folder| path.split('/').any(|part| part == *folder)) {
        file.make_test_only();
    }
    file
}

/// The module of a file, from the root of its crate.
fn module(path: &str) -> Vec<String> {
    let inside = path.split_once("src/").map_or("", |(_, inside)| inside);
    let mut parts: Vec<String> = inside.trim_end_matches(".rs").split('/').map(str::to_owned).collect();
    if matches!(parts.last().map(String::as_str), Some("mod" | "lib" | "main" | "")) {
        parts.pop();
    }
    parts
}

struct Reader {
    file: RustFile,
    /// Of the module that is being read, last, and of those around it.
    scopes: Vec<Scope>,
    /// The type or trait around what is being read.
    owner: Option<String>,
    in_test: bool,
    is_paused: bool,
}

impl Reader {
    fn mention(&mut self, what: String, line: usize, is_import: bool) {
        let Self { in_test, is_paused, .. } = *self;
        self.file.mentions.push(Mention { what, line, in_test, is_import, is_paused });
    }

    fn mention_path(&mut self, path: Vec<String>, line: usize, is_import: bool) {
        let scope = self.scopes.last().expect("a file has a scope");
        let what = scope.resolve(path).join("::");
        self.mention(what, line, is_import);
    }

    fn document(&mut self, item: String, attributes: &[Attribute]) {
        let text: String = attributes.iter().filter_map(doc_line).map(|line| line + "\n").collect();
        if !text.is_empty() && !self.in_test {
            self.file.docs.push(Doc { item, text });
        }
    }

    fn document_named(&mut self, name: &syn::Ident, attributes: &[Attribute]) {
        let item =
            self.owner.iter().map(|owner| format!("{owner}::")).collect::<String>() + &name.to_string();
        self.document(item, attributes);
    }

    fn function(&mut self, signature: &Signature, body: &Block) {
        let line = signature.fn_token.span.start().line;
        let lines = body.brace_token.span.close().end().line + 1 - line;
        self.file.functions.push(Function { name: signature.ident.to_string(), line, lines });
    }

    fn default(&mut self, written: String, name: &syn::Ident) {
        if !self.in_test {
            self.file.defaults.push(Default { written, line: name.span().start().line });
        }
    }

    /// Reads what `read` reads as the inside of something that has these attributes.
    fn within(&mut self, attributes: &[Attribute], read: impl FnOnce(&mut Self)) {
        let before = (self.in_test, self.is_paused);
        self.in_test |= attributes.iter().any(is_test);
        self.is_paused |=
            attributes.iter().any(|attribute| tokens(attribute).contains("start_paused = true"));
        read(self);
        (self.in_test, self.is_paused) = before;
    }

    fn owned(&mut self, owner: String, read: impl FnOnce(&mut Self)) {
        let before = self.owner.replace(owner);
        read(self);
        self.owner = before;
    }

    /// Macros are given tokens, so paths are recognised by their shape.
    fn scan(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        let mut after_hash = false;
        for token in tokens {
            let line = token.span().start().line;
            match &token {
                TokenTree::Ident(name) => {
                    if colons != 2 {
                        self.leave_path(&mut path, line);
                    }
                    path.push(name.to_string());
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => {
                    colons += 1;
                    continue;
                }
                TokenTree::Punct(mark) if mark.as_char() == '!' && !path.is_empty() => {
                    path.last_mut().expect("it is not empty").push('!');
                }
                TokenTree::Group(group) => {
                    self.leave_path(&mut path, line);
                    if after_hash {
                        self.attribute(&group.stream(), line);
                    }
                    self.scan(group.stream());
                }
                TokenTree::Punct(_) | TokenTree::Literal(_) => self.leave_path(&mut path, line),
            }
            colons = 0;
            after_hash = matches!(&token, TokenTree::Punct(mark) if mark.as_char() == '#');
        }
        self.leave_path(&mut path, 0);
    }

    fn leave_path(&mut self, path: &mut Vec<String>, line: usize) {
        match path.last() {
            Some(name) if name.ends_with('!') => self.mention(name.clone(), line, false),
            Some(_) if path.len() > 1 => self.mention_path(path.clone(), line, false),
            _ => {}
        }
        path.clear();
    }

    fn attribute(&mut self, inside: &TokenStream, line: usize) {
        let text = inside.to_string();
        let name: String =
            text.chars().take_while(|letter| letter.is_alphanumeric() || *letter == '_').collect();
        if name == "cfg_attr" {
            for conditional in ["allow", "ignore", "should_panic"] {
                if text.contains(conditional) {
                    self.mention(format!("#[{conditional}]"), line, false);
                }
            }
        }
        self.mention(format!("#[{name}]"), line, false);
    }
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item(&mut self, item: &'ast Item) {
        let (name, attributes) = described(item);
        self.within(attributes, |reader| {
            if let Some(name) = name {
                reader.document_named(name, attributes);
            }
            visit::visit_item(reader, item);
        });
    }

    fn visit_impl_item_fn(&mut self, method: &'ast ImplItemFn) {
        self.within(&method.attrs, |reader| {
            reader.document_named(&method.sig.ident, &method.attrs);
            reader.function(&method.sig, &method.block);
            visit::visit_impl_item_fn(reader, method);
        });
    }

    fn visit_trait_item_fn(&mut self, method: &'ast TraitItemFn) {
        self.document_named(&method.sig.ident, &method.attrs);
        if let Some(body) = &method.default {
            self.function(&method.sig, body);
        }
        visit::visit_trait_item_fn(self, method);
    }

    fn visit_item_fn(&mut self, item: &'ast syn::ItemFn) {
        self.function(&item.sig, &item.block);
        visit::visit_item_fn(self, item);
    }

    fn visit_item_impl(&mut self, item: &'ast syn::ItemImpl) {
        let owner = last_name(&item.self_ty).unwrap_or_default();
        self.owned(owner, |reader| visit::visit_item_impl(reader, item));
    }

    fn visit_item_trait(&mut self, item: &'ast syn::ItemTrait) {
        self.owned(item.ident.to_string(), |reader| visit::visit_item_trait(reader, item));
    }

    fn visit_item_enum(&mut self, item: &'ast syn::ItemEnum) {
        self.owned(item.ident.to_string(), |reader| visit::visit_item_enum(reader, item));
    }

    fn visit_item_struct(&mut self, item: &'ast syn::ItemStruct) {
        self.owned(item.ident.to_string(), |reader| visit::visit_item_struct(reader, item));
    }

    fn visit_variant(&mut self, variant: &'ast syn::Variant) {
        self.document_named(&variant.ident, &variant.attrs);
        if variant.attrs.iter().any(|attribute| attribute.path().is_ident("default")) {
            let owner = self.owner.clone().unwrap_or_default();
            self.default(format!("{owner}::{}", variant.ident), &variant.ident);
        }
        visit::visit_variant(self, variant);
    }

    fn visit_field(&mut self, field: &'ast syn::Field) {
        if let Some(name) = &field.ident {
            self.document_named(name, &field.attrs);
        }
        visit::visit_field(self, field);
    }

    fn visit_item_const(&mut self, item: &'ast syn::ItemConst) {
        if is_default(item) {
            let value = item.expr.to_token_stream().to_string().replace(" :: ", "::").replace(" (", "(");
            self.default(format!("{} = {value}", item.ident), &item.ident);
        }
        visit::visit_item_const(self, item);
    }

    fn visit_item_static(&mut self, item: &'ast syn::ItemStatic) {
        self.mention("static".to_owned(), item.static_token.span.start().line, false);
        visit::visit_item_static(self, item);
    }

    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        let around = self.scopes.last().expect("a file has a scope");
        match &item.content {
            Some((_, items)) => {
                let inner = Scope::of(around.child(item.ident.to_string()), items);
                self.scopes.push(inner);
                visit::visit_item_mod(self, item);
                self.scopes.pop();
            }
            None => {
                let place = place_of(item, self.file.path);
                self.file.modules.push(Module { place, in_test: self.in_test });
            }
        }
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        for import in imports(item) {
            self.mention_path(import.path, import.line, true);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let names: Vec<String> = path.segments.iter().map(|segment| segment.ident.to_string()).collect();
        let line = path.segments[0].ident.span().start().line;
        self.mention_path(names, line, false);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, call: &'ast syn::Macro) {
        let Some(name) = call.path.segments.last().map(|segment| &segment.ident) else { return };
        self.mention(format!("{name}!"), name.span().start().line, false);
        // What is quoted is written elsewhere.
        if !matches!(name.to_string().as_str(), "quote" | "quote_spanned" | "parse_quote") {
            self.scan(call.tokens.clone());
        }
    }

    fn visit_attribute(&mut self, attribute: &'ast Attribute) {
        let line = attribute.pound_token.span.start().line;
        self.attribute(&attribute.meta.to_token_stream(), line);
    }
}

/// Where `mod x;` in the file at `path` finds its file.
fn place_of(item: &ItemMod, path: &str) -> String {
    let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
    let named = item.attrs.iter().filter(|attribute| attribute.path().is_ident("path")).find_map(text_of);
    match named {
        Some(file) => format!("{folder}/{}", file.trim_end_matches(".rs")),
        None if matches!(name, "mod.rs" | "lib.rs" | "main.rs") => format!("{folder}/{}", item.ident),
        None => format!("{}/{}", path.trim_end_matches(".rs"), item.ident),
    }
}

fn tokens(attribute: &Attribute) -> String {
    attribute.meta.to_token_stream().to_string()
}

fn is_test(attribute: &Attribute) -> bool {
    let text = tokens(attribute);
    let is_cfg = text.starts_with("cfg (") || text.starts_with("cfg(");
    let names_test = text.split(|letter: char| !letter.is_alphanumeric()).any(|word| word == "test");
    attribute.path().segments.last().is_some_and(|segment| segment.ident == "test")
        || (is_cfg && names_test && !text.contains("not"))
}

fn doc_line(attribute: &Attribute) -> Option<String> {
    let text = attribute.path().is_ident("doc").then(|| text_of(attribute))?;
    text.map(|line| line.trim_start().to_owned())
}

/// The text of `#[name = "text"]`.
fn text_of(attribute: &Attribute) -> Option<String> {
    let value = &attribute.meta.require_name_value().ok()?.value;
    let syn::Expr::Lit(syn::ExprLit { lit: syn::Lit::Str(text), .. }) = value else { return None };
    Some(text.value())
}

/// How long something waits, a number that others see, or what calls itself a default.
fn is_default(item: &syn::ItemConst) -> bool {
    let is_seen = matches!(item.vis, syn::Visibility::Public(_));
    match last_name(&item.ty).as_deref() {
        Some("Duration") => true,
        Some("u8" | "u16" | "u32" | "u64" | "usize") if is_seen => true,
        _ => item.ident.to_string().contains("DEFAULT"),
    }
}

fn last_name(written: &syn::Type) -> Option<String> {
    let syn::Type::Path(path) = written else { return None };
    path.path.segments.last().map(|segment| segment.ident.to_string())
}

/// The name of an item that has one, and its attributes.
fn described(item: &Item) -> (Option<&syn::Ident>, &[Attribute]) {
    match item {
        Item::Const(item) => (Some(&item.ident), &item.attrs),
        Item::Enum(item) => (Some(&item.ident), &item.attrs),
        Item::Fn(item) => (Some(&item.sig.ident), &item.attrs),
        Item::Mod(item) => (Some(&item.ident), &item.attrs),
        Item::Static(item) => (Some(&item.ident), &item.attrs),
        Item::Struct(item) => (Some(&item.ident), &item.attrs),
        Item::Trait(item) => (Some(&item.ident), &item.attrs),
        Item::Type(item) => (Some(&item.ident), &item.attrs),
        Item::Union(item) => (Some(&item.ident), &item.attrs),
        Item::Macro(item) => (item.ident.as_ref(), &item.attrs),
        Item::ExternCrate(item) => (None, &item.attrs),
        Item::ForeignMod(item) => (None, &item.attrs),
        Item::Impl(item) => (None, &item.attrs),
        Item::TraitAlias(item) => (Some(&item.ident), &item.attrs),
        Item::Use(item) => (None, &item.attrs),
        // `Verbatim`, and whatever syn learns to read later.
        Item::Verbatim(_) | _ => (None, &[]),
    }
}
