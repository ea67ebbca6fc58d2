//! Supervisors of other nodes: what can be asked of them is written as OTP does, so those of a BEAM answer, too.
//!
//! | asked | of a supervisor of another node |
//! |---|---|
//! | `which_children`, `count_children` | as of one of this node |
//! | `terminate_child`, `restart_child`, `delete_child` | as of one of this node; on a BEAM, of children whose ids are binaries |
//! | `start_child`, `get_childspec`, `stop` | fails: what a specification starts cannot cross |

use std::collections::HashMap;
use std::sync::Arc;

use serde::de::{Error as _, IgnoredAny};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::client::{ChildCounts, ChildError, ChildInfo, Request};
use super::{ChildKind, ChildState, Supervisor};
use crate::gen_server::StartError;
use crate::gen_server::way_back::Crosses as _;
use crate::process::{NoNode, Pid};
use crate::registry::wire::{
    Crosses as _, Export, ExportError, Import, ImportError, Shape, Stays as _, Type, WayBack,
};
use crate::registry::{Exported, Name};
use crate::term::{self, Atom, RawTerm};

/// The requests by their numbers; only the first few are read from other nodes.
pub(super) const HANDLERS: &[&str] = &[
    "which_children",
    "count_children",
    "terminate_child",
    "restart_child",
    "delete_child",
    "start_child",
    "get_childspec",
    "stop",
    "try_again",
];

pub(super) const SHAPES: &[Shape] = &[Shape::Call; 5];

pub(super) type Done = Result<(), ChildError>;
pub(super) type Restarted = Result<Option<Pid>, ChildError>;

impl Supervisor {
    /// Lets other nodes ask the supervisor with this name for its children, and have it terminate, restart and delete them.
    ///
    /// Not exported, as supervisors are by default, it refuses them; it stays exported when it is started again.
    /// `[umbrella.node.access]` narrows down which nodes may call it.
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// const TOP: Name<Supervisor> = Supervisor::named("top", env!("CARGO_PKG_NAME"));
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// let _top = Supervisor::new(Strategy::OneForOne).name(TOP).start().await?;
    /// Supervisor::export(&TOP)?;
    /// // On another node, `Name::on(&TOP, "c@127.0.0.1")` leads here.
    /// assert_eq!(TOP.which_children().await?, []);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Differs: an OTP supervisor takes requests from whoever knows the cookie.
    ///
    /// # Errors
    /// [`NoNode`] outside a node.
    pub fn export(name: &Name<Self>) -> Result<(), NoNode> {
        Exported::<Self>::add(Name::as_str(name), import)
    }
}

pub(super) const fn handler(request: &Request) -> u16 {
    match request {
        Request::WhichChildren(_) => 0,
        Request::CountChildren(_) => 1,
        Request::TerminateChild(..) => 2,
        Request::RestartChild(..) => 3,
        Request::DeleteChild(..) => 4,
        Request::StartChild(..) => 5,
        Request::GetChildspec(..) => 6,
        Request::Stop(..) => 7,
        Request::TryAgain(_) => 8,
    }
}

pub(super) fn export(request: &Request, to: Export<'_>) -> Result<(), ExportError> {
    let name = HANDLERS[usize::from(handler(request))];
    match request {
        Request::WhichChildren(_) | Request::CountChildren(_) => to.begin(name, 0)?.end(),
        Request::TerminateChild(id, _) | Request::RestartChild(id, _) | Request::DeleteChild(id, _) => {
            Type::<String>::NEW.export(to.begin(name, 1)?, "id", &id.to_string())?.end()
        }
        Request::StartChild(child, _) => {
            (&Type::<Box<super::ChildSpec>>::NEW).export(to.begin(name, 1)?, "child", child)?.end()
        }
        Request::GetChildspec(..) | Request::Stop(..) | Request::TryAgain(_) => to.stays(),
    }
}

pub(super) fn take_reply(request: &mut Request) -> Option<WayBack> {
    let name = HANDLERS[usize::from(handler(request))];
    match request {
        Request::WhichChildren(reply) => Type::<Vec<ChildInfo>>::NEW.leave(reply, name),
        Request::CountChildren(reply) => Type::<ChildCounts>::NEW.leave(reply, name),
        Request::TerminateChild(_, reply) | Request::DeleteChild(_, reply) => {
            Type::<Done>::NEW.leave(reply, name)
        }
        Request::RestartChild(_, reply) | Request::StartChild(_, reply) => {
            Type::<Restarted>::NEW.leave(reply, name)
        }
        Request::GetChildspec(..) | Request::Stop(..) | Request::TryAgain(_) => None,
    }
}

