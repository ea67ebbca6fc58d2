//! What can be typed. PURE.

use serde_json::Value;

use crate::commands::call::argument;

/// What a line asks for.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Order {
    Apps,
    Tree(Vec<String>),
    Servers(Option<String>),
    Processes(usize),
    Pg,
    Call { server: String, method: String, arguments: Vec<Value> },
    State(String),
    Trace { server: String, messages: u64 },
    Why(String),
    Kill(String),
    Exit { process: String, reason: String },
    Suspend(String),
    Resume(String),
    Help,
    Quit,
}

/// The words that lines begin with, what follows them, and what they do.
pub(super) const COMMANDS: [(&str, &str, &str); 15] = [
    ("apps", "", "the applications that run"),
    ("tree", "[APP...]", "supervision trees"),
    ("servers", "[SERVER]", "who can be called, or how one is"),
    ("call", "SERVER METHOD [JSON...]", "calls a method; `call` may be left out"),
    ("state", "SERVER", "the state of a server"),
    ("trace", "SERVER [COUNT]", "the next messages of a server: 10, for at most a minute"),
    ("processes", "[COUNT]", "the processes that did most"),
    ("pg", "", "process groups and their members"),
    ("why", "APP", "what went wrong in an application"),
    ("suspend", "SERVER", "has it take no messages"),
    ("resume", "SERVER", "has it take them again"),
    ("exit", "SERVER REASON", "asks it to exit: normal, shutdown, or any text; one that traps exits may not"),
    ("kill", "SERVER", "ends it; its supervisor does as it does"),
    ("help", "", "this"),
    ("quit", "", "ends the console, as Ctrl-D does"),
];

/// A line that means nothing: what is wrong, and how it is typed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Misunderstood {
    pub(super) text: String,
    pub(super) word: String,
}

/// Understands the words of a line. A first word that is no command is a server to be called.
pub(super) fn parse(words: &[String]) -> Result<Option<Order>, Misunderstood> {
    let Some((first, rest)) = words.split_first() else { return Ok(None) };
    let wrong = |text: String| Misunderstood { text, word: first.clone() };
    let usage = || {
        let command = COMMANDS.iter().find(|(name, ..)| name == first);
        let (name, arguments, _) = command.copied().unwrap_or(("", "", ""));
        wrong(format!("it is typed as `{}`", format!("{name} {arguments}").trim()))
    };
    let none = |order: Order| if rest.is_empty() { Ok(order) } else { Err(usage()) };
    let one = || if let [only] = rest { Ok(only.clone()) } else { Err(usage()) };
    let order = match first.as_str() {
        "apps" => none(Order::Apps)?,
        "pg" => none(Order::Pg)?,
        "help" | "?" => none(Order::Help)?,
        "quit" => none(Order::Quit)?,
        "exit" => match rest {
            [] => Order::Quit,
            [_] => return Err(usage()),
            [process, reason @ ..] => Order::Exit { process: process.clone(), reason: reason.join(" ") },
        },
        "tree" => Order::Tree(rest.to_vec()),
        "servers" => match rest {
            [] => Order::Servers(None),
            [server] => Order::Servers(Some(server.clone())),
            _ => return Err(usage()),
        },
        "processes" => match rest {
            [] => Order::Processes(20),
            [count] => Order::Processes(count.parse().map_err(|_| usage())?),
            _ => return Err(usage()),
        },
        "state" => Order::State(one()?),
        "why" => Order::Why(one()?),
        "kill" => Order::Kill(one()?),
        "suspend" => Order::Suspend(one()?),
        "resume" => Order::Resume(one()?),
        "trace" => match rest {
            [server] => Order::Trace { server: server.clone(), messages: 10 },
            [server, count] => {
                Order::Trace { server: server.clone(), messages: count.parse().map_err(|_| usage())? }
            }
            _ => return Err(usage()),
        },
        "call" => match rest {
            [server, method, arguments @ ..] => call(server, method, arguments),
            _ => return Err(usage()),
        },
        server => match rest {
            [method, arguments @ ..] => call(server, method, arguments),
            [] => return Err(wrong(format!("no such command: `{server}`"))),
        },
    };
    Ok(Some(order))
}

fn call(server: &str, method: &str, arguments: &[String]) -> Order {
    let arguments = arguments.iter().map(|text| argument(text)).collect();
    Order::Call { server: server.to_owned(), method: method.to_owned(), arguments }
}

/// What kind of word is expected as the next one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected<'a> {
    /// A command, or a server.
    First,
    Application,
    Server,
    /// A method of this server.
    Method(&'a str),
    /// Nothing that is known here.
    Anything,
}

/// What comes after these words.
pub(super) fn expected<'a>(before: &[&'a str]) -> Expected<'a> {
    match before {
        [] => Expected::First,
        ["tree", ..] | ["why"] => Expected::Application,
        ["call" | "state" | "trace" | "kill" | "exit" | "suspend" | "resume" | "servers"] => Expected::Server,
        ["call", server] => Expected::Method(server),
        [first] if COMMANDS.iter().all(|(name, ..)| name != first) => Expected::Method(first),
        _ => Expected::Anything,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn parsed(line: &str) -> Result<Option<Order>, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        parse(&words).map_err(|wrong| wrong.text)
    }

    #[test]
    fn lines_are_understood() {
        let add =
            Order::Call { server: "b".into(), method: "add".into(), arguments: vec![json!(1), json!("x")] };
        let exit = Order::Exit { process: "b".into(), reason: "out of memory".into() };
        let table = [
            ("", None),
            ("apps", Some(Order::Apps)),
            ("tree b c", Some(Order::Tree(vec!["b".into(), "c".into()]))),
            ("call b add 1 x", Some(add.clone())),
            ("b add 1 x", Some(add)),
            ("trace b", Some(Order::Trace { server: "b".into(), messages: 10 })),
            ("processes 5", Some(Order::Processes(5))),
            ("kill <0.4.0>", Some(Order::Kill("<0.4.0>".into()))),
            ("exit", Some(Order::Quit)),
            ("exit b out of memory", Some(exit)),
        ];
        for (line, order) in table {
            assert_eq!(parsed(line), Ok(order), "{line}");
        }
    }

    #[test]
    fn what_means_nothing_is_told_how_it_is_typed() {
        assert_eq!(parsed("state"), Err("it is typed as `state SERVER`".into()));
        assert_eq!(parsed("trace b many"), Err("it is typed as `trace SERVER [COUNT]`".into()));
        assert_eq!(parsed("apps b"), Err("it is typed as `apps`".into()));
        assert_eq!(parsed("exit b"), Err("it is typed as `exit SERVER REASON`".into()));
        assert_eq!(parsed("tre"), Err("no such command: `tre`".into()));
    }

    #[test]
    fn the_next_word_is_known_by_those_before() {
        assert_eq!(expected(&[]), Expected::First);
        assert_eq!(expected(&["tree", "b"]), Expected::Application);
        assert_eq!(expected(&["call"]), Expected::Server);
        assert_eq!(expected(&["exit"]), Expected::Server);
        assert_eq!(expected(&["call", "b"]), Expected::Method("b"));
        assert_eq!(expected(&["b"]), Expected::Method("b"));
        assert_eq!(expected(&["pg"]), Expected::Anything);
    }
}
