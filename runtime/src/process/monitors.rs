//! The monitors and the aliases that a process holds: one kind of reference for both, as in OTP.

use std::collections::HashMap;

use super::far_alias::Door;
use super::id_hash::IdHash;
use super::remote::Far;
use super::{MonitorRef, Pid};

/// Until when the alias of a monitor is active, beside [`unalias`](super::unalias), which ends any.
///
/// Source: OTP `erlang:monitor/3`, the option `alias`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum MonitorAlias {
    /// Until [`unalias`](super::unalias), whatever becomes of the monitor.
    ExplicitUnalias,
    /// Until the monitor ends, by [`demonitor`](super::demonitor) or because it fired.
    Demonitor,
    /// As `Demonitor`, and no longer than to the first message, which also ends the monitor.
    ReplyDemonitor,
}

/// What ends an alias.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Until {
    Unalias,
    /// The first message.
    Reply,
    /// The end of the monitor.
    Demonitor,
    ReplyDemonitor,
}

impl From<MonitorAlias> for Until {
    fn from(alias: MonitorAlias) -> Self {
        match alias {
            MonitorAlias::ExplicitUnalias => Self::Unalias,
            MonitorAlias::Demonitor => Self::Demonitor,
            MonitorAlias::ReplyDemonitor => Self::ReplyDemonitor,
        }
    }
}

/// What a reference of a process stands for. The rare is boxed, since a process may hold a million monitors.
#[derive(Debug)]
enum Held {
    Monitor(Pid),
    Other(Box<Other>),
}

/// An alias, a monitor of a name, or both.
#[derive(Debug)]
struct Other {
    /// Whom it watches, while it is a monitor.
    target: Option<Far>,
    /// Until when it is an alias, while it is one.
    alias: Option<Until>,
    /// What reads messages of other nodes, once it was given to one.
    door: Option<Door>,
}

/// The monitors and the active aliases of one process.
#[derive(Debug, Default)]
pub(crate) struct Monitors(HashMap<MonitorRef, Held, IdHash>);

/// An alias was active. Whom it watched, if the message that came through it ended its monitor.
pub(super) type Passed = Option<Far>;

impl Monitors {
    pub(super) fn monitor(&mut self, reference: MonitorRef, target: Far) {
        let held = match target {
            Far::Pid(pid) => Held::Monitor(pid),
            name @ Far::Name { .. } => {
                Held::Other(Box::new(Other { target: Some(name), alias: None, door: None }))
            }
        };
        self.0.insert(reference, held);
    }

    /// An alias, and a monitor of `target` if there is one.
    pub(super) fn alias(&mut self, reference: MonitorRef, target: Option<Far>, until: Until) {
        self.0.insert(reference, Held::Other(Box::new(Other { target, alias: Some(until), door: None })));
    }

    /// Messages of other nodes may come through the alias, if it is active; `door` reads them.
    pub(super) fn give_away(&mut self, reference: MonitorRef, door: Door) {
        if let Some(Held::Other(other)) = self.0.get_mut(&reference)
            && other.alias.is_some()
        {
            other.door.get_or_insert(door);
        }
    }

    /// What reads messages of other nodes that come through the alias, if it is active and was given away.
    pub(super) fn door(&self, reference: MonitorRef) -> Option<&Door> {
        self.active(reference)?.0.door.as_ref()
    }

    /// Ends the monitor, by whichever side, and says whom it watched.
    pub(super) fn demonitor(&mut self, reference: MonitorRef) -> Option<Far> {
        let target = match self.0.get_mut(&reference)? {
            Held::Monitor(target) => Far::Pid(*target),
            Held::Other(other) => {
                let target = other.target.take()?;
                if other.alias == Some(Until::Unalias) {
                    return Some(target);
                }
                target
            }
        };
        self.0.remove(&reference);
        Some(target)
    }

