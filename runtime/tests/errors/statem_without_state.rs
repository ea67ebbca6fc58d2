use umbrella::prelude::*;

struct Door;

#[gen_statem]
impl Door {
    fn init() -> (bool, Self) {
        (false, Self)
    }
}

fn main() {}
