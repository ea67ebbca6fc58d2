//! Processes that one side has the other spawn.

use super::Connection;
use super::outbox::{Kind, When};
use super::tables::{Monitored, Spawning};
use crate::dist::control::{self, Control, Target};
use crate::dist::message;
use crate::process::export::SpawnArrived;
use crate::process::remote::{Far, SpawnRequest, Spawned, Tie};
use crate::process::{MonitorRef, Node, Pid, SpawnError};
use crate::term::{Atom, EncodeError, Reader, ReferenceParts, write};

/// What an answer says was done, beside the spawning.
mod flag {
    pub(super) const LINK: u32 = 1;
    pub(super) const MONITOR: u32 = 2;
}

/// What is answered where OTP would spawn a process that ends with `undef`.
const NOT_EXPORTED: &str = "undef";

/// What is answered to a node that may not have the function run.
const NOT_ALLOWED: &str = "not_allowed";

impl Connection {
    /// Has the other side spawn a process.
    pub(crate) fn spawn(&self, request: &SpawnRequest<'_>, spawned: Spawned) {
        let SpawnRequest { reference: id, by, module, function, arity, arguments, tie, .. } = *request;
        if let Err(error) = self.admit(arguments) {
            return spawned(Err(SpawnError::BadArguments(error.0)));
        }
        let mut frame = match self.spawn_frame(request, arguments, (module, function, arity)) {
            Ok(frame) => frame,
            Err(error) => return spawned(Err(SpawnError::BadArguments(error.to_string().into()))),
        };
        if let Err(spawning) = self.tables().add_spawn(id, Spawning { spawned, by, tie }) {
            return (spawning.spawned)(Err(SpawnError::NoConnection));
        }
        if self.outbox.push(&mut frame, Some(by), When::Now, Kind::Message).is_err() {
            let spawning = self.tables().spawns.remove(&id);
            if let Some(spawning) = spawning {
                (spawning.spawned)(Err(SpawnError::NoConnection));
            }
        }
    }

    fn spawn_frame(
        &self,
        request: &SpawnRequest<'_>,
        arguments: &[u8],
        (module, function, arity): (&str, &str, u8),
    ) -> Result<Vec<u8>, EncodeError> {
        let from = self.names.parts(request.by);
        let control = Control::SpawnRequest(Box::new(control::SpawnRequest {
            request: self.names.reference(&request.reference.words()).ok_or(EncodeError::TooLong)?,
            leader: from.clone(),
            from,
            module: Atom::from(module),
            function: Atom::from(function),
            arity,
            options: options(request.tie).into(),
        }));
        let mut frame = Vec::with_capacity(256);
        message::put(&mut frame, |out| {
            control.write(out)?;
            write::version(out);
            out.extend_from_slice(arguments);
            Ok::<_, EncodeError>(())
        })?;
        Ok(frame)
    }

    /// The other side has answered.
    pub(super) fn spawn_answered(&self, node: &Node, request: &ReferenceParts, result: control::Spawned) {
        let Some(id) = self.own(request) else { return };
        let spawning = self.tables().spawns.remove(&id);
        let Some(Spawning { spawned, by, tie }) = spawning else { return };
        let result = match result {
            control::Spawned::Error(error) if error == NOT_EXPORTED => Err(SpawnError::NotExported),
            control::Spawned::Error(error) if error == NOT_ALLOWED => {
                let why = format!("`{}` does not allow it; its log says what to list", self.names.name);
                Err(SpawnError::Refused(why.into()))
            }
            control::Spawned::Error(error) => Err(SpawnError::Refused(error.as_str().into())),
            control::Spawned::Pid(pid) => self.names.pid(node, &pid).ok_or(SpawnError::NoConnection),
        };
        if let Ok(pid) = result {
            let mut tables = self.tables();
            // Where the connection is closed, the reader that runs this ends.
            if links(tie) {
                let _linked = tables.link(by, pid);
            }
            if monitors(tie) {
                let _monitors = tables.add_monitor(id, by, Far::Pid(pid));
            }
        }
        spawned(result);
    }

