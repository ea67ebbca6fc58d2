//! The plain processes of a scenario.

use std::collections::HashMap;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::Poll;

use tokio::sync::mpsc;
use umbrella::process::{self, AliasError, Down, ExitReason, Pid, Signal};

use super::actor::Through;
use super::verbs::perform;
use super::words;
use super::world::{Process, World};

/// Spawns a process called `name`, linked to or monitored by the running one if the options say so.
pub(super) fn spawn(world: &Arc<World>, name: &str, options: &[&str]) -> Result<(), ExitReason> {
    let (sender, commands) = mpsc::unbounded_channel();
    let trap = options.contains(&"trap");
    let body = live(world.clone(), name.to_owned(), trap, sender.clone(), commands);
    if options.contains(&"link") {
        process::spawn_link(body)?;
    } else if options.contains(&"monitor") {
        process::spawn_monitor(body)?;
    } else {
        process::spawn(body)?;
    }
    Ok(())
}

async fn live(
    world: Arc<World>,
    name: String,
    trap: bool,
    sender: mpsc::UnboundedSender<Vec<String>>,
    mut commands: mpsc::UnboundedReceiver<Vec<String>>,
) -> Result<(), ExitReason> {
    process::trap_exit(trap)?;
    let me = process::self_pid().ok_or(process::NotAProcess)?;
    world.hello(&name, Process::Plain(me, sender)).await;
    let mut monitors = HashMap::new();
    loop {
        tokio::select! {
            biased;
            through = through_any(&world, me) => match through {
                Ok(Through(alias, text)) => world.event(&name, &format!("got {alias} {text}")),
                Err(down) => tell(&world, &name, Signal::Down(down)),
            },
            signal = process::receive() => tell(&world, &name, signal?),
            Some(words) = commands.recv() => {
                if let Some(reason) = perform(&world, &name, &mut monitors, &words).await {
                    return Err(reason);
                }
            }
        }
    }
}

/// The next message that comes through an alias of the process `me`, which runs, or the end of its monitor.
async fn through_any(world: &World, me: Pid) -> Result<Through, Down> {
    let aliases = world.aliases_of(me);
    let mut receiving: Vec<_> = aliases.iter().map(|alias| Box::pin(process::receive_alias(alias))).collect();
    poll_fn(|cx| {
        for received in &mut receiving {
            match received.as_mut().poll(cx) {
                Poll::Ready(Ok(through)) => return Poll::Ready(Ok(through)),
                Poll::Ready(Err(AliasError::Down(down))) => return Poll::Ready(Err(down)),
                Poll::Ready(Err(_)) | Poll::Pending => {}
            }
        }
        Poll::Pending
    })
    .await
}

fn tell(world: &World, name: &str, signal: Signal) {
    let event = match signal {
        Signal::Exit(exit) => format!("EXIT {} {}", world.name_of(exit.from), words::reason(&exit.reason)),
        Signal::Down(down) => format!("DOWN {} {}", world.name_of(down.pid), words::reason(&down.reason)),
    };
    world.event(name, &event);
}
