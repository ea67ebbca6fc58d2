//! The process that sees applications end.
//!
//! | message | sender | answer |
//! |---|---|---|
//! | `Application` | the controller, after a start | none |
//! | `Down` of a master | the master, by its monitor | none; the controller decides what it means |

use std::collections::HashMap;

use crate::gen_server::{Context, GenServer};
use crate::process::{Down, ExitReason, MonitorRef, Pid, monitor};
use crate::registry::{Address, Client, Protocol, Ref};

/// What is done about the end of an application, of its master, for a reason.
pub(super) type OnEnd = Box<dyn Fn(&'static str, Pid, ExitReason) + Send>;

/// Which application each monitored master runs.
pub(super) struct Watch {
    on_end: OnEnd,
    masters: HashMap<MonitorRef, &'static str>,
}

/// An application to be watched, with its master.
pub(super) struct Application(&'static str, Pid);

impl Protocol for Watch {
    type Message = Application;
    type Client = WatchClient;
}

/// Where the watch is told.
pub(super) struct WatchClient(Address<Watch>);

impl Client<Watch> for WatchClient {
    fn new(address: Address<Watch>) -> Self {
        Self(address)
    }

    fn address(&self) -> &Address<Watch> {
        &self.0
    }
}

/// Watches an application from now on; if it has ended already, its end is seen all the same.
pub(super) fn watch(watch: &Ref<Watch>, application: &'static str, master: Pid) {
    // Undelivered only when the node is being taken down, and then nobody asks any more.
    drop(watch.address().cast(Application(application, master)));
}

impl GenServer for Watch {
    type Args = OnEnd;
    type Protocol = Self;

    async fn init(on_end: OnEnd, _cx: &mut Context<Self>) -> Result<Self, ExitReason> {
        Ok(Self { on_end, masters: HashMap::new() })
    }

    async fn handle(&mut self, Application(name, master): Application, _cx: &mut Context<Self>) {
        if let Ok(monitor) = monitor(master) {
            self.masters.insert(monitor, name);
        }
    }

    async fn handle_down(&mut self, down: Down, _cx: &mut Context<Self>) {
        if let Some(name) = self.masters.remove(&down.monitor) {
            (self.on_end)(name, down.pid, down.reason);
        }
    }
}
