//! What reports and traces show of messages: the names of handlers, and those arguments that can be shown.

use proc_macro2::{Literal, TokenStream};
use quote::{format_ident, quote};

use crate::handler::{Handler, Of};

/// What a protocol says of its messages: the numbers and names of their handlers, and how they are written down.
///
/// `rest` are the patterns of all other variants, which have the number after those of the handlers, and no name.
pub(crate) fn names(message: &TokenStream, handlers: &[&Handler], rest: Option<&TokenStream>) -> TokenStream {
    if handlers.is_empty() {
        return TokenStream::new();
    }
    let names = handlers.iter().map(|handler| handler.name());
    let numbers = handlers.iter().enumerate().map(|(number, handler)| {
        let (number, variant) = (Literal::u16_suffixed(number as u16), &handler.variant);
        quote! { #message::#variant { .. } => #number, }
    });
    let shown = handlers.iter().map(|handler| handler.show_arm(message));
    let others = Literal::u16_suffixed(handlers.len() as u16);
    let rest_number = rest.map(|rest| quote! { #rest => #others, });
    let rest_shown = rest.map(|rest| quote! { #rest => __f.write_str("handle"), });
    quote! {
        const HANDLERS: &'static [&'static str] = &[#(#names),*];

        fn handler(message: &Self::Message) -> u16 {
            match message { #(#numbers)* #rest_number }
        }

        fn show(message: &Self::Message, __f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
            #[allow(unused_imports)]
            use ::umbrella::gen_server::shown::{Debugged as _, Unknown as _};
            match message { #(#shown)* #rest_shown }
        }
    }
}

impl Handler {
    /// The match arm that writes the message down, and nothing of its way back.
    pub(crate) fn show_arm(&self, message: &TokenStream) -> TokenStream {
        let (variant, name) = (&self.variant, self.name());
        let names: Vec<_> = self.arguments.iter().map(|(name, _)| name).collect();
        let parts = if names.is_empty() {
            quote! { { .. } }
        } else {
            quote! { (#(#names,)* ..) }
        };
        quote! {
            #message::#variant #parts => {
                let mut __shown = __f.debug_tuple(#name);
                #((&::umbrella::gen_server::shown::Shown(#names)).field(&mut __shown);)*
                __shown.finish()
            }
        }
    }

    /// What the handler is called in reports.
    pub(crate) fn name(&self) -> String {
        self.method.to_string().trim_start_matches("r#").to_owned()
    }

    /// Runs `run` so that its panic says which message was handled, with the arguments that are still there.
    pub(crate) fn guarded(&self, run: &TokenStream) -> TokenStream {
        let name = self.name();
        let names: Vec<_> = self.arguments.iter().map(|(name, _)| name).collect();
        let kept: Vec<_> = names.iter().map(|name| format_ident!("__kept_{}", name)).collect();
        quote! {
            let __handling = {
                #[allow(unused_imports)]
                use ::umbrella::gen_server::shown::{Copied as _, Named as _};
                #(let #kept = (&::umbrella::gen_server::shown::Shown(&#names)).keep();)*
                ::umbrella::gen_server::shown::Handling::new(move |__f: &mut ::core::fmt::Formatter<'_>| {
                    let mut __shown = __f.debug_tuple(#name);
                    #(#kept.field(&mut __shown);)*
                    __shown.finish()
                })
            };
            #run
            __handling.done();
        }
    }

    /// Tells those who watch of the answer.
    pub(crate) fn tell_reply(&self) -> Option<TokenStream> {
        (self.of == Of::Server).then(|| {
            quote! {
                if __cx.is_watched() {
                    #[allow(unused_imports)]
                    use ::umbrella::gen_server::shown::{Debugged as _, Unknown as _};
                    __cx.replies(&|__f: &mut ::core::fmt::Formatter<'_>| {
                        (&::umbrella::gen_server::shown::Shown(&__answer)).show(__f)
                    });
                }
            }
        })
    }
}
