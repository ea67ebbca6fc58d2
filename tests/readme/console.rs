//! Reading `console` blocks: lines that begin with `$` are typed, with the next one where they end in `\`; the others are
//! what comes back.

/// One command and what it prints; nothing when the README does not say.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub(crate) command: String,
    pub(crate) output: String,
}

/// All commands of all `console` blocks, in order.
pub(crate) fn entries(markdown: &str) -> Vec<Entry> {
    let mut entries: Vec<Entry> = Vec::new();
    let mut inside = false;
    for line in markdown.lines() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let Some(command) = line.strip_prefix("$ ").filter(|_| inside) {
            entries.push(Entry { command: command.to_owned(), output: String::new() });
        } else if let Some(entry) = entries.last_mut().filter(|entry| inside && entry.command.ends_with('\\'))
        {
            entry.command.pop();
            entry.command.push_str(line.trim_start());
        } else if let Some(entry) = entries.last_mut().filter(|_| inside) {
            entry.output.push_str(line);
            entry.output.push('\n');
        }
    }
    entries
}

#[test]
fn only_console_blocks_are_typed() {
    let entries = entries("```sh\n$ no\n```\n```console\n$ a b\nout\n...\n$ c \\\n   d\n```\n$ no\n");
    let entry = |command: &str, output: &str| Entry { command: command.into(), output: output.into() };
    assert_eq!(entries, [entry("a b", "out\n...\n"), entry("c d", "")]);
}
