use umbrella::prelude::*;

struct Log;

#[gen_event(event = u32)]
impl Log {
    fn init() -> Self {
        Self
    }
}

fn main() {}
