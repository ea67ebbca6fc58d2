use umbrella::prelude::*;

struct Handle(#[expect(dead_code)] std::net::TcpStream);

struct Counter;

#[gen_server]
impl Counter {
    fn init() -> Self {
        Self
    }

    #[cast]
    fn take(&mut self, handle: Handle) {
        drop(handle);
    }
}

fn main() {}
