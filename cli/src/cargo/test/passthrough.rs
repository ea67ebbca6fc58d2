//! What stands after `--`: arguments of the test binaries. PURE.

use thiserror::Error;

/// The arguments of the test binaries, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passthrough {
    args: Vec<String>,
}

/// An argument of libtest for which there is no place where each test has a process of its own.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("`{argument}` cannot be passed to tests that run in processes of their own")]
pub struct Unsupported {
    /// The argument.
    pub argument: String,
}

/// What an argument of libtest means to us.
enum Meaning {
    /// It narrows what runs, and nextest knows it.
    Filter,
    /// As `Filter`, and the next argument belongs to it.
    FilterWithValue,
    /// Nextest has an option of that name for itself.
    Nextest,
    /// As `Nextest`, and the next argument belongs to it.
    NextestWithValue,
    /// Nextest has nothing of the kind.
    LibtestOnly,
    /// As `LibtestOnly`, and the next argument belongs to it.
    LibtestOnlyWithValue,
}

impl Passthrough {
    /// The arguments `args`.
    #[must_use]
    pub fn new(args: Vec<String>) -> Self {
        Self { args }
    }

    /// Whether any of them narrows what runs, so that nothing may be left.
    #[must_use]
    pub fn filters(&self) -> bool {
        self.meanings()
            .iter()
            .any(|(meaning, _)| matches!(meaning, Meaning::Filter | Meaning::FilterWithValue))
    }

    /// Whether names are to be printed and nothing run.
    #[must_use]
    pub fn lists(&self) -> bool {
        self.args.iter().any(|arg| arg == "--list")
    }

    /// Whether all of it means something where each test has a process of its own.
    ///
    /// # Errors
    /// [`Unsupported`] with the first argument that does not.
    pub fn check(&self) -> Result<(), Unsupported> {
        let unsupported = |(meaning, args): &(Meaning, &[String])| {
            let is_of_libtest = matches!(meaning, Meaning::LibtestOnly | Meaning::LibtestOnlyWithValue);
            is_of_libtest.then(|| args[0].clone())
        };
        match self.meanings().iter().find_map(unsupported) {
            Some(argument) => Err(Unsupported { argument }),
            None => Ok(()),
        }
    }

    /// Whether what tests print is to be seen also when they pass.
    #[must_use]
    pub fn shows_output(&self) -> bool {
        self.args.iter().any(|arg| matches!(arg.as_str(), "--nocapture" | "--no-capture" | "--show-output"))
    }

    /// How many tests are to run at a time, if that was said.
    #[must_use]
    pub fn threads(&self) -> Option<usize> {
        let value = |(_, args): &(Meaning, &[String])| match args {
            [option, value] if option == "--test-threads" => value.parse().ok(),
            [option] => option.strip_prefix("--test-threads=")?.parse().ok(),
            _ => None,
        };
        self.meanings().iter().find_map(value).filter(|threads| *threads > 0)
    }

    /// Whether a test is among those that are to run.
    #[must_use]
    pub fn selects(&self, test: &str, is_ignored: bool) -> bool {
        let has = |option: &str| self.args.iter().any(|arg| arg == option);
        let ignored_too = has("--include-ignored") || (has("--ignored") && is_ignored);
        let exact = has("--exact");
        let fits = |name: &str| if exact { test == name } else { test.contains(name) };
        let (mut names, mut skipped) = (Vec::new(), false);
        for (meaning, args) in self.meanings() {
            match (meaning, args) {
                (Meaning::FilterWithValue, [_skip, name]) => skipped |= fits(name),
                (Meaning::Filter, [arg]) => match arg.strip_prefix("--skip=") {
                    Some(name) => skipped |= fits(name),
                    None if !arg.starts_with('-') => names.push(arg.as_str()),
                    None => {}
                },
                _ => {}
            }
        }
        let runs = if is_ignored { ignored_too } else { !has("--ignored") };
        runs && !skipped && (names.is_empty() || names.into_iter().any(fits))
    }

    /// Whether no documentation test can be meant: a whole name is given, and not of one, `src/lib.rs - add (line 3)`.
    #[must_use]
    pub fn is_about_no_documentation(&self) -> bool {
        let names = || self.args.iter().filter(|arg| !arg.starts_with('-'));
        let is_exact = self.args.iter().any(|arg| arg == "--exact");
        is_exact && names().count() > 0 && names().all(|name| !name.contains("(line "))
    }

    /// What of it narrows documentation tests, for rustdoc.
    #[must_use]
    pub fn for_doctests(&self) -> Vec<String> {
        let narrows = |(meaning, _): &(Meaning, &[String])| {
            matches!(meaning, Meaning::Filter | Meaning::FilterWithValue)
        };
        self.meanings().into_iter().filter(narrows).flat_map(|(_, args)| args.iter().cloned()).collect()
    }

