//! What holds whatever the network does, in virtual time, for many seeds; a failure prints its seed.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};

use super::cluster::{Cluster, Done, LEADER, LEDGER, LEDGERS, Ledger, Life, NAMES, for_seeds};
use super::network::{Random, Simulation};
use crate::dist::{NodeEvent, monitor_nodes};
use crate::prelude::*;
use crate::process::{self, Down, MonitorRef, Signal};

/// Calls others for as long as the network is bad; the entries that were acknowledged.
async fn call_others(cluster: &Cluster, own: usize, seed: u64, until: Instant) -> Vec<(usize, u64)> {
    const DEADLINE: Duration = Duration::from_secs(2);
    let mut random = Random::new(seed * 31 + own as u64);
    let mut acknowledged = Vec::new();
    let mut entry = own as u64 * 1_000_000;
    while Instant::now() < until {
        let to = (own + 1 + random.below(2) as usize) % 3;
        entry += 1;
        let began = Instant::now();
        let (me, ledger) = (cluster.life(own), Name::on(&LEDGER, NAMES[to]));
        let outcome = me.node.scope(async { ledger.write(entry).within(DEADLINE).await }).await;
        let took = began.elapsed();
        assert!(took <= DEADLINE + Duration::from_millis(20), "{took:?}: {outcome:?}");
        match outcome {
            Ok(written) => {
                assert_eq!(written, entry);
                acknowledged.push((to, entry));
            }
            Err(CallError::Timeout | CallError::NoConnection(_)) => {}
            // It answers others before everything in it runs.
            Err(CallError::NoProc) => {}
            Err(other) => panic!("{other:?}"),
        }
        sleep(Duration::from_millis(random.below(1500))).await;
    }
    acknowledged
}

/// What each node sees of the others once the network is good again.
async fn is_whole(cluster: &Cluster) {
    for (own, own_name) in NAMES.into_iter().enumerate() {
        let me = cluster.life(own);
        for name in NAMES {
            let ledger = Name::on(&LEDGER, name);
            let outcome = me.node.scope(async { ledger.write(7_000_000).await }).await;
            assert_eq!(outcome, Ok(7_000_000), "{own_name} to {name}");
        }
    }
    // Those who had nothing to do with each other are connected only now, and tell each other what they know.
    sleep(Duration::from_secs(10)).await;
    for (own, own_name) in NAMES.into_iter().enumerate() {
        let me = cluster.life(own);
        let mut nodes: Vec<_> = me.node.nodes();
        nodes.push(own_name.into());
        nodes.sort();
        assert_eq!(nodes, NAMES.map(Into::into), "nodes of {own_name}");
        let members = me.node.enter(|| LEDGERS.get_members());
        let mut members: Vec<_> = members.iter().map(|pid| me.node.node_name(pid.node())).collect();
        members.sort();
        assert_eq!(members, NAMES.map(|name| Some(name.into())), "members, as {own_name} sees them");
    }
    let leaders: usize = (0..3).map(|nth| cluster.life(nth).leaders.load(Ordering::Relaxed)).sum();
    assert_eq!(leaders, 1, "a name is held once");
    let mut leads = HashSet::new();
    for own in 0..3 {
        let led_by = cluster.life(own).node.scope(async { LEADER.via().node().await }).await;
        leads.insert(led_by.expect("somebody leads"));
    }
    assert_eq!(leads.len(), 1, "all see the same leader: {leads:?}");
    let monitors: Vec<_> = (0..2).map(|own| watch(&cluster.life(own), 2)).collect();
    let mut told = Vec::new();
    for (set, down) in monitors {
        set.await.expect("monitors");
        told.push(down);
    }
    let last = cluster.life(2).node.clone();
    last.kill(last.enter(|| Name::pid(&LEDGER)).expect("runs"));
    for down in told {
        assert_eq!(down.await.expect("is told").reason, ExitReason::Killed);
    }
}

/// A process of `by` that monitors the ledger of the node `of`: that it does, and what it is told.
fn watch(by: &Life, of: usize) -> (oneshot::Receiver<()>, oneshot::Receiver<Down>) {
    let ((set, is_set), (told, down)) = (oneshot::channel(), oneshot::channel());
    let body = async move {
        let ledger = Name::on(&LEDGER, NAMES[of]);
        let pid = ledger.pid().await.expect("answers");
        let monitor = process::monitor(pid).expect("a process");
        // Messages keep their order: once this is answered, the monitor has come.
        ledger.pid().await.expect("answers");
        set.send(()).expect("awaited");
        match process::receive().await {
            Ok(Signal::Down(down)) if down.monitor == monitor => {
                told.send(down).map_err(|_| ExitReason::Killed)
            }
            other => panic!("{other:?}"),
        }
    };
    by.node.enter(|| process::spawn(body)).expect("a node");
    (is_set, down)
}

