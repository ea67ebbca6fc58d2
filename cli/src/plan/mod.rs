//! What a command is going to write. Pure: nothing here touches a disk.

pub mod bundle;
pub mod chosen_deployment;
pub mod panic_strategy;
pub mod release_config;
pub mod selection;
pub mod start;
pub mod stop;
pub mod test;
