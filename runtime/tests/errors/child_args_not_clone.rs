use umbrella::prelude::*;

struct Config;

struct Cache;

#[gen_server]
impl Cache {
    fn init(_config: Config) -> Self {
        Self
    }
}

fn children() -> Supervisor {
    Supervisor::new(Strategy::OneForOne).child(Cache::child_spec(Config))
}

fn main() {}
