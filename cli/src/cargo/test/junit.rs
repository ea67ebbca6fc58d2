//! What came of tests as JUnit's XML, which every build server reads. PURE.

use std::fmt::Write as _;

use super::report::Tested;
use super::verdict::{UnitResult, Verdict};

/// The document.
#[must_use]
pub fn junit(verdict: &Verdict) -> String {
    let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    let (counts, seconds) = (verdict.counts, verdict.elapsed.as_secs_f64());
    let not_built = verdict.units.iter().filter(|unit| matches!(unit.result, UnitResult::NotBuilt)).count();
    push(
        &mut xml,
        format_args!(
            "<testsuites name=\"umbrella\" tests=\"{}\" failures=\"{}\" errors=\"{not_built}\" time=\"{seconds:.3}\">\n",
            counts.ran(),
            counts.failed
        ),
    );
    for outcome in &verdict.units {
        let name = escaped(&outcome.unit.name);
        match &outcome.result {
            UnitResult::NotBuilt => push(
                &mut xml,
                format_args!(
                    "  <testsuite name=\"{name}\" tests=\"1\" failures=\"0\" errors=\"1\">\n    \
                     <testcase name=\"(build)\" classname=\"{name}\">\n      \
                     <error message=\"did not build\"/>\n    </testcase>\n  </testsuite>\n"
                ),
            ),
            UnitResult::Interrupted => push(
                &mut xml,
                format_args!(
                    "  <testsuite name=\"{name}\" tests=\"0\" failures=\"0\" errors=\"0\" skipped=\"1\"/>\n"
                ),
            ),
            UnitResult::Tested(report) => {
                let counts = report.counts;
                push(
                    &mut xml,
                    format_args!(
                        "  <testsuite name=\"{name}\" tests=\"{}\" failures=\"{}\" errors=\"0\" skipped=\"{}\">\n",
                        counts.ran(),
                        counts.failed,
                        counts.skipped
                    ),
                );
                report.tests.iter().for_each(|tested| push_test(&mut xml, tested));
                // Those that did not run in a process of their own are known by their failures only.
                let others = report.failures.iter().filter(|failed| {
                    !report.tests.iter().any(|tested| {
                        tested.test == failed.test && Some(&tested.target) == failed.target.as_ref()
                    })
                });
                for failed in others {
                    let test = escaped(failed.test.as_deref().unwrap_or("(all)"));
                    let target = escaped(failed.target.as_deref().unwrap_or(&outcome.unit.name));
                    push(
                        &mut xml,
                        format_args!(
                            "    <testcase name=\"{test}\" classname=\"{target}\">\n      \
                             <failure message=\"failed\"/>\n    </testcase>\n"
                        ),
                    );
                }
                xml.push_str("  </testsuite>\n");
            }
        }
    }
    xml.push_str("</testsuites>\n");
    xml
}

fn push_test(xml: &mut String, tested: &Tested) {
    let name = escaped(tested.test.as_deref().unwrap_or("(all)"));
    let target = escaped(&tested.target);
    let place = tested.topology.as_deref().map(|topology| format!(" @ {topology}")).unwrap_or_default();
    let class = format!("{target}{}", escaped(&place));
    let seconds = tested.seconds;
    if tested.passed && tested.attempts == 1 {
        let line =
            format_args!("    <testcase name=\"{name}\" classname=\"{class}\" time=\"{seconds:.3}\"/>\n");
        return push(xml, line);
    }
    let element = if tested.passed { "flakyFailure" } else { "failure" };
    let message = escaped(tested.location.as_deref().unwrap_or("failed"));
    let output = escaped(&tested.output);
    push(
        xml,
        format_args!(
            "    <testcase name=\"{name}\" classname=\"{class}\" time=\"{seconds:.3}\">\n      \
             <{element} message=\"{message}\">{output}</{element}>\n    </testcase>\n"
        ),
    );
}

fn push(xml: &mut String, what: std::fmt::Arguments<'_>) {
    // A string takes whatever it is given.
    let _infallible = xml.write_fmt(what);
}

/// Text as XML has it, in an element or between quotes. What XML has no place for becomes U+FFFD.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let text = anstream::adapter::strip_str(text).to_string();
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\n' | '\t' | '\r' => escaped.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push('\u{fffd}'),
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::report::Report;
    use super::super::verdict::Outcome;
    use super::*;
    use crate::plan::test::{Unit, UnitKind};

    #[test]
    fn what_tests_print_cannot_break_the_document() {
        let mut report = Report::default();
        let tested = |test: &str, passed| Tested {
            test: Some(test.into()),
            target: "apps/b/tests/b.rs".into(),
            passed,
            attempts: 1,
            seconds: 0.25,
            location: None,
            topology: (!passed).then(|| "[a]+[b]".to_owned()),
            leaky: false,
            output: "\u{1b}[31m<left> & \"right\"\u{fffe}".into(),
        };
        report.add(tested("fine", true));
        report.add(tested("bad", false));
        let unit = Unit { name: "b".into(), kind: UnitKind::Application };
        let units = vec![
            Outcome { unit: unit.clone(), result: UnitResult::Tested(report) },
            Outcome { unit: Unit { name: "c".into(), ..unit }, result: UnitResult::NotBuilt },
        ];
        let xml = junit(&Verdict::new(units, Duration::from_secs(1), false));
        let expected = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
            <testsuites name=\"umbrella\" tests=\"2\" failures=\"1\" errors=\"1\" time=\"1.000\">\n  \
            <testsuite name=\"b\" tests=\"2\" failures=\"1\" errors=\"0\" skipped=\"0\">\n    \
            <testcase name=\"fine\" classname=\"apps/b/tests/b.rs\" time=\"0.250\"/>\n    \
            <testcase name=\"bad\" classname=\"apps/b/tests/b.rs @ [a]+[b]\" time=\"0.250\">\n      \
            <failure message=\"failed\">&lt;left&gt; &amp; &quot;right&quot;\u{fffd}</failure>\n    </testcase>\n  \
            </testsuite>\n  \
            <testsuite name=\"c\" tests=\"1\" failures=\"0\" errors=\"1\">\n    \
            <testcase name=\"(build)\" classname=\"c\">\n      <error message=\"did not build\"/>\n    </testcase>\n  \
            </testsuite>\n</testsuites>\n";
        assert_eq!(xml, expected);
    }
}