    fn active(&self, reference: MonitorRef) -> Option<(&Other, Until)> {
        match self.0.get(&reference)? {
            Held::Monitor(_) => None,
            Held::Other(other) => Some((other, other.alias?)),
        }
    }

    /// Ends the alias, but not its monitor; whether it was active.
    pub(super) fn unalias(&mut self, reference: MonitorRef) -> bool {
        let Some((other, _)) = self.active(reference) else { return false };
        match other.target.clone() {
            Some(target) => self.monitor(reference, target),
            None => drop(self.0.remove(&reference)),
        }
        true
    }

    /// A message comes through the alias; nothing if it is not active.
    pub(super) fn pass(&mut self, reference: MonitorRef) -> Option<Passed> {
        match self.active(reference)? {
            (_, Until::Unalias | Until::Demonitor) => Some(None),
            (other, Until::Reply | Until::ReplyDemonitor) => {
                let target = other.target.clone();
                self.0.remove(&reference);
                Some(target)
            }
        }
    }

    /// Those that are watched by their pids.
    pub(super) fn pids(&self) -> impl Iterator<Item = Pid> {
        self.0.values().filter_map(|held| match held {
            Held::Monitor(target) => Some(*target),
            Held::Other(other) => match other.target {
                Some(Far::Pid(target)) => Some(target),
                Some(Far::Name { .. }) | None => None,
            },
        })
    }

    /// The monitors.
    pub(super) fn into_targets(self) -> impl Iterator<Item = (MonitorRef, Far)> {
        self.0.into_iter().filter_map(|(reference, held)| match held {
            Held::Monitor(target) => Some((reference, Far::Pid(target))),
            Held::Other(other) => Some((reference, other.target?)),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const REFERENCE: MonitorRef = MonitorRef(1);

    #[test]
    fn a_monitor_costs_what_its_target_does() {
        assert_eq!(size_of::<Held>(), size_of::<Pid>());
    }

    fn alias(target: Option<Far>, until: Until) -> Monitors {
        let mut monitors = Monitors::default();
        monitors.alias(REFERENCE, target, until);
        monitors
    }

    #[test]
    fn what_ends_an_alias_and_its_monitor_is_as_the_option_says() {
        let target = Some(Far::Pid(Pid::nth(1)));
        // Whether it passes a second message, and one after the end of the monitor.
        for (until, again, after) in [
            (Until::Unalias, true, true),
            (Until::Demonitor, true, false),
            (Until::ReplyDemonitor, false, false),
        ] {
            let mut monitors = alias(target.clone(), until);
            assert_eq!(
                monitors.pass(REFERENCE),
                Some(if again { None } else { target.clone() }),
                "{until:?}"
            );
            assert_eq!(monitors.pass(REFERENCE).is_some(), again, "{until:?}");
            assert_eq!(monitors.demonitor(REFERENCE).is_some(), again, "{until:?}");
            let mut monitors = alias(target.clone(), until);
            assert_eq!(monitors.demonitor(REFERENCE), target, "{until:?}");
            assert_eq!(monitors.demonitor(REFERENCE), None, "{until:?}");
            assert_eq!(monitors.pass(REFERENCE).is_some(), after, "{until:?}");
        }
    }

    #[test]
    fn an_alias_ends_once_and_leaves_its_monitor() {
        let mut monitors = alias(Some(Far::Pid(Pid::nth(1))), Until::ReplyDemonitor);
        assert!(monitors.unalias(REFERENCE) && !monitors.unalias(REFERENCE));
        assert_eq!(monitors.pass(REFERENCE), None);
        assert_eq!(monitors.into_targets().collect::<Vec<_>>(), [(REFERENCE, Far::Pid(Pid::nth(1)))]);
        let mut single = alias(None, Until::Reply);
        assert_eq!(single.demonitor(REFERENCE), None);
        assert_eq!([single.pass(REFERENCE), single.pass(REFERENCE)], [Some(None), None]);
    }
}
