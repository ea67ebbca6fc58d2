//! What messages carry is their own: they outlive whoever sends them.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{GenericArgument, Lifetime, PathArguments, Type, TypeReference};

/// Refuses a type that borrows, and says what to write instead.
pub(crate) fn refuse_borrowed(who: &str, ty: &Type) -> syn::Result<()> {
    if let Type::ImplTrait(any) = ty {
        let message = format!("{who} has one type, which has to be named");
        return Err(syn::Error::new_spanned(any, message));
    }
    let Some(borrowed) = borrowed(ty) else { return Ok(()) };
    let message = match borrowed {
        Borrowed::Reference(reference) => {
            format!("{who} owns what it carries: `{}`", owned(&reference.elem))
        }
        Borrowed::Lifetime(_) => format!("{who} owns what it carries; only `'static` lives long enough"),
    };
    Err(syn::Error::new_spanned(borrowed, message))
}

/// What does not live for ever.
pub(crate) enum Borrowed<'a> {
    Reference(&'a TypeReference),
    Lifetime(&'a Lifetime),
}

impl ToTokens for Borrowed<'_> {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        match self {
            Self::Reference(reference) => reference.to_tokens(tokens),
            Self::Lifetime(lifetime) => lifetime.to_tokens(tokens),
        }
    }
}

/// The first part of `ty` that does not live for ever.
pub(crate) fn borrowed(ty: &Type) -> Option<Borrowed<'_>> {
    match ty {
        Type::Reference(reference) if reference.lifetime.as_ref().is_none_or(is_short) => {
            Some(Borrowed::Reference(reference))
        }
        Type::Reference(reference) => borrowed(&reference.elem),
        Type::Tuple(tuple) => tuple.elems.iter().find_map(borrowed),
        Type::Array(array) => borrowed(&array.elem),
        Type::Slice(slice) => borrowed(&slice.elem),
        Type::Paren(paren) => borrowed(&paren.elem),
        Type::Group(group) => borrowed(&group.elem),
        Type::Path(path) => path.path.segments.iter().find_map(|segment| match &segment.arguments {
            PathArguments::AngleBracketed(arguments) => arguments.args.iter().find_map(in_argument),
            _ => None,
        }),
        _ => None,
    }
}

fn in_argument(argument: &GenericArgument) -> Option<Borrowed<'_>> {
    match argument {
        GenericArgument::Type(ty) => borrowed(ty),
        GenericArgument::Lifetime(lifetime) if is_short(lifetime) => Some(Borrowed::Lifetime(lifetime)),
        _ => None,
    }
}

fn is_short(lifetime: &Lifetime) -> bool {
    lifetime.ident != "static"
}

/// The type that owns what a reference to `ty` borrows.
fn owned(ty: &Type) -> String {
    let tokens = match ty {
        Type::Slice(slice) => {
            let elem = &slice.elem;
            quote! { Vec<#elem> }
        }
        Type::Path(path) if path.path.is_ident("str") => quote! { String },
        Type::Path(path) if path.path.is_ident("Path") => quote! { PathBuf },
        Type::Path(path) if path.path.is_ident("OsStr") => quote! { OsString },
        Type::Path(path) if path.path.is_ident("CStr") => quote! { CString },
        other => other.to_token_stream(),
    };
    tokens.to_string().replace(' ', "")
}

/// What a message carries is its handler's, and a reference could not travel: clippy's advice to take one is none here.
pub(crate) fn allow_by_value() -> TokenStream {
    quote! {
        #[allow(clippy::needless_pass_by_value, reason = "a message owns what it carries")]
    }
}
