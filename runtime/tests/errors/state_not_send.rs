use umbrella::prelude::*;

struct Cache {
    shared: std::rc::Rc<u32>,
}

#[gen_server]
impl Cache {
    fn init() -> Self {
        Self { shared: std::rc::Rc::new(0) }
    }
}

fn main() {}
