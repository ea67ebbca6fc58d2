//! Faults that a network and a machine have, with nodes that are processes: one is stopped and goes on, a link is cut, passes
//! nothing one way, passes little.
//!
//! What holds through all of it: every call ends within its deadline, in success or in one error; what was acknowledged is
//! done, once; after repair the cluster is whole: nodes, names, groups, monitors.
//!
//! Links need network namespaces, which `.ci/run` sees to. `FAULTS_WITHOUT_NAMESPACES=1` leaves these tests out where
//! there can be none.

mod links;
mod namespaces;
mod program;
mod stopped;

use program::Program;

/// A second: a node that says nothing is lost within that and a quarter.
const NET_TICKTIME_MS: u64 = 1000;

/// The nodes that run have each other's addresses, and are connected.
fn introduce(members: &mut [Program]) {
    let known: Vec<(String, String)> =
        members.iter().map(|member| (member.name.clone(), member.address.clone())).collect();
    for (nth, member) in members.iter_mut().enumerate() {
        let others = || known.iter().enumerate().filter(|(other, _)| *other != nth).map(|(_, known)| known);
        for (name, address) in others() {
            // What it is told is done by a task each, in no order.
            member.tell(&format!("peer {name} {address}"));
            member.says(&format!("knows {name}"));
        }
        for (name, _) in others() {
            member.tell(&format!("connect {name}"));
            member.says(&format!("connected {name} ok"));
        }
    }
}

/// Waits until these nodes, which see each other, agree: who there is, who leads, who is in the group.
fn become_whole(members: &mut [&mut Program]) {
    let mut names: Vec<String> = members.iter().map(|member| member.name.clone()).collect();
    names.sort();
    for member in members.iter_mut() {
        let others: Vec<String> = names.iter().filter(|name| **name != member.name).cloned().collect();
        member.comes_to_say("nodes", &others.join(" "));
        member.comes_to_say("group", &names.join(" "));
    }
    program::eventually("one of them leads, and all know which", || {
        let leads: Vec<String> = members.iter_mut().map(|member| member.asked("leads")).collect();
        let leading: Vec<String> = members.iter_mut().map(|member| member.asked("leading")).collect();
        let is_one = leading.iter().filter(|count| *count == "1").count() == 1
            && leading.iter().filter(|count| *count == "0").count() == members.len() - 1;
        is_one && names.contains(&leads[0]) && leads.iter().all(|node| *node == leads[0])
    });
}

/// Has `who` watch the other; what was not told before is told when it is gone.
fn watch(who: &mut Program, other: &str) {
    who.tell(&format!("watch {other}"));
    who.says(&format!("watching {other}"));
}

/// Has `who` call the other again and again.
fn load(who: &mut Program, other: &str) {
    who.tell(&format!("load {other}"));
    who.says(&format!("loading {other}"));
}

/// What `who` was acknowledged by `by` is done, once; so much was.
fn nothing_is_lost(who: &mut Program, by: &mut Program) -> usize {
    who.tell("rest");
    let acknowledged = who.says(&format!("loaded {}", by.name));
    let done = by.asked("entries");
    let done: Vec<&str> = done.split(' ').collect();
    let mut once = done.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!(once.len(), done.len(), "done twice");
    let acknowledged: Vec<&str> = acknowledged.split_whitespace().collect();
    for entry in &acknowledged {
        assert!(once.binary_search(entry).is_ok(), "{entry} was acknowledged, and not done");
    }
    acknowledged.len()
}
