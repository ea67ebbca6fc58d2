//! Names of applications, umbrellas and releases.

use std::fmt;

use miette::Diagnostic;
use thiserror::Error;

use super::reserved::{Reserved, reserved};
use crate::error::Failure;
use crate::exit::ExitCode;

/// The longest name: folders, sockets and units are named after it.
pub(crate) const LONGEST: usize = 64;

/// The name of an application: its package, its crate, its folder and its table in `config/`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AppName(String);

/// The name of a release, and of an umbrella: the release with every application in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ReleaseName(String);

/// What a name was to be the name of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameKind {
    /// An application.
    Application,
    /// An umbrella.
    Umbrella,
    /// A release.
    Release,
    /// A module of an application.
    Module,
}

/// A name that cannot be used, and one that can.
#[derive(Debug, Clone, PartialEq, Eq, Error, Diagnostic)]
#[error("invalid {kind} name `{name}`: {fault}")]
#[diagnostic(help("try `{suggestion}`"))]
pub struct NameError {
    /// What it was to be the name of.
    pub kind: NameKind,
    /// What was given.
    pub name: String,
    /// What is wrong with it.
    pub fault: NameFault,
    /// A valid name that is near.
    pub suggestion: String,
}

impl Failure for NameError {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Usage
    }
}

/// What is wrong with a name.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum NameFault {
    /// Nothing was given.
    #[error("it is empty")]
    Empty,
    /// Not a lower case ASCII letter first.
    #[error("it must start with a lower case letter (a-z), not `{0}`")]
    BadStart(char),
    /// Not a lower case ASCII letter, digit or underscore.
    #[error("`{0}` is not allowed, only a-z, 0-9 and `_`")]
    BadCharacter(char),
    /// Two underscores in a row, or one at the end.
    #[error("a `_` must stand between two letters or digits")]
    StrayUnderscore,
    /// Too long.
    #[error("it has {0} characters, {LONGEST} are allowed")]
    TooLong(usize),
    /// A keyword of Rust.
    #[error("it is a keyword of Rust")]
    Keyword,
    /// A crate or a type that every Rust program can see.
    #[error("it would hide what Rust itself calls `{0}`")]
    Rust(String),
    /// A folder that cargo or an umbrella uses.
    #[error("it is the name of a folder that cargo or umbrella uses")]
    Folder,
    /// A crate that generated code depends on.
    #[error("generated code depends on the crate `{0}`")]
    Crate(String),
    /// The type that is named after the application is one that generated code uses.
    #[error("its type `{0}` would hide the one that generated code uses")]
    Type(String),
    /// A device.
    #[error("no file can have this name on Windows")]
    Device,
}

impl fmt::Display for NameKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Application => "application",
            Self::Umbrella => "umbrella",
            Self::Release => "release",
            Self::Module => "module",
        })
    }
}

impl AppName {
    /// Checks a name that somebody typed.
    ///
    /// # Errors
    /// [`NameError`], with a name that would do.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check(text, NameKind::Application).map(|()| Self(text.to_owned()))
    }

    /// The name of a package that exists: cargo has accepted it, so it is used as it is.
    #[must_use]
    pub fn of_package(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The name in Rust code: `my-app` is `my_app` there.
    #[must_use]
    pub fn crate_name(&self) -> String {
        self.0.replace('-', "_")
    }

    /// The type that is named after the application: `my_app` has `MyApp`.
    #[must_use]
    pub fn type_name(&self) -> String {
        type_name(&self.0)
    }
}

impl ReleaseName {
    /// Checks a release name that somebody typed.
    ///
    /// # Errors
    /// [`NameError`], with a name that would do.
    pub fn parse(text: &str) -> Result<Self, NameError> {
        check(text, NameKind::Release).map(|()| Self(text.to_owned()))
    }

    /// Checks the name of an umbrella that somebody typed.
    ///
    /// # Errors
    /// [`NameError`], with a name that would do.
    pub fn parse_umbrella(text: &str) -> Result<Self, NameError> {
        check(text, NameKind::Umbrella).map(|()| Self(text.to_owned()))
    }

