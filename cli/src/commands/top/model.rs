//! What `top` shows, as it was seen last, and what was typed about it. PURE.

use std::collections::HashMap;
use std::time::Duration;

use crate::run::look::ProcessView;
use crate::run::tree::short_type;
use crate::shell::screen::Key;

/// By which column the processes are sorted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub(super) enum Sort {
    /// Messages that wait
    Mailbox,
    /// Messages handled since the last look
    #[default]
    Work,
    /// Memory, as far as it is known
    Memory,
    /// Names
    Name,
}

/// A process of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Row {
    pub(super) node: String,
    pub(super) process: ProcessView,
    /// How many messages it handled in each second since the last look.
    pub(super) per_second: u64,
}

/// An application of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AppRow {
    pub(super) node: String,
    pub(super) name: String,
    pub(super) state: String,
    pub(super) restarts: u64,
    pub(super) processes: usize,
    pub(super) queued: u64,
    pub(super) per_second: u64,
}

/// What was typed last decides what the next key means.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Normal,
    /// The filter is being typed.
    Filter,
    /// This process is killed if `y` follows.
    Kill(Target),
}

/// What a key has done to a node, or to the screen itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Quit,
    Kill(Target),
    Suspend(Target),
    Resume(Target),
}

/// A process that something is done to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) node: String,
    pub(super) pid: String,
    pub(super) name: String,
}

/// All that is shown.
#[derive(Debug, Default)]
pub(super) struct Model {
    pub(super) rows: Vec<Row>,
    pub(super) applications: Vec<AppRow>,
    pub(super) sort: Sort,
    pub(super) filter: String,
    pub(super) paused: bool,
    pub(super) mode: Mode,
    /// What came of the last order.
    pub(super) said: String,
    /// Which process is chosen; the first, if that is gone.
    chosen: Option<(String, String)>,
    /// What each process had handled when it was seen last.
    handled: HashMap<(String, String), u64>,
}

impl Row {
    pub(super) fn name(&self) -> String {
        self.process.name.clone().unwrap_or_else(|| short_type(&self.process.label))
    }

    fn key(&self) -> (String, String) {
        (self.node.clone(), self.process.pid.clone())
    }

    fn contains(&self, text: &str) -> bool {
        let process = &self.process;
        let all = [&self.node, &process.pid, &process.label, &process.application];
        all.into_iter().chain(&process.name).any(|part| part.to_lowercase().contains(text))
    }
}

impl Model {
    /// Nothing was seen yet.
    pub(super) fn new(sort: Sort, filter: String) -> Self {
        Self { sort, filter, ..Self::default() }
    }

    /// Takes in what was seen, `since` the last time.
    pub(super) fn see(&mut self, seen: Vec<(String, Vec<ProcessView>)>, since: Option<Duration>) {
        let mut rows = Vec::new();
        let mut handled = HashMap::new();
        for (node, processes) in seen {
            for process in processes {
                let key = (node.clone(), process.pid.clone());
                let before = self.handled.get(&key).copied();
                let more = before.map_or(0, |before| process.handled.saturating_sub(before));
                let per_second = since.filter(|since| !since.is_zero()).map_or(0, |since| {
                    u64::try_from(u128::from(more) * 1000 / since.as_millis().max(1)).unwrap_or(u64::MAX)
                });
                handled.insert(key, process.handled);
                rows.push(Row { node: node.clone(), process, per_second });
            }
        }
        self.handled = handled;
        self.rows = rows;
    }

    /// Takes in how the applications are: node, name, state, restarts.
    pub(super) fn see_applications(&mut self, seen: Vec<(String, String, String, u64)>) {
        let row = |(node, name, state, restarts): (String, String, String, u64)| {
            let own = || self.rows.iter().filter(|row| row.node == node && row.process.application == name);
            let (processes, queued) = (own().count(), own().map(|row| row.process.queued).sum());
            let per_second = own().map(|row| row.per_second).sum();
            AppRow { processes, queued, per_second, node, name, state, restarts }
        };
        self.applications = seen.into_iter().map(row).collect();
    }

    /// The processes that are shown, in order.
    pub(super) fn shown(&self) -> Vec<&Row> {
        let filter = self.filter.to_lowercase();
        let mut rows: Vec<&Row> = self.rows.iter().filter(|row| row.contains(&filter)).collect();
        let most = |row: &Row| match self.sort {
            Sort::Mailbox => (row.process.queued, row.per_second),
            Sort::Work => (row.per_second, row.process.handled),
            Sort::Memory => (row.process.memory_bytes.unwrap_or(0), 0),
            Sort::Name => (0, 0),
        };
        rows.sort_by_cached_key(|row| (std::cmp::Reverse(most(row)), row.name(), row.key()));
        rows
    }

