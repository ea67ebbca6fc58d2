//! `#[gen_statem]`.

use proc_macro2::{Span, TokenStream};
use quote::quote;
use syn::parse::{Parse, ParseStream};
use syn::{Expr, FnArg, Ident, ImplItem, ImplItemFn, ItemImpl, Signature, Token, Type};

use crate::gen_server::{type_name, weight};
use crate::handler::{self, Handler, Kind, Of};
use crate::init;
use crate::item;
use crate::messages::{self, Messages, Reach};
use crate::owned;

/// What stands in the parentheses of the attribute, separated by commas.
struct Options {
    /// `state = State`.
    state: Type,
    /// `local`: it is never called from another node.
    reach: Reach,
    /// `mailbox = expression`.
    mailbox: Option<Expr>,
}

impl Parse for Options {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let (mut state, mut reach, mut mailbox) = (None, Reach::Nodes, None);
        while !input.is_empty() {
            let word: Ident = input.parse()?;
            if word == "state" {
                input.parse::<Token![=]>()?;
                state = Some(input.parse()?);
            } else if word == "mailbox" {
                input.parse::<Token![=]>()?;
                mailbox = Some(input.parse()?);
            } else if word == "local" {
                reach = Reach::Local;
            } else {
                let message = "expected `state = State`, `local`, or `mailbox = Mailbox::..`";
                return Err(syn::Error::new(word.span(), message));
            }
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        let state = state.ok_or_else(|| {
            let message = "say which type the states are: `#[gen_statem(state = State)]`, usually an enum";
            syn::Error::new(Span::call_site(), message)
        })?;
        Ok(Self { state, reach, mailbox })
    }
}

/// The state machine as read from its `impl`.
struct Machine {
    item: ItemImpl,
    ident: Ident,
    options: Options,
    handlers: Vec<Handler>,
    init: ImplItemFn,
    enter: Option<ImplItemFn>,
    terminate: Option<ImplItemFn>,
}

