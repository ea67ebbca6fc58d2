use umbrella::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    #[call]
    fn get(&self) -> i64 {
        0
    }
}

fn main() {}
