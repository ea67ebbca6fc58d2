//! The whole terminal, for commands that draw on it: given back when the screen is dropped, also by a panic, and when
//! somebody asks us to end.

use std::io::{self, Stdout};
use std::panic;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers, poll, read};
use ratatui::crossterm::execute;
use ratatui::crossterm::terminal::{
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use ratatui::prelude::CrosstermBackend;
use ratatui::{Frame, Terminal};
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::flag;

/// How often it is looked at whether somebody asked us to end.
const LOOK: Duration = Duration::from_millis(250);

/// A terminal that belongs to the command.
#[derive(Debug)]
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Stdout>>,
    asked_to_end: Arc<AtomicBool>,
}

impl Screen {
    /// Takes the terminal.
    ///
    /// # Errors
    /// What the system says, mostly that there is no terminal.
    pub fn open() -> io::Result<Self> {
        let asked_to_end = Arc::default();
        for signal in [SIGHUP, SIGINT, SIGTERM] {
            flag::register(signal, Arc::clone(&asked_to_end))?;
        }
        enable_raw_mode()?;
        execute!(io::stdout(), EnterAlternateScreen)?;
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            give_back();
            before(info);
        }));
        Ok(Self { terminal: Terminal::new(CrosstermBackend::new(io::stdout()))?, asked_to_end })
    }

    /// Draws it anew.
    ///
    /// # Errors
    /// What the system says.
    pub fn draw(&mut self, draw: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        self.terminal.draw(draw).map(drop)
    }

    /// The next key, if one is pressed within `wait`. Who asks us to end, by a signal, has pressed Ctrl-C.
    ///
    /// # Errors
    /// What the system says.
    pub fn key(&self, wait: Duration) -> io::Result<Option<Key>> {
        let deadline = Instant::now() + wait;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            let is_pressed = poll(left.min(LOOK))?;
            if self.asked_to_end.load(Ordering::SeqCst) {
                return Ok(Some(Key::Interrupt));
            }
            if is_pressed {
                let pressed = read()?.as_key_press_event();
                let key = |key| if is_interrupt(&key) { Key::Interrupt } else { Key::from(key.code) };
                return Ok(pressed.map(key));
            }
            if left.is_zero() {
                return Ok(None);
            }
        }
    }
}

/// A key, of those that commands listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Key {
    /// A character.
    Char(char),
    /// One line up.
    Up,
    /// One line down.
    Down,
    /// One page up.
    PageUp,
    /// One page down.
    PageDown,
    /// The end of an input.
    Enter,
    /// Away from it.
    Escape,
    /// One character back.
    Backspace,
    /// Ctrl-C, or a signal that means the same.
    Interrupt,
    /// Any other.
    Other,
}

impl From<KeyCode> for Key {
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "all other keys are alike to us, whichever there will be"
    )]
    fn from(code: KeyCode) -> Self {
        match code {
            KeyCode::Char(char) => Self::Char(char),
            KeyCode::Up => Self::Up,
            KeyCode::Down => Self::Down,
            KeyCode::PageUp => Self::PageUp,
            KeyCode::PageDown => Self::PageDown,
            KeyCode::Enter => Self::Enter,
            KeyCode::Esc => Self::Escape,
            KeyCode::Backspace => Self::Backspace,
            _ => Self::Other,
        }
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
    }
}

fn is_interrupt(key: &KeyEvent) -> bool {
    key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL)
}

/// What cannot be given back cannot be told either.
fn give_back() {
    let _raw = disable_raw_mode();
    let _alternate = execute!(io::stdout(), LeaveAlternateScreen);
}
