//! What any process of a scenario can be told to do.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;

use umbrella::gen_server::{CallError, Start};
use umbrella::prelude::*;
use umbrella::process::{self, MonitorRef};

use super::actor::{Actor, Through};
use super::world::{Process, World};
use super::{apps, plain, tree, words};

/// The monitors that a process holds, by whom they watch.
pub(super) type Monitors = HashMap<String, MonitorRef>;

/// What comes of it: the reason to end, if any.
type Performing<'a> = Pin<Box<dyn Future<Output = Option<ExitReason>> + Send + 'a>>;

/// Has the running process, which is `name`, do what `words` say.
pub(super) fn perform<'a>(
    world: &'a Arc<World>,
    name: &'a str,
    monitors: &'a mut Monitors,
    words: &'a [String],
) -> Performing<'a> {
    Box::pin(async move {
        let text: Vec<_> = words.iter().map(String::as_str).collect();
        match text[..] {
            ["stop", reason] => return Some(words::exit(reason)),
            ["crash", reason] => panic!("{reason}"),
            ["busy", time] => tokio::time::sleep(words::time(time)).await,
            ["spawn", other, ref options @ ..] => {
                plain::spawn(world, other, options).expect("a process runs");
                // It is known once it has said hello.
                tokio::task::yield_now().await;
            }
            _ => match relate(world, monitors, &text) {
                Some(()) => {}
                None => {
                    let answer = answer(world, &text).await;
                    world.event(name, &format!("{} -> {answer}", words.join(" ")));
                }
            },
        }
        None
    })
}

/// Links, monitors, and signals.
fn relate(world: &World, monitors: &mut Monitors, words: &[&str]) -> Option<()> {
    let done = match *words {
        ["trap", flag] => process::trap_exit(flag == "on"),
        ["link", other] => process::link(world.pid(other)),
        ["unlink", other] => process::unlink(world.pid(other)),
        ["monitor", other] => process::monitor(world.pid(other)).map(|monitor| {
            monitors.insert(other.to_owned(), monitor);
        }),
        // Those of servers have been made by their contexts.
        ["alias", alias] => process::alias().map(|opened| world.open(alias, opened)),
        ["alias", alias, "reply"] => process::reply_alias().map(|opened| world.open(alias, opened)),
        ["monitor_alias", other, alias, until] => {
            process::monitor_alias(world.pid(other), words::monitor_alias(until)).map(|opened| {
                monitors.insert(other.to_owned(), opened.reference().expect("of this node"));
                world.open(alias, opened);
            })
        }
        ["send", alias, text] => {
            world.alias(alias).send(Through(alias.to_owned(), text.to_owned()));
            Ok(())
        }
        ["demonitor", other] => process::demonitor(monitors[other]),
        ["signal", other, "kill"] => {
            process::kill(world.pid(other));
            Ok(())
        }
        ["signal", other, reason] => {
            process::exit(world.pid(other), words::exit(reason));
            Ok(())
        }
        _ => return None,
    };
    done.expect("a process runs");
    Some(())
}

async fn answer(world: &Arc<World>, words: &[&str]) -> String {
    match *words {
        ["call", other, request] => called(server(world, other).ask(request.into()).infinity().await),
        ["call", other, request, time] => {
            called(server(world, other).ask(request.into()).within(words::time(time)).await)
        }
        ["call_name", registered, request] => {
            let name = Actor::named(String::leak(registered.to_owned()));
            called(name.ask(request.into()).infinity().await)
        }
        ["unalias", alias] => process::unalias(&world.alias(alias)).expect("a process runs").to_string(),
        ["whereis", registered] => {
            world.node.whereis(registered).map_or_else(|| "undefined".into(), |pid| world.name_of(pid))
        }
        ["alive", other] => world.node.process_info(world.pid(other)).is_some().to_string(),
        ["links"] => {
            let me = process::self_pid().and_then(|pid| world.node.process_info(pid));
            let mut names: Vec<_> =
                me.into_iter().flat_map(|me| me.links).map(|pid| world.name_of(pid)).collect();
            names.sort();
            names.join(",")
        }
        ["start", other] => {
            let start = tree::named(world, other, Start::<Actor>::new((world.clone(), other.into())));
            tree::outcome(world, start.start().await.map(drop))
        }
        _ => match (apps::answer(world, words).await, words) {
            (Some(answer), _) => answer,
            (None, [verb, other, arguments @ ..]) => tree::perform(world, verb, other, arguments).await,
            _ => panic!("nobody knows what `{}` means", words.join(" ")),
        },
    }
}

fn server(world: &World, name: &str) -> Ref<Actor> {
    match world.process(name) {
        Process::Server(server) => server,
        _ => panic!("`{name}` is not a server"),
    }
}

/// What a call comes to, as a word.
pub(super) fn called(outcome: Result<String, CallError>) -> String {
    outcome.unwrap_or_else(|error| format!("exit {}", words::call_error(&error)))
}