    /// Where among those the chosen one is.
    pub(super) fn chosen_at(&self) -> Option<usize> {
        let shown = self.shown();
        let at = self.chosen.as_ref().and_then(|chosen| shown.iter().position(|row| row.key() == *chosen));
        at.or(if shown.is_empty() { None } else { Some(0) })
    }

    /// The chosen process.
    pub(super) fn chosen(&self) -> Option<&Row> {
        self.chosen_at().and_then(|at| self.shown().get(at).copied())
    }

    /// Takes a key; what is to be done because of it, if it is more than to show something else.
    pub(super) fn press(&mut self, key: Key) -> Option<Order> {
        if key == Key::Interrupt {
            return Some(Order::Quit);
        }
        match std::mem::take(&mut self.mode) {
            Mode::Filter => {
                self.type_filter(key);
                None
            }
            Mode::Kill(target) => (key == Key::Char('y')).then_some(Order::Kill(target)),
            Mode::Normal => self.press_normal(key),
        }
    }

    fn press_normal(&mut self, key: Key) -> Option<Order> {
        match key {
            Key::Char('q') | Key::Escape => return Some(Order::Quit),
            Key::Char('m') => self.sort = Sort::Mailbox,
            Key::Char('w') => self.sort = Sort::Work,
            Key::Char('b') => self.sort = Sort::Memory,
            Key::Char('n') => self.sort = Sort::Name,
            Key::Char('p') => self.paused = !self.paused,
            Key::Char('/') => self.mode = Mode::Filter,
            Key::Down => self.choose(1),
            Key::Up => self.choose(-1),
            Key::PageDown => self.choose(20),
            Key::PageUp => self.choose(-20),
            Key::Char('k') => self.mode = self.target().map_or(Mode::Normal, Mode::Kill),
            Key::Char('s') => return self.target().map(Order::Suspend),
            Key::Char('r') => return self.target().map(Order::Resume),
            Key::Char(_) | Key::Enter | Key::Backspace | Key::Interrupt | Key::Other => {}
        }
        None
    }

    fn type_filter(&mut self, key: Key) {
        match key {
            Key::Enter => return,
            Key::Escape => {
                self.filter.clear();
                return;
            }
            Key::Backspace => drop(self.filter.pop()),
            Key::Char(char) => self.filter.push(char),
            Key::Up | Key::Down | Key::PageUp | Key::PageDown | Key::Interrupt | Key::Other => {}
        }
        self.mode = Mode::Filter;
    }

    fn target(&self) -> Option<Target> {
        let target =
            |row: &Row| Target { node: row.node.clone(), pid: row.process.pid.clone(), name: row.name() };
        self.chosen().map(target)
    }

    /// Chooses another one, so many further down.
    pub(super) fn choose(&mut self, by: isize) {
        let shown = self.shown();
        let at = self.chosen_at().unwrap_or(0).saturating_add_signed(by).min(shown.len().saturating_sub(1));
        self.chosen = shown.get(at).map(|row| row.key());
    }
}

