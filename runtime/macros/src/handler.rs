//! Reading handlers: what a method's signature says about the message it takes.

use proc_macro2::{Span, TokenStream};
use quote::{format_ident, quote};
use syn::spanned::Spanned;
use syn::{
    Attribute, FnArg, GenericArgument, Ident, Pat, PathArguments, ReceiverKind, ReturnType, Signature, Type,
};

use crate::owned;

/// Which attribute marks the method.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Call,
    Cast,
    Info,
    /// What only a state machine sends itself.
    Internal,
    /// What a manager of events tells its handlers.
    Event,
    /// Takes what `Context::continue_with` was given; no message.
    Continue,
}

/// Whose handlers are read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    Server,
    /// A state machine, whose handlers are also shown the state.
    Machine,
    /// A handler of events, which are shown to it, and which runs in the process of another.
    EventHandler,
}

/// One method that handles a message.
pub(crate) struct Handler {
    pub(crate) kind: Kind,
    pub(crate) method: Ident,
    /// The variant of the message enum.
    pub(crate) variant: Ident,
    /// What the sender gives, in order.
    pub(crate) arguments: Vec<(Ident, Type)>,
    /// What a call answers.
    pub(crate) reply: Type,
    docs: Vec<Attribute>,
    parameters: Vec<Parameter>,
    /// Whether the method waits for something.
    pub(crate) is_async: bool,
    pub(crate) of: Of,
}

/// What one parameter of the method is fed from.
enum Parameter {
    Argument(Ident),
    Context,
    Reply,
    /// What is lent: `&State` in a state machine, `&Event` in a handler of events.
    Lent,
}

/// Takes the marking attribute off `attributes` and says which it was.
pub(crate) fn take_kind(of: Of, attributes: &mut Vec<Attribute>) -> syn::Result<Option<Kind>> {
    let mut found = None;
    let mut error = None;
    attributes.retain(|attribute| {
        let kind = match attribute.path().get_ident().map(ToString::to_string).as_deref() {
            Some("call") => Kind::Call,
            Some("event") if of == Of::EventHandler => Kind::Event,
            Some("cast") if of != Of::EventHandler => Kind::Cast,
            Some("info") if of != Of::EventHandler => Kind::Info,
            Some("internal") if of == Of::Machine => Kind::Internal,
            Some("handle_continue") if of == Of::Server => Kind::Continue,
            _ => return true,
        };
        if attribute.meta.require_path_only().is_err() {
            error = Some(syn::Error::new_spanned(attribute, "this attribute takes no arguments"));
        }
        if found.replace(kind).is_some() {
            error = Some(syn::Error::new_spanned(
                attribute,
                "a method is one of `#[call]`, `#[cast]`, `#[info]`, and `#[handle_continue]`",
            ));
        }
        false
    });
    error.map_or(Ok(found), Err)
}

