use umbrella::prelude::*;

struct Door;

#[gen_statem(state = bool)]
impl Door {
    fn init() -> (bool, Self) {
        (false, Self)
    }

    fn enter(&mut self, _old: &bool, state: &bool, cx: &mut Actions<Self>) {
        cx.next_state(!state);
    }
}

fn main() {}
