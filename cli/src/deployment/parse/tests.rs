//! Parsing, over tables of expressions.

use proptest::prelude::*;

use super::super::Explain;
use super::Deployment;

/// The error of `text`, and the text with `^` under what it points at.
#[track_caller]
fn check(text: &str, message: &str, carets: &str) {
    let error = Deployment::parse(text).expect_err(text);
    let mut drawn = String::new();
    for (span, _) in error.kind.labels() {
        let line = " ".repeat(span.start) + &"^".repeat((span.end - span.start).max(1));
        drawn.push_str(&line);
    }
    assert_eq!((error.to_string().as_str(), drawn.as_str()), (message, carets), "{text}");
    assert!(error.kind.help().is_some(), "{text}");
}

fn names(deployment: &Deployment) -> Vec<(String, Vec<&str>)> {
    let bracket = |bracket: &'_ super::Bracket| bracket.release_name();
    let apps = |at: usize| deployment.brackets()[at].applications.iter().map(|app| app.value.as_str());
    deployment.brackets().iter().enumerate().map(|(at, b)| (bracket(b), apps(at).collect())).collect()
}

#[test]
fn a_release_without_a_name_is_called_after_its_applications() {
    let deployment = Deployment::parse("[b,a]+[c]").unwrap();
    assert_eq!(names(&deployment), [("b_a".to_owned(), vec!["b", "a"]), ("c".to_owned(), vec!["c"])]);
}

#[test]
fn a_name_before_the_bracket_is_the_name_of_the_release() {
    let deployment = Deployment::parse("web=[a,b]+[c]").unwrap();
    assert_eq!(names(&deployment), [("web".to_owned(), vec!["a", "b"]), ("c".to_owned(), vec!["c"])]);
}

#[test]
fn blanks_mean_nothing() {
    let spread = Deployment::parse(" web = [ a ,\tb ]\n+ [ c ] ").unwrap();
    assert_eq!(spread, Deployment::parse("web=[a,b]+[c]").unwrap());
    assert_eq!(spread.to_string(), "web=[a,b]+[c]");
}

#[test]
fn nothing_at_all_is_an_error_without_a_caret() {
    check("", "the placement expression is empty", "");
    check("  \t", "the placement expression is empty", "");
}

#[test]
fn brackets_come_in_pairs() {
    check("[a,b", "this bracket is never closed", "^");
    check("[", "this bracket is never closed", "^");
    check("[a,", "this bracket is never closed", "^");
    check("[a,b+[c]", "this bracket is never closed", "^");
    check("[a,b+web=[c]", "this bracket is never closed", "^");
    check("[a]]", "`]` closes nothing", "   ^");
    check("]", "`]` closes nothing", "^");
    check("[a,[b]]", "a bracket cannot stand inside another one", "   ^");
    check("[a]+[]", "a release needs at least one application", "    ^^");
    check("[ ]", "a release needs at least one application", "^^^");
    check("a+[b]", "`a` stands outside a bracket", "^");
}

#[test]
fn a_plus_stands_between_releases() {
    check("+[a]", "`+` needs a release on both sides", "^");
    check("[a]+", "`+` needs a release on both sides", "   ^");
    check("[a] + ", "`+` needs a release on both sides", "    ^");
    check("[a]++[b]", "`+` needs a release on both sides", "    ^");
    check("[a][b]", "expected `+` between two releases", "   ^");
    check("[a]web=[b]", "expected `+` between two releases", "   ^^^");
    check("[a+b]", "`+` stands between releases, not between applications", "  ^");
}

#[test]
fn a_comma_stands_between_applications() {
    check("[a,]", "`,` needs an application on both sides", "  ^");
    check("[,a]", "`,` needs an application on both sides", " ^");
    check("[a,,b]", "`,` needs an application on both sides", "   ^");
    check("[a],[b]", "`,` stands between applications, not between releases", "   ^");
    check("[a b]", "expected `,` between `a` and `b`", "   ^");
}

#[test]
fn an_equals_sign_follows_a_release_name() {
    check("=[a]", "expected a release name before `=`", "^");
    check("[a=b]", "expected a release name before `=`", "  ^");
    check("[a]=[b]", "expected a release name before `=`", "   ^");
    check("web=a", "expected `[` after `web=`", "^^^");
    check("web=", "expected `[` after `web=`", "^^^");
    check("web=x=[a]", "expected `[` after `web=`", "^^^");
}

