//! The rules of the house, one test for each.
//!
//! A rule reads the tracked files of this repository and names every line that breaks it, with what to do instead.
//! Exceptions are tables beside the rule: each has a reason, and one that is no longer needed fails as well.
//!
//! - [`source`]: the tracked files, read once. [`rust`]: what the Rust files among them mention, define, and document.
//! - [`findings`]: what a rule reports.
//! - The rules: [`imports`], [`effects`], [`manifests`], [`sizes`], [`words`], [`templates`], [`manual`],
//!   [`documents`].

mod source;

mod findings;
mod rust;

mod documents;
mod effects;
mod imports;
mod manifests;
mod manual;
mod sizes;
mod templates;
mod words;
