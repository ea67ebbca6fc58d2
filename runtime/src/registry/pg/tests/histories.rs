//! Random histories of joins, leaves and ends, against a model of ten lines.

use proptest::prelude::*;
use proptest::sample::Index;

use super::super::{Change, Group, monitor_scope, which_groups};
use super::{Number, end, on_node, process, sorted};
use crate::process::{Node, Pid};

#[derive(Clone, Debug)]
enum Step {
    Join(Index, usize, usize),
    Leave(Index, usize),
    End(Index),
}

const GROUPS: [&str; 3] = ["a", "b", "c"];

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (any::<Index>(), 0..GROUPS.len(), 1..4_usize).prop_map(|(who, group, times)| Step::Join(who, group, times)),
        3 => (any::<Index>(), 0..GROUPS.len()).prop_map(|(who, group)| Step::Leave(who, group)),
        1 => any::<Index>().prop_map(Step::End),
    ]
}

/// Who is in which group, each as often as it joined.
type Model = [Vec<Pid>; GROUPS.len()];

fn sorted_model(model: &Model) -> Model {
    model.clone().map(sorted)
}

/// What a listener believes who has been told of every change.
fn told(model: &mut Model, change: Change) {
    let at = |name: &str| GROUPS.iter().position(|group| *group == name).expect("one of them");
    match change {
        Change::Join { group, pids } => model[at(&group)].extend(pids.iter()),
        Change::Leave { group, pids } => {
            for pid in pids.iter() {
                let members = &mut model[at(&group)];
                let member = members.iter().position(|member| member == pid).expect("it joined before");
                members.swap_remove(member);
            }
        }
    }
}

async fn run(steps: Vec<Step>) {
    let groups = GROUPS.map(Group::<Number>::new);
    let mut alive: Vec<_> = (0..6).map(|_| process()).collect();
    let (mut model, mut believed) = (Model::default(), Model::default());
    let (_, mut monitor) = monitor_scope("pg").expect("a node");
    for step in steps {
        match step {
            Step::Join(who, group, times) => {
                let pid = *who.get(&alive);
                groups[group].join_all(vec![pid; times]).expect("a node");
                model[group].extend(vec![pid; times]);
            }
            Step::Leave(who, group) => {
                let pid = *who.get(&alive);
                let member = model[group].iter().position(|member| *member == pid);
                assert_eq!(groups[group].leave(pid).is_ok(), member.is_some());
                member.map(|at| model[group].swap_remove(at));
            }
            Step::End(who) => {
                let at = who.index(alive.len());
                let pid = std::mem::replace(&mut alive[at], process());
                end(pid).await;
                model.iter_mut().for_each(|members| members.retain(|member| *member != pid));
            }
        }
        let members = groups.each_ref().map(|group| sorted(group.get_members()));
        assert_eq!(members, sorted_model(&model));
        while let Some(change) = monitor.try_next() {
            told(&mut believed, change);
        }
        assert_eq!(sorted_model(&believed), sorted_model(&model));
        assert_eq!(which_groups("pg").len(), model.iter().filter(|members| !members.is_empty()).count());
    }
}

proptest! {
    #[test]
    fn members_and_monitors_agree_with_the_model(steps in prop::collection::vec(step(), 0..60)) {
        on_node(async |_| run(steps).await);
    }
}

#[test]
fn nobody_is_left_when_all_who_came_and_went_at_once_have_ended() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(4).enable_all().build();
    let node = Node::new("test");
    let believed = runtime.expect("a tokio runtime").block_on(node.scope(async {
        let (_, mut monitor) = monitor_scope("pg").expect("a node");
        let ends: Vec<_> =
            (0..300_usize).map(|n| crate::process::spawn(come_and_go(n)).expect("a node")).collect();
        for pid in ends {
            crate::process::wait_exit(pid).await;
        }
        let mut believed = Model::default();
        while let Some(change) = monitor.try_next() {
            told(&mut believed, change);
        }
        assert!(which_groups("pg").is_empty());
        believed
    }));
    assert_eq!(believed, Model::default());
}

async fn come_and_go(n: usize) {
    let me = crate::process::self_pid().expect("a process");
    for round in 0..20 {
        let group = Group::<Number>::new(GROUPS[(n + round) % GROUPS.len()]);
        group.join(me).expect("a node");
        tokio::task::yield_now().await;
        if round % 3 == 0 {
            group.leave(me).expect("a member");
        }
    }
}
