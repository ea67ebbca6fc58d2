//! Speaking to other nodes: what the configuration says of it, and what it takes.

#[cfg_attr(not(test), expect(dead_code, reason = "`dist` asks for it"))]
pub(super) mod cookie;
pub(super) mod settings;
