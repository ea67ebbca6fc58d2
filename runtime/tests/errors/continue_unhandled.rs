use umbrella::prelude::*;

struct Cache;

struct Load;

#[gen_server]
impl Cache {
    fn init(cx: &mut Context<Self>) -> Self {
        cx.continue_with(Load);
        Self
    }
}

fn main() {}
