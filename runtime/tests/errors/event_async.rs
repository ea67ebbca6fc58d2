use umbrella::prelude::*;

struct Log;

#[gen_event(event = u32)]
impl Log {
    fn init() -> Self {
        Self
    }

    #[event]
    async fn number(&mut self, number: &u32) {
        drop(*number);
    }
}

fn main() {}
