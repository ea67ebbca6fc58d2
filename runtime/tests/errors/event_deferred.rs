use umbrella::prelude::*;

struct Log;

#[gen_event(event = u32)]
impl Log {
    fn init() -> Self {
        Self
    }

    #[event]
    fn number(&mut self, _number: &u32) {}

    #[call]
    fn count(&self, reply: ReplyTo<u32>) {
        reply.reply(0);
    }
}

fn main() {}
