//! What others see of a server: its messages, its client, its names.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Generics, Ident, Type};

use crate::handler::{Handler, Kind};
use crate::{shown, wire};

/// The protocol of the server `me`, made of the handlers that have a message.
pub(crate) struct Messages<'a> {
    pub(crate) ident: &'a Ident,
    pub(crate) me: &'a Type,
    pub(crate) generics: &'a Generics,
    pub(crate) handlers: Vec<&'a Handler>,
    /// Variants beside those of the handlers.
    pub(crate) more: TokenStream,
    pub(crate) reach: Reach,
}

/// Who may send the messages of a server.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reach {
    /// Whoever runs on the same node.
    Local,
    /// Other nodes, too.
    Nodes,
}

impl Messages<'_> {
    /// The name of the message enum.
    pub(crate) fn message(&self) -> Ident {
        format_ident!("{}Message", self.ident)
    }

    /// The messages, the client, and everything that ties them to the server.
    pub(crate) fn items(&self) -> TokenStream {
        let Self { ident, me, generics, handlers, more, reach } = self;
        let (client, message) = (format_ident!("{ident}Client"), self.message());
        let (impl_generics, type_generics, bounds) = generics.split_for_impl();
        let declarations = handlers.iter().map(|handler| handler.declaration());
        let (protocol, message_path) = (quote! { #me }, quote! { #message });
        let methods = handlers.iter().filter_map(|handler| handler.client_method(&protocol, &message_path));
        let conversions = self.conversions();
        let phantom = phantom(generics);
        let names = shown::names(&message_path, handlers, self.rest().as_ref());
        let crossing = (*reach == Reach::Nodes).then(|| wire::crossing(&message_path, handlers));
        let (client_doc, message_doc) = (
            format!("The client methods of [`{ident}`], around the address they send to."),
            format!("The messages of [`{ident}`]."),
        );
        quote! {
            #[doc = #message_doc]
            #[allow(unreachable_pub, private_interfaces, private_bounds, clippy::large_enum_variant)]
            pub enum #message #generics #bounds { #(#declarations,)* #more #phantom }

            #[doc = #client_doc]
            #[allow(unreachable_pub, private_interfaces, private_bounds)]
            pub struct #client #generics #bounds { address: ::umbrella::registry::Address<#me> }

            #[allow(unreachable_pub, private_interfaces, private_bounds)]
            impl #impl_generics #client #type_generics #bounds { #(#methods)* }

            impl #impl_generics ::umbrella::registry::Client<#me> for #client #type_generics #bounds {
                fn new(address: ::umbrella::registry::Address<#me>) -> Self { Self { address } }
                fn address(&self) -> &::umbrella::registry::Address<#me> { &self.address }
            }

            impl #impl_generics ::umbrella::registry::Protocol for #me #bounds {
                type Message = #message #type_generics;
                type Client = #client #type_generics;
                #names
                #crossing
            }

            #[allow(unreachable_pub, private_interfaces, private_bounds)]
            impl #impl_generics #me #bounds {
                /// The process that this application registers as `name`; for a constant.
                pub const fn named(name: &'static str) -> ::umbrella::registry::Name<Self> {
                    let address = ::umbrella::registry::Address::name(name, ::core::env!("CARGO_PKG_NAME"));
                    ::umbrella::registry::Name::from_client(#client { address })
                }
            }

            #conversions
        }
    }

    /// From what timers and `send` bring.
    fn conversions(&self) -> TokenStream {
        let (impl_generics, type_generics, bounds) = self.generics.split_for_impl();
        let message = self.message();
        let infos = self.handlers.iter().filter(|handler| handler.kind == Kind::Info);
        let conversions = infos.map(|handler| {
            let (variant, ty) = (&handler.variant, &handler.arguments[0].1);
            quote! {
                impl #impl_generics ::core::convert::From<#ty> for #message #type_generics #bounds {
                    fn from(info: #ty) -> Self { Self::#variant(info) }
                }
            }
        });
        quote! { #(#conversions)* }
    }

    /// The arms of a match on a message, without those for `more`.
    pub(crate) fn arms(&self) -> TokenStream {
        let message = self.message();
        let path = quote! { #message };
        let arms = self.handlers.iter().map(|handler| handler.arm(&path, &quote! { Self }, &quote! { self }));
        let phantom = self.phantom_arm();
        quote! { #(#arms)* #phantom }
    }

    /// Fails to compile, at the user's own types, when one of them cannot cross nodes; lists the server if they can.
    pub(crate) fn assert_wire(&self) -> Option<TokenStream> {
        if self.reach == Reach::Local {
            return None;
        }
        let (impl_generics, _, bounds) = self.generics.split_for_impl();
        let asserts = self.handlers.iter().flat_map(|handler| handler.wire_types()).map(|ty| {
            quote_spanned! { ty.span() => ::umbrella::registry::assert_wire::<#ty>(); }
        });
        let submit = self.submit();
        Some(quote! {
            const _: () = {
                #[allow(dead_code, clippy::extra_unused_type_parameters)]
                fn assert_wire #impl_generics () #bounds { #(#asserts)* }
            };
            #submit
        })
    }

    /// Lists the server as a part of its program.
    fn submit(&self) -> Option<TokenStream> {
        let (me, ident) = (self.me, self.ident.to_string());
        if self.handlers.is_empty() {
            return None;
        }
        Some(if self.generics.params.is_empty() {
            wire::submit(&quote! { server::<#me, #me>() })
        } else {
            wire::submit(&quote! { generic(::core::concat!(::core::module_path!(), "::", #ident)) })
        })
    }

    /// The pattern of the variants that no handler takes.
    fn rest(&self) -> Option<TokenStream> {
        let message = self.message();
        if !self.more.is_empty() {
            return Some(quote! { _ });
        }
        (!self.generics.params.is_empty()).then(|| quote! { #message::__Generics(..) })
    }

    /// The arm for the variant that nobody can make.
    pub(crate) fn phantom_arm(&self) -> Option<TokenStream> {
        let message = self.message();
        (!self.generics.params.is_empty())
            .then(|| quote! { #message::__Generics(never, _) => match never {}, })
    }
}

/// Keeps type parameters in use that no message mentions.
fn phantom(generics: &Generics) -> Option<TokenStream> {
    if generics.params.is_empty() {
        return None;
    }
    let types = generics.type_params().map(|parameter| &parameter.ident);
    Some(quote! {
        #[doc(hidden)]
        __Generics(::core::convert::Infallible, ::core::marker::PhantomData<fn() -> (#(#types,)*)>),
    })
}

/// The arms that weigh the messages of `handlers`.
pub(crate) fn weight_arms<'a>(
    handlers: impl IntoIterator<Item = &'a Handler>,
    message: &Ident,
) -> TokenStream {
    let arms = handlers.into_iter().filter(|handler| !handler.arguments.is_empty()).map(|handler| {
        let variant = &handler.variant;
        let names: Vec<_> = handler.arguments.iter().map(|(name, _)| name).collect();
        quote! {
            #message::#variant(#(#names,)* ..) =>
                0_usize #(.saturating_add((&::umbrella::registry::Weight(#names)).weigh()))*,
        }
    });
    quote! { #(#arms)* }
}
