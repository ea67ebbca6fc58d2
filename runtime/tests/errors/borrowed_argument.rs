use umbrella::prelude::*;

struct Cache;

#[gen_server]
impl Cache {
    fn init() -> Self {
        Self
    }

    #[cast]
    fn put(&mut self, key: &str, value: Vec<u8>) {}
}

struct Keys;

#[gen_server]
impl Keys {
    fn init() -> Self {
        Self
    }

    #[cast]
    fn put_all(&mut self, keys: Option<&[String]>) {}
}

struct Texts;

#[gen_server(local)]
impl Texts {
    fn init() -> Self {
        Self
    }

    #[cast]
    fn put(&mut self, text: std::borrow::Cow<'_, str>) {}
}

struct Door;

#[gen_statem(state = bool)]
impl Door {
    fn init() -> (bool, Self) {
        (false, Self)
    }

    #[cast]
    fn open(&mut self, open: &bool, who: &str) {}
}

struct Any;

#[gen_server]
impl Any {
    fn init() -> Self {
        Self
    }

    #[cast]
    fn put(&mut self, key: impl Into<String>) {}
}

fn main() {}
