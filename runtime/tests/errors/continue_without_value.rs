use umbrella::prelude::*;

struct Cache;

#[gen_server]
impl Cache {
    fn init() -> Self {
        Self
    }

    #[handle_continue]
    fn load(&mut self) {}
}

fn main() {}
