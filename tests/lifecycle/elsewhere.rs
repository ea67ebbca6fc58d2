//! A call to an application that runs in another node: it fails at once, and the same code is answered in one node.

use std::fs;
use std::process::Command;

use umbrella_tests::{Sandbox, succeed};

use crate::abc::Said;

/// What `b` does before it starts its tree: asks `c`, and will only start if `c` is elsewhere.
const ASKS_C: &str = "let answer = c::COUNTER.get().await;
        if answer != Err(CallError::NoConnection(\"c\".into())) {
            return Err(StartError::failed(format!(\"c answered {answer:?}\")));
        }
        Supervisor::new";

#[test]
fn a_call_to_an_application_elsewhere_has_no_connection() {
    let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "elsewhere");
    let apps = ["--app", "b:sup", "--app", "c:sup", "--dep", "b:c"];
    succeed(&mut sandbox.umbrella("", ["new", "asks", "--umbrella"].iter().chain(&apps)));
    let start = sandbox.path().join("asks/apps/b/src/application.rs");
    let code = fs::read_to_string(&start).expect("b starts something");
    fs::write(&start, code.replace("Supervisor::new", ASKS_C)).expect("b can be changed");
    // Its lock file comes with it.
    succeed(&mut sandbox.cargo("asks", ["metadata", "--no-deps", "--format-version", "1"]));
    let umbrella = |args: &[&str]| -> Said {
        let mut command: Command = sandbox.umbrella("asks", args);
        command.output().expect("umbrella runs").into()
    };

    umbrella(&["start", "--group", "[b]+[c]", "--detach"]).ended(0);
    umbrella(&["stop"]).ended(0);

    let together = umbrella(&["start", "--detach"]).ended(1);
    assert!(
        together.err.contains("c answered Ok(0)") || together.out.contains("c answered Ok(0)"),
        "{together:?}"
    );
}
