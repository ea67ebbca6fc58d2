use umbrella::prelude::*;

#[gen_server]
struct Counter {
    count: i64,
}

#[gen_statem(state = bool)]
enum Door {}

#[gen_event(event = u32)]
struct Log;

#[protocol]
struct Billing;

fn main() {}
