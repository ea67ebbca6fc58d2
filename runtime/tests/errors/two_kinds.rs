use umbrella::prelude::*;

struct Cache;

#[gen_server]
impl Cache {
    fn init() -> Self {
        Self
    }

    #[cast]
    #[handle_continue]
    fn load(&mut self, from: u8) {}
}

fn main() {}
