use umbrella::prelude::*;

struct Cache {
    name: String,
}

#[gen_server]
impl Cache {
    fn init() -> Self {
        Self { name: String::new() }
    }

    #[call]
    fn name(&self) -> &str {
        &self.name
    }
}

struct Users(Vec<String>);

#[gen_server]
impl Users {
    fn init() -> Self {
        Self(Vec::new())
    }

    #[call]
    fn first(&self) -> Option<&String> {
        self.0.first()
    }
}

fn main() {}
