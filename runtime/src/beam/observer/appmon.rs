//! `appmon_info`: the applications, and the processes of each as a tree, told again whenever they change.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::convert::Infallible;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::application;
use crate::beam::apply::Raised;
use crate::beam::identity::pid;
use crate::beam::registered;
use crate::beam::reply::{pid_of, send};
use crate::process::incoming::{ImportError, Incoming};
use crate::process::{AnyCell, ExitReason, Kind, Node, Pid, ProcessInfo, Spawn, link, run};
use crate::term::{Reader, Term};

/// How often it looks whether something has changed.
///
/// Source: `appmon_info`, 2000 ms.
const DEFAULT_TIMEOUT: Duration = Duration::from_secs(2);

/// What each `appmon_info` of the node tells, by its process.
#[derive(Default)]
struct Told(Mutex<HashMap<Pid, Appmon>>);

struct Appmon {
    client: Pid,
    topics: Topics,
}

/// What is told, to whom, and what was told last.
type Topics = BTreeMap<Topic, (Pid, Option<Term>)>;

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Topic {
    Applications,
    Application(String),
}

/// How many topics one client may have.
const MOST: usize = 256;

impl Told {
    fn of(node: &Node) -> Arc<Self> {
        node.extensions().get("")
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Pid, Appmon>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// `start_link2(Starter, Client, Options)`: `{ok, Pid}`, of a process that ends with its client, and is the only one of it.
///
/// Source: `appmon_info:start_link2/3`.
///
/// Differs: OTP has one `appmon_info` for all clients, which ends with the last of them.
pub(super) fn start(node: &Node, client: &Term) -> Result<Term, Raised> {
    const KIND: &Kind = &registered::kind(|| "appmon_info", import);
    let client = pid_of(node, client).ok_or_else(|| Raised::Error(Term::atom("badarg")))?;
    if let Some(known) = Told::of(node).all().iter().find(|(_, appmon)| appmon.client == client) {
        return Ok(Term::tuple([Term::atom("ok"), pid(node, *known.0)]));
    }
    let spawn = Spawn { node: node.clone(), parent: None, leader: node.leader().clone(), kind: KIND };
    let cell: Arc<dyn AnyCell> = spawn.cell::<Infallible>();
    let this = cell.head().pid;
    Told::of(node).all().insert(this, Appmon { client, topics: Topics::new() });
    let here = node.clone();
    run(cell, async move {
        let _forgets = Forgets(&here, this);
        if link(client).is_err() {
            return (ExitReason::NoProc, ());
        }
        let mut looks = tokio::time::interval(DEFAULT_TIMEOUT);
        loop {
            looks.tick().await;
            let topics: Vec<_> = Told::of(&here)
                .all()
                .get(&this)
                .into_iter()
                .flat_map(|appmon| &appmon.topics)
                .map(|(topic, _)| topic.clone())
                .collect();
            topics.iter().for_each(|topic| tell(&here, this, topic));
        }
    });
    Ok(Term::tuple([Term::atom("ok"), pid(node, this)]))
}

/// A process that has ended tells nothing.
struct Forgets<'a>(&'a Node, Pid);

impl Drop for Forgets<'_> {
    fn drop(&mut self) {
        Told::of(self.0).all().remove(&self.1);
    }
}

/// `{From, app_ctrl | app, Aux, OnOff, Options}`.
fn import(process: &Arc<dyn AnyCell>, incoming: Incoming<'_>) -> Result<(), ImportError> {
    let (node, this) = (&process.head().node, process.head().pid);
    let bad = |what: &dyn std::fmt::Display| ImportError::BadMessage(what.to_string().into());
    let message = Reader::new(incoming.body).term().map_err(|error| bad(&error))?;
    let Some([from, command, aux, on, _]) = message.as_tuple() else { return Err(bad(&message)) };
    let from = pid_of(node, from).ok_or_else(|| bad(&message))?;
    let topic = match (command.as_atom(), aux.as_atom()) {
        (Some("app_ctrl"), _) => Topic::Applications,
        (Some("app"), Some(name)) => Topic::Application(name.to_owned()),
        _ => return Err(bad(&message)),
    };
    {
        let told = Told::of(node);
        let mut told = told.all();
        let Some(Appmon { topics, .. }) = told.get_mut(&this) else { return Err(ImportError::Ended) };
        if on.as_atom() != Some("true") {
            topics.remove(&topic);
            return Ok(());
        }
        if topics.len() >= MOST {
            return Err(ImportError::Full);
        }
        topics.insert(topic.clone(), (from, None));
    }
    node.enter(|| tell(node, this, &topic));
    Ok(())
}

