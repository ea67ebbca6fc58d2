//! Events that cross nodes.

use serde::{Deserialize, Serialize};

use super::*;
use crate::gen_event::Events;
use crate::process::remote::Shape;
use crate::process::wire::Wire;
use crate::term::{self, Atom};

#[derive(Clone, Serialize, Deserialize, PartialEq, Debug)]
struct News(u32);

/// The manager, on its own node.
const MANAGER: Name<EventManager<News>> = EventManager::named("news");
const NEWS: Name<Events<News>> = Events::named("news", "");

/// Subscribes to the manager of another node.
struct Reader {
    read: Vec<u32>,
}

#[gen_server]
impl Reader {
    fn init() -> Self {
        Self { read: Vec::new() }
    }

    #[call]
    async fn subscribe(&self, cx: &mut Context<Self>) -> bool {
        Name::on(&NEWS, "b@test").subscribe(cx.alias(), cx.pid()).await.is_ok()
    }

    #[call]
    fn read(&mut self) -> Vec<u32> {
        std::mem::take(&mut self.read)
    }

    #[info]
    fn news(&mut self, News(number): News) {
        self.read.push(number);
    }
}

/// Runs `body` on a node beside that of a manager.
async fn with_news(body: impl AsyncFnOnce(Arc<Wire>, Name<Events<News>>)) {
    let wire = Wire::new();
    let manager = async { Start::<EventManager<News>>::new(()).name(&MANAGER).start().await };
    wire.nodes[1].scope(manager).await.expect("starts");
    wire.nodes[0].scope(body(wire.clone(), Name::on(&NEWS, "b@test"))).await;
}

#[tokio::test(start_paused = true)]
async fn a_manager_takes_events_of_other_nodes_once_its_name_is_exported() {
    with_news(async |wire, news| {
        let refused = news.sync_notify(News(1)).await.expect_err("not exported").to_string();
        assert!(refused.contains("`news` is not exported"), "{refused}");
        let reader = wire.nodes[1].scope(async { Reader::start(()).await }).await.expect("starts");
        let subscribed = wire.nodes[1].scope(async { MANAGER.subscribe(&reader).await }).await;
        assert_eq!(subscribed, Ok(()));
        wire.nodes[1].enter(|| Events::export(&NEWS)).expect("a node");
        news.notify(News(2)).expect("sent");
        // As `gen_event:notify/2` of an Erlang node.
        let bytes = term::to_binary(&(Atom::new("notify"), News(4))).expect("a term");
        wire.inject("news", Shape::Info, &bytes[1..], None);
        assert_eq!(news.sync_notify(News(3)).await, Ok(()));
        assert_eq!(wire.nodes[1].scope(async { reader.read().await }).await, Ok(vec![2, 4, 3]));
        // On its own node it is used under the same name.
        let at_home = wire.nodes[1].scope(async { NEWS.sync_notify(News(5)).await }).await;
        assert_eq!(at_home, Ok(()));
        assert_eq!(wire.nodes[1].scope(async { reader.read().await }).await, Ok(vec![5]));
    })
    .await;
}

#[tokio::test(start_paused = true)]
async fn a_process_of_another_node_is_sent_every_event_until_it_is_unsubscribed() {
    with_news(async |wire, news| {
        wire.nodes[1].enter(|| Events::export(&NEWS)).expect("a node");
        let reader = Reader::start(()).await.expect("starts");
        assert_eq!(reader.subscribe().await, Ok(true));
        news.notify(News(1)).expect("sent");
        assert_eq!(news.sync_notify(News(2)).await, Ok(()));
        assert_eq!(reader.read().await, Ok(vec![1, 2]));
        assert_eq!(news.unsubscribe(Ref::pid(&reader)).await, Ok(true));
        assert_eq!(news.sync_notify(News(3)).await, Ok(()));
        assert_eq!(reader.read().await, Ok(vec![]));
        assert_eq!(news.unsubscribe(Ref::pid(&reader)).await, Ok(false));
        // One that ends is no subscriber any more.
        assert_eq!(reader.subscribe().await, Ok(true));
        let node = Node::current().expect("a node");
        node.kill(Ref::pid(&reader));
        node.wait_exit(Ref::pid(&reader)).await;
        assert_eq!(news.sync_notify(News(4)).await, Ok(()));
        assert_eq!(news.unsubscribe(Ref::pid(&reader)).await, Ok(false));
        assert_eq!(wire.refused(), []);
    })
    .await;
}
