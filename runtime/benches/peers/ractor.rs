//! The workloads on ractor, as its documentation writes them.

use std::time::{Duration, Instant};

use ::ractor::{Actor, ActorProcessingErr, ActorRef, RpcReplyPort, SupervisionEvent, call};
use tokio::sync::mpsc;

use crate::memory::{SERVERS, resident};
use crate::{CALLERS, CRASHES, OPERATIONS, STARTS, each, runtime};

struct Counter;

enum Message {
    Add(i64, RpcReplyPort<i64>),
    Bump(i64),
    Get(RpcReplyPort<i64>),
    Fail,
}

impl Actor for Counter {
    type Msg = Message;
    type State = i64;
    type Arguments = ();

    async fn pre_start(&self, _: ActorRef<Message>, (): ()) -> Result<i64, ActorProcessingErr> {
        Ok(0)
    }

    async fn handle(
        &self,
        _: ActorRef<Message>,
        message: Message,
        count: &mut i64,
    ) -> Result<(), ActorProcessingErr> {
        match message {
            Message::Add(by, reply) => {
                *count += by;
                reply.send(*count)?;
            }
            Message::Bump(by) => *count += by,
            Message::Get(reply) => reply.send(*count)?,
            Message::Fail => return Err("asked to fail".into()),
        }
        Ok(())
    }
}

async fn start() -> ActorRef<Message> {
    Actor::spawn(None, Counter, ()).await.unwrap().0
}

pub(crate) fn call() -> Duration {
    each(OPERATIONS, async {
        let server = start().await;
        for _ in 0..OPERATIONS {
            call!(server, Message::Add, 1).unwrap();
        }
    })
}

pub(crate) fn cast() -> Duration {
    each(OPERATIONS, async {
        let server = start().await;
        for _ in 0..OPERATIONS {
            server.cast(Message::Bump(1)).unwrap();
        }
        assert_eq!(call!(server, Message::Get).unwrap(), i64::from(OPERATIONS));
    })
}

pub(crate) fn eight_callers() -> Duration {
    each(OPERATIONS, async {
        let server = start().await;
        let calls = |server: ActorRef<Message>| async move {
            for _ in 0..OPERATIONS / CALLERS {
                call!(server, Message::Add, 1).unwrap();
            }
        };
        let callers: Vec<_> = (0..CALLERS).map(|_| tokio::spawn(calls(server.clone()))).collect();
        for caller in callers {
            caller.await.unwrap();
        }
    })
}

pub(crate) fn start_stop() -> Duration {
    each(STARTS, async {
        for _ in 0..STARTS {
            let (server, ended) = Actor::spawn(None, Counter, ()).await.unwrap();
            server.stop(None);
            ended.await.unwrap();
        }
    })
}

pub(crate) fn memory() -> usize {
    runtime().block_on(async {
        let before = resident();
        let mut servers = Vec::with_capacity(SERVERS);
        for _ in 0..SERVERS {
            servers.push(start().await);
        }
        (resident() - before) / SERVERS
    })
}

/// What a supervisor is in ractor: a parent that hears of the end of its child and starts another one.
struct Parent {
    started: mpsc::UnboundedSender<ActorRef<Message>>,
}

impl Parent {
    async fn start_child(&self, myself: ActorRef<()>) -> Result<(), ActorProcessingErr> {
        let (child, _) = Actor::spawn_linked(None, Counter, (), myself.get_cell()).await?;
        Ok(self.started.send(child)?)
    }
}

impl Actor for Parent {
    type Msg = ();
    type State = ();
    type Arguments = ();

    async fn pre_start(&self, myself: ActorRef<()>, (): ()) -> Result<(), ActorProcessingErr> {
        self.start_child(myself).await
    }

    async fn handle_supervisor_evt(
        &self,
        myself: ActorRef<()>,
        event: SupervisionEvent,
        (): &mut (),
    ) -> Result<(), ActorProcessingErr> {
        if let SupervisionEvent::ActorFailed(..) = event {
            self.start_child(myself).await?;
        }
        Ok(())
    }
}

pub(crate) fn restart() -> Duration {
    runtime().block_on(async {
        let crashes = async {
            let (started, mut children) = mpsc::unbounded_channel();
            Actor::spawn(None, Parent { started }, ()).await.unwrap();
            let mut child = children.recv().await.unwrap();
            let began = Instant::now();
            for _ in 0..CRASHES {
                child.cast(Message::Fail).unwrap();
                child = children.recv().await.unwrap();
                call!(child, Message::Get).unwrap();
            }
            began.elapsed() / CRASHES
        };
        tokio::spawn(crashes).await.unwrap()
    })
}
