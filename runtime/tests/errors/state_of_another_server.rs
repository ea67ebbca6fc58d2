use umbrella::prelude::*;
use umbrella::sys;

#[derive(Clone)]
struct Cache;

#[gen_server]
impl Cache {
    fn init() -> Self {
        Self
    }
}

#[derive(Clone)]
struct Other;

#[gen_server]
impl Other {
    fn init() -> Self {
        Self
    }
}

async fn look(cache: Ref<Cache>) -> Result<Other, sys::SysError> {
    sys::get_state(&cache).await
}

fn main() {}