#[test]
fn names_are_checked() {
    check("Web=[a]", "invalid release name `Web`: `W` is not allowed, only a-z, 0-9 and `_`", "^^^");
    check("weB=[a]", "invalid release name `weB`: `B` is not allowed, only a-z, 0-9 and `_`", "^^^");
    let folder = "it is the name of a folder that cargo or umbrella uses";
    check("deps=[a]", &format!("invalid release name `deps`: {folder}"), "^^^^");
    // No type is named after a release, so that it may be called as one.
    assert!(Deployment::parse("counter=[a]").is_ok());
    check("[1a]", "invalid application name `1a`: it must not start with a digit", " ^^");
    check("[-a]", "invalid application name `-a`: it must not start with `-`", " ^^");
    check("[élan]", "invalid application name `élan`: only ASCII letters are allowed", " ^^^^^");
    let long = "x".repeat(65);
    let message = format!("invalid release name `{long}`: it has 65 characters, 64 are allowed");
    check(&format!("{long}=[a]"), &message, &"^".repeat(65));
}

#[test]
fn a_count_stands_after_its_release() {
    let printed = |text: &str| Deployment::parse(text).unwrap().to_string();
    assert_eq!(printed("[a,b] + [c] * 3"), "[a,b]+[c]*3");
    assert_eq!(printed("web=[c*3]+[a]*1"), "web=[c]*3+[a]");
    let needs = "`*` needs a release before it and a number after it";
    check("[a]*", needs, "   ^");
    check("[a]+*3", needs, "    ^");
    check("*3", needs, "^");
    check("[*3]", needs, " ^");
    check("[a*]", needs, "  ^");
    check("[a*3*4]", needs, "    ^");
    check("[a]*0", "`0` is no number of instances", "    ^");
    check("[a]*x", "`x` is no number of instances", "    ^");
    check("[a]*1001", "`1001` is no number of instances", "    ^^^^");
    check("[a*2]*3", "the instances of this release are counted twice", "     ^^");
    let shared = "an application that shares its bracket cannot run 3 times on its own";
    check("[b,c*3]", shared, "    ^^");
    check("[c*3,b]", shared, "  ^^");
    check("c*3", "`c` stands outside a bracket", "^");
}

#[test]
fn other_characters_have_no_meaning() {
    check("[a;b]", "unexpected character `;`", "  ^");
    check("[a.b]", "unexpected character `.`", "  ^");
    check("[a\u{200b}]", "unexpected character `\\u{200b}`", "  ^^^");
}

#[test]
fn control_characters_never_reach_the_terminal() {
    let error = Deployment::parse("[a\u{1b}[31m").unwrap_err();
    assert!(!error.expression().contains('\u{1b}'));
}

fn bracket() -> impl Strategy<Value = String> {
    let name = proptest::option::of("x[a-z0-9]{0,5}_x");
    let applications = proptest::collection::vec("[a-zA-Z_][a-zA-Z0-9_-]{0,6}", 1..5);
    let blank = "[ \t]{0,2}";
    let count = proptest::option::of(1..=1000_u32);
    (name, applications, blank, count).prop_map(|(name, applications, blank, count)| {
        let name = name.map(|name| format!("{name}{blank}=")).unwrap_or_default();
        let count = count.map(|count| format!("{blank}*{blank}{count}")).unwrap_or_default();
        format!("{name}{blank}[{blank}{}{blank}]{count}", applications.join(&format!("{blank},{blank}")))
    })
}

proptest! {
    #[test]
    fn what_is_printed_parses_to_the_same(brackets in proptest::collection::vec(bracket(), 1..5)) {
        let deployment = Deployment::parse(&brackets.join(" + ")).unwrap();
        let printed = deployment.to_string();
        prop_assert!(!printed.contains(char::is_whitespace));
        prop_assert_eq!(Deployment::parse(&printed).unwrap(), deployment);
    }

    #[test]
    fn spans_hold_what_they_say(brackets in proptest::collection::vec(bracket(), 1..5)) {
        let deployment = Deployment::parse(&brackets.join("+")).unwrap();
        for bracket in deployment.brackets() {
            for word in bracket.applications.iter().chain(&bracket.name) {
                prop_assert_eq!(&deployment.text()[word.span.start..word.span.end], &word.value);
            }
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(text in "[\\[\\],+=*3 a-cé\u{0}-\u{20}]{0,24}") {
        if let Err(error) = Deployment::parse(&text) {
            for (span, _) in error.kind.labels() {
                prop_assert!(error.expression().get(span.start..span.end).is_some());
            }
        }
    }
}
