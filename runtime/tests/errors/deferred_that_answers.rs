use umbrella::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[call]
    fn get(&self, reply: ReplyTo<i64>) -> i64 {
        drop(reply);
        0
    }
}

fn main() {}
