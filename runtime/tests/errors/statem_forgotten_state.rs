use umbrella::prelude::*;

#[derive(PartialEq)]
enum Lock {
    Locked,
    Open,
}

struct Door;

#[gen_statem(state = Lock)]
impl Door {
    fn init() -> (Lock, Self) {
        (Lock::Locked, Self)
    }

    #[cast]
    fn open(&mut self, state: &Lock, cx: &mut Transition<Self>) {
        match state {
            Lock::Locked => cx.next_state(Lock::Open),
        }
    }
}

fn main() {}
