use umbrella::prelude::*;

struct Cache<'a> {
    config: &'a str,
}

#[gen_server]
impl<'a> Cache<'a> {
    fn init(config: &'a str) -> Self {
        Self { config }
    }
}

struct Log<'a>(&'a str);

#[gen_server]
impl Log<'_> {
    fn init() -> Self {
        Self("")
    }
}

fn main() {}
