//! `umbrella console`.

mod carry_out;
mod complete;
mod order;
mod words;

use std::io::{self, BufRead, IsTerminal};

use miette::Diagnostic;
use rustyline::error::ReadlineError;
use rustyline::history::FileHistory;
use rustyline::{CompletionType, Config, Editor};
use thiserror::Error;

use carry_out::At;
use complete::Completion;
use order::{COMMANDS, Misunderstood, Order, parse};
use words::words;

use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::run::place::{Env, Place};
use crate::run::target::Targets;
use crate::session::Session;
use crate::workspace::did_you_mean;

/// What `console` takes.
#[derive(Debug, clap::Args)]
#[command(after_long_help = "\
A shell on what runs: Tab completes commands, applications, servers and methods; `help` lists the commands.
Lines that come through a pipe are carried out one after the other; those that fail are said, and the last of their exit
codes is that of the console.

Examples:
  umbrella console
  echo 'call b_counter get' | umbrella console
  umbrella console -x 'tree b' -x 'b_counter add 1'

Exit codes: 0 all was done, 1 or 2 a line was not, 3 nothing runs")]
pub(super) struct Args {
    /// Carry out these lines, and end
    #[arg(short = 'x', long = "execute", value_name = "LINE")]
    lines: Vec<String>,
    /// The node to ask [default: all]
    #[arg(long, value_name = "NODE")]
    node: Option<String>,
    /// The environment [default: UMBRELLA_ENV, else dev]
    #[arg(long, value_name = "ENV")]
    env: Option<Env>,
}

/// A line was not carried out.
#[derive(Debug, Error, Diagnostic)]
enum ConsoleError {
    #[error("{text}")]
    Misunderstood {
        text: String,
        #[help]
        help: String,
    },
    #[error("could not read the line")]
    Unreadable(#[source] io::Error),
    #[error("could not read from the terminal")]
    Terminal(#[source] ReadlineError),
}

impl Failure for ConsoleError {
    fn exit_code(&self) -> ExitCode {
        match self {
            Self::Misunderstood { .. } => ExitCode::Usage,
            Self::Unreadable(_) | Self::Terminal(_) => ExitCode::Failed,
        }
    }
}

pub(super) fn run(args: &Args, session: &Session) -> Result<ExitCode, CommandError> {
    let place = Place::find(session, Env::choose(args.env, session)?)?;
    // Whether anything runs is said before anything is typed.
    let targets = Targets::find(&place, args.node.as_deref())?;
    let at = At { session, place: &place, node: args.node.as_deref() };
    let mut console = Console { at, code: ExitCode::Done };
    if !args.lines.is_empty() {
        args.lines.iter().all(|line| console.line(line));
        return Ok(console.code);
    }
    if io::stdin().is_terminal() {
        let nodes: Vec<&str> = targets.names().collect();
        session
            .shell
            .say(format_args!("on {}; `help` lists what can be typed, Ctrl-D ends", nodes.join(", ")));
        return console.talk(&nodes.join(","));
    }
    for line in io::stdin().lock().lines() {
        if !console.line(&line.map_err(ConsoleError::Unreadable)?) {
            break;
        }
    }
    Ok(console.code)
}

struct Console<'a> {
    at: At<'a>,
    /// How the last line ended that failed.
    code: ExitCode,
}

impl Console<'_> {
    /// Carries out what is typed, until the end.
    fn talk(&mut self, name: &str) -> Result<ExitCode, CommandError> {
        let config = Config::builder().auto_add_history(true).completion_type(CompletionType::List).build();
        let helper = Completion { place: self.at.place, node: self.at.node };
        let mut editor: Editor<_, FileHistory> =
            Editor::with_config(config).map_err(ConsoleError::Terminal)?;
        editor.set_helper(Some(helper));
        // The first console has no history yet; and a console without one is a console.
        let history = self.at.place.dir.path().join("console_history");
        let _first_time = editor.load_history(&history);
        loop {
            match editor.readline(&format!("{name}> ")) {
                Ok(line) => {
                    if !self.line(&line) {
                        break;
                    }
                }
                Err(ReadlineError::Interrupted) => {}
                Err(ReadlineError::Eof) => break,
                Err(error) => return Err(ConsoleError::Terminal(error).into()),
            }
        }
        let _lost = editor.save_history(&history);
        // What failed was said, and whoever typed it has seen it.
        Ok(ExitCode::Done)
    }

    /// Carries out a line; whether another may follow.
    fn line(&mut self, line: &str) -> bool {
        let words: Vec<String> = words(line).into_iter().map(|(_, word)| word).collect();
        let outcome = match parse(&words) {
            Ok(None) => return true,
            Ok(Some(Order::Quit)) => return false,
            Ok(Some(order)) => self.at.carry_out(&order),
            Err(wrong) => Err(misunderstood(wrong).into()),
        };
        if let Err(error) = outcome {
            self.code = error.exit_code();
            self.at.session.shell.error(&error);
        }
        true
    }
}

fn misunderstood(Misunderstood { text, word }: Misunderstood) -> ConsoleError {
    let near = did_you_mean(&word, COMMANDS.iter().map(|(name, ..)| *name).filter(|name| *name != word));
    let help = match near {
        Some(near) => format!("did you mean `{near}`? `help` lists what can be typed"),
        None => "`help` lists what can be typed; a server is called as `SERVER METHOD [JSON...]`".to_owned(),
    };
    ConsoleError::Misunderstood { text, help }
}
