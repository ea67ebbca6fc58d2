//! Hosts of their own for nodes: network namespaces, with a link between each two.

#![expect(clippy::print_stderr, reason = "whoever leaves tests out is told that it worked")]

use std::process::{Command, Output};
use std::sync::atomic::{AtomicU32, Ordering};

use crate::program::{Program, member};

/// Three namespaces, which are gone when this is dropped.
pub(crate) struct Network {
    spaces: [String; 3],
}

/// Namespaces are of the whole machine, so each has a name of its own.
static NEXT: AtomicU32 = AtomicU32::new(0);

const LETTERS: [&str; 3] = ["a", "b", "c"];

impl Network {
    /// None only if the person who runs the tests wants none.
    pub(crate) fn of_three() -> Option<Self> {
        if std::env::var_os("FAULTS_WITHOUT_NAMESPACES").is_some() {
            eprintln!("left out, as FAULTS_WITHOUT_NAMESPACES says");
            return None;
        }
        let nth = NEXT.fetch_add(1, Ordering::Relaxed);
        let spaces = LETTERS.map(|letter| format!("umbrella-{}-{nth}-{letter}", std::process::id()));
        let network = Self { spaces };
        for space in &network.spaces {
            must(&["netns", "add", space]);
            must(&["-n", space, "link", "set", "lo", "up"]);
        }
        for (one, other) in [(0, 1), (0, 2), (1, 2)] {
            let (here, there) = (to(other), to(one));
            let (from, into) = (&network.spaces[one], &network.spaces[other]);
            must(&["-n", from, "link", "add", &here, "type", "veth", "peer", "name", &there, "netns", into]);
            for (end, far) in [(one, other), (other, one)] {
                must(&["-n", &network.spaces[end], "address", "add", &host(end), "dev", &to(far)]);
            }
            network.join(one, other);
        }
        Some(network)
    }

    /// A node on one of the hosts.
    pub(crate) fn member(&self, nth: usize) -> Program {
        let mut command = privileged("ip");
        command.args(["netns", "exec", &self.spaces[nth]]).arg(member());
        Program::start(command, LETTERS[nth], &host(nth))
    }

    /// Takes the link down; both ends see that.
    pub(crate) fn cut(&self, one: usize, other: usize) {
        must(&["-n", &self.spaces[one], "link", "set", &to(other), "down"]);
    }

    /// From here on what `from` sends to `into` is lost on its way, and nobody is told: it goes to a machine that is none.
    pub(crate) fn swallow(&self, from: usize, into: usize) {
        let nobody = ["lladdr", "02:00:00:00:00:01", "nud", "permanent"];
        let (space, far, link) = (&self.spaces[from], host(into), to(into));
        must(&[&["-n", space, "neighbour", "replace", &far][..], &nobody, &["dev", &link]].concat());
    }

    /// From here on a link passes 64 kbit in a second, each way.
    pub(crate) fn slow_down(&self, one: usize, other: usize) {
        for (from, into) in [(one, other), (other, one)] {
            let link = to(into);
            let queue = [
                "qdisc", "add", "dev", &link, "root", "tbf", "rate", "64kbit", "burst", "4kb", "limit", "1mb",
            ];
            let mut tc = privileged("tc");
            succeeds(tc.args(["-n", &self.spaces[from]]).args(queue));
        }
    }

    /// The link is as good as new.
    pub(crate) fn mend(&self, one: usize, other: usize) {
        for (from, into) in [(one, other), (other, one)] {
            let (space, far, link) = (&self.spaces[from], host(into), to(into));
            // Whichever of the faults it had.
            let _was_good = ip(&["-n", space, "neighbour", "delete", &far, "dev", &link]).output();
            let _was_fast =
                privileged("tc").args(["-n", space, "qdisc", "delete", "dev", &link, "root"]).output();
        }
        self.join(one, other);
    }

    fn join(&self, one: usize, other: usize) {
        let ends = [(one, other), (other, one)];
        for (end, far) in ends {
            must(&["-n", &self.spaces[end], "link", "set", &to(far), "up"]);
        }
        for (end, far) in ends {
            let (space, link) = (&self.spaces[end], to(far));
            must(&["-n", space, "route", "replace", &host(far), "dev", &link, "src", &host(end)]);
        }
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        for space in &self.spaces {
            // One that could not be made is not there.
            let _gone = ip(&["netns", "delete", space]).output();
        }
    }
}

/// The link to a host.
fn to(nth: usize) -> String {
    format!("to-{}", LETTERS[nth])
}

fn host(nth: usize) -> String {
    format!("10.77.0.{}", nth + 1)
}

fn ip(arguments: &[&str]) -> Command {
    let mut command = privileged("ip");
    command.args(arguments);
    command
}

/// A program that only root may run like this.
fn privileged(program: &str) -> Command {
    let id = Command::new("id").arg("-u").output().expect("every system has it");
    if id.stdout.trim_ascii() == b"0" {
        return Command::new(program);
    }
    let mut sudo = Command::new("sudo");
    sudo.args(["-n", program]);
    sudo
}

fn must(arguments: &[&str]) {
    succeeds(&mut ip(arguments));
}

/// Runs it, or says what is missing on this machine.
fn succeeds(command: &mut Command) {
    let why = match command.output() {
        Ok(Output { status, .. }) if status.success() => return,
        Ok(Output { stderr, .. }) => String::from_utf8_lossy(&stderr).into_owned(),
        Err(error) => error.to_string(),
    };
    panic!(
        "network namespaces are needed, and this failed: {command:?}: {why}\n\
         They take Linux, the package `iproute2` (apt-get install iproute2), and root, or sudo that asks for no password; \
         a container needs the capabilities NET_ADMIN and SYS_ADMIN, and the slow link a kernel with `sch_tbf`.\n\
         FAULTS_WITHOUT_NAMESPACES=1 leaves these tests out."
    );
}
