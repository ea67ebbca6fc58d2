//! What a bucket does.

use std::collections::HashMap;

use umbrella::prelude::*;

/// Keys and their values.
#[derive(Debug)]
pub struct Bucket {
    entries: HashMap<String, String>,
}

#[gen_server]
impl Bucket {
    fn init() -> Self {
        Self {
            entries: HashMap::new(),
        }
    }

    /// The value of `key`.
    #[call]
    fn get(&self, key: String) -> Option<String> {
        self.entries.get(&key).cloned()
    }

    /// Gives `key` a value.
    #[call]
    fn put(&mut self, key: String, value: String) {
        self.entries.insert(key, value);
    }

    /// Takes `key` out and returns its value.
    #[call]
    fn delete(&mut self, key: String) -> Option<String> {
        self.entries.remove(&key)
    }
}
