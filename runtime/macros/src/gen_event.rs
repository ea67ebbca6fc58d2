//! `#[gen_event]`.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::parse::{Parse, ParseStream};
use syn::{FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Signature, Token, Type};

use crate::gen_server::type_name;
use crate::handler::{self, Handler, Kind, Of};
use crate::init;
use crate::item;
use crate::owned;

/// What stands in the parentheses of the attribute: `event = Event`.
struct Options {
    event: Type,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let message = "say which events it handles: `#[gen_event(event = Event)]`";
        let word: Ident = input.parse().map_err(|_missing| syn::Error::new(Span::call_site(), message))?;
        if word != "event" {
            return Err(syn::Error::new(word.span(), message));
        }
        input.parse::<Token![=]>()?;
        Ok(Self { event: input.parse()? })
    }
}

/// The handler of events as read from its `impl`.
struct EventHandler {
    item: ItemImpl,
    ident: Ident,
    event: Type,
    on_event: Handler,
    calls: Vec<Handler>,
    init: ImplItemFn,
    terminate: Option<ImplItemFn>,
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options: Options = syn::parse2(attribute)?;
    let handler = EventHandler::read(options.event, item::own_impl("gen_event", "handler", item)?)?;
    let (item, client, implementation) = (&handler.item, handler.client(), handler.implementation()?);
    let owned = owned::allow_by_value();
    Ok(quote! { #owned #item #client #implementation })
}

impl EventHandler {
    fn read(event: Type, mut item: ItemImpl) -> syn::Result<Self> {
        if !item.generics.params.is_empty() {
            let message = "a handler of events cannot be generic; put what differs into its fields";
            return Err(syn::Error::new_spanned(&item.generics, message));
        }
        let ident = type_name(&item.self_ty)?;
        let (mut on_event, mut calls) = (None, Vec::new());
        let (mut init, mut terminate) = (None, None);
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else { continue };
            let kind = handler::take_kind(Of::EventHandler, &mut method.attrs)?;
            let is_callback = method.sig.ident == "init" || method.sig.ident == "terminate";
            if kind.is_some() || is_callback {
                refuse_async(&method.sig)?;
            }
            match kind {
                Some(Kind::Event) => {
                    let handler = read_event(method)?;
                    if on_event.replace(handler).is_some() {
                        let message = "a handler has one `#[event]`, which matches on what it is shown";
                        return Err(syn::Error::new_spanned(&method.sig.ident, message));
                    }
                }
                Some(kind) => calls.push(read_call(kind, method)?),
                None if method.sig.ident == "init" => init = Some(method.clone()),
                None if method.sig.ident == "terminate" => terminate = Some(method.clone()),
                None => {}
            }
        }
        let missing = |what: String| syn::Error::new_spanned(&item.self_ty, what);
        let shown = quote! { #event };
        let on_event = on_event.ok_or_else(|| {
            missing(format!("`{ident}` handles no event: `#[event] fn on_event(&mut self, event: &{shown})`"))
        })?;
        let init = init.ok_or_else(|| {
            missing(format!(
                "`{ident}` needs an `init`: `fn init() -> Self`, with its arguments if it has any"
            ))
        })?;
        Ok(Self { item, ident, event, on_event, calls, init, terminate })
    }

    fn message(&self) -> Ident {
        format_ident!("{}Message", self.ident)
    }

    /// The calls, and the methods that make them.
    fn client(&self) -> TokenStream {
        let (event, message) = (&self.event, self.message());
        let client = format_ident!("{}Client", self.ident);
        let declarations = self.calls.iter().map(Handler::declaration);
        let protocol = quote! { ::umbrella::gen_event::EventManager<#event> };
        let path = quote! { #message };
        let methods = self.calls.iter().filter_map(|call| call.client_method(&protocol, &path));
        let (client_doc, message_doc) = (
            format!("The client methods of [`{}`], around the manager that it is in.", self.ident),
            format!("The calls of [`{}`].", self.ident),
        );
        quote! {
            #[doc = #message_doc]
            #[allow(unreachable_pub, private_interfaces, private_bounds, clippy::large_enum_variant)]
            pub enum #message { #(#declarations,)* }

            #[doc = #client_doc]
            #[allow(unreachable_pub, private_interfaces, private_bounds, dead_code)]
            pub struct #client { address: ::umbrella::gen_event::HandlerAddress<#event> }

            #[allow(unreachable_pub, private_interfaces, private_bounds)]
            impl #client { #(#methods)* }

            impl ::core::convert::From<::umbrella::gen_event::HandlerAddress<#event>> for #client {
                fn from(address: ::umbrella::gen_event::HandlerAddress<#event>) -> Self { Self { address } }
            }
        }
    }

    /// The implementation of `EventHandler`.
    fn implementation(&self) -> syn::Result<TokenStream> {
        let (me, event, message) = (&self.item.self_ty, &self.event, self.message());
        let client = format_ident!("{}Client", self.ident);
        let (args, init) = init::spread(Of::EventHandler, &self.init.sig)?;
        let path = quote! { #message };
        let arms = self.calls.iter().map(|call| call.arm(&path, &quote! { Self }, &quote! { self }));
        let on_event = self.on_event.run(&quote! { Self }, &quote! { self });
        let terminate = self.terminate.as_ref().map(|method| {
            let inputs = method.sig.inputs.iter().skip(1).map(|_why| quote! { __why });
            quote! {
                fn terminate(&mut self, __why: &::umbrella::gen_event::Removed) {
                    Self::terminate(self, #(#inputs),*)
                }
            }
        });
        Ok(quote! {
            impl ::umbrella::gen_event::EventHandler for #me {
                type Event = #event;
                type Args = #args;
                type Message = #message;
                type Client = #client;

                fn init(__args: #args) -> ::core::result::Result<Self, ::umbrella::process::ExitReason> { #init }

                fn handle_event(&mut self, __lent: &#event, __cx: &mut ::umbrella::gen_event::Handling) {
                    let __handling = ::umbrella::gen_server::shown::Handling::new(
                        |__f: &mut ::core::fmt::Formatter<'_>| {
                            #[allow(unused_imports)]
                            use ::umbrella::gen_server::shown::{Debugged as _, Unknown as _};
                            (&::umbrella::gen_server::shown::Shown(__lent)).show(__f)
                        },
                    );
                    let () = #on_event;
                    __handling.done();
                }

                fn format_status(&self) -> ::core::option::Option<&dyn ::core::fmt::Debug> {
                    #[allow(unused_imports)]
                    use ::umbrella::gen_server::shown::{Debugged as _, Unknown as _};
                    (&::umbrella::gen_server::shown::Shown(self)).state()
                }

                fn handle_call(
                    &mut self,
                    __call: #message,
                    __cx: &mut ::umbrella::gen_event::Handling,
                ) -> ::core::result::Result<(), ::umbrella::gen_event::Crashed> {
                    match __call { #(#arms)* }
                }

                #terminate
            }
        })
    }
}

fn read_event(method: &ImplItemFn) -> syn::Result<Handler> {
    let handler = Handler::read(Of::EventHandler, Kind::Event, &method.sig, &method.attrs)?;
    let shared = |input: &FnArg| {
        matches!(input, FnArg::Typed(parameter)
            if matches!(&*parameter.ty, Type::Reference(reference) if reference.mutability.is_none()))
    };
    if !handler.arguments.is_empty() || method.sig.inputs.iter().filter(|input| shared(input)).count() != 1 {
        let message = "an `#[event]` handler is shown one event, such as `event: &Event`";
        return Err(syn::Error::new_spanned(&method.sig.ident, message));
    }
    Ok(handler)
}

fn read_call(kind: Kind, method: &ImplItemFn) -> syn::Result<Handler> {
    let handler = Handler::read(Of::EventHandler, kind, &method.sig, &method.attrs)?;
    if handler.is_deferred() {
        let message = "a handler of events answers by returning, since it runs in the process of another";
        return Err(syn::Error::new_spanned(&method.sig.inputs, message));
    }
    Ok(handler)
}

fn refuse_async(signature: &Signature) -> syn::Result<()> {
    match &signature.asyncness {
        None => Ok(()),
        Some(word) => {
            let message = "a handler of events runs in its manager, which must not wait; what waits is a process that \
                           subscribes";
            Err(syn::Error::new_spanned(word, message))
        }
    }
}
