//! What generated code shows of messages and states, as far as they can be shown: of a `Debug` type its value, of any
//! other its name. Which of the two is decided while compiling, by the method that needs one reference less.

use std::any::type_name;
use std::fmt::{self, Debug, DebugTuple, Formatter};
use std::marker::PhantomData;
use std::mem;

use super::watch::shown;
use crate::process::note_last_message;

/// Something to be shown.
#[derive(Debug)]
pub struct Shown<'a, T>(pub &'a T);

/// Shows what is `Debug`.
pub trait Debugged<'a> {
    /// Adds the value to a message that is written down.
    fn field(&self, to: &mut DebugTuple<'_, '_>);
    /// Writes the value.
    fn show(&self, f: &mut Formatter<'_>) -> fmt::Result;
    /// The value, as a state that can be shown.
    fn state(&self) -> Option<&'a dyn Debug>;
}

impl<'a, T: Debug> Debugged<'a> for Shown<'a, T> {
    fn field(&self, to: &mut DebugTuple<'_, '_>) {
        to.field(self.0);
    }

    fn show(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }

    fn state(&self) -> Option<&'a dyn Debug> {
        Some(self.0)
    }
}

/// Shows the name of any other type.
pub trait Unknown {
    /// Adds the name to a message that is written down.
    fn field(&self, to: &mut DebugTuple<'_, '_>);
    /// Writes the name.
    fn show(&self, f: &mut Formatter<'_>) -> fmt::Result;
    /// Nothing: the state cannot be shown.
    fn state(&self) -> Option<&'static dyn Debug>;
}

impl<T> Unknown for &Shown<'_, T> {
    fn field(&self, to: &mut DebugTuple<'_, '_>) {
        to.field(&TypeName::of::<T>());
    }

    fn show(&self, f: &mut Formatter<'_>) -> fmt::Result {
        TypeName::of::<T>().fmt(f)
    }

    fn state(&self) -> Option<&'static dyn Debug> {
        None
    }
}

/// A type in the place of a value: `<Vec<String>>`, without the paths.
pub(crate) struct TypeName(&'static str);

impl TypeName {
    pub(crate) fn of<T: ?Sized>() -> Self {
        Self(type_name::<T>())
    }
}

impl Debug for TypeName {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let mut short = String::with_capacity(self.0.len());
        let mut word = 0;
        for letter in self.0.chars() {
            short.push(letter);
            if short[word..].ends_with("::") {
                short.truncate(word);
            } else if !(letter.is_alphanumeric() || letter == '_' || letter == ':') {
                word = short.len();
            }
        }
        write!(f, "<{short}>")
    }
}

/// Keeps an argument that is `Copy + Debug`, so that a crash report can show it.
pub trait Copied {
    /// The argument.
    type Kept;
    /// A copy of the argument.
    fn keep(&self) -> Self::Kept;
}

impl<T: Copy + Debug> Copied for Shown<'_, T> {
    type Kept = Kept<T>;

    fn keep(&self) -> Kept<T> {
        Kept(*self.0)
    }
}

/// Keeps the type of any other argument: it moves into the handler and is gone when that panics.
pub trait Named {
    /// The name.
    type Kept;
    /// The name of the argument's type.
    fn keep(&self) -> Self::Kept;
}

impl<T> Named for &Shown<'_, T> {
    type Kept = Typed<T>;

    fn keep(&self) -> Typed<T> {
        Typed(PhantomData)
    }
}

/// A copy of an argument.
#[derive(Debug)]
pub struct Kept<T>(T);

impl<T: Debug> Kept<T> {
    /// Adds the value to a message that is written down.
    pub fn field(&self, to: &mut DebugTuple<'_, '_>) {
        to.field(&self.0);
    }
}

/// The type of an argument.
#[derive(Debug)]
pub struct Typed<T>(PhantomData<fn() -> T>);

impl<T> Typed<T> {
    /// Adds the name to a message that is written down.
    pub fn field(&self, to: &mut DebugTuple<'_, '_>) {
        to.field(&TypeName::of::<T>());
    }
}

/// Held while a handler runs: if it panics, says which message it handled.
pub struct Handling<F: Fn(&mut Formatter<'_>) -> fmt::Result>(F);

impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Handling<F> {
    /// A handler begins whose message `show` writes down.
    pub fn new(show: F) -> Self {
        Self(show)
    }

    /// The handler has ended well; costs nothing.
    pub fn done(self) {
        mem::forget(self);
    }
}

impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Drop for Handling<F> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            note_last_message(shown(&self.0));
        }
    }
}

impl<F: Fn(&mut Formatter<'_>) -> fmt::Result> Debug for Handling<F> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        (self.0)(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_is_named_without_its_path() {
        let name = format!("{:?}", TypeName::of::<Result<Vec<String>, (u8, std::io::Error)>>());
        assert_eq!(name, "<Result<Vec<String>, (u8, Error)>>");
        assert_eq!(format!("{:?}", TypeName::of::<[u8]>()), "<[u8]>");
    }
}