/// `{delivery, Pid, Command, Aux, Result}`, if the result is another than it was.
fn tell(node: &Node, this: Pid, topic: &Topic) {
    let (command, aux, result) = match topic {
        Topic::Applications => {
            ("app_ctrl", crate::beam::identity::name(node.full_name()), applications(node))
        }
        Topic::Application(name) => ("app", crate::beam::identity::name(name), tree(node, name)),
    };
    let to = {
        let told = Told::of(node);
        let mut told = told.all();
        let Some((to, last)) = told.get_mut(&this).and_then(|appmon| appmon.topics.get_mut(topic)) else {
            return;
        };
        if last.as_ref() == Some(&result) {
            return;
        }
        *last = Some(result.clone());
        *to
    };
    send(
        node,
        Some(this),
        to,
        Term::tuple([Term::atom("delivery"), pid(node, this), Term::atom(command), aux, result]),
    );
}

/// `[{Root, Name, {Name, Description, Version}}]`.
fn applications(node: &Node) -> Term {
    let running = application::which_applications();
    let told = running.iter().filter_map(|info| {
        let root = root(&members(node, info.name))?.pid;
        let name = crate::beam::identity::name(info.name);
        Some(Term::tuple([pid(node, root), name, crate::beam::applications::described(info)]))
    });
    Term::List(told.collect())
}

/// The processes of an application, the oldest place first.
pub(crate) fn members(node: &Node, application: &str) -> Vec<ProcessInfo> {
    let all = node.processes().into_iter().filter_map(|each| node.process_info(each));
    let mut members: Vec<_> = all.filter(|info| info.application == application).collect();
    members.sort_by_key(|info| info.pid);
    members
}

/// Who leads the application that a process belongs to: its master. A process of no application leads itself.
///
/// Source: `erlang:group_leader/0`.
pub(in crate::beam) fn group_leader(node: &Node, of: &ProcessInfo) -> Pid {
    if of.application == node.leader().name() {
        return of.pid;
    }
    root(&members(node, &of.application)).map_or(of.pid, |root| root.pid)
}

/// The process of an application that no other of it has spawned: its master.
pub(crate) fn root(members: &[ProcessInfo]) -> Option<&ProcessInfo> {
    let all: HashSet<_> = members.iter().map(|info| info.pid).collect();
    members.iter().find(|info| info.parent.is_none_or(|parent| !all.contains(&parent)))
}

/// `{Root, [{Pid, Name}], [{From, To}], CrossLinks}`, with names that are texts, each of which is in the list.
fn tree(node: &Node, application: &str) -> Term {
    let members = members(node, application);
    let Some(root) = root(&members) else {
        return Term::tuple([Term::List(vec![]), Term::List(vec![]), Term::List(vec![]), Term::List(vec![])]);
    };
    let called: HashMap<Pid, Term> = members.iter().map(|info| (info.pid, called(info))).collect();
    let edge = |info: &ProcessInfo| {
        // Whoever was spawned from outside hangs on the root.
        let parent = info.parent.filter(|parent| called.contains_key(parent)).unwrap_or(root.pid);
        (info.pid != root.pid).then(|| Term::tuple([called[&parent].clone(), called[&info.pid].clone()]))
    };
    let names = members.iter().map(|info| Term::tuple([pid(node, info.pid), called[&info.pid].clone()]));
    Term::tuple([
        called[&root.pid].clone(),
        Term::List(names.collect()),
        Term::List(members.iter().filter_map(edge).collect()),
        Term::List(vec![]),
    ])
}

/// What a process is called, so that no two are called the same.
fn called(info: &ProcessInfo) -> Term {
    match &info.name {
        Some(name) => Term::characters(name),
        None => Term::characters(&format!("{} {}", info.label, info.pid)),
    }
}