fn import(from: &mut Import<'_>) -> Result<Request, ImportError> {
    let Some(number) = from.handler(HANDLERS, SHAPES)? else { return Err(from.nobodys()) };
    let id = match number {
        0 | 1 => Arc::default(),
        _ => Arc::<str>::from(Type::<String>::NEW.import(from, "id")?),
    };
    from.end()?;
    Ok(match number {
        0 => Request::WhichChildren(Type::<Vec<ChildInfo>>::NEW.arrive(from)),
        1 => Request::CountChildren(Type::<ChildCounts>::NEW.arrive(from)),
        2 => Request::TerminateChild(id, Type::<Done>::NEW.arrive(from)),
        3 => Request::RestartChild(id, Type::<Restarted>::NEW.arrive(from)),
        4 => Request::DeleteChild(id, Type::<Done>::NEW.arrive(from)),
        _ => return Err(from.nobodys()),
    })
}

/// `{Id, Pid | restarting | undefined, worker | supervisor, Modules}`.
///
/// Source: `supervisor:which_children/1`.
impl Serialize for ChildInfo {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let kind = Atom::new(match self.kind {
            ChildKind::Worker => "worker",
            ChildKind::Supervisor => "supervisor",
        });
        let (id, modules) = (&*self.id, Vec::<Atom>::new());
        match self.state {
            ChildState::Running(pid) => (id, pid, kind, modules).serialize(serializer),
            ChildState::Restarting => (id, Atom::new("restarting"), kind, modules).serialize(serializer),
            ChildState::Stopped => (id, Atom::new("undefined"), kind, modules).serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ChildInfo {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (id, state, kind, IgnoredAny) = <(String, RawTerm, Atom, IgnoredAny)>::deserialize(deserializer)?;
        let kind = match kind.as_str() {
            "worker" => ChildKind::Worker,
            "supervisor" => ChildKind::Supervisor,
            other => return Err(D::Error::custom(format_args!("`{other}` is no kind of a child"))),
        };
        let state = match term::decode::<Pid>(state.as_bytes()) {
            Ok(pid) => ChildState::Running(pid),
            Err(_) => match term::decode::<Atom>(state.as_bytes()).map_err(D::Error::custom)?.as_str() {
                "restarting" => ChildState::Restarting,
                _ => ChildState::Stopped,
            },
        };
        Ok(Self { id: id.into(), state, kind, restarts: None })
    }
}

/// `[{specs, N}, {active, N}, {supervisors, N}, {workers, N}]`.
///
/// Source: `supervisor:count_children/1`.
impl Serialize for ChildCounts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Self { specs, active, supervisors, workers } = *self;
        let pairs =
            [("specs", specs), ("active", active), ("supervisors", supervisors), ("workers", workers)];
        let pairs: Vec<_> = pairs.into_iter().map(|(what, count)| (Atom::new(what), count)).collect();
        pairs.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ChildCounts {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let pairs: HashMap<String, usize> = Vec::deserialize(deserializer)?.into_iter().collect();
        let count =
            |what: &'static str| pairs.get(what).copied().ok_or_else(|| D::Error::missing_field(what));
        Ok(Self {
            specs: count("specs")?,
            active: count("active")?,
            supervisors: count("supervisors")?,
            workers: count("workers")?,
        })
    }
}

/// What a supervisor says of a child that it did not do something with, in OTP's words; of what is not among them the text.
#[derive(Serialize, Deserialize)]
enum Refused {
    NotFound,
    Running,
    Restarting,
    AlreadyPresent,
    AlreadyStarted(Pid),
    Failed(String),
}

impl Serialize for ChildError {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let refused = match self {
            Self::NotFound => Refused::NotFound,
            Self::Running => Refused::Running,
            Self::Restarting => Refused::Restarting,
            Self::AlreadyPresent => Refused::AlreadyPresent,
            Self::AlreadyStarted(pid) => Refused::AlreadyStarted(*pid),
            Self::Start(error) => Refused::Failed(error.to_string()),
            Self::BadSpec(_) | Self::Ended(_) | Self::MaxChildren(_) | Self::Call(_) => {
                Refused::Failed(self.to_string())
            }
        };
        refused.serialize(serializer)
    }
}

impl<'de> Deserialize<'de> for ChildError {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(match Refused::deserialize(deserializer)? {
            Refused::NotFound => Self::NotFound,
            Refused::Running => Self::Running,
            Refused::Restarting => Self::Restarting,
            Refused::AlreadyPresent => Self::AlreadyPresent,
            Refused::AlreadyStarted(pid) => Self::AlreadyStarted(pid),
            Refused::Failed(error) => Self::Start(StartError::failed(error)),
        })
    }
}
