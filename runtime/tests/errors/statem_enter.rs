use umbrella::prelude::*;

struct Door;

#[gen_statem(state = bool)]
impl Door {
    fn init() -> (bool, Self) {
        (false, Self)
    }

    fn enter(&mut self, state: &bool) {
        assert!(!*state);
    }
}

fn main() {}
