//! The workloads on bare tokio: an unbounded mpsc and a oneshot.

use std::time::{Duration, Instant};

use tokio::sync::{mpsc, oneshot};

use crate::{CALLERS, OPERATIONS, STARTS, runtime};

pub(crate) enum Message {
    Add(i64, oneshot::Sender<i64>),
    Bump(i64),
    Get(oneshot::Sender<i64>),
}

pub(crate) async fn server(mut messages: mpsc::UnboundedReceiver<Message>) {
    let mut count = 0;
    while let Some(message) = messages.recv().await {
        match message {
            Message::Add(by, reply) => {
                count += by;
                let _caller_gone = reply.send(count);
            }
            Message::Bump(by) => count += by,
            Message::Get(reply) => {
                let _caller_gone = reply.send(count);
            }
        }
    }
}

fn start() -> mpsc::UnboundedSender<Message> {
    let (sender, receiver) = mpsc::unbounded_channel();
    tokio::spawn(server(receiver));
    sender
}

async fn add(server: &mpsc::UnboundedSender<Message>) -> i64 {
    let (reply, answer) = oneshot::channel();
    server.send(Message::Add(1, reply)).ok().unwrap();
    answer.await.unwrap()
}

async fn get(server: &mpsc::UnboundedSender<Message>) -> i64 {
    let (reply, answer) = oneshot::channel();
    server.send(Message::Get(reply)).ok().unwrap();
    answer.await.unwrap()
}

pub(crate) fn call() -> Duration {
    runtime().block_on(async {
        let caller = tokio::spawn(async {
            let server = start();
            let began = Instant::now();
            for _ in 0..OPERATIONS {
                add(&server).await;
            }
            began.elapsed() / OPERATIONS
        });
        caller.await.unwrap()
    })
}

pub(crate) fn cast() -> Duration {
    runtime().block_on(async {
        let caller = tokio::spawn(async {
            let server = start();
            let began = Instant::now();
            for _ in 0..OPERATIONS {
                server.send(Message::Bump(1)).ok().unwrap();
            }
            assert_eq!(get(&server).await, i64::from(OPERATIONS));
            began.elapsed() / OPERATIONS
        });
        caller.await.unwrap()
    })
}

pub(crate) fn eight_callers() -> Duration {
    runtime().block_on(async {
        let server = start();
        let began = Instant::now();
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let server = server.clone();
                tokio::spawn(async move {
                    for _ in 0..OPERATIONS / CALLERS {
                        add(&server).await;
                    }
                })
            })
            .collect();
        for caller in callers {
            caller.await.unwrap();
        }
        began.elapsed() / OPERATIONS
    })
}

pub(crate) fn start_stop() -> Duration {
    runtime().block_on(async {
        let caller = tokio::spawn(async {
            let began = Instant::now();
            for _ in 0..STARTS {
                let (sender, receiver) = mpsc::unbounded_channel();
                let handle = tokio::spawn(server(receiver));
                drop(sender);
                handle.await.unwrap();
            }
            began.elapsed() / STARTS
        });
        caller.await.unwrap()
    })
}
