//! What a placement expression says, before anybody asked whether it fits a workspace.

use std::fmt;

/// A range of bytes in the text of an expression.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// The first byte.
    pub start: usize,
    /// One past the last byte.
    pub end: usize,
}

impl Span {
    /// The bytes from `start` up to, and without, `end`.
    #[must_use]
    pub fn new(start: usize, end: usize) -> Self {
        Self { start, end }
    }

    /// From the start of this span to the end of `other`.
    #[must_use]
    pub fn to(self, other: Self) -> Self {
        Self { start: self.start, end: other.end }
    }
}

impl From<Span> for miette::SourceSpan {
    fn from(span: Span) -> Self {
        (span.start, span.end.saturating_sub(span.start)).into()
    }
}

/// A value and where it was written.
///
/// Two are equal if their values are: where something stands is not part of what it says.
#[derive(Debug, Clone)]
pub struct Spanned<T> {
    /// What was written.
    pub value: T,
    /// Where.
    pub span: Span,
}

impl<T: PartialEq> PartialEq for Spanned<T> {
    fn eq(&self, other: &Self) -> bool {
        self.value == other.value
    }
}

impl<T: Eq> Eq for Spanned<T> {}

/// One bracket of an expression: the applications of one release.
#[derive(Debug, Clone)]
pub struct Bracket {
    /// The name before `=`, if one was given.
    pub name: Option<Spanned<String>>,
    /// The applications, in the order written; never empty when parsed.
    pub applications: Vec<Spanned<String>>,
    /// From `[` to `]`.
    pub brackets: Span,
    /// In how many nodes the release runs: `[c]*3`. Never 0 when parsed.
    pub instances: u32,
}

impl Bracket {
    /// The release's name: the one given, or else its applications joined by `_` in the order written.
    #[must_use]
    pub fn release_name(&self) -> String {
        if let Some(name) = &self.name {
            return name.value.clone();
        }
        let names: Vec<&str> = self.applications.iter().map(|app| app.value.as_str()).collect();
        names.join("_")
    }

    /// What a message about the release's name points at: the name, or the bracket that made it.
    #[must_use]
    pub fn name_span(&self) -> Span {
        self.name.as_ref().map_or(self.brackets, |name| name.span)
    }
}

/// A placement expression: one bracket per release.
///
/// [`Display`](fmt::Display) prints the canonical form, without blanks, which parses to an equal value. Equality
/// ignores blanks and spans.
///
/// # Examples
/// `[a, b] + [c]` prints as `[a,b]+[c]`.
#[derive(Debug, Clone)]
pub struct Deployment {
    text: String,
    brackets: Vec<Bracket>,
}

impl Deployment {
    /// The parts, as the parser found them in `text`.
    pub(super) fn new(text: String, brackets: Vec<Bracket>) -> Self {
        Self { text, brackets }
    }

    /// The deployment of a single release that holds `applications`, as `umbrella release` builds it when nothing
    /// else is asked for.
    #[must_use]
    pub fn of_one_release<'a>(name: &str, applications: impl IntoIterator<Item = &'a str>) -> Self {
        let mut text = format!("{name}=[");
        let name = Spanned { value: name.to_owned(), span: Span::new(0, name.len()) };
        let open = text.len() - 1;
        let mut placed = Vec::new();
        for app in applications {
            if !placed.is_empty() {
                text.push(',');
            }
            let start = text.len();
            text.push_str(app);
            placed.push(Spanned { value: app.to_owned(), span: Span::new(start, text.len()) });
        }
        text.push(']');
        let brackets = Span::new(open, text.len());
        Self {
            text,
            brackets: vec![Bracket { name: Some(name), applications: placed, brackets, instances: 1 }],
        }
    }

    /// What is left without `application`; nothing if that was all. Brackets that would be empty go. Spans point into the
    /// same text as before.
    #[must_use]
    pub fn without(mut self, application: &str) -> Option<Self> {
        for bracket in &mut self.brackets {
            bracket.applications.retain(|placed| placed.value != application);
        }
        self.brackets.retain(|bracket| !bracket.applications.is_empty());
        (!self.brackets.is_empty()).then_some(self)
    }

    /// The text that spans point into.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The brackets, left to right.
    #[must_use]
    pub fn brackets(&self) -> &[Bracket] {
        &self.brackets
    }

    pub(super) fn brackets_mut(&mut self) -> &mut [Bracket] {
        &mut self.brackets
    }
}

impl PartialEq for Bracket {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
            && self.applications == other.applications
            && self.instances == other.instances
    }
}

impl Eq for Bracket {}

impl PartialEq for Deployment {
    fn eq(&self, other: &Self) -> bool {
        self.brackets == other.brackets
    }
}

impl Eq for Deployment {}

impl fmt::Display for Deployment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, bracket) in self.brackets.iter().enumerate() {
            if at > 0 {
                f.write_str("+")?;
            }
            write!(f, "{bracket}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Bracket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(name) = &self.name {
            write!(f, "{}=", name.value)?;
        }
        f.write_str("[")?;
        for (at, app) in self.applications.iter().enumerate() {
            if at > 0 {
                f.write_str(",")?;
            }
            f.write_str(&app.value)?;
        }
        f.write_str("]")?;
        if self.instances != 1 { write!(f, "*{}", self.instances) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::Deployment;

    #[test]
    fn an_application_leaves_and_takes_a_bracket_of_its_own_with_it() {
        for (before, after) in [
            ("[a,b]+[c]", Some("[a]+[c]")),
            ("[a]+web=[b]*3", Some("[a]")),
            ("ab=[a,b]*2+[bb]", Some("ab=[a]*2+[bb]")),
            ("[b]", None),
            ("[a]", Some("[a]")),
        ] {
            let left = Deployment::parse(before).unwrap().without("b");
            assert_eq!(left.map(|left| left.to_string()).as_deref(), after);
        }
    }

    #[test]
    fn one_release_of_all_prints_and_points_as_if_it_had_been_typed() {
        let made = Deployment::of_one_release("abc", ["a", "b"]);
        let typed = Deployment::parse("abc=[a,b]").unwrap();
        assert_eq!(made, typed);
        assert_eq!(made.text(), typed.text());
        for (made, typed) in made.brackets()[0].applications.iter().zip(&typed.brackets()[0].applications) {
            assert_eq!(made.span, typed.span);
        }
        assert_eq!(made.brackets()[0].brackets, typed.brackets()[0].brackets);
    }
}
