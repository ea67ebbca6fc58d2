//! `umbrella call SERVER METHOD [ARGUMENT...]`.

use std::time::Duration;

use serde_json::{Value, json};

use crate::error::CommandError;
use crate::exit::ExitCode;
use crate::run::place::{Env, Place};
use crate::run::target::Targets;
use crate::session::Session;

use super::start::seconds;

/// What `call` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
Each argument is JSON; a word that is no JSON is text. Structs are objects, a variant of an enum is its name, or an object
with one key if it holds something. The reply is printed as JSON; a cast has none.

Examples:
  umbrella call b_counter add 1          the method `add(by: i64)` of the server named b_counter
  umbrella call shop_cart put '{\"item\": \"tea\", \"count\": 2}'
  umbrella call '<0.12.0>' get           a server without a name, by its pid, as `umbrella tree` shows it
  umbrella call greeter greet '\"42\"'     the text 42, not the number
  umbrella call c_counter get --node c-2 that of one of several nodes

Exit codes: 0 answered, 1 it failed, 2 no such server or method, or other arguments, 3 nothing runs, 5 no reply in time")]
pub(super) struct Args {
    /// The name of the server, or its pid
    #[arg(value_name = "SERVER")]
    server: String,
    /// The method
    method: String,
    /// Its arguments, each JSON, or text
    #[arg(value_name = "ARGUMENT", allow_hyphen_values = true)]
    arguments: Vec<String>,
    /// The node to ask [default: the first that has the server]
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// How long to wait for the reply
    #[arg(long, value_name = "SECONDS", default_value = "5", value_parser = seconds)]
    timeout: Duration,
    /// Print the reply in a document that says also who gave it
    #[arg(long)]
    json: bool,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    let targets = Targets::find(&place, args.node.as_deref())?;
    let arguments: Vec<Value> = args.arguments.iter().map(|text| argument(text)).collect();
    let (node, called) = targets
        .first(&args.server, |control| control.call(&args.server, &args.method, &arguments, args.timeout))?;
    if args.json {
        let mut document = json!({ "version": 1, "node": node });
        if let (Value::Object(document), Value::Object(called)) = (&mut document, json!(called)) {
            document.extend(called);
        }
        session.shell.json(&document);
    } else if called.kind == "cast" {
        session.shell.say(format_args!("cast to {} {}", called.server, called.pid));
    } else {
        session.shell.line(shown(&called.reply));
    }
    Ok(ExitCode::Done)
}

/// An argument as JSON, or as text if it is none.
pub(super) fn argument(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.to_owned()))
}

/// Longer than this, a value is written in several lines.
const WIDTH: usize = 100;

/// A value in one line, or in several if it is long.
pub(super) fn shown(value: &Value) -> String {
    let line = value.to_string();
    if line.len() <= WIDTH { line } else { serde_json::to_string_pretty(value).unwrap_or(line) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_argument_is_json_or_text() {
        let table = [
            ("1", json!(1)),
            ("-1.5", json!(-1.5)),
            ("tea", json!("tea")),
            ("\"42\"", json!("42")),
            ("{\"a\": [null]}", json!({ "a": [null] })),
            ("{a}", json!("{a}")),
            ("", json!("")),
        ];
        for (text, value) in table {
            assert_eq!(argument(text), value, "{text}");
        }
    }
}
