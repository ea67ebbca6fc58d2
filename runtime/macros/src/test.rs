//! `#[umbrella::test]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote};
use syn::{ItemFn, ReturnType};

use crate::manifest::{Exports, Package};

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    if !attribute.is_empty() {
        let message = "`#[umbrella::test]` takes no arguments: it starts this crate's application";
        return Err(syn::Error::new_spanned(attribute, message));
    }
    let test: ItemFn = syn::parse2(item)?;
    if test.sig.asyncness.is_none() {
        return Err(syn::Error::new_spanned(test.sig.fn_token, "an umbrella test is an `async fn`"));
    }
    if let Some(input) = test.sig.inputs.first() {
        return Err(syn::Error::new_spanned(input, "a test takes no arguments"));
    }
    let application = application()?;
    let (attributes, visibility, name, body) = (&test.attrs, &test.vis, &test.sig.ident, &test.block);
    let output = match &test.sig.output {
        ReturnType::Default => quote! { () },
        ReturnType::Type(_, ty) => quote! { #ty },
    };
    Ok(quote! {
        #(#attributes)*
        #[::core::prelude::v1::test]
        #visibility fn #name() -> #output {
            let body = async { let outcome: #output = #body; outcome };
            let name = ::core::concat!(::core::module_path!(), "::", ::core::stringify!(#name));
            ::umbrella::testing::run_test(name, ::core::env!("CARGO_MANIFEST_DIR"), ::std::vec![#application], body)
        }
    })
}

/// The expression for the application of the crate under test; nothing if it has none.
fn application() -> syn::Result<TokenStream> {
    let package = Package::under_compilation()?;
    if package.exports()? == Exports::Nothing {
        return Ok(quote! {});
    }
    // Integration tests see the crate from outside; Cargo tells them so with this variable.
    if std::env::var_os("CARGO_TARGET_TMPDIR").is_some() {
        let library = format_ident!("{}", package.library_name());
        Ok(quote! { ::#library::application() })
    } else {
        Ok(quote! { crate::application() })
    }
}
