//! Code whose line breaks depend on the length of a name, broken as rustfmt breaks it.
//!
//! The numbers are rustfmt's defaults. `tests/generated` holds this against rustfmt for short and long names.

/// `max_width`.
const LINE: usize = 100;
/// `fn_call_width` and `chain_width`.
const CALL: usize = 60;

/// `pub async fn add_to_c(by: i64) -> Result<i64, CallError> { c::COUNTER.add(by).await }`, on several lines.
pub(crate) fn add_to(name: &str) -> String {
    let signature = format!("pub async fn add_to_{name}(by: i64) -> Result<i64, CallError> {{");
    let signature = if signature.len() <= LINE {
        signature
    } else {
        format!("pub async fn add_to_{name}(\n    by: i64,\n) -> Result<i64, CallError> {{")
    };
    let body = format!("{name}::COUNTER.add(by).await");
    let body =
        if body.len() <= CALL { body } else { format!("{name}::COUNTER\n        .add(by)\n        .await") };
    format!("{signature}\n    {body}\n}}")
}

/// `pub const COUNTER: Name<Counter> = Counter::named("b_counter");`
pub(crate) fn counter_const(name: &str) -> String {
    let (left, right) =
        ("pub const COUNTER: Name<Counter> =", format!("Counter::named(\"{name}_counter\");"));
    if left.len() + 1 + right.len() <= LINE {
        format!("{left} {right}")
    } else {
        format!("{left}\n    {right}")
    }
}

/// A method call in a chain.
pub(crate) struct Link {
    pub(crate) method: &'static str,
    pub(crate) args: Vec<String>,
}

/// The chain `umbrella::node::Boot::new(...)....run()` as the body of `main`.
pub(crate) fn boot(release: &str, links: &[Link]) -> String {
    let args = [format!("\"{release}\""), "env!(\"CARGO_PKG_VERSION\")".to_owned()];
    let head = call("    umbrella::node::Boot::new", &args);
    let run = ".run()";
    if head.lines().count() > 1 {
        // What follows a closing parenthesis on its own line is not indented further.
        let links: String = links.iter().map(|link| format!("    {}\n", link.at(4))).collect();
        return format!("{head}\n{links}    {run}");
    }
    if links.is_empty() {
        return format!("{head}{run}");
    }
    let links: String = links.iter().map(|link| format!("        {}\n", link.at(8))).collect();
    format!("{head}\n{links}        {run}")
}

impl Link {
    /// The call, whose line begins at column `indent`.
    fn at(&self, indent: usize) -> String {
        let line = call(&format!("{}.{}", " ".repeat(indent), self.method), &self.args);
        line.trim_start().to_owned()
    }
}

/// `name(args)`, one argument a line where they are too wide. The indentation is that of `name`.
fn call(name: &str, args: &[String]) -> String {
    let inline = args.join(", ");
    let fits = match args {
        // A lone call may fill its line.
        [lone] if lone.ends_with(')') => name.len() + inline.len() + 2 <= LINE,
        _ => inline.len() <= CALL,
    };
    if fits {
        return format!("{name}({inline})");
    }
    let indent = " ".repeat(name.len() - name.trim_start().len());
    let args: String = args.iter().map(|arg| format!("{indent}    {arg},\n")).collect();
    format!("{name}(\n{args}{indent})")
}
