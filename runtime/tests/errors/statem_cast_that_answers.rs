use umbrella::prelude::*;

struct Door;

#[gen_statem(state = bool)]
impl Door {
    fn init() -> (bool, Self) {
        (false, Self)
    }

    #[cast]
    fn open(&mut self, state: &bool) -> bool {
        *state
    }
}

fn main() {}
