use umbrella::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[call]
    fn get() -> i64 {
        0
    }
}

struct Gate;

#[gen_server]
impl Gate {
    fn init() -> Self {
        Self
    }

    #[cast]
    fn close(self) {}
}

fn main() {}
