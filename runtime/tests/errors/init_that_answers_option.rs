use umbrella::prelude::*;

struct Cache;

#[gen_server]
impl Cache {
    fn init() -> Option<Self> {
        Some(Self)
    }
}

fn main() {}
