use umbrella::prelude::*;

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[call]
    fn add<T: Into<i64>>(&mut self, by: T) -> i64 {
        by.into()
    }
}

fn main() {}
