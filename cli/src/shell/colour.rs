//! When colour is used.

use std::ffi::OsStr;

use clap::ValueEnum;

/// `--color`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum ColourChoice {
    /// On a terminal only
    #[default]
    Auto,
    /// Also when the output is no terminal
    Always,
    /// Not even on a terminal
    Never,
}

impl ColourChoice {
    /// What `--color` says, else `CARGO_TERM_COLOR`, else `NO_COLOR`, else [`Auto`](Self::Auto).
    #[must_use]
    pub fn decide(flag: Option<Self>, cargo_term_color: Option<&OsStr>, no_color: Option<&OsStr>) -> Self {
        let from_cargo = || Self::from_str(cargo_term_color?.to_str()?, true).ok();
        // no-color.org: present and not empty, whatever the value.
        let from_no_color = || no_color.filter(|value| !value.is_empty()).map(|_| Self::Never);
        flag.or_else(from_cargo).or_else(from_no_color).unwrap_or_default()
    }

    /// Whether a stream shows colour.
    #[must_use]
    pub fn applies_to(self, is_terminal: bool) -> bool {
        match self {
            Self::Auto => is_terminal,
            Self::Always => true,
            Self::Never => false,
        }
    }
}

pub(super) fn resolved(colour: bool) -> anstream::ColorChoice {
    if colour { anstream::ColorChoice::Always } else { anstream::ColorChoice::Never }
}

#[cfg(test)]
mod tests {
    use std::ffi::OsStr;

    use super::ColourChoice::{self, Always, Auto, Never};

    #[test]
    fn the_flag_wins_then_cargo_then_no_color() {
        let decide = |flag, cargo: Option<&str>, no: Option<&str>| {
            ColourChoice::decide(flag, cargo.map(OsStr::new), no.map(OsStr::new))
        };
        assert_eq!(decide(Some(Always), Some("never"), Some("1")), Always);
        assert_eq!(decide(None, Some("always"), Some("1")), Always);
        assert_eq!(decide(None, None, Some("1")), Never);
        assert_eq!(decide(None, None, Some("")), Auto);
        assert_eq!(decide(None, Some("nonsense"), None), Auto);
    }

    #[test]
    fn auto_follows_the_terminal() {
        assert!(Auto.applies_to(true));
        assert!(!Auto.applies_to(false));
        assert!(Always.applies_to(false));
        assert!(!Never.applies_to(true));
    }
}
