//! How messages cross nodes: what a protocol says of its messages to whoever writes and reads them.

use proc_macro2::{Literal, TokenStream};
use quote::quote;
use syn::{Ident, Type};

use crate::handler::{Handler, Kind};

/// What a protocol says of messages that cross nodes, beside their names.
pub(crate) fn crossing(message: &TokenStream, handlers: &[&Handler]) -> TokenStream {
    if handlers.is_empty() {
        return TokenStream::new();
    }
    let shapes = handlers.iter().map(|handler| handler.shape());
    let exports = handlers.iter().map(|handler| handler.export_arm(message));
    let replies = handlers.iter().filter_map(|handler| handler.reply_arm(message));
    let numbered = (0_u16..).zip(handlers);
    let imports = numbered.filter_map(|(number, handler)| handler.import_arm(number, message));
    let terms = handlers.iter().filter_map(|handler| handler.terms());
    let infos = handlers.iter().filter_map(|handler| handler.import_info(message));
    quote! {
        const SHAPES: &'static [::umbrella::registry::wire::Shape] = &[#(#shapes),*];

        fn export(
            __message: &Self::Message,
            __to: ::umbrella::registry::wire::Export<'_>,
        ) -> ::core::result::Result<(), ::umbrella::registry::wire::ExportError> {
            #[allow(unused_imports)]
            use ::umbrella::registry::wire::{Crosses as _, Stays as _};
            #[allow(unreachable_patterns)]
            match __message { #(#exports)* _ => __to.stays() }
        }

        fn take_reply(
            __message: &mut Self::Message,
        ) -> ::core::option::Option<::umbrella::registry::wire::WayBack> {
            #[allow(unused_imports)]
            use ::umbrella::gen_server::way_back::{Crosses as _, Stays as _};
            #[allow(unreachable_patterns)]
            match __message { #(#replies)* _ => ::core::option::Option::None }
        }

        fn tell(__to: &mut ::umbrella::registry::wire::Terms) {
            #[allow(unused_imports)]
            use ::umbrella::registry::wire::{Crosses as _, Stays as _};
            #(#terms)*
        }

        fn import(
            __from: &mut ::umbrella::registry::wire::Import<'_>,
        ) -> ::core::result::Result<Self::Message, ::umbrella::registry::wire::ImportError> {
            #[allow(unused_imports)]
            use ::umbrella::registry::wire::{Crosses as _, Stays as _};
            #[allow(unused_imports)]
            use ::umbrella::gen_server::way_back::{Crosses as _, Stays as _};
            match __from.handler(Self::HANDLERS, Self::SHAPES)? {
                #(#imports)*
                _ => {
                    #(#infos)*
                    ::core::result::Result::Err(__from.nobodys())
                }
            }
        }
    }
}

/// Puts a protocol, or a server of one, on the list of what the program consists of.
pub(crate) fn submit(compiled: &TokenStream) -> TokenStream {
    quote! {
        const _: () = {
            ::umbrella::registry::wire::inventory::submit! { ::umbrella::registry::wire::Compiled::#compiled }
        };
    }
}

// Whether a type crosses nodes is found out by the order in which methods are looked up, as for `Weight`: what does not
// is told once, by `assert_wire`.
impl Handler {
    /// How the message is wrapped on its way.
    fn shape(&self) -> TokenStream {
        let shape = match self.kind {
            Kind::Call => quote!(Call),
            Kind::Cast => quote!(Cast),
            Kind::Info | Kind::Internal | Kind::Event | Kind::Continue => quote!(Info),
        };
        quote! { ::umbrella::registry::wire::Shape::#shape }
    }

    /// The arm that writes the message; none for what never crosses.
    fn export_arm(&self, message: &TokenStream) -> Option<TokenStream> {
        let (variant, name) = (&self.variant, self.name());
        let (names, types) = (self.names(), self.types());
        match self.kind {
            Kind::Call | Kind::Cast => {
                let count = Literal::u32_suffixed(names.len() as u32);
                let parts = if names.is_empty() {
                    quote! { { .. } }
                } else {
                    quote! { (#(#names,)* ..) }
                };
                let texts = names.iter().map(ToString::to_string);
                Some(quote! {
                    #message::#variant #parts => {
                        let __to = __to.begin(#name, #count)?;
                        #(let __to = (&::umbrella::registry::wire::Type::<#types>::NEW).export(__to, #texts, #names)?;)*
                        __to.end()
                    }
                })
            }
            Kind::Info => Some(quote! {
                #message::#variant(#(#names),*) => {
                    #((&::umbrella::registry::wire::Type::<#types>::NEW).export_bare(__to, #names))*
                }
            }),
            Kind::Internal | Kind::Event | Kind::Continue => None,
        }
    }

    /// What other versions must know of the message.
    fn terms(&self) -> Option<TokenStream> {
        let (name, reply, types) = (self.name(), &self.reply, self.types());
        let texts = self.names().into_iter().map(ToString::to_string);
        let answers = match self.kind {
            Kind::Call => {
                Some(quote! { (&::umbrella::registry::wire::Type::<#reply>::NEW).tell_reply(__to); })
            }
            Kind::Cast | Kind::Info => None,
            Kind::Internal | Kind::Event | Kind::Continue => return None,
        };
        let shape = self.shape();
        Some(quote! {
            __to.handler(#name, #shape);
            #((&::umbrella::registry::wire::Type::<#types>::NEW).tell(__to, #texts);)*
            #answers
        })
    }

    /// The arm that takes the way back out of a call.
    fn reply_arm(&self, message: &TokenStream) -> Option<TokenStream> {
        let (variant, name, reply) = (&self.variant, self.name(), &self.reply);
        let skipped = self.arguments.iter().map(|_| quote! { _, });
        (self.kind == Kind::Call).then(|| {
            quote! {
                #message::#variant(#(#skipped)* __reply) =>
                    (&::umbrella::registry::wire::Type::<#reply>::NEW).leave(__reply, #name),
            }
        })
    }

    /// The arm that reads the message with the `number`.
    fn import_arm(&self, number: u16, message: &TokenStream) -> Option<TokenStream> {
        let (variant, reply, number) = (&self.variant, &self.reply, Literal::u16_suffixed(number));
        let (names, types) = (self.names(), self.types());
        let texts = names.iter().map(ToString::to_string);
        let made = match self.kind {
            Kind::Call => quote! {
                #message::#variant(#(#names,)* (&::umbrella::registry::wire::Type::<#reply>::NEW).arrive(__from))
            },
            Kind::Cast if names.is_empty() => quote! { #message::#variant },
            Kind::Cast => quote! { #message::#variant(#(#names),*) },
            Kind::Info | Kind::Internal | Kind::Event | Kind::Continue => return None,
        };
        Some(quote! {
            ::core::option::Option::Some(#number) => {
                #(let #names = (&::umbrella::registry::wire::Type::<#types>::NEW).import(__from, #texts)?;)*
                __from.end()?;
                ::core::result::Result::Ok(#made)
            }
        })
    }

    /// Reads an info, which has no name, if its type fits.
    fn import_info(&self, message: &TokenStream) -> Option<TokenStream> {
        let (variant, types) = (&self.variant, self.types());
        (self.kind == Kind::Info).then(|| {
            quote! {
                if let ::core::option::Option::Some(__info) =
                    (&::umbrella::registry::wire::Type::<#(#types),*>::NEW).import_bare(__from)
                {
                    return ::core::result::Result::Ok(#message::#variant(__info));
                }
            }
        })
    }

    fn names(&self) -> Vec<&Ident> {
        self.arguments.iter().map(|(name, _)| name).collect()
    }

    fn types(&self) -> Vec<&Type> {
        self.arguments.iter().map(|(_, ty)| ty).collect()
    }
}
