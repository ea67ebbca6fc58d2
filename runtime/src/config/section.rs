//! The part of the configuration that one application sees.

use serde::de::DeserializeOwned;

use super::check;
use super::problem::Problem;
use super::value::Table;

/// The table of an application, variables included.
pub(crate) struct Section<'a> {
    pub(super) application: &'a str,
    /// What the environment variables named in messages start with.
    pub(super) prefix: &'a str,
    pub(super) table: Table,
}

impl Section<'_> {
    /// Reads the table as a type, or says everything that is wrong with it.
    pub(crate) fn read<T: DeserializeOwned>(&self) -> Result<T, Vec<Problem>> {
        check::read(self)
    }
}
