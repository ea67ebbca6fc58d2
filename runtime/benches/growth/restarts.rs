//! With so many siblings: how long a crash lasts, from asking a server to crash until its successor has answered a call.

use std::time::{Duration, Instant};

use umbrella::prelude::*;

use crate::{each, on_node};

pub(crate) const HEAD: &str = "\
| siblings | restart after an error | after a panic | one of a dynamic supervisor |
|---|---|---|---|";

const COUNTER: Name<Counter> = Counter::named("counter");
const CRASHES: usize = 1000;

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[call]
    fn get(&self) -> u64 {
        1
    }

    /// Stops with an error: the restart alone, without the price of a panic.
    #[cast]
    fn fail(&self, cx: &mut Context<Self>) {
        cx.stop(ExitReason::error("asked to fail"));
    }

    #[cast]
    fn panic(&self) {
        panic!("asked to panic");
    }
}

pub(crate) fn measure(siblings: usize) {
    on_node(async move {
        let sup = Supervisor::new(Strategy::OneForOne).intensity(u32::MAX).period(Duration::from_millis(1));
        let sup = (0..siblings).fold(sup, |sup, n| sup.child(Counter::child_spec(()).id(n.to_string())));
        let sup = sup.child(Counter::child_spec(()).name(COUNTER)).start().await.unwrap();
        let error = crashes(|| COUNTER.fail().unwrap()).await;
        let panic = crashes(|| COUNTER.panic().unwrap()).await;
        sup.stop(ExitReason::Shutdown).await.unwrap();

        let sup = DynamicSupervisor::new().intensity(u32::MAX).period(Duration::from_millis(1));
        let sup = sup.start().await.unwrap();
        for _ in 0..siblings {
            sup.start_child(Counter::child_spec(())).await.unwrap();
        }
        sup.start_child(Counter::child_spec(()).name(COUNTER)).await.unwrap();
        let dynamic = crashes(|| COUNTER.fail().unwrap()).await;
        sup.stop(ExitReason::Shutdown).await.unwrap();
        println!("| {siblings} | {error} ns | {panic} ns | {dynamic} ns |");
    });
}

/// Nanoseconds from a crash to the new process serving.
async fn crashes(crash: impl Fn()) -> u128 {
    let node = Node::current().unwrap();
    let began = Instant::now();
    for _ in 0..CRASHES {
        let before = Name::pid(&COUNTER);
        crash();
        node.wait_registered("counter", before).await;
        COUNTER.get().await.unwrap();
    }
    each(began.elapsed(), CRASHES)
}
