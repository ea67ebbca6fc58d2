//! The trees as they change.

use std::collections::HashMap;
use std::io;
use std::time::{Duration, Instant};

use miette::Diagnostic;
use ratatui::Frame;
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::Paragraph;
use thiserror::Error;

use crate::error::{CommandError, Failure};
use crate::exit::ExitCode;
use crate::run::look::Branch;
use crate::run::place::Place;
use crate::run::target::{TargetError, Targets};
use crate::run::tree::{TreeLine, lines};
use crate::shell::screen::{Key, Screen};

use super::{NodeTrees, trees};

/// How often it is drawn.
const EVERY: Duration = Duration::from_millis(500);

/// How long a restart is marked.
const MARKED: Duration = Duration::from_secs(5);

/// The terminal does not do as it should.
#[derive(Debug, Error, Diagnostic)]
#[error("the terminal")]
pub(in crate::commands) struct NoTerminal(#[from] io::Error);

impl Failure for NoTerminal {
    fn exit_code(&self) -> ExitCode {
        ExitCode::Failed
    }
}

/// Draws until `q`, Esc or Ctrl-C.
pub(super) fn run(place: &Place, node: Option<&str>, applications: &[String]) -> Result<(), CommandError> {
    let mut screen = Screen::open().map_err(NoTerminal)?;
    let mut seen = Seen::default();
    let mut scroll: u16 = 0;
    loop {
        let shown = Targets::find(place, node).and_then(|targets| trees(&targets, applications));
        let page = match shown {
            Ok(nodes) => {
                seen.look(&nodes, Instant::now());
                page(&nodes, &seen)
            }
            // It may come back.
            Err(
                error @ (TargetError::NothingRuns { .. }
                | TargetError::Control(_)
                | TargetError::NoSuchNode { .. }),
            ) => {
                vec![Line::from(error.to_string())]
            }
            Err(error) => return Err(error.into()),
        };
        screen.draw(|frame| draw(frame, page, scroll)).map_err(NoTerminal)?;
        match screen.key(EVERY).map_err(NoTerminal)? {
            Some(Key::Char('q') | Key::Escape | Key::Interrupt) => return Ok(()),
            Some(Key::Down) => scroll = scroll.saturating_add(1),
            Some(Key::Up) => scroll = scroll.saturating_sub(1),
            _ => {}
        }
    }
}

fn draw(frame: &mut Frame<'_>, mut page: Vec<Line<'static>>, scroll: u16) {
    let dim = Style::new().add_modifier(Modifier::DIM);
    page.push(Line::default());
    page.push(Line::styled("q quits, up and down scroll", dim));
    frame.render_widget(Paragraph::new(page).scroll((scroll, 0)), frame.area());
}

fn page(nodes: &[NodeTrees], seen: &Seen) -> Vec<Line<'static>> {
    let mut page = Vec::new();
    for (node, trees) in nodes {
        if nodes.len() > 1 {
            page.push(Line::styled(node.clone(), Style::new().fg(Color::Blue).add_modifier(Modifier::BOLD)));
        }
        for tree in trees {
            page.extend(lines(tree).iter().map(|line| drawn(line, seen)));
        }
    }
    page
}

fn drawn(line: &TreeLine, seen: &Seen) -> Line<'static> {
    let dim = Style::new().add_modifier(Modifier::DIM);
    let bold = Style::new().add_modifier(Modifier::BOLD);
    let name = if line.rails.is_empty() { bold } else { Style::new() };
    let mut spans = vec![
        Span::styled(line.rails.clone(), dim),
        Span::styled(line.name.clone(), name),
        Span::styled(format!("  {}", line.facts), dim),
        Span::styled(format!("  {}", line.alarm), Style::new().fg(Color::Yellow)),
    ];
    let pid = line.facts.split(' ').next().unwrap_or_default();
    if seen.is_marked(pid) {
        spans.push(Span::styled("  restarted", Style::new().fg(Color::Red).add_modifier(Modifier::BOLD)));
    }
    Line::from(spans)
}

/// Who was there, and who came in the place of another.
#[derive(Default)]
struct Seen {
    /// By supervisor and name: which process it was.
    known: HashMap<(String, String), String>,
    /// Processes that took a place, and when.
    marked: HashMap<String, Instant>,
    now: Option<Instant>,
}

impl Seen {
    fn look(&mut self, nodes: &[NodeTrees], now: Instant) {
        self.now = Some(now);
        self.marked.retain(|_, since| now.duration_since(*since) < MARKED);
        for (node, trees) in nodes {
            for tree in trees {
                let children = tree.tree.iter().flat_map(|top| &top.children);
                children.for_each(|child| self.branch(&format!("{node} {}", tree.name), child, now));
            }
        }
    }

    fn branch(&mut self, above: &str, branch: &Branch, now: Instant) {
        let process = branch.process.as_ref();
        let name = process.and_then(|process| process.name.clone()).or_else(|| branch.id.clone());
        if let (Some(name), Some(process)) = (&name, process) {
            let key = (above.to_owned(), name.clone());
            let before = self.known.insert(key, process.pid.clone());
            if before.is_some_and(|before| before != process.pid) {
                self.marked.insert(process.pid.clone(), now);
            }
        }
        let below = format!("{above} {}", name.unwrap_or_default());
        branch.children.iter().for_each(|child| self.branch(&below, child, now));
    }

    fn is_marked(&self, pid: &str) -> bool {
        self.marked.contains_key(pid)
    }
}
