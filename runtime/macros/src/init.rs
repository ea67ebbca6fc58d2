//! Reading `init`: what the arguments of a start are.

use proc_macro2::TokenStream;
use quote::{quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{FnArg, ReturnType, Signature, Type};

use crate::handler::{self, Of};

/// The type of `Args` and the body that spreads it over the parameters of the user's `init`.
pub(crate) fn spread(of: Of, signature: &Signature) -> syn::Result<(TokenStream, TokenStream)> {
    handler::refuse_generics(signature)?;
    if let Some(receiver) = signature.receiver() {
        let message = "`init` makes the server, so it cannot take one; it takes the arguments of `start`";
        return Err(syn::Error::new_spanned(receiver, message));
    }
    let (mut names, mut types, mut inputs) = (Vec::new(), Vec::new(), Vec::new());
    for (index, input) in signature.inputs.iter().enumerate() {
        let FnArg::Typed(parameter) = input else { continue };
        if handler::is_context(of, &parameter.ty) {
            inputs.push(quote! { __cx });
        } else {
            let name = handler::argument_name(&parameter.pat, index);
            inputs.push(quote! { #name });
            names.push(name);
            types.push(&parameter.ty);
        }
    }
    let (args, spread) = match (types.as_slice(), names.as_slice()) {
        ([ty], [name]) => (quote! { #ty }, quote! { #name }),
        (types, names) => (quote! { (#(#types),*) }, quote! { (#(#names),*) }),
    };
    let wait = signature.asyncness.map(|_| quote! { .await });
    let made = quote! { Self::init(#(#inputs),*) #wait };
    let outcome = match &signature.output {
        ReturnType::Type(_, ty) if is_result(ty) => {
            quote_spanned! { ty.span() => #made.map_err(::core::convert::Into::into) }
        }
        ReturnType::Type(_, ty) if handler::last_word_is(ty, "Option") => {
            let message = "`init` answers `Result<Self, ExitReason>`, or `Self`; with nothing to do it answers \
                           `Err(ExitReason::Normal)`, and who starts it gets `StartError::Ignore`";
            return Err(syn::Error::new_spanned(ty, message));
        }
        ReturnType::Type(..) => quote! { ::core::result::Result::Ok(#made) },
        ReturnType::Default => {
            let message = match of {
                Of::Server | Of::EventHandler => {
                    "`init` answers the server: `-> Result<Self, ExitReason>` or `-> Self`"
                }
                Of::Machine => {
                    "`init` answers the first state and the machine: `-> Result<(State, Self), ExitReason>` or \
                     `-> (State, Self)`"
                }
            };
            return Err(syn::Error::new_spanned(&signature.ident, message));
        }
    };
    Ok((args, quote! { let #spread = __args; #outcome }))
}

fn is_result(ty: &Type) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == "Result"))
}
