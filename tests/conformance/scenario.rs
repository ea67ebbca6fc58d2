//! Scenarios as they are written, and traces as drivers print them; README.md has the format.

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

/// What one scenario is: written once, or one of a product.
#[derive(Clone, Debug)]
pub(crate) struct Scenario {
    /// The name of the file, a slash, and what the scenario is called there.
    pub(crate) name: String,
    /// `file:line`.
    pub(crate) place: String,
    pub(crate) declarations: Vec<Declaration>,
    pub(crate) steps: Vec<Step>,
    lines: Vec<String>,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Kind {
    Server,
    Supervisor,
    Dynamic,
    Application,
}

/// `server a restart=transient trap`.
#[derive(Clone, Debug)]
pub(crate) struct Declaration {
    pub(crate) kind: Kind,
    pub(crate) name: String,
    options: BTreeMap<String, String>,
}

/// `main start_link s`, perhaps after `& ` or `~ `.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    line: String,
    pub(crate) words: Vec<String>,
    /// Whether everybody comes to rest before the next step.
    pub(crate) settles: bool,
}

impl Declaration {
    pub(crate) fn server(name: &str) -> Self {
        Self { kind: Kind::Server, name: name.into(), options: BTreeMap::new() }
    }

    fn parse(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let kind = match words.next()? {
            "server" => Kind::Server,
            "sup" => Kind::Supervisor,
            "dynamic" => Kind::Dynamic,
            "app" => Kind::Application,
            _ => return None,
        };
        let name = words.next()?.into();
        let options = words.map(|word| match word.split_once('=') {
            Some((key, value)) => (key.into(), value.into()),
            None => (word.into(), String::new()),
        });
        Some(Self { kind, name, options: options.collect() })
    }

    pub(crate) fn has(&self, option: &str) -> bool {
        self.options.contains_key(option)
    }

    pub(crate) fn option(&self, option: &str) -> Option<&str> {
        self.options.get(option).map(String::as_str)
    }

    pub(crate) fn list(&self, option: &str) -> Vec<String> {
        self.option(option).map_or_else(Vec::new, |list| list.split(',').map(String::from).collect())
    }

    pub(crate) fn number(&self, option: &str, default: u32) -> u32 {
        self.option(option).map_or(default, |text| text.parse().expect("a number"))
    }
}

impl Step {
    fn parse(line: &str) -> Self {
        let (settles, rest) = match line.split_at_checked(2) {
            Some(("& ", rest)) => (false, rest),
            Some(("~ ", rest)) => (true, rest),
            _ => (true, line),
        };
        Self { line: line.into(), words: rest.split_whitespace().map(String::from).collect(), settles }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.line)
    }
}

impl fmt::Display for Scenario {
    /// As a driver reads it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "@ {}", self.name)?;
        self.lines.iter().try_for_each(|line| writeln!(f, "{line}"))
    }
}

/// One `scenario` of a file, with the `for` lines before it.
struct Template<'a> {
    title: &'a str,
    line: usize,
    products: Vec<(&'a str, Vec<&'a str>)>,
    lines: Vec<&'a str>,
}

/// The scenarios of the file `path`, products multiplied out.
pub(crate) fn read(path: &Path) -> Vec<Scenario> {
    let text = std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let stem = path.file_stem().expect("a file").to_string_lossy().into_owned();
    let mut templates: Vec<Template<'_>> = Vec::new();
    let mut products = Vec::new();
    for (index, line) in text.lines().map(str::trim).enumerate() {
        if line.is_empty() || line.starts_with('#') {
        } else if let Some(product) = line.strip_prefix("for ") {
            let (variable, values) = product.split_once(" in ").expect("for NAME in VALUES");
            let values: Vec<_> = match values.contains('|') {
                true => values.split('|').map(str::trim).collect(),
                false => values.split_whitespace().collect(),
            };
            products.push((variable.trim(), values));
        } else if let Some(title) = line.strip_prefix("scenario ") {
            let products = std::mem::take(&mut products);
            templates.push(Template { title, line: index + 1, products, lines: Vec::new() });
        } else {
            templates.last_mut().expect("a line belongs to a scenario").lines.push(line);
        }
    }
    templates.iter().flat_map(|template| template.scenarios(&stem)).collect()
}

impl Template<'_> {
    fn scenarios(&self, stem: &str) -> Vec<Scenario> {
        let mut assignments = vec![Vec::new()];
        for (variable, values) in &self.products {
            assignments = assignments
                .into_iter()
                .flat_map(|assigned: Vec<(&str, &str)>| {
                    values.iter().map(move |value| [&assigned[..], &[(*variable, *value)]].concat())
                })
                .collect();
        }
        assignments.iter().map(|assigned| self.scenario(stem, assigned)).collect()
    }

    fn scenario(&self, stem: &str, assigned: &[(&str, &str)]) -> Scenario {
        let fill = |text: &str| {
            assigned
                .iter()
                .fold(text.to_owned(), |text, (name, value)| text.replace(&format!("${name}"), value))
        };
        let lines: Vec<_> = self.lines.iter().map(|line| fill(line)).collect();
        let is_step = |line: &&String| Declaration::parse(line).is_none();
        Scenario {
            name: format!("{stem}/{}", fill(self.title)),
            place: format!("tests/conformance/scenarios/{stem}.scenario:{}", self.line),
            declarations: lines.iter().filter_map(|line| Declaration::parse(line)).collect(),
            steps: lines.iter().filter(is_step).map(|line| Step::parse(line)).collect(),
            lines,
        }
    }
}

/// What happened in a scenario, step by step.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub(crate) struct Trace(pub(crate) Vec<String>);

/// The traces of a driver, by scenario.
pub(crate) type Traces = BTreeMap<String, Trace>;

impl Trace {
    /// A trace in its canonical form: what happens between steps marked `&` comes after them, and after a step marked
    /// `~` each process has its own order, and no other.
    pub(crate) fn parse(text: &str) -> Self {
        let (mut lines, mut events) = (Vec::new(), Vec::new());
        let mut step = "";
        for line in text.lines().map(str::trim_end) {
            if line.starts_with('>') {
                // What happens between steps that do not wait belongs to all of them.
                if !step.starts_with("> & ") {
                    lines.append(&mut events_of(step, &mut events));
                }
                step = line;
                lines.push(line.to_owned());
            } else {
                events.push(line.to_owned());
            }
        }
        lines.append(&mut events_of(step, &mut events));
        Self(lines)
    }
}

/// The events of a step in their canonical order.
fn events_of(step: &str, events: &mut Vec<String>) -> Vec<String> {
    if step.starts_with("> ~ ") {
        events.sort_by_key(|line| line.split_whitespace().next().map(String::from));
    }
    std::mem::take(events)
}

/// Reads what a driver printed: `@ name`, then the trace.
pub(crate) fn traces(text: &str) -> Traces {
    let sections = text.split("\n@ ").skip(1);
    sections
        .map(|section| {
            let (name, trace) = section.split_once('\n').unwrap_or((section, ""));
            (name.to_owned(), Trace::parse(trace))
        })
        .collect()
}
