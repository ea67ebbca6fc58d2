//! `#[protocol]`.

use proc_macro2::TokenStream;
use quote::{format_ident, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Ident, Item, ItemTrait, ReturnType, Signature, TraitItem};

use crate::handler::{self, Handler, Kind, Of};
use crate::messages;
use crate::{shown, wire};

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    if !attribute.is_empty() {
        return Err(syn::Error::new_spanned(attribute, "`#[protocol]` takes no arguments"));
    }
    let mut item = match syn::parse2(item)? {
        Item::Trait(item) => item,
        other => {
            let message = "`#[protocol]` stands on a trait, whose methods are its calls and casts";
            return Err(syn::Error::new_spanned(other, message));
        }
    };
    if !item.generics.params.is_empty() {
        return Err(syn::Error::new_spanned(
            &item.generics,
            "a protocol cannot be generic: its messages have one type",
        ));
    }
    let mut handlers = Vec::new();
    for member in &mut item.items {
        let TraitItem::Fn(method) = member else {
            return Err(syn::Error::new_spanned(member, "a protocol has methods only"));
        };
        let kind = handler::take_kind(Of::Server, &mut method.attrs)?
            .filter(|kind| matches!(kind, Kind::Call | Kind::Cast))
            .ok_or_else(|| {
                syn::Error::new_spanned(
                    &method.sig.ident,
                    "a method of a protocol is a `#[call]` or a `#[cast]`",
                )
            })?;
        handlers.push(Handler::read(Of::Server, kind, &method.sig, &method.attrs)?);
        make_send(&mut method.sig);
    }
    Ok(generate(&item, &handlers))
}

/// `async fn` in a trait says nothing of `Send`; the future of a handler must be.
fn make_send(signature: &mut Signature) {
    if signature.asyncness.take().is_some() {
        let output = match &signature.output {
            ReturnType::Default => quote! { () },
            ReturnType::Type(_, ty) => quote! { #ty },
        };
        signature.output = syn::parse_quote! { -> impl ::core::future::Future<Output = #output> + Send };
    }
}

fn generate(item: &ItemTrait, handlers: &[Handler]) -> TokenStream {
    let (name, visibility) = (&item.ident, &item.vis);
    let [protocol, client, message] =
        ["Protocol", "Client", "Message"].map(|word| format_ident!("{name}{word}"));
    let declarations = handlers.iter().map(Handler::declaration);
    let (protocol_path, message_path) = (quote! { #protocol }, quote! { #message });
    let methods = handlers.iter().filter_map(|handler| handler.client_method(&protocol_path, &message_path));
    let path = quote! { <__Server as #name> };
    let arms = handlers.iter().map(|handler| handler.arm(&message_path, &path, &quote! { server }));
    let crosses = crosses(handlers, &protocol);
    let weights = messages::weight_arms(handlers, &message);
    let all: Vec<_> = handlers.iter().collect();
    let (names, crossing) = (shown::names(&message_path, &all, None), wire::crossing(&message_path, &all));
    let Docs { protocol: protocol_doc, client: client_doc, message: message_doc } = Docs::of(name);
    quote! {
        #item

        #[doc = #protocol_doc]
        #[derive(Debug)]
        #visibility enum #protocol {}

        impl #protocol {
            /// The process that `application` registers as `name`; for a constant.
            #visibility const fn named(name: &'static str, application: &'static str) -> ::umbrella::registry::Name<Self> {
                let address = ::umbrella::registry::Address::name(name, application);
                ::umbrella::registry::Name::from_client(#client { address })
            }
        }

        #[doc = #message_doc]
        #[allow(clippy::large_enum_variant)]
        #visibility enum #message { #(#declarations,)* }

        #[doc = #client_doc]
        #visibility struct #client { address: ::umbrella::registry::Address<#protocol> }

        impl #client { #(#methods)* }

        impl ::umbrella::registry::Client<#protocol> for #client {
            fn new(address: ::umbrella::registry::Address<#protocol>) -> Self { Self { address } }
            fn address(&self) -> &::umbrella::registry::Address<#protocol> { &self.address }
        }

        impl ::umbrella::registry::Protocol for #protocol {
            type Message = #message;
            type Client = #client;
            #names
            #crossing
        }

        impl<__Server> ::umbrella::gen_server::Dispatch<__Server> for #message
        where
            __Server: #name + ::umbrella::gen_server::GenServer,
        {
            #[allow(unreachable_patterns, unused_imports)]
            fn weight(&self) -> usize {
                use ::umbrella::registry::{Heavy as _, Light as _};
                match self { #weights _ => 0 }
            }

            async fn dispatch(self, server: &mut __Server, __cx: &mut ::umbrella::gen_server::Context<__Server>) {
                match self { #(#arms)* }
            }
        }

        #crosses
    }
}

/// Fails to compile, at the user's own types, when one of them cannot cross nodes; lists the protocol if they can.
fn crosses(handlers: &[Handler], protocol: &Ident) -> TokenStream {
    let asserts = handlers.iter().flat_map(Handler::wire_types).map(|ty| {
        quote_spanned! { ty.span() => ::umbrella::registry::assert_wire::<#ty>(); }
    });
    let submit = wire::submit(&quote! { protocol::<#protocol>() });
    quote! {
        const _: () = { #(#asserts)* };
        #submit
    }
}

struct Docs {
    protocol: String,
    client: String,
    message: String,
}

impl Docs {
    fn of(name: &Ident) -> Self {
        Self {
            protocol: format!(
                "The protocol of [`{name}`], for `Name<{name}Protocol>` and `Ref<{name}Protocol>`."
            ),
            client: format!("The client methods of [`{name}`], around the address they send to."),
            message: format!("The messages of [`{name}`]."),
        }
    }
}