impl Handler {
    pub(crate) fn read(
        of: Of,
        kind: Kind,
        signature: &Signature,
        attributes: &[Attribute],
    ) -> syn::Result<Self> {
        refuse_generics(signature)?;
        match signature.receiver() {
            Some(receiver) if matches!(receiver.kind, ReceiverKind::Reference(..)) => {}
            Some(receiver) => {
                let message = "the server stays where it is: a handler takes `&self` or `&mut self`";
                return Err(syn::Error::new_spanned(receiver, message));
            }
            None => {
                let message = "a handler takes `&self` or `&mut self` first";
                return Err(syn::Error::new_spanned(&signature.ident, message));
            }
        }
        let mut arguments = Vec::new();
        let mut parameters = Vec::new();
        let mut deferred = None;
        for (index, input) in signature.inputs.iter().enumerate().skip(1) {
            let FnArg::Typed(parameter) = input else { continue };
            if is_context(of, &parameter.ty) {
                parameters.push(Parameter::Context);
            } else if matches!(*parameter.ty, Type::Reference(_))
                && is_lent(of, kind)
                && !parameters.iter().any(|parameter| matches!(parameter, Parameter::Lent))
            {
                parameters.push(Parameter::Lent);
            } else if let (Kind::Call, Some(reply)) = (kind, reply_to(&parameter.ty)) {
                deferred = Some(reply.clone());
                parameters.push(Parameter::Reply);
            } else {
                owned::refuse_borrowed("a message", &parameter.ty)?;
                let name = argument_name(&parameter.pat, index);
                parameters.push(Parameter::Argument(name.clone()));
                arguments.push((name, (*parameter.ty).clone()));
            }
        }
        let reply = reply_type(of, kind, signature, deferred)?;
        owned::refuse_borrowed("an answer", &reply)?;
        if kind == Kind::Info && arguments.len() != 1 {
            let message = "an `#[info]` handler takes one message, such as `tick: Tick`";
            return Err(syn::Error::new_spanned(&signature.ident, message));
        }
        if kind == Kind::Continue && arguments.len() != 1 {
            let message = "a `#[handle_continue]` handler takes what it continues with, such as `load: Load`";
            return Err(syn::Error::new_spanned(&signature.ident, message));
        }
        let docs = attributes.iter().filter(|attribute| attribute.path().is_ident("doc")).cloned().collect();
        let method = signature.ident.clone();
        let variant = camel_case(&method);
        let is_async = signature.asyncness.is_some();
        Ok(Self { kind, method, variant, arguments, reply, docs, parameters, is_async, of })
    }

    /// The first argument's type, when its last word is `word`: how `Down` and `Exit` are told from messages.
    pub(crate) fn takes(&self, word: &str) -> bool {
        self.kind == Kind::Info && self.arguments.first().is_some_and(|(_, ty)| last_word_is(ty, word))
    }

