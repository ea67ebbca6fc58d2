//! The steps of the guided demo. Pure: what is said, what is run, how it must end.

/// One step of the demo.
#[derive(Clone, Copy, Debug)]
pub struct Step {
    /// What is about to be seen.
    pub say: &'static str,
    /// The command, as one would type it there.
    pub command: &'static [&'static str],
    /// How it must end: 1 where the point is that something is refused.
    pub exit_code: i32,
}

/// Makes the umbrella; the first step, to be run outside it, followed by these words.
pub const NEW: [&str; 9] = ["--umbrella", "--app", "a", "--app", "b:sup", "--app", "c:sup", "--dep", "a:c"];

const fn step(say: &'static str, command: &'static [&'static str]) -> Step {
    Step { say, command, exit_code: 0 }
}

const AB: &str = "target/umbrella/rel/a_b/bin/a_b";
const C: &str = "target/umbrella/rel/c/bin/c";

/// What is done in the umbrella: tested, started, taken apart, and released as `[a,b]+[c]`.
pub const STEPS: [Step; 17] = [
    step("Each application is tested as a unit. (This builds the runtime once.)", &["umbrella", "test"]),
    step(
        "All of it in one node, in the background; ready when the command returns.",
        &["umbrella", "start", "--detach"],
    ),
    step("What runs.", &["umbrella", "status"]),
    Step {
        exit_code: 1,
        ..step(
            "An application is stopped as a unit, but not from under one that uses it.",
            &["umbrella", "stop", "c"],
        )
    },
    step("Unless that one is stopped too, first.", &["umbrella", "stop", "c", "--with-dependents"]),
    step("b does not care.", &["umbrella", "status"]),
    step("Starting a starts what it needs.", &["umbrella", "start", "a"]),
    step("Everything stops in reverse order.", &["umbrella", "stop"]),
    step(
        "The same code as two nodes: which application runs where is decided now. (A release build.)",
        &["umbrella", "release", "--group", "[a,b]+[c]"],
    ),
    step("A release is a folder; its program is all it needs.", &[C, "daemon"]),
    step("", &[AB, "daemon"]),
    step("In this node a and b run, and c is elsewhere.", &[AB, "status"]),
    step("In this one c runs.", &[C, "status"]),
    step("", &[AB, "stop"]),
    step("", &[C, "stop"]),
    step(
        "The same placement as processes of this workspace, while you develop.",
        &["umbrella", "start", "--group", "[a,b]+[c]", "--detach"],
    ),
    step("", &["umbrella", "stop"]),
];

/// `command` as one would type it.
#[must_use]
pub fn typed(command: &[&str]) -> String {
    let quoted =
        command.iter().map(|word| if word.contains('[') { format!("'{word}'") } else { (*word).to_owned() });
    quoted.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placements_are_quoted_for_the_shell() {
        let release = STEPS.iter().find(|step| step.command.contains(&"release")).unwrap();
        assert_eq!(typed(release.command), "umbrella release --group '[a,b]+[c]'");
    }
}
