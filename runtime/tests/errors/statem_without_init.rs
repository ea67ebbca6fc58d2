use umbrella::prelude::*;

struct Door;

#[gen_statem(state = bool)]
impl Door {
    #[cast]
    fn open(&mut self, cx: &mut Transition<Self>) {
        cx.next_state(true);
    }
}

fn main() {}
