//! Two traces side by side.

use std::collections::BTreeMap;

use crate::scenario::{Scenario, Trace, Traces};

/// The scenarios whose traces differ, each with what is to be shown of it.
pub(crate) fn compare(scenarios: &[Scenario], otp: &Traces, ours: &Traces) -> BTreeMap<String, String> {
    let none = Trace::default();
    scenarios
        .iter()
        .filter_map(|scenario| {
            let name = &scenario.name;
            let (otp, ours) = (otp.get(name).unwrap_or(&none), ours.get(name).unwrap_or(&none));
            (otp != ours || otp.0.is_empty()).then(|| (name.clone(), side_by_side(scenario, otp, ours)))
        })
        .collect()
}

fn side_by_side(scenario: &Scenario, otp: &Trace, ours: &Trace) -> String {
    let width = otp.0.iter().map(String::len).max().unwrap_or(0).max(24);
    let mut text = format!("{} ({})\n  {:width$} | this runtime\n", scenario.name, scenario.place, "OTP");
    for index in 0..otp.0.len().max(ours.0.len()) {
        let line = |trace: &Trace| trace.0.get(index).cloned().unwrap_or_default();
        let (left, right) = (line(otp), line(ours));
        let mark = if left == right { ' ' } else { '!' };
        text.push_str(&format!("{mark} {left:width$} | {right}\n"));
    }
    text
}
