//! The pages of the manual that are made of, or checked against, the code.

use std::fmt::Write;
use std::{env, fs};

use crate::findings::Findings;
use crate::imports::RUNTIME;
use crate::{rust, source};

const DIFFERS: &str = "runtime/src/manual/differs_from_otp.md";
const DEFAULTS: &str = "runtime/src/manual/defaults.md";

const HEAD: &str = "\
# Differs from OTP

What a reader who knows Erlang or Elixir would not expect. Everything else behaves as in OTP; where it does not, that is a
defect.

This page is collected from the `Differs:` lines in the docs of the code, by `cargo tidy`.
";

#[test]
fn what_differs_from_otp_is_on_one_page() {
    let page = differs_from_otp();
    if env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        fs::write(source::on_disk(DIFFERS), &page).expect("the page can be written");
        return;
    }
    let kept = fs::read_to_string(source::on_disk(DIFFERS)).unwrap_or_default();
    let changed = page.lines().zip(kept.lines().chain([""; 2])).position(|(page, kept)| page != kept);
    assert!(
        page == kept,
        "{DIFFERS}:{}: does not say what the `Differs:` lines of the runtime say; refresh it with\n\n    \
         SNAPSHOTS=overwrite cargo tidy\n",
        changed.unwrap_or(0) + 1,
    );
}

fn differs_from_otp() -> String {
    let mut page = HEAD.to_owned();
    for (layer, _) in RUNTIME {
        let mut entries = String::new();
        for file in rust::files_in("runtime/src").filter(|file| layer_of(file.path) == *layer) {
            for doc in &file.docs {
                for difference in paragraphs_after("Differs:", &doc.text) {
                    let item = if doc.item.is_empty() { module_of(file.path) } else { doc.item.clone() };
                    let source = paragraphs_after("Source:", &doc.text).first().cloned();
                    let source =
                        source.map_or(String::new(), |source| format!(" ({})", source.trim_end_matches('.')));
                    writeln!(entries, "- **`{item}`**{source}: {difference}")
                        .expect("a string can be written to");
                }
            }
        }
        if !entries.is_empty() {
            write!(page, "\n## {layer}\n\n{entries}").expect("a string can be written to");
        }
    }
    page
}

/// The texts that begin with `label` and end with their paragraph, or with the next label.
fn paragraphs_after(label: &str, docs: &str) -> Vec<String> {
    let tails = docs.match_indices(label).map(|(start, _)| &docs[start + label.len()..]);
    let paragraphs = tails.map(|tail| {
        let paragraph = tail.split("\n\n").next().unwrap_or(tail);
        let ends = ["Differs:", "Source:", "Cost:"].iter().filter_map(|next| paragraph.find(next)).min();
        without_links(&paragraph[..ends.unwrap_or(paragraph.len())])
    });
    paragraphs.collect()
}

/// On one line, with links turned into their texts: here they would lead nowhere.
fn without_links(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let mut plain = String::new();
    let mut rest = text.as_str();
    while let Some((before, linked)) = rest.split_once('[') {
        let (name, after) = linked.split_once(']').unwrap_or((linked, ""));
        plain += before;
        plain += name;
        rest = after
            .strip_prefix('(')
            .and_then(|target| target.split_once(')'))
            .map_or(after, |(_, after)| after);
    }
    plain + rest
}

fn inside(path: &str) -> &str {
    path.trim_start_matches("runtime/src/").trim_end_matches(".rs").trim_end_matches("/mod")
}

fn layer_of(path: &str) -> &str {
    inside(path).split('/').next().unwrap_or(path)
}

fn module_of(path: &str) -> String {
    inside(path).replace('/', "::")
}

#[test]
fn every_default_is_on_the_page_of_defaults() {
    let mut findings = Findings::new(
        "runtime/src/manual/defaults.md has one row for each default: what, value and unit, where it is set, source",
        "write the row, with the cell as given here; remove rows whose cell is no longer in the code",
    );
    let page = source::file(DEFAULTS).map_or("", |file| file.text.as_str());
    let mut cells = Vec::new();
    for file in rust::files_in("runtime/src") {
        for default in &file.defaults {
            let cell = format!("| `{}::{}` |", module_of(file.path), default.written);
            if !page.contains(&cell) {
                findings.line(file.path, default.line, format_args!("no row has the cell {cell}"));
            }
            cells.push(cell);
        }
    }
    for (index, line) in page.lines().enumerate().filter(|(_, line)| line.contains("| `")) {
        if !cells.iter().any(|cell| line.contains(cell)) {
            findings.line(DEFAULTS, index + 1, "the code has no such default");
        }
    }
    findings.none();
}

#[test]
fn labelled_paragraphs_end_where_the_next_begins() {
    let docs =
        "Kills it.\n\nSource: OTP `exit/2`. Differs: at the next [`await`](x).\nAnd later.\n\n# Errors\n";
    assert_eq!(paragraphs_after("Source:", docs), ["OTP `exit/2`."]);
    assert_eq!(paragraphs_after("Differs:", docs), ["at the next `await`. And later."]);
}