    /// For `cargo nextest run ...`: its own options, then `--` and what it hands to the binaries.
    #[must_use]
    pub fn for_nextest(&self) -> Vec<String> {
        let (mut own, mut passed) = (Vec::new(), vec!["--".to_owned()]);
        for (meaning, args) in self.meanings() {
            match meaning {
                Meaning::Nextest if args[0] == "--nocapture" => own.push("--no-capture".to_owned()),
                Meaning::Nextest | Meaning::NextestWithValue => own.extend_from_slice(args),
                Meaning::Filter | Meaning::FilterWithValue => passed.extend_from_slice(args),
                Meaning::LibtestOnly | Meaning::LibtestOnlyWithValue => passed.extend_from_slice(args),
            }
        }
        own.append(&mut passed);
        own
    }

    /// The arguments, each with the value that belongs to it.
    fn meanings(&self) -> Vec<(Meaning, &[String])> {
        let mut rest = self.args.as_slice();
        let mut found = Vec::new();
        while let Some(first) = rest.first() {
            let meaning = meaning(first);
            let with_value = matches!(
                meaning,
                Meaning::FilterWithValue | Meaning::NextestWithValue | Meaning::LibtestOnlyWithValue
            );
            let (taken, left) = rest.split_at(if with_value { rest.len().min(2) } else { 1 });
            found.push((meaning, taken));
            rest = left;
        }
        found
    }
}

fn meaning(argument: &str) -> Meaning {
    match argument {
        "--skip" => Meaning::FilterWithValue,
        "--exact" | "--ignored" | "--include-ignored" => Meaning::Filter,
        "--nocapture" | "--no-capture" | "--show-output" | "--list" => Meaning::Nextest,
        "--test-threads" => Meaning::NextestWithValue,
        "--color" | "--format" | "--logfile" | "--shuffle-seed" | "-Z" => Meaning::LibtestOnlyWithValue,
        _ if argument.starts_with("--skip=") => Meaning::Filter,
        _ if argument.starts_with("--test-threads=") => Meaning::Nextest,
        _ if argument.starts_with('-') => Meaning::LibtestOnly,
        _ => Meaning::Filter,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Passthrough {
        Passthrough::new(line.split_whitespace().map(str::to_owned).collect())
    }

    #[test]
    fn names_and_skips_narrow_and_the_rest_does_not() {
        for narrowing in
            ["counts", "--exact counts", "--skip slow", "--skip=slow", "--ignored", "--nocapture counts"]
        {
            assert!(of(narrowing).filters(), "{narrowing}");
        }
        for not in ["", "--nocapture", "--test-threads 1", "--test-threads=1", "--format json", "-q"] {
            assert!(!of(not).filters(), "{not}");
        }
    }

    #[test]
    fn nextest_takes_its_own_options_before_the_dashes() {
        let args = of("--nocapture --exact counts --test-threads 1 --skip slow").for_nextest();
        assert_eq!(
            args,
            ["--no-capture", "--test-threads", "1", "--", "--exact", "counts", "--skip", "slow"]
        );
        assert_eq!(of("").for_nextest(), ["--"]);
    }

    #[test]
    fn what_has_no_place_is_named() {
        assert_eq!(of("counts --nocapture --test-threads 2 --list").check(), Ok(()));
        assert_eq!(of("--format json").check(), Err(Unsupported { argument: "--format".into() }));
    }

    #[test]
    fn tests_are_selected_as_libtest_does_it() {
        let table: [(&str, &str, bool, bool); 12] = [
            ("", "a::counts", false, true),
            ("", "a::counts", true, false),
            ("counts", "a::counts", false, true),
            ("counts", "a::adds", false, false),
            ("counts adds", "a::adds", false, true),
            ("--exact counts", "a::counts", false, false),
            ("--exact a::counts", "a::counts", false, true),
            ("--skip counts", "a::counts", false, false),
            ("--skip=adds", "a::counts", false, true),
            ("--ignored", "a::counts", false, false),
            ("--ignored", "a::counts", true, true),
            ("--include-ignored count", "a::counts", true, true),
        ];
        for (args, test, ignored, expected) in table {
            assert_eq!(of(args).selects(test, ignored), expected, "{args}: {test} {ignored}");
        }
    }

    #[test]
    fn rustdoc_is_told_what_narrows_and_nothing_else() {
        let args = of("--nocapture counts --test-threads 1 --skip slow --exact").for_doctests();
        assert_eq!(args, ["counts", "--skip", "slow", "--exact"]);
        assert_eq!(of("--test-threads 3").threads(), Some(3));
        assert_eq!(of("--test-threads=4 x").threads(), Some(4));
        assert_eq!(of("x").threads(), None);
    }
}