    /// The name of a release that exists, or that is made of names that do.
    #[must_use]
    pub fn existing(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for AppName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Display for ReleaseName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A valid name near `text` that `is_free` accepts.
#[must_use]
pub(crate) fn suggest(text: &str, is_free: impl Fn(&str) -> bool) -> String {
    let near = Some(normalized(text)).filter(|name| !name.is_empty()).unwrap_or_else(|| "my_app".to_owned());
    let mut stem = near;
    while stem.len() > LONGEST - "_app".len() - 2 || stem.ends_with('_') {
        stem.pop();
    }
    let usable = |name: &String| fault(name, NameKind::Application).is_none() && is_free(name);
    let fallbacks = (2..).map(|n| format!("{stem}_app{n}"));
    [stem.clone(), format!("{stem}_app")].into_iter().chain(fallbacks).find(usable).unwrap_or_default()
}

fn check(text: &str, kind: NameKind) -> Result<(), NameError> {
    match fault(text, kind) {
        None => Ok(()),
        Some(fault) => {
            Err(NameError { kind, name: text.to_owned(), fault, suggestion: suggest(text, |_| true) })
        }
    }
}

pub(super) fn fault(text: &str, kind: NameKind) -> Option<NameFault> {
    let Some(first) = text.chars().next() else { return Some(NameFault::Empty) };
    if let Some(bad) = text.chars().find(|c| !matches!(c, 'a'..='z' | '0'..='9' | '_')) {
        return Some(NameFault::BadCharacter(bad));
    }
    if !first.is_ascii_lowercase() {
        return Some(NameFault::BadStart(first));
    }
    if text.contains("__") || text.ends_with('_') {
        return Some(NameFault::StrayUnderscore);
    }
    if text.len() > LONGEST {
        return Some(NameFault::TooLong(text.len()));
    }
    let type_name = type_name(text);
    Some(match reserved(text, &type_name)? {
        Reserved::Keyword => NameFault::Keyword,
        Reserved::Rust => NameFault::Rust(text.to_owned()),
        Reserved::Folder => NameFault::Folder,
        Reserved::Crate => NameFault::Crate(text.to_owned()),
        // No type is named after a release.
        Reserved::Type if kind == NameKind::Release => return None,
        // Of generated code, where whoever asks for it looks whether it is taken.
        Reserved::Type if kind == NameKind::Module && type_name == "Counter" => return None,
        Reserved::Type => NameFault::Type(type_name),
        Reserved::Device => NameFault::Device,
    })
}

/// `my_app` is `MyApp`.
pub(super) fn type_name(name: &str) -> String {
    let mut words = String::new();
    for word in name.split(['_', '-']) {
        let mut letters = word.chars();
        words.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        words.push_str(letters.as_str());
    }
    words
}

/// Lower case letters and digits, single underscores between words, a letter first; empty if nothing is left.
fn normalized(text: &str) -> String {
    let mut name = String::new();
    let mut after_lower = false;
    for letter in text.chars() {
        if letter.is_uppercase() && after_lower && !name.ends_with('_') {
            name.push('_');
        }
        after_lower = letter.is_lowercase() || letter.is_ascii_digit();
        match letter.to_lowercase().next().map(unaccented).unwrap_or(letter) {
            plain @ ('a'..='z' | '0'..='9') => name.push(plain),
            _ if name.ends_with('_') => {}
            _ => name.push('_'),
        }
    }
    let name = name.trim_start_matches(|c: char| c == '_' || c.is_ascii_digit());
    name.trim_end_matches('_').replace("__", "_")
}

/// The letters of western Europe without their accents.
fn unaccented(letter: char) -> char {
    match letter {
        'à'..='å' => 'a',
        'ç' => 'c',
        'è'..='ë' => 'e',
        'ì'..='ï' => 'i',
        'ñ' => 'n',
        'ò'..='ö' | 'ø' => 'o',
        'ù'..='ü' => 'u',
        'ý' | 'ÿ' => 'y',
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{AppName, NameFault, suggest};

    fn refused(name: &str) -> (NameFault, String) {
        let error = AppName::parse(name).unwrap_err();
        (error.fault, error.suggestion)
    }

    #[test]
    fn each_fault_is_named_and_has_a_suggestion() {
        let cases = [
            ("", NameFault::Empty, "my_app"),
            ("Abc", NameFault::BadCharacter('A'), "abc"),
            ("MyShop", NameFault::BadCharacter('M'), "my_shop"),
            ("1abc", NameFault::BadStart('1'), "abc"),
            ("a-b", NameFault::BadCharacter('-'), "a_b"),
            ("a b", NameFault::BadCharacter(' '), "a_b"),
            ("ab.c", NameFault::BadCharacter('.'), "ab_c"),
            ("_x", NameFault::BadStart('_'), "x"),
            ("x_", NameFault::StrayUnderscore, "x"),
            ("a__b", NameFault::StrayUnderscore, "a_b"),
            ("élan", NameFault::BadCharacter('é'), "elan"),
            ("日本", NameFault::BadCharacter('日'), "my_app"),
            ("aжЖжA", NameFault::BadCharacter('ж'), "a_a"),
            ("fn", NameFault::Keyword, "fn_app"),
            ("gen", NameFault::Keyword, "gen_app"),
            ("true", NameFault::Keyword, "true_app"),
            ("test", NameFault::Rust("test".into()), "test_app"),
            ("u8", NameFault::Rust("u8".into()), "u8_app"),
            ("tokio", NameFault::Crate("tokio".into()), "tokio_app"),
            ("deps", NameFault::Folder, "deps_app"),
            ("nul", NameFault::Device, "nul_app"),
            ("com1", NameFault::Device, "com1_app"),
            ("counter", NameFault::Type("Counter".into()), "counter_app"),
            ("start_error", NameFault::Type("StartError".into()), "start_error_app"),
        ];
        for (name, fault, suggestion) in cases {
            assert_eq!(refused(name), (fault, suggestion.to_owned()), "{name}");
        }
    }

    #[test]
    fn sixty_four_characters_are_allowed_and_no_more() {
        assert!(AppName::parse(&"a".repeat(64)).is_ok());
        let (fault, suggestion) = refused(&"a".repeat(65));
        assert_eq!(fault, NameFault::TooLong(65));
        assert!(AppName::parse(&suggestion).is_ok(), "{suggestion}");
    }

    #[test]
    fn good_names_pass() {
        for name in ["a", "b", "abc", "web_shop", "x86", "com", "com10", "a_1", "kernel"] {
            assert!(AppName::parse(name).is_ok(), "{name}");
        }
    }

    #[test]
    fn the_type_is_the_name_in_camel_case() {
        assert_eq!(AppName::of_package("web_shop").type_name(), "WebShop");
        assert_eq!(AppName::of_package("my-app").type_name(), "MyApp");
        assert_eq!(AppName::of_package("a").type_name(), "A");
    }

    #[test]
    fn letters_without_a_plain_form_leave_one_underscore() {
        assert_eq!(suggest("aжЖжЖb", |_| true), "a_b");
    }

    #[test]
    fn a_suggestion_is_free() {
        assert_eq!(suggest("b", |name| name != "b" && name != "b_app"), "b_app2");
    }

    proptest! {
        #[test]
        fn whatever_is_typed_the_suggestion_is_valid(text in "\\PC{0,80}") {
            if let Err(error) = AppName::parse(&text) {
                prop_assert!(AppName::parse(&error.suggestion).is_ok(), "{text:?} -> {:?}", error.suggestion);
            }
        }

        #[test]
        fn what_is_accepted_is_a_crate_name(text in "[a-z0-9_A-Z.-]{0,12}") {
            if AppName::parse(&text).is_ok() {
                prop_assert!(text.starts_with(|c: char| c.is_ascii_lowercase()));
                prop_assert!(text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'));
            }
        }
    }
}
