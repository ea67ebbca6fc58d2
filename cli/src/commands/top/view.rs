//! How it looks.

use ratatui::Frame;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style};
use ratatui::text::{Line, Span};
use ratatui::widgets::{Cell, Paragraph, Row as TableRow, Table, TableState};

use super::model::{AppRow, Mode, Model, Row, Sort, Target, short};

/// How many applications are listed before the processes have the room.
const APPLICATIONS: u16 = 8;

/// The lines of the details.
const DETAILS: u16 = 4;

const BOLD: Style = Style::new().add_modifier(Modifier::BOLD);
const DIM: Style = Style::new().add_modifier(Modifier::DIM);

pub(super) fn draw(frame: &mut Frame<'_>, model: &Model) {
    let applications = u16::try_from(model.applications.len()).unwrap_or(u16::MAX).min(APPLICATIONS) + 2;
    let [head, apps, processes, details, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(applications),
        Constraint::Min(3),
        Constraint::Length(DETAILS),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(Paragraph::new(heading(model)), head);
    frame.render_widget(applications_table(model), apps);
    draw_processes(frame, model, processes);
    frame.render_widget(Paragraph::new(described(model)), details);
    frame.render_widget(Paragraph::new(footer(model)), foot);
}

fn heading(model: &Model) -> Line<'static> {
    let mut nodes: Vec<&str> = model.applications.iter().map(|app| app.node.as_str()).collect();
    nodes.dedup();
    let queued: u64 = model.rows.iter().map(|row| row.process.queued).sum();
    let work: u64 = model.rows.iter().map(|row| row.per_second).sum();
    let facts =
        format!("  {} processes, {} queued, {} messages/s", model.rows.len(), short(queued), short(work));
    let paused = if model.paused { "  paused" } else { "" };
    Line::from(vec![
        Span::styled(nodes.join(" "), BOLD),
        Span::raw(facts),
        Span::styled(paused, Style::new().fg(Color::Yellow)),
    ])
}

fn applications_table(model: &Model) -> Table<'static> {
    let row = |app: &AppRow| {
        let restarts = if app.restarts > 0 { Style::new().fg(Color::Yellow) } else { Style::new() };
        TableRow::new([
            Cell::from(app.node.clone()),
            Cell::from(app.name.clone()),
            Cell::from(app.state.clone()),
            Cell::from(app.restarts.to_string()).style(restarts),
            Cell::from(app.processes.to_string()),
            Cell::from(short(app.queued)),
            Cell::from(short(app.per_second)),
        ])
    };
    let heads = ["NODE", "APPLICATION", "STATE", "RESTARTS", "PROCESSES", "QUEUED", "MSG/S"];
    let widths = [
        Constraint::Length(14),
        Constraint::Length(18),
        Constraint::Length(10),
        Constraint::Length(8),
        Constraint::Length(9),
        Constraint::Length(8),
        Constraint::Min(6),
    ];
    Table::new(model.applications.iter().map(row), widths).header(TableRow::new(heads).style(BOLD))
}

fn draw_processes(frame: &mut Frame<'_>, model: &Model, area: Rect) {
    let shown = model.shown();
    // Of many only those around the chosen one are made.
    let room = usize::from(area.height.saturating_sub(1)).max(1);
    let chosen = model.chosen_at();
    let first = chosen.map_or(0, |at| (at + 1).saturating_sub(room));
    let rows = shown.iter().skip(first).take(room).map(|row| process_row(row));
    let head = |name: &'static str, sort: Option<Sort>| {
        let is_sorted = sort == Some(model.sort);
        let style = if is_sorted { BOLD.fg(Color::Cyan) } else { BOLD };
        Cell::from(name).style(style)
    };
    let heads = [
        head("NODE", None),
        head("PID", None),
        head("NAME", Some(Sort::Name)),
        head("APPLICATION", None),
        head("QUEUED", Some(Sort::Mailbox)),
        head("MSG/S", Some(Sort::Work)),
        head("HANDLED", None),
        head("MEMORY", Some(Sort::Memory)),
        head("DOES", None),
    ];
    let widths = [
        Constraint::Length(10),
        Constraint::Length(11),
        Constraint::Min(16),
        Constraint::Length(14),
        Constraint::Length(8),
        Constraint::Length(7),
        Constraint::Length(8),
        Constraint::Length(7),
        Constraint::Length(20),
    ];
    let table = Table::new(rows, widths)
        .header(TableRow::new(heads))
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let mut state = TableState::new().with_selected(chosen.map(|at| at - first));
    frame.render_stateful_widget(table, area, &mut state);
}

fn process_row(row: &Row) -> TableRow<'static> {
    let process = &row.process;
    let alarm = if process.queued > 100 { Style::new().fg(Color::Red) } else { Style::new() };
    TableRow::new([
        Cell::from(row.node.clone()),
        Cell::from(process.pid.clone()),
        Cell::from(row.name()),
        Cell::from(process.application.clone()),
        Cell::from(short(process.queued)).style(alarm),
        Cell::from(short(row.per_second)),
        Cell::from(short(process.handled)),
        Cell::from(process.memory_bytes.map_or_else(|| "-".to_owned(), short)),
        Cell::from(does(row)),
    ])
}

fn does(row: &Row) -> String {
    match (&row.process.handler, row.process.state.as_str()) {
        (_, "suspended") => "suspended".to_owned(),
        (Some(handler), _) => format!("in {handler}"),
        (None, state) => state.to_owned(),
    }
}

/// What else is known of the chosen process.
fn described(model: &Model) -> Vec<Line<'static>> {
    let Some(row) = model.chosen() else { return vec![Line::default(), Line::styled("no process", DIM)] };
    let process = &row.process;
    let parent = process.parent.clone().unwrap_or_else(|| "none".to_owned());
    let traps = if process.trap_exit { ", traps exits" } else { "" };
    vec![
        Line::default(),
        Line::from(vec![
            Span::styled(row.name(), BOLD),
            Span::raw(format!("  {} in {}: {}", process.pid, row.node, process.label)),
        ]),
        Line::raw(format!(
            "{}; parent {parent}, {} links{traps}; {} handled, {} queued",
            does(row),
            process.links,
            process.handled,
            process.queued
        )),
        Line::styled(model.said.clone(), Style::new().fg(Color::Yellow)),
    ]
}

fn footer(model: &Model) -> Line<'static> {
    match &model.mode {
        Mode::Kill(Target { name, pid, .. }) => Line::styled(
            format!("kill {name} {pid}? y kills it, any other key does not"),
            Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        ),
        Mode::Filter => Line::from(format!("filter: {}_   Enter keeps it, Esc drops it", model.filter)),
        Mode::Normal => {
            let filter =
                if model.filter.is_empty() { String::new() } else { format!("  filter: {}", model.filter) };
            Line::styled(
                format!(
                    "sort by m(ailbox) w(ork) b(ytes) n(ame)  / filter  k kill  s suspend  r resume  p pause  q quit{filter}"
                ),
                DIM,
            )
        }
    }
}
