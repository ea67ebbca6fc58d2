//! Writes down what happens, in the order in which it is told, and watches the processes of a scenario.

use std::collections::HashMap;

use umbrella::prelude::*;
use umbrella::process::{MonitorRef, monitor};

use super::words;

pub(super) struct Recorder {
    lines: Vec<String>,
    watched: HashMap<MonitorRef, String>,
}

#[gen_server(local)]
impl Recorder {
    async fn init(_: ()) -> Result<Self, ExitReason> {
        Ok(Self { lines: Vec::new(), watched: HashMap::new() })
    }

    /// The end of `pid`, which is `name`, is an event.
    #[call]
    fn watch(&mut self, name: String, pid: Pid) {
        self.watched.extend(monitor(pid).ok().map(|monitor| (monitor, name)));
    }

    #[cast]
    fn step(&mut self, line: String) {
        self.lines.push(format!("> {line}"));
    }

    #[cast]
    fn event(&mut self, event: String) {
        self.lines.push(format!(" {event}"));
    }

    #[info]
    fn down(&mut self, down: Down) {
        if let Some(name) = self.watched.remove(&down.monitor) {
            self.lines.push(format!(" {name} down {}", words::reason(&down.reason)));
        }
    }

    #[call]
    fn take(&mut self) -> String {
        self.lines.join("\n")
    }
}
