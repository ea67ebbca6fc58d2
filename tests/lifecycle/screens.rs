//! `top` and `tree --live` on a terminal: keys, a node that goes away, and the terminal given back.

use std::io::{Read, Write};
use std::process::{Child, ChildStdout, Stdio};

use crate::abc::{Abc, Said, end_of, eventually, signal_process};

/// How a terminal is told that a program has it, and that it has it no longer.
const TAKEN: &str = "\x1b[?1049h";
const GIVEN_BACK: &str = "\x1b[?1049l";

/// A command on a terminal of its own, which `script` makes.
struct Screen {
    script: Child,
    out: ChildStdout,
    shown: Vec<u8>,
}

impl Screen {
    fn open(abc: &Abc, line: &str) -> Self {
        let program = abc.command(&[]).get_program().to_string_lossy().into_owned();
        let mut script = abc.on_terminal(&format!("stty rows 40 cols 150; exec {program} {line}"));
        script.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut script = script.spawn().expect("script runs: it is in bsdutils, which Debian always has");
        let out = script.stdout.take().expect("stdout is piped");
        let mut screen = Self { script, out, shown: Vec::new() };
        screen.until(TAKEN);
        screen
    }

    /// Waits until this is drawn after all that was awaited before.
    fn until(&mut self, what: &str) {
        loop {
            let shown = String::from_utf8_lossy(&self.shown).into_owned();
            if let Some(at) = shown.find(what) {
                self.shown = shown.as_bytes()[at + what.len()..].to_vec();
                return;
            }
            let mut buffer = [0; 4096];
            let read = self.out.read(&mut buffer).expect("a terminal can be read");
            assert_ne!(read, 0, "it ended before it showed {what:?}: {shown:?}");
            self.shown.extend(&buffer[..read]);
        }
    }

    fn press(&self, keys: &str) {
        let mut stdin = self.script.stdin.as_ref().expect("stdin is piped");
        stdin.write_all(keys.as_bytes()).expect("it reads");
    }

    /// Waits for the end, before which the terminal is given back.
    fn ended(mut self) -> Said {
        self.until(GIVEN_BACK);
        let Self { script, mut out, .. } = self;
        out.read_to_end(&mut Vec::new()).expect("a terminal can be read");
        end_of(script).ended(0)
    }
}

#[test]
fn keys_of_top_reach_the_chosen_process_and_the_terminal_is_given_back() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let is_suspended = || abc.umbrella(&["top", "--filter", "b_counter"]).out.contains("suspended");
    let mut top = Screen::open(&abc, "top --filter b_counter");
    // What is drawn is what differs from before, so only the first page is found as text.
    top.until("b_counter");
    top.press("s");
    eventually(is_suspended);
    top.press("r");
    eventually(|| !is_suspended());
    top.press("kn");
    top.press("ky");
    eventually(|| abc.umbrella(&["tree", "b"]).out.contains("1 restart"));
    // A node that goes away may come back.
    abc.umbrella(&["restart"]).ended(0);
    eventually(|| {
        top.press("s");
        is_suspended()
    });
    // Ctrl-C ends it also where keys are typed into something.
    top.press("/\x03");
    top.ended();
}

#[test]
fn a_screen_that_is_asked_to_end_gives_the_terminal_back() {
    let abc = Abc::new();
    abc.umbrella(&["start", "--detach"]).ended(0);
    let mut tree = Screen::open(&abc, "tree --live");
    tree.until("b_counter");
    abc.umbrella(&["call", "b_counter", "crash"]).ended(0);
    tree.until("restarted");
    let children = std::fs::read_to_string(format!("/proc/{0}/task/{0}/children", tree.script.id()));
    let child = children.expect("Linux tells").trim().parse().expect("one child");
    signal_process("-TERM", child);
    tree.ended();
}