pub(crate) fn expand(attribute: TokenStream, item: TokenStream) -> syn::Result<TokenStream> {
    let options: Options = syn::parse2(attribute)?;
    let machine = Machine::read(options, item::own_impl("gen_statem", "machine", item)?)?;
    let item = &machine.item;
    let messages = Messages {
        ident: &machine.ident,
        me: &item.self_ty,
        generics: &item.generics,
        handlers: machine.handlers.iter().collect(),
        more: quote! { #[doc(hidden)] __TimedOut(::umbrella::gen_statem::TimedOut), },
        reach: machine.options.reach,
    };
    let (items, gen_statem) = (messages.items(), machine.gen_statem(&messages)?);
    let wire = messages.assert_wire();
    let owned = owned::allow_by_value();
    Ok(quote! { #owned #item #items #gen_statem #wire })
}

impl Machine {
    fn read(options: Options, mut item: ItemImpl) -> syn::Result<Self> {
        let ident = type_name(&item.self_ty)?;
        let mut handlers: Vec<Handler> = Vec::new();
        let (mut init, mut enter, mut terminate) = (None, None, None);
        for member in &mut item.items {
            let ImplItem::Fn(method) = member else { continue };
            match handler::take_kind(Of::Machine, &mut method.attrs)? {
                Some(kind) => handlers.push(Handler::read(Of::Machine, kind, &method.sig, &method.attrs)?),
                None if method.sig.ident == "init" => init = Some(method.clone()),
                None if method.sig.ident == "enter" => enter = Some(method.clone()),
                None if method.sig.ident == "terminate" => terminate = Some(method.clone()),
                None => {}
            }
        }
        let init = init.ok_or_else(|| {
            let state = &options.state;
            let state = quote! { #state };
            let message = format!(
                "`{ident}` needs an `init`: `async fn init() -> Result<({state}, Self), ExitReason>`, with its \
                 arguments if it has any"
            );
            syn::Error::new_spanned(&item.self_ty, message)
        })?;
        Ok(Self { item, ident, options, handlers, init, enter, terminate })
    }

    /// The implementation of `GenStatem`.
    fn gen_statem(&self, messages: &Messages<'_>) -> syn::Result<TokenStream> {
        let (me, state, message) = (&self.item.self_ty, &self.options.state, messages.message());
        let (impl_generics, type_generics, bounds) = self.item.generics.split_for_impl();
        let (args, init) = init::spread(Of::Machine, &self.init.sig)?;
        let handle = self.handle(messages);
        let mailbox = self.options.mailbox.as_ref().map(|mailbox| {
            quote! { const MAILBOX: ::umbrella::process::Mailbox = #mailbox; }
        });
        let enter = self.enter()?;
        let terminate = self.terminate();
        let (timed_out, is_abandoned) = (timed_out(messages), is_abandoned(messages));
        let weights = messages::weight_arms(messages.handlers.iter().copied(), &message);
        let weight = weight(&quote! { #me }, &weights);
        let ends =
            [("Down", quote!(down)), ("Exit", quote!(exit))].into_iter().filter_map(|(word, callback)| {
                let handler = self.handlers.iter().find(|handler| handler.takes(word))?;
                let (variant, ty) = (&handler.variant, &handler.arguments[0].1);
                Some(quote! {
                    fn #callback(end: #ty) -> ::core::result::Result<#message #type_generics, #ty> {
                        ::core::result::Result::Ok(#message::#variant(end))
                    }
                })
            });
        Ok(quote! {
            impl #impl_generics ::core::convert::From<::umbrella::gen_statem::TimedOut>
                for #message #type_generics #bounds
            {
                fn from(timed_out: ::umbrella::gen_statem::TimedOut) -> Self { Self::__TimedOut(timed_out) }
            }

            impl #impl_generics ::umbrella::gen_statem::GenStatem for #me #bounds {
                type Args = #args;
                type State = #state;
                type Protocol = #me;
                #mailbox

                async fn init(
                    __args: #args,
                    __cx: &mut ::umbrella::gen_statem::Starting<Self>,
                ) -> ::core::result::Result<(#state, Self), ::umbrella::process::ExitReason> { #init }

                #handle
                #enter
                #terminate
                #(#ends)*
                #timed_out
                #is_abandoned
                #weight

                fn format_status<'__a>(
                    &'__a self,
                    __state: &'__a #state,
                ) -> (
                    ::core::option::Option<&'__a dyn ::core::fmt::Debug>,
                    ::core::option::Option<&'__a dyn ::core::fmt::Debug>,
                ) {
                    #[allow(unused_imports)]
                    use ::umbrella::gen_server::shown::{Debugged as _, Unknown as _};
                    (
                        (&::umbrella::gen_server::shown::Shown(__state)).state(),
                        (&::umbrella::gen_server::shown::Shown(self)).state(),
                    )
                }
            }
        })
    }

    /// The callback that hands each event to its handler.
    ///
    /// A machine with no handler that waits needs no future that holds the event.
    fn handle(&self, messages: &Messages<'_>) -> TokenStream {
        let (state, message, arms) = (&self.options.state, messages.message(), messages.arms());
        let (_, type_generics, _) = self.item.generics.split_for_impl();
        let parameters = quote! {
            &mut self,
            __lent: &#state,
            __event: #message #type_generics,
            __cx: &mut ::umbrella::gen_statem::Transition<Self>,
        };
        let body = quote! { match __event { #arms #message::__TimedOut(_) => {} } };
        if self.handlers.iter().any(|handler| handler.is_async) {
            return quote! { async fn handle(#parameters) { #body } };
        }
        quote! {
            fn handle(#parameters) -> impl ::core::future::Future<Output = ()> + ::core::marker::Send {
                #body
                ::core::future::ready(())
            }
        }
    }

    fn enter(&self) -> syn::Result<Option<TokenStream>> {
        let Some(method) = &self.enter else { return Ok(None) };
        let (signature, state) = (&method.sig, &self.options.state);
        let states = parameters(signature).filter(|ty| is_shared_reference(ty)).count();
        let actions = parameters(signature).filter(|ty| handler::is_context(Of::Machine, ty)).count();
        if states != 2 || states + actions != signature.inputs.len() - 1 {
            let message = "the state enter call is `fn enter(&mut self, old: &State, state: &State)`, with \
                           `cx: &mut Actions<Self>` if it acts";
            return Err(syn::Error::new_spanned(&signature.inputs, message));
        }
        let mut names = [quote! { __old }, quote! { __state }].into_iter();
        let inputs: Vec<_> = parameters(signature)
            .filter_map(|ty| if is_shared_reference(ty) { names.next() } else { Some(quote! { __cx }) })
            .collect();
        let wait = signature.asyncness.map(|_| quote! { .await });
        Ok(Some(quote! {
            async fn enter(
                &mut self,
                __old: &#state,
                __state: &#state,
                __cx: &mut ::umbrella::gen_statem::Actions<Self>,
            ) {
                let __handling = ::umbrella::gen_server::shown::Handling::new(
                    |__f: &mut ::core::fmt::Formatter<'_>| {
                        #[allow(unused_imports)]
                        use ::umbrella::gen_server::shown::{Debugged as _, Unknown as _};
                        let mut __shown = __f.debug_tuple("enter");
                        (&::umbrella::gen_server::shown::Shown(__old)).field(&mut __shown);
                        (&::umbrella::gen_server::shown::Shown(__state)).field(&mut __shown);
                        __shown.finish()
                    },
                );
                let () = Self::enter(self, #(#inputs),*) #wait;
                __handling.done();
            }
        }))
    }

    fn terminate(&self) -> Option<TokenStream> {
        let (signature, state) = (&self.terminate.as_ref()?.sig, &self.options.state);
        let inputs = parameters(signature).map(|ty| {
            if is_exit_reason(ty) {
                quote! { __reason }
            } else {
                quote! { __state }
            }
        });
        let wait = signature.asyncness.map(|_| quote! { .await });
        Some(quote! {
            async fn terminate(&mut self, __reason: &::umbrella::process::ExitReason, __state: &#state) {
                Self::terminate(self, #(#inputs),*) #wait
            }
        })
    }
}

fn timed_out(messages: &Messages<'_>) -> TokenStream {
    let message = messages.message();
    let (_, type_generics, _) = messages.generics.split_for_impl();
    quote! {
        fn timed_out(
            __event: &mut #message #type_generics,
        ) -> ::core::option::Option<&mut ::umbrella::gen_statem::TimedOut> {
            if let #message::__TimedOut(__which) = __event {
                ::core::option::Option::Some(__which)
            } else {
                ::core::option::Option::None
            }
        }
    }
}

fn is_abandoned(messages: &Messages<'_>) -> TokenStream {
    let message = messages.message();
    let (_, type_generics, _) = messages.generics.split_for_impl();
    let calls = messages.handlers.iter().filter(|handler| handler.kind == Kind::Call).map(|handler| {
        let variant = &handler.variant;
        let skipped = handler.arguments.iter().map(|_| quote! { _, });
        quote! { #message::#variant(#(#skipped)* __reply) => __reply.is_abandoned(), }
    });
    quote! {
        fn is_abandoned(__event: &#message #type_generics) -> bool {
            match __event {
                #(#calls)*
                _ => false,
            }
        }
    }
}

/// The types of the parameters behind `self`.
fn parameters(signature: &Signature) -> impl Iterator<Item = &Type> {
    signature.inputs.iter().filter_map(|input| match input {
        FnArg::Typed(parameter) => Some(&*parameter.ty),
        FnArg::Receiver(_) => None,
    })
}

fn is_shared_reference(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if reference.mutability.is_none())
}

fn is_exit_reason(ty: &Type) -> bool {
    matches!(ty, Type::Reference(reference) if handler::last_word_is(&reference.elem, "ExitReason"))
}