#[test]
fn every_call_ends_in_time_none_is_done_twice_and_the_cluster_is_whole_after_repair() {
    for_seeds(async |seed| {
        let cluster = Cluster::start(Simulation::new(seed, 30)).await;
        let until = Instant::now() + Duration::from_secs(300);
        let bad = async {
            let mut random = Random::new(seed + 1);
            while Instant::now() < until {
                cluster.disturb(&mut random).await;
            }
        };
        let calls = |own: usize| call_others(&cluster, own, seed, until);
        let ((), a, b, c) = tokio::join!(bad, calls(0), calls(1), calls(2));
        for (to, entry) in a.into_iter().chain(b).chain(c) {
            assert!(cluster.done[to].lock().expect("whole").contains(&entry), "acknowledged, and not done");
        }
        for done in &cluster.done {
            let done = done.lock().expect("whole");
            assert_eq!(done.iter().collect::<HashSet<_>>().len(), done.len(), "done twice");
        }
        cluster.simulation.heal();
        // What hangs is seen within net_ticktime and a quarter of it.
        sleep(Duration::from_secs(90)).await;
        is_whole(&cluster).await;
    });
}

async fn life(simulation: &Simulation, nth: usize) -> Life {
    Life::start(simulation, NAMES[nth], Done::default()).await
}

#[test]
fn a_node_that_is_silent_is_lost_within_the_stated_time() {
    for_seeds(async |seed| {
        let simulation = Simulation::new(seed, 5);
        let [a, b] = [life(&simulation, 0).await, life(&simulation, 1).await];
        let mut events = a.node.enter(monitor_nodes).expect("a node");
        a.node.connect(NAMES[1]).await.expect("connects");
        events.next().await;
        sleep(Duration::from_millis(seed * 1777)).await;
        // Either both ways, or one.
        simulation.block(NAMES[1], NAMES[0]);
        if seed % 2 == 0 {
            simulation.block(NAMES[0], NAMES[1]);
        }
        let silent = Instant::now();
        let waits = Name::on(&LEDGER, NAMES[1]);
        let waiting = a.node.scope(async { waits.pid().infinity().await });
        assert!(matches!(waiting.await, Err(CallError::NoConnection(_))));
        let took = silent.elapsed();
        assert!((Duration::from_secs(44)..Duration::from_secs(76)).contains(&took), "{took:?}");
        assert_eq!(events.next().await, NodeEvent::Down(NAMES[1].into()));
        drop(b);
    });
}

#[test]
fn a_node_that_is_started_again_gets_nothing_that_was_for_its_former_life() {
    for_seeds(async |seed| {
        let simulation = Simulation::new(seed, 10);
        let (a, b) = (life(&simulation, 0).await, life(&simulation, 1).await);
        let mut events = a.node.enter(monitor_nodes).expect("a node");
        let former = a.node.scope(async { Name::on(&LEDGER, NAMES[1]).pid().await }).await.expect("answers");
        let (sender, told) = oneshot::channel();
        let watch = async move {
            let monitor: MonitorRef = process::monitor(former).expect("a process");
            match process::receive().await {
                Ok(Signal::Down(down)) if down.monitor == monitor => sender.send(down.reason),
                other => panic!("{other:?}"),
            }
            .map_err(|_| ExitReason::Killed)
        };
        a.node.enter(|| process::spawn(watch)).expect("a node");
        let to_former = a.node.enter(|| Ref::<Ledger>::from_pid(former)).expect("far");
        a.node.enter(|| to_former.note(1)).expect("connected");
        sleep(Duration::from_millis(seed * 7)).await;
        drop(b);
        let done = Done::default();
        let _again = Life::start(&simulation, NAMES[1], done.clone()).await;
        for entry in 2..50 {
            // It may be sent, to a process that is no more, or fail.
            let _ = a.node.enter(|| to_former.note(entry));
            sleep(Duration::from_millis(seed)).await;
        }
        assert_eq!(told.await, Ok(ExitReason::NoConnection));
        // It is missed, and connected again without anybody's doing.
        let expected = [NodeEvent::Up, NodeEvent::Down, NodeEvent::Up].map(|event| event(NAMES[1].into()));
        assert_eq!([events.next().await, events.next().await, events.next().await], expected);
        let ledger = Name::on(&LEDGER, NAMES[1]);
        let now = a.node.scope(async { ledger.pid().await }).await.expect("answers");
        assert_ne!(now, former);
        assert_eq!((now.id(), now.serial()), (former.id(), former.serial()), "the same place in the table");
        let gone = a.node.scope(async { to_former.pid().await }).await;
        assert_eq!(gone, Err(CallError::NoProc));
        assert!(done.lock().expect("whole").is_empty(), "nothing was for this life");
    });
}
