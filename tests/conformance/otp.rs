//! What OTP does: asked now if it is installed, else as recorded.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::folder;
use crate::scenario::{Scenario, Trace, Traces, traces as parse};

/// The runtime to be compared with OTP instead of this one: a program that reads scenarios and prints traces.
pub(crate) fn driver() -> Option<OsString> {
    std::env::var_os("CONFORMANCE_DRIVER")
}

/// The traces of OTP, of which those in `traces/` are what it printed when they were recorded.
pub(crate) fn traces(scenarios: &[Scenario]) -> Traces {
    let is_installed =
        Command::new("escript").arg("--version").stderr(Stdio::null()).stdout(Stdio::null()).status();
    if is_installed.is_err() {
        let must = std::env::var_os("CONFORMANCE_LIVE").is_some();
        assert!(!must, "CONFORMANCE_LIVE is set, and there is no escript: install Erlang");
        eprintln!("there is no escript: compared with the recorded traces of OTP");
        return recorded();
    }
    let live = run(folder().join("otp/run.escript"), scenarios);
    if std::env::var_os("SNAPSHOTS").is_some_and(|value| value == "overwrite") {
        record(&live);
    }
    let recorded = recorded();
    for scenario in scenarios {
        let (now, then) = (live.get(&scenario.name), recorded.get(&scenario.name));
        assert_eq!(
            now, then,
            "{}: OTP does otherwise than recorded; SNAPSHOTS=overwrite records anew",
            scenario.name
        );
    }
    live
}

/// Has a driver play the scenarios.
pub(crate) fn run(driver: impl AsRef<OsStr>, scenarios: &[Scenario]) -> Traces {
    let mut child =
        Command::new(driver).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the driver runs");
    let mut input = child.stdin.take().expect("piped");
    let text: String = scenarios.iter().map(Scenario::to_string).collect();
    let writing = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let output = child.wait_with_output().expect("the driver ends");
    assert!(output.status.success(), "the driver failed: {}", output.status);
    writing.join().expect("no panic").expect("the driver reads its scenarios");
    parse(&String::from_utf8(output.stdout).expect("UTF-8"))
}

fn recorded() -> Traces {
    let Ok(files) = std::fs::read_dir(folder().join("traces")) else { return Traces::new() };
    let text = |entry: std::io::Result<std::fs::DirEntry>| {
        std::fs::read_to_string(entry.expect("a file").path()).expect("a trace")
    };
    files.flat_map(|file| parse(&text(file))).collect()
}

fn record(traces: &Traces) {
    let mut files: BTreeMap<&str, String> = BTreeMap::new();
    for (name, Trace(lines)) in traces {
        let (file, _) = name.split_once('/').expect("a file and a name");
        let text = files.entry(file).or_insert_with(|| "# What OTP 25 does; written by the test.\n".into());
        write!(text, "@ {name}\n{}\n", lines.join("\n")).expect("a string");
    }
    for (file, text) in files {
        std::fs::write(folder().join("traces").join(format!("{file}.trace")), text).expect("a file");
    }
}
