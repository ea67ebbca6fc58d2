//! `#[gen_server]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, FnArg, Generics, Ident, ImplItem, ImplItemFn, ItemImpl, Path, Token, Type};

use crate::handler::{self, Handler, Kind, Of};
use crate::init;
use crate::item;
use crate::messages::{self, Messages, Reach};
use crate::owned;
use crate::wire;

/// What stands in the parentheses of the attribute, separated by commas.
struct Options {
    speaks: Speaks,
    /// `mailbox = expression`.
    mailbox: Option<Expr>,
}

enum Speaks {
    /// Nothing said: its own protocol, and its messages can cross nodes.
    OwnProtocol,
    /// `local`: its own protocol, never called from another node.
    Local,
    /// `protocol = Path`: one that is declared elsewhere.
    Serves(Path),
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (mut speaks, mut mailbox) = (None, None);
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            let known = if word == "local" {
                speaks.replace(Speaks::Local).is_some()
            } else if word == "protocol" {
                input.parse::<Token![=]>()?;
                speaks.replace(Speaks::Serves(input.parse()?)).is_some()
            } else if word == "mailbox" {
                input.parse::<Token![=]>()?;
                mailbox.replace(input.parse()?).is_some()
            } else {
                let message = "expected `local`, `protocol = SomeProtocol`, or `mailbox = Mailbox::..`";
                return Err(syn::Error::new(word.span(), message));
            };
            if known {
                let message = "a server has one mailbox, and is `local` or serves one protocol";
                return Err(syn::Error::new(word.span(), message));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(Self { speaks: speaks.unwrap_or(Speaks::OwnProtocol), mailbox })
    }
}