/// `1.5k`, `3.2M`: bytes, or any other number, in four characters or so.
pub(super) fn short(number: u64) -> String {
    const UNITS: [&str; 4] = ["k", "M", "G", "T"];
    if number < 10_000 {
        return number.to_string();
    }
    let mut whole = number;
    let mut tenths = 0;
    let mut unit = "";
    for next in UNITS {
        if whole < 1000 {
            break;
        }
        (tenths, whole, unit) = (whole % 1000 / 100, whole / 1000, next);
    }
    if whole < 100 { format!("{whole}.{tenths}{unit}") } else { format!("{whole}{unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn process(pid: &str, name: Option<&str>, queued: u64, handled: u64) -> ProcessView {
        ProcessView {
            pid: pid.into(),
            name: name.map(str::to_owned),
            label: "b::Worker".into(),
            application: "b".into(),
            parent: None,
            state: "waiting".into(),
            handler: None,
            queued,
            handled,
            memory_bytes: Some(handled),
            links: 1,
            trap_exit: false,
        }
    }

    fn names(model: &Model) -> Vec<String> {
        model.shown().into_iter().map(Row::name).collect()
    }

    #[test]
    fn processes_are_sorted_and_filtered_and_the_chosen_one_stays_chosen() {
        let mut model = Model::default();
        let seen = |x, y| {
            vec![(
                "abc".to_owned(),
                vec![process("<0.1.0>", Some("x"), 9, x), process("<0.2.0>", Some("y"), 0, y)],
            )]
        };
        model.see(seen(10, 10), None);
        assert_eq!(names(&model), ["x", "y"]);
        model.see(seen(10, 30), Some(Duration::from_secs(2)));
        assert_eq!((names(&model), model.shown()[0].per_second), (vec!["y".into(), "x".into()], 10));
        model.choose(1);
        assert_eq!(model.chosen().map(Row::name), Some("x".into()));
        model.sort = Sort::Mailbox;
        assert_eq!((names(&model)[0].as_str(), model.chosen_at()), ("x", Some(0)));
        model.filter = "Y".into();
        assert_eq!((names(&model), model.chosen_at()), (vec!["y".into()], Some(0)));
        model.filter = "nobody".into();
        assert_eq!((names(&model).len(), model.chosen_at()), (0, None));
        model.choose(1);
    }

    /// What keys come to, one after the other: the last order, and what is shown then.
    fn typed(keys: &[Key]) -> (Option<Order>, Model) {
        let mut model = Model::new(Sort::Name, String::new());
        let both = vec![process("<0.1.0>", Some("x"), 0, 0), process("<0.2.0>", Some("y"), 0, 0)];
        model.see(vec![("abc".into(), both)], None);
        let last = keys.iter().fold(None, |_, key| model.press(*key));
        (last, model)
    }

    fn target(pid: &str, name: &str) -> Target {
        Target { node: "abc".into(), pid: pid.into(), name: name.into() }
    }

    #[test]
    fn keys_are_orders_for_the_chosen_process() {
        use Key::{Char, Down, Escape, Interrupt, PageDown, Up};
        let (x, y) = (|| target("<0.1.0>", "x"), || target("<0.2.0>", "y"));
        let table: [(&[Key], Option<Order>); 14] = [
            (&[Char('q')], Some(Order::Quit)),
            (&[Escape], Some(Order::Quit)),
            (&[Interrupt], Some(Order::Quit)),
            (&[Char('s')], Some(Order::Suspend(x()))),
            (&[Down, Char('s')], Some(Order::Suspend(y()))),
            (&[Down, Down, PageDown, Char('r')], Some(Order::Resume(y()))),
            (&[Down, Up, Up, Char('r')], Some(Order::Resume(x()))),
            (&[Char('k')], None),
            (&[Char('k'), Char('y')], Some(Order::Kill(x()))),
            (&[Char('k'), Char('q')], None),
            (&[Char('k'), Char('q'), Char('y')], None),
            (&[Char('k'), Interrupt], Some(Order::Quit)),
            (&[Char('/'), Interrupt], Some(Order::Quit)),
            (&[Char('/'), Char('y'), Key::Enter, Char('k'), Char('y')], Some(Order::Kill(y()))),
        ];
        for (keys, order) in table {
            assert_eq!(typed(keys).0, order, "{keys:?}");
        }
        // Nobody is chosen where nobody is shown.
        let nobody = [Char('/'), Char('z'), Key::Enter, Char('k')];
        let (order, model) = typed(&nobody);
        assert_eq!((order, model.mode), (None, Mode::Normal));
    }

    #[test]
    fn keys_sort_pause_and_filter() {
        use Key::{Backspace, Char, Enter, Escape};
        let table = [("m", Sort::Mailbox), ("w", Sort::Work), ("b", Sort::Memory), ("wn", Sort::Name)];
        for (keys, sort) in table {
            let keys: Vec<Key> = keys.chars().map(Char).collect();
            assert_eq!(typed(&keys).1.sort, sort, "{keys:?}");
        }
        assert!(typed(&[Char('p')]).1.paused && !typed(&[Char('p'), Char('p')]).1.paused);
        let table: [(&[Key], &str, Mode); 4] = [
            (&[Char('/'), Char('q'), Char('k')], "qk", Mode::Filter),
            (&[Char('/'), Char('q'), Backspace, Backspace], "", Mode::Filter),
            (&[Char('/'), Char('q'), Enter], "q", Mode::Normal),
            (&[Char('/'), Char('q'), Escape], "", Mode::Normal),
        ];
        for (keys, filter, mode) in table {
            let (order, model) = typed(keys);
            assert_eq!((order, model.filter.as_str(), model.mode), (None, filter, mode), "{keys:?}");
        }
    }

    #[test]
    fn applications_sum_up_their_processes() {
        let mut model = Model::default();
        model.see(
            vec![("abc".into(), vec![process("<0.1.0>", None, 2, 5), process("<0.2.0>", None, 3, 5)])],
            None,
        );
        model.see_applications(vec![("abc".into(), "b".into(), "running".into(), 1)]);
        assert_eq!((model.applications[0].processes, model.applications[0].queued), (2, 5));
    }

    #[test]
    fn numbers_are_short() {
        let table = [(0, "0"), (9999, "9999"), (12_345, "12.3k"), (999_999, "999k"), (3_200_000, "3.2M")];
        for (number, text) in table {
            assert_eq!(short(number), text);
        }
    }
}
