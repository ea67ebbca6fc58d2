//! `umbrella::application!()`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::Path;

use crate::manifest::{Exports, Package, StartType};

pub(crate) fn expand(input: TokenStream) -> syn::Result<TokenStream> {
    if !input.is_empty() {
        let message = "`application!()` takes no arguments: everything is in Cargo.toml";
        return Err(syn::Error::new_spanned(input, message));
    }
    let package = Package::under_compilation()?;
    let name = package.name();
    let dependencies = package.application_dependencies()?;
    let specs = dependencies.iter().map(|dependency| {
        let library = format_ident!("{}", dependency.name);
        quote! { .depends_on(::#library::application()) }
    });
    // Cargo rebuilds this crate when a manifest that was read here changes.
    let manifests =
        std::iter::once(&package).chain(dependencies.iter().map(|dependency| &dependency.package));
    let watched = manifests.map(|package| package.manifest_path().display().to_string());
    let spec = match package.exports()? {
        Exports::Supervised { callback, start_type } => {
            let callback = own_path(&callback, &package)?;
            let start_type = match start_type {
                StartType::Permanent => quote! { Permanent },
                StartType::Transient => quote! { Transient },
                StartType::Temporary => quote! { Temporary },
            };
            quote! { supervised(#name, VERSION, #callback, ::umbrella::application::StartType::#start_type) }
        }
        Exports::Library | Exports::Nothing => quote! { library(#name, VERSION) },
    };
    let conformance = matches!(package.exports()?, Exports::Supervised { .. }).then(|| {
        quote! {
            /// Made by `umbrella::application!()`: `umbrella test` calls it `start/stop`.
            #[cfg(test)]
            mod umbrella_conformance {
                #[::core::prelude::v1::test]
                fn start_stop() {
                    let test = ::core::concat!(::core::module_path!(), "::start_stop");
                    ::umbrella::testing::start_stop(::core::env!("CARGO_MANIFEST_DIR"), test, super::application());
                }
            }
        }
    });
    let docs = format!("The application `{name}`: how it starts, and what it depends on.");
    Ok(quote! {
        #[doc = #docs]
        #[must_use]
        pub fn application() -> ::umbrella::application::Spec {
            const VERSION: &str = ::core::env!("CARGO_PKG_VERSION");
            #(const _: &str = ::core::include_str!(#watched);)*
            ::umbrella::application::Spec::#spec #(#specs)*
        }

        #conformance
    })
}

/// `b::B`, as written in the manifest, seen from inside the crate.
fn own_path(callback: &str, package: &Package) -> syn::Result<TokenStream> {
    let wrong = || {
        let (name, path) = (package.library_name(), package.manifest_path());
        let message = format!(
            "`{}`: `application = \"{callback}\"` is not a path of this crate; write `{name}::SomeType`",
            path.display()
        );
        syn::Error::new(proc_macro2::Span::call_site(), message)
    };
    let path: Path = syn::parse_str(callback).map_err(|_| wrong())?;
    let mut segments = path.segments.iter();
    match segments.next() {
        Some(first) if first.ident == package.library_name() || first.ident == "crate" => {}
        _ => return Err(wrong()),
    }
    let rest: Vec<_> = segments.collect();
    if rest.is_empty() {
        return Err(wrong());
    }
    Ok(quote! { crate #(::#rest)* })
}
