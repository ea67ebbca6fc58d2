//! Typed configuration: each application reads its own table, and all that is wrong is said at once.
//!
//! Layers, the later one wins key by key (tables are merged):
//!
//! 1. `config/config.toml`
//! 2. `config/<env>.toml`, where `<env>` is `dev`, `test` or `prod`
//! 3. environment variables `<UMBRELLA>__<APP>__<KEY>` or `<RELEASE>__<APP>__<KEY>`, as in `ABC__B__START=1`. The value is
//!    read as a TOML value (`1`, `true`, `[1, 2]`), or taken as a string if it is none. `__` in the key goes into a table.
//!
//! An application sees only the table of its name, deserialised into its
//! [`Application::Config`](crate::application::Application::Config) before anything is started.
//! Values are never printed, neither in errors nor in `Debug`: any of them may be a secret.
//!
//! Source: OTP's application environment and Mix's `config/`. Differs: an application reads another's only by the type of its
//! callback, a release is not asked for keys that only applications of other releases read, and a missing key is found before the start.

mod check;
mod deserializer;
mod difference;
mod failure;
mod files;
mod problem;
mod section;
mod value;
mod variables;

#[cfg(test)]
mod tests;

/// The table of the umbrella itself, which no application can be called as.
pub(crate) const UMBRELLA: &str = "umbrella";

pub(crate) use difference::Difference;
pub use files::LoadError;
pub(crate) use files::{Config, Source};
pub use problem::{ConfigError, Problem};
pub(crate) use section::Section;
pub use value::Origin;
