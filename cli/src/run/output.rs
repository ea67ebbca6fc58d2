//! The lines of several nodes on one terminal: each says whose it is. PURE.

use anstyle::{AnsiColor, Color, Style};

/// Told apart easily, on dark and light; red is for errors.
const COLOURS: [AnsiColor; 5] =
    [AnsiColor::Cyan, AnsiColor::Green, AnsiColor::Magenta, AnsiColor::Yellow, AnsiColor::Blue];

/// A prefix per node, all of one width.
#[derive(Clone, Debug)]
pub struct Prefixes {
    prefixes: Vec<String>,
}

impl Prefixes {
    /// For nodes of these names, in their order.
    pub fn new<'a>(names: impl IntoIterator<Item = &'a str>) -> Self {
        let names: Vec<&str> = names.into_iter().collect();
        let width = names.iter().map(|name| name.chars().count()).max().unwrap_or(0);
        let prefix = |(name, colour): (&&str, &AnsiColor)| {
            let style = Style::new().fg_color(Some(Color::Ansi(*colour)));
            format!("{style}{name:<width$} |{style:#} ")
        };
        Self { prefixes: names.iter().zip(COLOURS.iter().cycle()).map(prefix).collect() }
    }

    /// A line of the node at `index`. Styles end with it, so that a crash in the middle of one colours nobody else.
    #[must_use]
    pub fn line(&self, index: usize, line: &str) -> String {
        let prefix = self.prefixes.get(index).map(String::as_str).unwrap_or_default();
        let line = line.trim_end_matches('\r');
        let reset = if line.contains('\u{1b}') { "\u{1b}[0m" } else { "" };
        format!("{prefix}{line}{reset}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_are_of_one_width() {
        let prefixes = Prefixes::new(["ab", "billing"]);
        let plain = |index, line| anstream::adapter::strip_str(&prefixes.line(index, line)).to_string();
        assert_eq!(plain(0, "up\r"), "ab      | up");
        assert_eq!(plain(1, ""), "billing | ");
    }

    #[test]
    fn a_style_ends_with_its_line() {
        assert!(Prefixes::new(["a"]).line(0, "\u{1b}[31mred").ends_with("red\u{1b}[0m"));
    }
}
