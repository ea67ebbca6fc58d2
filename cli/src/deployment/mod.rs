//! The placement expression: which applications run together in which release.
//!
//! `[a,b]+[c]` is a [`Deployment`] of two releases: one node runs `a` and `b`, another one runs `c`. Blanks mean
//! nothing; `web=[a,b]+[c]` names the first release, and `[a,b]+[c]*3` runs the second one in three nodes.
//!
//! ```text
//! text --parse--> Deployment --resolve(members)--> ResolvedDeployment
//!                      |                                  |
//!                   Display                  what plan/release.rs generates from
//! ```
//!
//! Pure: no file, no process, no output. Errors hold byte spans into the expression, so that `shell` can draw a caret
//! under the token that is wrong.

mod diagnostic;
mod expression;
mod members;
mod note;
mod parse;
mod parse_error;
mod resolve;
mod resolve_error;
mod resolved;
mod scale;
mod start_order;
mod token;

pub use diagnostic::{Explain, InExpression};
pub use expression::{Bracket, Deployment, Span, Spanned};
pub use members::{Member, MemberKind, Members};
pub use note::Note;
pub use parse_error::{ParseError, ParseErrorKind};
pub use resolve::Partial;
pub use resolve_error::{ResolveError, ResolveErrorKind, ResolveErrors, Taken};
pub use resolved::{Elsewhere, Release, ResolvedDeployment};
pub use scale::{Scale, ScaleError};
