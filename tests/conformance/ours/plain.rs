//! The plain processes of a scenario.

use std::collections::HashMap;
use std::sync::Arc;

use tokio::sync::mpsc;
use umbrella::process::{self, ExitReason, Signal};

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
            signal = process::receive() => tell(&world, &name, signal?),
            Some(words) = commands.recv() => {
                if let Some(reason) = perform(&world, &name, &mut monitors, &words).await {
                    return Err(reason);
                }
            }
        }
    }
}

fn tell(world: &World, name: &str, signal: Signal) {
    let event = match signal {
        Signal::Exit(exit) => format!("EXIT {} {}", world.name_of(exit.from), words::reason(&exit.reason)),
        Signal::Down(down) => format!("DOWN {} {}", world.name_of(down.pid), words::reason(&down.reason)),
    };
    world.event(name, &event);
}
