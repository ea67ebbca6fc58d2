use umbrella::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[call]
    fn add(&mut self, by: i64) -> i64 {
        by
    }
}

async fn call(counter: Ref<Counter>) {
    let _answer = counter.add("one").await;
    let _answer = counter.subtract(1).await;
}

fn main() {}