    /// The variant's declaration.
    pub(crate) fn declaration(&self) -> TokenStream {
        let (variant, docs) = (&self.variant, self.docs_or("Handled by"));
        let types = self.arguments.iter().map(|(_, ty)| ty);
        let reply = &self.reply;
        match self.kind {
            Kind::Call => quote! { #docs #variant(#(#types,)* ::umbrella::gen_server::ReplyTo<#reply>) },
            _ if self.arguments.is_empty() => quote! { #docs #variant },
            _ => quote! { #docs #variant(#(#types),*) },
        }
    }

    /// The match arm that hands the message's parts to the method of `server`, called as `path::method`.
    pub(crate) fn arm(&self, message: &TokenStream, path: &TokenStream, server: &TokenStream) -> TokenStream {
        let variant = &self.variant;
        let names = self.arguments.iter().map(|(name, _)| name);
        let run = self.run(path, server);
        if self.of == Of::EventHandler {
            return self.guarded_arm(message, &run);
        }
        match self.kind {
            Kind::Call => {
                let answer = self.guarded(&if self.is_deferred() {
                    quote! { let () = #run; }
                } else {
                    let tell = self.tell_reply();
                    quote! { let __answer = #run; #tell __reply.answer(__answer); }
                });
                let begin = if self.is_deferred() { quote!(begin_deferred) } else { quote!(begin) };
                let otherwise = (self.of == Of::Machine).then(|| quote! { else { __cx.nobody_waits() } });
                quote! {
                    #message::#variant(#(#names,)* __reply) => {
                        if let ::core::option::Option::Some(__serving) = __reply.#begin() { #answer } #otherwise
                    }
                }
            }
            Kind::Cast | Kind::Info | Kind::Internal | Kind::Event | Kind::Continue => {
                let (parts, run) = (self.parts(names), self.guarded(&quote! { let () = #run; }));
                quote! { #message::#variant #parts => { #run } }
            }
        }
    }

    /// The method of `server`, called as `path::method` with what an arm took apart.
    pub(crate) fn run(&self, path: &TokenStream, server: &TokenStream) -> TokenStream {
        let method = &self.method;
        let inputs = self.parameters.iter().map(|parameter| match parameter {
            Parameter::Argument(name) => quote! { #name },
            Parameter::Context => quote! { __cx },
            Parameter::Reply => quote! { __reply },
            Parameter::Lent => quote! { __lent },
        });
        let wait = self.is_async.then(|| quote! { .await });
        quote! { #path::#method(#server, #(#inputs),*) #wait }
    }

    /// The arm of a call that must not take down the process that it is made in, nor leave its caller in the dark.
    fn guarded_arm(&self, message: &TokenStream, run: &TokenStream) -> TokenStream {
        let variant = &self.variant;
        let names = self.arguments.iter().map(|(name, _)| name);
        let run = self.guarded(&quote! { let __answer = #run; });
        quote! {
            #message::#variant(#(#names,)* __reply) => match __reply.begin() {
                ::core::option::Option::Some(__serving) => {
                    ::umbrella::gen_event::guard(|| { #run __answer }).map(|__answer| __reply.answer(__answer))
                }
                ::core::option::Option::None => ::core::result::Result::Ok(()),
            },
        }
    }

    /// The client's method; none for messages that only come from timers and `send`.
    pub(crate) fn client_method(&self, protocol: &TokenStream, message: &TokenStream) -> Option<TokenStream> {
        let (method, variant, reply) = (&self.method, &self.variant, &self.reply);
        let names: Vec<_> = self.arguments.iter().map(|(name, _)| name).collect();
        let types = self.arguments.iter().map(|(_, ty)| ty);
        let parameters = quote! { &self, #(#names: #types),* };
        match self.kind {
            Kind::Call => {
                let docs = self.docs_or("Calls");
                Some(quote! {
                    #docs
                    pub fn #method(#parameters) -> ::umbrella::gen_server::Call<'_, #protocol, #reply> {
                        self.address.call(move |__reply| #message::#variant(#(#names,)* __reply))
                    }
                })
            }
            Kind::Cast => {
                let docs = self.docs_or("Casts");
                let parts = self.parts(names.iter().copied());
                Some(quote! {
                    #docs
                    ///
                    /// # Errors
                    /// The message comes back if nobody is there to take it.
                    pub fn #method(#parameters) -> ::core::result::Result<
                        (),
                        ::umbrella::gen_server::CastError<<#protocol as ::umbrella::registry::Protocol>::Message>,
                    > {
                        self.address.cast(#message::#variant #parts)
                    }
                })
            }
            Kind::Info | Kind::Internal | Kind::Event | Kind::Continue => None,
        }
    }

    /// The variant's parts in their parentheses, if it has any.
    fn parts<'a>(&self, names: impl Iterator<Item = &'a Ident>) -> Option<TokenStream> {
        (!self.arguments.is_empty()).then(|| quote! { (#(#names),*) })
    }

    /// The types that travel when caller and server are on different nodes.
    pub(crate) fn wire_types(&self) -> Vec<&Type> {
        match self.kind {
            Kind::Call => self.arguments.iter().map(|(_, ty)| ty).chain([&self.reply]).collect(),
            Kind::Cast => self.arguments.iter().map(|(_, ty)| ty).collect(),
            Kind::Info | Kind::Internal | Kind::Event | Kind::Continue => Vec::new(),
        }
    }

    pub(crate) fn is_deferred(&self) -> bool {
        self.parameters.iter().any(|parameter| matches!(parameter, Parameter::Reply))
    }

    fn docs_or(&self, verb: &str) -> TokenStream {
        if self.docs.is_empty() {
            let text = format!("{verb} `{}`.", self.method);
            quote! { #[doc = #text] }
        } else {
            let docs = &self.docs;
            quote! { #(#docs)* }
        }
    }
}

fn reply_type(of: Of, kind: Kind, signature: &Signature, deferred: Option<Type>) -> syn::Result<Type> {
    let unit = || syn::parse_quote! { () };
    match (&signature.output, deferred) {
        (ReturnType::Default, None) => Ok(unit()),
        (ReturnType::Default, Some(reply)) => Ok(reply),
        (ReturnType::Type(_, ty), None) if kind == Kind::Call => Ok((**ty).clone()),
        (ReturnType::Type(_, ty), None) => {
            let message = match of {
                Of::Server => {
                    "only a `#[call]` answers; to stop, take `cx: &mut Context<Self>` and use `cx.stop(reason)`"
                }
                Of::Machine => {
                    "only a `#[call]` answers; to change the state, take `cx: &mut Transition<Self>` and use \
                     `cx.next_state(state)`"
                }
                Of::EventHandler => {
                    "only a `#[call]` answers; to be removed, take `cx: &mut Handling` and use `cx.remove()`"
                }
            };
            Err(syn::Error::new_spanned(ty, message))
        }
        (ReturnType::Type(_, ty), Some(_)) => Err(syn::Error::new_spanned(
            ty,
            "a handler that takes its `ReplyTo` answers through it, not by returning",
        )),
    }
}

pub(crate) fn refuse_generics(signature: &Signature) -> syn::Result<()> {
    if signature.generics.params.is_empty() {
        return Ok(());
    }
    let message = "a handler cannot be generic: every message has one type; make the server generic instead";
    Err(syn::Error::new_spanned(&signature.generics, message))
}

/// Whether `ty` is what a handler acts through: `&mut Context<..>`, or outside a server any `&mut`.
pub(crate) fn is_context(of: Of, ty: &Type) -> bool {
    let Type::Reference(reference) = ty else { return false };
    match of {
        Of::Server => last_word_is(&reference.elem, "Context"),
        Of::Machine | Of::EventHandler => reference.mutability.is_some(),
    }
}

pub(crate) fn last_word_is(ty: &Type, word: &str) -> bool {
    matches!(ty, Type::Path(path) if path.path.segments.last().is_some_and(|segment| segment.ident == word))
}

/// The `R` of `ReplyTo<R>`.
fn reply_to(ty: &Type) -> Option<&Type> {
    let Type::Path(path) = ty else { return None };
    let segment = path.path.segments.last().filter(|segment| segment.ident == "ReplyTo")?;
    let PathArguments::AngleBracketed(arguments) = &segment.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// Whether handlers are shown something beside the message.
fn is_lent(of: Of, kind: Kind) -> bool {
    match of {
        Of::Server => false,
        Of::Machine => true,
        Of::EventHandler => kind == Kind::Event,
    }
}

/// The name of a parameter for the client's method: its own, if it is a plain one and not the pattern of a unit struct.
pub(crate) fn argument_name(pattern: &Pat, index: usize) -> Ident {
    match pattern {
        Pat::Ident(name) if name.ident.to_string().trim_start_matches('_').is_empty() => {
            numbered(index, pattern.span())
        }
        Pat::Ident(name) if name.ident.to_string().starts_with(char::is_uppercase) => {
            numbered(index, pattern.span())
        }
        Pat::Ident(name) => Ident::new(name.ident.to_string().trim_start_matches('_'), name.ident.span()),
        _ => numbered(index, pattern.span()),
    }
}

fn numbered(index: usize, span: Span) -> Ident {
    format_ident!("argument_{}", index, span = span)
}

fn camel_case(method: &Ident) -> Ident {
    let name = method.to_string();
    let words = name.trim_start_matches("r#").split('_').filter(|word| !word.is_empty());
    let camel: String = words
        .map(|word| {
            let mut letters = word.chars();
            letters
                .next()
                .map(|first| first.to_uppercase().chain(letters).collect::<String>())
                .unwrap_or_default()
        })
        .collect();
    Ident::new(&camel, method.span())
}
