//! The macros of umbrella-runtime. They are documented where they are exported from, the crate `umbrella`.

#![expect(
    clippy::wildcard_enum_match_arm,
    reason = "the enums matched here are those of syn, which are open"
)]

mod application;
mod gen_event;
mod gen_server;
mod gen_statem;
mod handler;
mod init;
mod item;
mod manifest;
mod messages;
mod owned;
mod protocol;
mod shown;
mod test;
mod wire;

use proc_macro::TokenStream;

/// Turns one plain `impl` into a GenServer: its messages, its client methods, its [`GenServer`] implementation.
///
/// | in the `impl` | what it is |
/// |---|---|
/// | `fn init(args..) -> Result<Self, E>` | how it starts; `E` becomes its exit reason |
/// | `#[call] fn add(&mut self, by: i64) -> i64` | answers; callers get `add(by).await` |
/// | `#[call] fn wait(&mut self, reply: ReplyTo<i64>)` | answers later |
/// | `#[cast] fn reset(&mut self)` | does not answer |
/// | `#[info] fn tick(&mut self, tick: Tick)` | takes what timers and `Ref::send` bring |
/// | `#[info] fn down(&mut self, down: Down)` | the end of a monitored process; likewise `Exit` |
/// | `#[handle_continue] fn load(&mut self, load: Load)` | goes on with what `cx.continue_with` was given |
/// | `fn terminate(&mut self, reason: &ExitReason)` | how it ends in order |
/// | `fn hibernate(&mut self)` | gives back what can be made again, after idle times |
/// | anything else | left alone |
///
/// Each may be `async`, and each handler may take `cx: &mut Context<Self>`.
/// Generated beside the `impl` of `Counter`: `CounterClient` (what `Ref<Counter>` and `Name<Counter>` dereference to),
/// `CounterMessage`, and `Counter::named`.
///
/// Arguments and replies must be able to cross nodes (`serde`), unless the server says `#[gen_server(local)]`.
/// `#[gen_server(protocol = BillingProtocol)]` serves a protocol of its own crate; see `#[protocol]`.
/// `#[gen_server(mailbox = Mailbox::messages(100))]` bounds its mailbox.
///
/// [`GenServer`]: ../umbrella/gen_server/trait.GenServer.html
#[proc_macro_attribute]
pub fn gen_server(attribute: TokenStream, item: TokenStream) -> TokenStream {
    gen_server::expand(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Turns one plain `impl` into a handler of events, which a manager of them runs.
///
/// | in the `impl` | what it is |
/// |---|---|
/// | `fn init(args..) -> Self`, or `-> Result<Self, E>` | how it starts, when it is added |
/// | `#[event] fn order(&mut self, order: &Order)` | what it does with an event; matches on it |
/// | `#[call] fn total(&self) -> u64` | answers; who added it gets `total().await` |
/// | `fn terminate(&mut self, why: &Removed)` | how it ends in order |
/// | anything else | left alone |
///
/// None may be `async`; events and calls may take `cx: &mut Handling`.
/// Generated beside the `impl` of `Revenue`: `RevenueClient`, what [`Handler<Revenue>`] dereferences to, and
/// `RevenueMessage`.
///
/// [`Handler<Revenue>`]: ../umbrella/gen_event/struct.Handler.html
#[proc_macro_attribute]
pub fn gen_event(attribute: TokenStream, item: TokenStream) -> TokenStream {
    gen_event::expand(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Turns one plain `impl` into a state machine: its events, its client methods, its [`GenStatem`] implementation.
///
/// The states are the values of a type of their own, usually an enum: `#[gen_statem(state = Lock)]`.
/// The data is `self`. Each event has one handler, which is shown the state and matches on it.
///
/// | in the `impl` | what it is |
/// |---|---|
/// | `fn init(args..) -> Result<(Lock, Self), E>` | how it starts, and in which state; `cx: &mut Starting<Self>` |
/// | `fn enter(&mut self, old: &Lock, state: &Lock)` | the state enter call; `cx: &mut Actions<Self>` |
/// | `#[call] fn is_open(&self, state: &Lock) -> bool` | answers; callers get `is_open().await` |
/// | `#[call] fn open(&mut self, state: &Lock, reply: ReplyTo<()>)` | answers later, or postpones the call |
/// | `#[cast] fn button(&mut self, state: &Lock, digit: u8)` | does not answer |
/// | `#[info] fn alarm(&mut self, state: &Lock, alarm: Alarm)` | takes what `Ref::send` brings, `Down`, and `Exit` |
/// | `#[internal] fn lock(&mut self, state: &Lock)` | only the machine brings it: time-outs, inserted events |
/// | `fn terminate(&mut self, reason: &ExitReason, state: &Lock)` | how it ends in order |
/// | anything else | left alone |
///
/// Each may be `async`. A handler changes the state, postpones, and sets time-outs through a parameter
/// `cx: &mut Transition<Self>`; it may leave `state` out.
/// Generated beside the `impl` of `Door`: `DoorClient` (what `Ref<Door>` and `Name<Door>` dereference to),
/// `DoorMessage` (the events), and `Door::named`.
///
/// Arguments and replies of calls and casts must be able to cross nodes (`serde`), unless the machine says
/// `#[gen_statem(state = Lock, local)]`.
/// `#[gen_statem(state = Lock, mailbox = Mailbox::messages(100))]` bounds its mailbox.
///
/// [`GenStatem`]: ../umbrella/gen_statem/trait.GenStatem.html
#[proc_macro_attribute]
pub fn gen_statem(attribute: TokenStream, item: TokenStream) -> TokenStream {
    gen_statem::expand(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Turns a trait into a protocol that can live in a crate of its own, so that callers need not link the server.
///
/// For `trait Billing` it generates `BillingProtocol` (for `Name<BillingProtocol>` and `Ref<BillingProtocol>`),
/// `BillingClient`, and `BillingMessage`. The server implements `Billing` and says
/// `#[gen_server(protocol = BillingProtocol)]`.
#[proc_macro_attribute]
pub fn protocol(attribute: TokenStream, item: TokenStream) -> TokenStream {
    protocol::expand(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// Exports `application()`: this crate as an application, with everything it depends on.
///
/// What it is comes from the crate's own `Cargo.toml` (`[package.metadata.umbrella]`), and what it depends on from
/// its `[dependencies]`: the Cargo graph is the start order, and nothing is declared twice.
///
/// An application that supervises something gets a test as well, `umbrella_conformance::start_stop`: it starts alone with
/// what it needs, stops, starts again and stops twice, and leaves nothing behind. Each of it may take 10 seconds, or as many
/// as `UMBRELLA_START_STOP_TIMEOUT` says.
#[proc_macro]
pub fn application(input: TokenStream) -> TokenStream {
    application::expand(input.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}

/// A test in a node of its own, in which this crate's application and all it depends on are running.
///
/// After the body the applications are stopped, in reverse, and the test fails if a process is left.
///
/// `UMBRELLA_TEST_PLACEMENT=a_b=a,b;c=c`, which `umbrella test --group '[a,b]+[c]'` sets, places them in several nodes, each a
/// process that lives as long as the test. What the test then looks for in its own node must be of this crate.
#[proc_macro_attribute]
pub fn test(attribute: TokenStream, item: TokenStream) -> TokenStream {
    test::expand(attribute.into(), item.into()).unwrap_or_else(syn::Error::into_compile_error).into()
}
