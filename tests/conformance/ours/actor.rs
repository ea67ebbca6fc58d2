//! The servers of a scenario.

use std::collections::HashMap;
use std::collections::VecDeque;
use std::sync::Arc;

use umbrella::prelude::*;
use umbrella::process::{Alias, TimerRef};

use super::verbs::{Monitors, called, perform};
use super::words;
use super::world::{Process, World};
use crate::scenario::Declaration;

pub(super) struct Actor {
    world: Arc<World>,
    name: String,
    declaration: Declaration,
    monitors: Monitors,
    timers: HashMap<String, TimerRef>,
    kept: VecDeque<ReplyTo<String>>,
}

/// A timer of the scenario fired.
pub(super) struct Timer(String);

/// A text that came through the alias with this name.
pub(super) struct Through(pub(super) String, pub(super) String);

/// The time for a late reply has come.
pub(super) struct Late(ReplyTo<String>);

#[gen_server(local)]
impl Actor {
    async fn init((world, name): (Arc<World>, String), cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        let declaration = world.declaration(&name);
        cx.trap_exit(declaration.has("trap"));
        world.hello(&name, Process::Server(cx.me())).await;
        let outcome = world.next_init(&name);
        world.event(&name, &format!("init {outcome}"));
        match outcome.split_once(':').unwrap_or((&outcome, "")) {
            ("ok", _) => {}
            ("ignore", _) => return Err(ExitReason::Normal),
            ("stop" | "exit", reason) => return Err(words::exit(reason)),
            ("crash", reason) => panic!("{reason}"),
            ("hang", _) => std::future::pending().await,
            ("sleep", time) => tokio::time::sleep(words::time(time)).await,
            _ => panic!("`init` does not come to `{outcome}`"),
        }
        let (monitors, timers, kept) = (HashMap::new(), HashMap::new(), VecDeque::new());
        Ok(Self { world, name, declaration, monitors, timers, kept })
    }

    #[call]
    async fn ask(&mut self, request: String, reply: ReplyTo<String>, cx: &mut Context<Self>) {
        self.note(&format!("call {request}"));
        match request.split_once(':').unwrap_or((&request, "")) {
            ("ping", _) => reply.reply("pong".into()),
            ("who", _) => reply.reply(self.name.clone()),
            ("hang", _) => self.kept.push_back(reply),
            ("stop", reason) => {
                cx.stop(words::exit(reason));
                reply.reply("stopping".into());
            }
            ("stop_silently", reason) => {
                cx.stop(words::exit(reason));
                self.kept.push_back(reply);
            }
            ("crash", reason) => panic!("{reason}"),
            ("reply_then_crash", reason) => {
                reply.reply("early".into());
                panic!("{reason}")
            }
            ("late", time) => _ = cx.send_after(words::time(time), Late(reply)),
            ("sleep", time) => {
                tokio::time::sleep(words::time(time)).await;
                reply.reply("awake".into());
            }
            ("self", _) => reply.reply(called(cx.me().ask("ping".into()).infinity().await)),
            ("ask", other) => reply.reply(self.ask_other(other).await),
            _ => panic!("no server knows `{request}`"),
        }
    }

    #[cast]
    async fn perform(&mut self, words: Vec<String>, cx: &mut Context<Self>) {
        let text: Vec<_> = words.iter().map(String::as_str).collect();
        match text[..] {
            ["stop", reason] => cx.stop(words::exit(reason)),
            ["send_after", time, timer] => {
                let set = cx.send_after(words::time(time), Timer(timer.into()));
                self.timers.insert(timer.into(), set);
            }
            ["cancel", timer] => {
                let left = cx.cancel_timer(self.timers[timer]);
                self.note(&format!("cancel {timer} -> {left}"));
            }
            ["alias", alias] => self.world.open(alias, cx.alias()),
            ["alias", alias, "reply"] => self.world.open(alias, cx.reply_alias()),
            ["monitor_alias", other, alias, until] => {
                let opened: Alias<Through> =
                    cx.monitor_alias(self.world.pid(other), words::monitor_alias(until));
                self.monitors.insert(other.into(), opened.reference().expect("of this node"));
                self.world.open(alias, opened);
            }
            ["reply"] => {
                let reply = self.kept.pop_front().expect("a call was kept");
                reply.reply("replied".into());
            }
            _ => {
                if let Some(reason) = perform(&self.world, &self.name, &mut self.monitors, &words).await {
                    cx.stop(reason);
                }
            }
        }
    }

    #[info]
    fn timer(&mut self, Timer(timer): Timer) {
        self.note(&format!("timer {timer}"));
    }

    #[info]
    fn through(&mut self, Through(alias, text): Through) {
        self.note(&format!("got {alias} {text}"));
    }

    #[info]
    fn late(&mut self, Late(reply): Late) {
        reply.reply("late".into());
    }

    #[info]
    fn exit(&mut self, exit: Exit) {
        let from = self.world.name_of(exit.from);
        self.note(&format!("EXIT {from} {}", words::reason(&exit.reason)));
    }

    #[info]
    fn down(&mut self, down: Down) {
        let from = self.world.name_of(down.pid);
        self.note(&format!("DOWN {from} {}", words::reason(&down.reason)));
    }

    async fn terminate(&mut self, reason: &ExitReason) {
        if self.declaration.has("tell") {
            self.note(&format!("terminate {}", words::reason(reason)));
        }
        let ending = self.declaration.option("terminate").unwrap_or_default();
        match ending.split_once(':').unwrap_or((ending, "")) {
            ("hang", _) => std::future::pending().await,
            ("sleep", time) => {
                tokio::time::sleep(words::time(time)).await;
                self.note("terminated");
            }
            ("crash", why) => panic!("{why}"),
            _ => {}
        }
    }
}

impl Actor {
    fn note(&self, event: &str) {
        self.world.event(&self.name, event);
    }

    async fn ask_other(&self, other: &str) -> String {
        match self.world.process(other) {
            Process::Server(server) => called(server.ask("ping".into()).infinity().await),
            _ => panic!("`{other}` is not a server"),
        }
    }
}
