use umbrella::prelude::*;

#[protocol]
trait Billing {
    #[call]
    fn charge(&mut self, cents: u64) -> u64;
}

struct Ledger;

#[gen_server(protocol = BillingProtocol)]
impl Ledger {
    fn init() -> Self {
        Self
    }
}

fn main() {}
