use umbrella::prelude::*;

struct Cache;

#[gen_server]
impl Cache {
    fn init() -> Self {
        Self
    }

    async fn hibernate(&mut self) {}
}

fn main() {}
