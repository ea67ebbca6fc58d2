//! A call to an application that runs in another node: it fails at once, and the same code is answered in one node.

use std::fs;
use std::process::Command;

use umbrella_tests::{Sandbox, succeed};

use crate::abc::Said;

/// What `asking` does before it starts its tree: it calls `asked`, and will only start if that is elsewhere.
///
/// Names of their own: programs of this umbrella lie in one folder with those of `abc`.
const ASKS: &str = "let answer = asked::COUNTER.get().await;
        if answer != Err(CallError::NoConnection(\"asked\".into())) {
            return Err(StartError::failed(format!(\"asked answered {answer:?}\")));
        }
        Supervisor::new";

#[test]
fn a_call_to_an_application_elsewhere_has_no_connection() {
    let sandbox = Sandbox::at(env!("CARGO_TARGET_TMPDIR"), "elsewhere");
    let apps = ["--app", "asking:sup", "--app", "asked:sup", "--dep", "asking:asked"];
    succeed(&mut sandbox.umbrella("", ["new", "asks", "--umbrella"].iter().chain(&apps)));
    let start = sandbox.path().join("asks/apps/asking/src/application.rs");
    let code = fs::read_to_string(&start).expect("it starts something");
    fs::write(&start, code.replace("Supervisor::new", ASKS)).expect("it can be changed");
    // Its lock file comes with it.
    succeed(&mut sandbox.cargo("asks", ["metadata", "--no-deps", "--format-version", "1"]));
    let umbrella = |args: &[&str]| -> Said {
        let mut command: Command = sandbox.umbrella("asks", args);
        command.output().expect("umbrella runs").into()
    };

    umbrella(&["start", "--group", "[asking]+[asked]", "--detach"]).ended(0);
    umbrella(&["stop"]).ended(0);

    let together = umbrella(&["start", "--detach"]).ended(1);
    assert!(
        together.err.contains("asked answered Ok(0)") || together.out.contains("asked answered Ok(0)"),
        "{together:?}"
    );
}