/// The server as read from its `impl`.
struct Server {
    item: ItemImpl,
    /// The type's own name.
    ident: Ident,
    handlers: Vec<Handler>,
    init: ImplItemFn,
    terminate: Option<ImplItemFn>,
    mailbox: Option<Expr>,
    hibernate: Option<ImplItemFn>,
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options: Options = syn::parse2(attribute)?;
    let mut server = Server::read(item::own_impl("gen_server", "server", item)?)?;
    server.mailbox = options.mailbox;
    let item = &server.item;
    let rest = match &options.speaks {
        Speaks::Serves(protocol) => server.serve_protocol(protocol)?,
        Speaks::OwnProtocol => server.own_protocol(&server.messages(Reach::Nodes))?,
        Speaks::Local => server.own_protocol(&server.messages(Reach::Local))?,
    };
    let owned = owned::allow_by_value();
    Ok(quote! { #owned #item #rest })
}

impl Server {
    fn read(mut item: ItemImpl) -> syn::Result<Self> {
        let ident = type_name(&item.self_ty)?;
        let mut handlers: Vec<Handler> = Vec::new();
        let (mut init, mut terminate, mut hibernate) = (None, None, None);
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else { continue };
            match handler::take_kind(Of::Server, &mut method.attrs)? {
                Some(kind) => handlers.push(Handler::read(Of::Server, kind, &method.sig, &method.attrs)?),
                None if method.sig.ident == "init" => init = Some(method.clone()),
                None if method.sig.ident == "terminate" => terminate = Some(method.clone()),
                None if method.sig.ident == "hibernate" => hibernate = Some(method.clone()),
                None => {}
            }
        }
        let init = init.ok_or_else(|| {
            let message = format!(
                "`{ident}` needs an `init`: `async fn init() -> Result<Self, ExitReason>`, with its arguments if it has any"
            );
            syn::Error::new_spanned(&item.self_ty, message)
        })?;
        Ok(Self { item, ident, handlers, init, terminate, mailbox: None, hibernate })
    }

    fn generics(&self) -> &Generics {
        &self.item.generics
    }

    /// Messages, client, and everything that ties them to the server.
    fn own_protocol(&self, messages: &Messages<'_>) -> syn::Result<TokenStream> {
        let (items, arms) = (messages.items(), messages.arms());
        let me = &self.item.self_ty;
        // Without messages there is nothing that could be followed by a future.
        let waits = messages.handlers.is_empty() || messages.handlers.iter().any(|handler| handler.is_async);
        let protocol = quote! { #me };
        let weights = messages::weight_arms(messages.handlers.iter().copied(), &messages.message());
        let weight = weight(&protocol, &weights);
        let handle = handle(&protocol, &quote! { match message { #arms } }, waits);
        let gen_server = self.gen_server(&protocol, &quote! { #handle #weight })?;
        let wire = messages.assert_wire();
        Ok(quote! { #items #gen_server #wire })
    }

    fn serve_protocol(&self, protocol: &Path) -> syn::Result<TokenStream> {
        if let Some(handler) = self.with_message().next() {
            let message = "the messages of this server are those of its protocol; declare this one there";
            return Err(syn::Error::new(handler.method.span(), message));
        }
        let protocol = quote! { #protocol };
        let body = quote! {
            ::umbrella::gen_server::Dispatch::dispatch(message, self, __cx).await
        };
        let handle = handle(&protocol, &body, true);
        let weight =
            weight(&protocol, &quote! { _ => ::umbrella::gen_server::Dispatch::<Self>::weight(message), });
        let me = &self.item.self_ty;
        let submit =
            self.generics().params.is_empty().then(|| wire::submit(&quote! { server::<#protocol, #me>() }));
        let gen_server = self.gen_server(&protocol, &quote! { #handle #weight })?;
        Ok(quote! { #gen_server #submit })
    }

    fn messages(&self, reach: Reach) -> Messages<'_> {
        Messages {
            ident: &self.ident,
            me: &self.item.self_ty,
            generics: self.generics(),
            handlers: self.with_message().collect(),
            more: TokenStream::new(),
            reach,
        }
    }

    /// The handlers that have a message of their own.
    fn with_message(&self) -> impl Iterator<Item = &Handler> {
        let system = |handler: &Handler| handler.takes("Down") || handler.takes("Exit");
        self.handlers.iter().filter(move |handler| handler.kind != Kind::Continue && !system(handler))
    }

    fn gen_server(&self, protocol: &TokenStream, handle: &TokenStream) -> syn::Result<TokenStream> {
        let me = &self.item.self_ty;
        let (impl_generics, _, bounds) = self.generics().split_for_impl();
        let (args, init) = init::spread(Of::Server, &self.init.sig)?;
        let system = [("Exit", quote!(handle_exit)), ("Down", quote!(handle_down))];
        let system = system.into_iter().filter_map(|(word, callback)| {
            let handler = self.handlers.iter().find(|handler| handler.takes(word))?;
            let ty = &handler.arguments[0].1;
            let name = &handler.arguments[0].0;
            let run = handler.run_system();
            Some(quote! {
                async fn #callback(&mut self, #name: #ty, __cx: &mut ::umbrella::gen_server::Context<Self>) { #run }
            })
        });
        let terminate = self.terminate();
        let mailbox = self.mailbox.as_ref().map(|mailbox| {
            quote! { const MAILBOX: ::umbrella::process::Mailbox = #mailbox; }
        });
        let hibernate = self.hibernate()?;
        let continues = self.continues();
        Ok(quote! {
            impl #impl_generics ::umbrella::gen_server::GenServer for #me #bounds {
                type Args = #args;
                type Protocol = #protocol;
                const BEGINS_CALLS: bool = true;
                #mailbox

                async fn init(
                    __args: #args,
                    __cx: &mut ::umbrella::gen_server::Context<Self>,
                ) -> ::core::result::Result<Self, ::umbrella::process::ExitReason> { #init }

                #handle

                #(#system)*
                #terminate
                #hibernate

                fn format_status(&self) -> ::core::option::Option<&dyn ::core::fmt::Debug> {
                    #[allow(unused_imports)]
                    use ::umbrella::gen_server::shown::{Debugged as _, Unknown as _};
                    (&::umbrella::gen_server::shown::Shown(self)).state()
                }
            }

            #(#continues)*
        })
    }

    /// What the server can go on with after a callback.
    fn continues(&self) -> impl Iterator<Item = TokenStream> {
        let me = &self.item.self_ty;
        let (impl_generics, _, bounds) = self.generics().split_for_impl();
        self.handlers.iter().filter(|handler| handler.kind == Kind::Continue).map(move |handler| {
            let (ty, run) = (&handler.arguments[0].1, handler.run_system());
            let name = &handler.arguments[0].0;
            quote! {
                impl #impl_generics ::umbrella::gen_server::HandleContinue<#ty> for #me #bounds {
                    async fn handle_continue(
                        &mut self,
                        #name: #ty,
                        __cx: &mut ::umbrella::gen_server::Context<Self>,
                    ) { #run }
                }
            }
        })
    }

    /// The callback that gives back what the server can make again.
    fn hibernate(&self) -> syn::Result<Option<TokenStream>> {
        let Some(method) = &self.hibernate else { return Ok(None) };
        let signature = &method.sig;
        if let Some(asyncness) = &signature.asyncness {
            let message = "`hibernate` gives memory back and waits for nothing, so it is not `async`";
            return Err(syn::Error::new_spanned(asyncness, message));
        }
        let inputs = signature.inputs.iter().skip(1).map(|input| match input {
            FnArg::Typed(parameter) if handler::is_context(Of::Server, &parameter.ty) => Ok(quote! { __cx }),
            other => Err(syn::Error::new_spanned(
                other,
                "`hibernate` takes `&mut self`, and `cx: &mut Context<Self>` if it wants",
            )),
        });
        let inputs = inputs.collect::<syn::Result<Vec<_>>>()?;
        Ok(Some(quote! {
            fn hibernate(&mut self, __cx: &mut ::umbrella::gen_server::Context<Self>) {
                Self::hibernate(self, #(#inputs),*)
            }
        }))
    }

    fn terminate(&self) -> Option<TokenStream> {
        let signature = &self.terminate.as_ref()?.sig;
        let inputs = signature.inputs.iter().skip(1).map(|input| match input {
            FnArg::Typed(parameter) if handler::is_context(Of::Server, &parameter.ty) => quote! { __cx },
            _ => quote! { __reason },
        });
        let wait = signature.asyncness.map(|_| quote! { .await });
        Some(quote! {
            async fn terminate(
                &mut self,
                __reason: &::umbrella::process::ExitReason,
                __cx: &mut ::umbrella::gen_server::Context<Self>,
            ) {
                Self::terminate(self, #(#inputs),*) #wait
            }
        })
    }
}

impl Handler {
    fn run_system(&self) -> TokenStream {
        let arm = self.arm(&quote! { __Only }, &quote! { Self }, &quote! { self });
        let (variant, ty) = (&self.variant, &self.arguments[0].1);
        let name = &self.arguments[0].0;
        quote! {
            enum __Only { #variant(#ty) }
            match __Only::#variant(#name) { #arm }
        }
    }
}

/// The callback that weighs a message by `arms`.
pub(crate) fn weight(protocol: &TokenStream, arms: &TokenStream) -> TokenStream {
    quote! {
        #[allow(unreachable_patterns, unused_imports)]
        fn weight(message: &<#protocol as ::umbrella::registry::Protocol>::Message) -> usize {
            use ::umbrella::registry::{Heavy as _, Light as _};
            match message { #arms _ => 0 }
        }
    }
}

/// The callback that runs `body` for each message.
///
/// A server with no handler that waits needs no future that holds the message: its processes are smaller and its calls
/// faster.
fn handle(protocol: &TokenStream, body: &TokenStream, waits: bool) -> TokenStream {
    let parameters = quote! {
        &mut self,
        message: <#protocol as ::umbrella::registry::Protocol>::Message,
        __cx: &mut ::umbrella::gen_server::Context<Self>,
    };
    if waits {
        return quote! { async fn handle(#parameters) { #body } };
    }
    quote! {
        fn handle(#parameters) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
            #body
            ::core::future::ready(())
        }
    }
}

pub(crate) fn type_name(ty: &Type) -> syn::Result<Ident> {
    match ty {
        Type::Path(path) if path.qself.is_none() => {
            path.path.segments.last().map(|segment| segment.ident.clone())
        }
        _ => None,
    }
    .ok_or_else(|| syn::Error::new_spanned(ty, "a server is a struct or an enum with a name"))
}