    /// The other side wants a process spawned.
    pub(super) fn spawn_arrived(&self, node: &Node, request: control::SpawnRequest, arguments: &[u8]) {
        let control::SpawnRequest { request, from, module, function, arity, options, .. } = request;
        let Some(by) = self.names.pid(node, &from) else { return };
        let (tie, monitor) = (tie(&options), node.next_reference());
        let (module, function) = (module.as_str(), function.as_str());
        if self.allow_spawn(module, function, arguments).is_err() {
            let result = control::Spawned::Error(Atom::new(NOT_ALLOWED));
            return self.signal(
                Pid::outside(node.creation()),
                &Control::SpawnReply { request, to: from, flags: 0, result },
                None,
                When::Now,
            );
        }
        let wanted = SpawnArrived { by, module, function, arity, arguments, tie, monitor };
        node.spawn_arrived(&wanted, |spawned| {
            let of = *spawned.as_ref().unwrap_or(&Pid::outside(node.creation()));
            let (result, flags) = match spawned {
                Ok(pid) => {
                    self.tie(pid, by, tie, (monitor, &request));
                    let flag = |is_set: bool, flag| if is_set { flag } else { 0 };
                    let flags = flag(links(tie), flag::LINK) | flag(monitors(tie), flag::MONITOR);
                    (control::Spawned::Pid(self.names.parts(pid)), flags)
                }
                Err(SpawnError::NotExported) => (control::Spawned::Error(Atom::new(NOT_EXPORTED)), 0),
                Err(_) => (control::Spawned::Error(Atom::new("notsup")), 0),
            };
            let answer = Control::SpawnReply { request: request.clone(), to: from, flags, result };
            self.signal(of, &answer, None, When::Now);
        });
    }

    /// A process that was spawned here has whatever `by` there wanted to have with it.
    fn tie(&self, pid: Pid, by: Pid, tie: Tie, (monitor, request): (MonitorRef, &ReferenceParts)) {
        let mut tables = self.tables();
        // Where the connection is closed, the reader that runs this ends.
        if links(tie) {
            let _linked = tables.link(pid, by);
        }
        if monitors(tie) {
            let target = Target::Pid(self.names.parts(pid));
            let _monitored =
                tables.add_monitored(monitor, Monitored { reference: request.clone(), by, target, pid });
        }
    }
}

fn links(tie: Tie) -> bool {
    matches!(tie, Tie::Link | Tie::LinkAndMonitor)
}

fn monitors(tie: Tie) -> bool {
    matches!(tie, Tie::Monitor | Tie::LinkAndMonitor)
}

/// The options that stand for `tie`, as a term.
fn options(tie: Tie) -> Vec<u8> {
    let words = [(links(tie), "link"), (monitors(tie), "monitor")];
    let words: Vec<_> = words.iter().filter(|(is_wanted, _)| *is_wanted).map(|(_, word)| *word).collect();
    let mut out = Vec::new();
    if !words.is_empty() {
        write::list(words.len() as u32, &mut out);
        words.into_iter().for_each(|option| message::word(option, &mut out));
    }
    write::nil(&mut out);
    out
}

/// How whoever spawns wants to learn of the end; options that mean something only on a BEAM are ignored.
fn tie(options: &[u8]) -> Tie {
    let mut reader = Reader::new(options);
    let (mut links, mut monitors) = (false, false);
    for _ in 0..reader.list().ok().flatten().unwrap_or(0) {
        let is_tuple = reader.is_tuple();
        let Ok(option) = reader.skip() else { break };
        let mut option = Reader::new(option);
        if is_tuple && option.tuple().is_err() {
            break;
        }
        links |= !is_tuple && option.is("link");
        // `{monitor, Options}`, too.
        monitors |= option.is("monitor");
    }
    match (links, monitors) {
        (true, true) => Tie::LinkAndMonitor,
        (true, false) => Tie::Link,
        (false, true) => Tie::Monitor,
        (false, false) => Tie::None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_say_how_a_process_is_tied() {
        for wanted in [Tie::None, Tie::Link, Tie::Monitor, Tie::LinkAndMonitor] {
            assert_eq!(tie(&options(wanted)), wanted);
        }
        // [{monitor, []}, {priority, link}]
        let mut out = Vec::new();
        write::list(2, &mut out);
        write::tuple(2, &mut out);
        message::word("monitor", &mut out);
        write::nil(&mut out);
        write::tuple(2, &mut out);
        message::word("priority", &mut out);
        message::word("link", &mut out);
        write::nil(&mut out);
        assert_eq!(tie(&out), Tie::Monitor);
        assert_eq!(tie(b"?"), Tie::None);
    }
}
