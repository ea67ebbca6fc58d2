//! What is made of templates of users, and what is said of those that are wrong.

use super::{Own, OwnFile, Templates};
use crate::contents::Contents;
use crate::{Application, FileSet, Kind, Module, OwnFault, TemplateError};

fn own(files: &[(&str, &str)]) -> Own {
    let file = |&(path, text): &(&str, &str)| OwnFile { path: path.into(), contents: text.into() };
    Own { folder: "mine".into(), files: files.iter().map(file).collect() }
}

/// Rendered for the server `Cart` of `b`: what is made, or where and why not.
fn made(files: &[(&str, &str)]) -> Result<Vec<(String, String)>, (String, String, OwnFault)> {
    let module = Module::new("b", "cart", "Cart");
    match Templates::default().with(Kind::Server, own(files)).render(FileSet::Server(&module)) {
        Ok(made) => {
            let text = |contents: Contents| contents.text().unwrap().to_owned();
            Ok(made.into_iter().map(|file| (file.path, text(file.contents))).collect())
        }
        Err(TemplateError::Own(error)) => {
            let at = error.text[error.at.clone()].to_owned();
            Err((error.file, at, error.fault))
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn only_what_ends_in_hbs_is_rendered_and_names_of_files_always_are() {
    let made = made(&[
        ("src/{{module}}.rs.hbs", "struct {{type_name}};\n"),
        ("{{app}}/{{constant}}.yml", "${{ matrix.os }}\n"),
    ]);
    let expected = [("src/cart.rs", "struct Cart;\n"), ("b/CART.yml", "${{ matrix.os }}\n")];
    assert_eq!(made.unwrap(), expected.map(|(path, text)| (path.to_owned(), text.to_owned())));
}

#[test]
fn what_is_wrong_is_said_with_its_place() {
    let unknown = |name: &str| {
        let known = ["api", "api_krate", "app", "constant", "krate", "module", "registered", "type_name"];
        OwnFault::UnknownVariable { name: name.into(), known: known.map(str::to_owned).into() }
    };
    for (path, text, at, fault) in [
        ("a.hbs", "one\n{{ typ_name }}", "typ_name", unknown("typ_name")),
        ("a.hbs", "const {{app}} {{const}}", "const", unknown("const")),
        ("a.hbs", "{{#if typ}}{{/if}}", "typ", unknown("typ")),
        ("{{mod}}.rs.hbs", "", "mod", unknown("mod")),
        ("a.hbs", "{{shout app}}", "shout", OwnFault::UnknownHelper("shout".into())),
        ("a.hbs", "x\n{{> more}}", "more", OwnFault::Partial("more".into())),
        ("{{#if app}}..{{else}}{{/if}}", "", "{{#if app}}..{{else}}{{/if}}", OwnFault::Place("".into())),
    ] {
        let (file, place, found) = made(&[(path, text)]).unwrap_err();
        assert_eq!(file, format!("mine/{path}"));
        if !matches!(fault, OwnFault::Place(_)) {
            assert_eq!((place.as_str(), found), (at, fault), "{path}: {text}");
        }
    }
    let (_, place, fault) = made(&[("a.hbs", "fine\n{{#if app}}\n")]).unwrap_err();
    assert!(matches!(fault, OwnFault::Malformed(_)), "{place}: {fault}");
}

#[test]
fn no_file_is_made_twice_or_outside() {
    let (_, _, fault) = made(&[("cart.rs", ""), ("{{module}}.rs", "")]).unwrap_err();
    assert_eq!(fault, OwnFault::Twice { path: "cart.rs".into(), other: "cart.rs".into() });
    let (_, _, fault) = made(&[("cart", ""), ("{{module}}/x", "")]).unwrap_err();
    assert!(matches!(fault, OwnFault::Twice { .. }), "{fault}");
    let outside = Own {
        folder: "mine".into(),
        files: vec![OwnFile { path: "{{example.function}}".into(), contents: "".into() }],
    };
    let app = Application::new("b", "B", false).depends_on("c", true);
    let render = |app: &Application| {
        Templates::default().with(Kind::Library, outside.clone()).render(FileSet::Library(app))
    };
    assert!(render(&app).is_ok(), "odd, but a name");
    let missing = render(&Application::new("b", "B", false));
    let Err(TemplateError::Own(error)) = missing else { panic!("{missing:?}") };
    assert_eq!(error.fault, OwnFault::NoValue("example.function".into()));
}

#[test]
fn a_line_that_is_made_is_found_in_its_template() {
    let text = "one\n{{#if app}}\ntwo {{app}}\n{{/if}}\n{{#if krate}}three{{/if}}\nfour\n";
    let own = own(&[("a.hbs", text), ("b", "x\ny\n")]);
    let module = Module::new("b", "cart", "Cart");
    let line = |pattern: &str, line| own.line_of(FileSet::Server(&module), pattern, line);
    assert_eq!([1, 2, 4].map(|made| line("a", made)), [Some(1), Some(3), Some(6)]);
    // It stands on a line with a block: close by.
    assert_eq!(line("a", 3), Some(4));
    assert_eq!((line("b", 2), line("none", 1)), (Some(2), None));
}
