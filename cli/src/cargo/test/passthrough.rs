//! What stands after `--`: arguments of the test binaries. PURE.

use thiserror::Error;

/// The arguments of the test binaries, as typed.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passthrough {
    args: Vec<String>,
}

/// An argument that nextest cannot hand to a test binary.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("nextest cannot pass `{argument}` to test binaries")]
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

    /// Whether nextest can do all of it.
    ///
    /// # Errors
    /// [`Unsupported`] with the first argument that it cannot.
    pub fn check_nextest(&self) -> Result<(), Unsupported> {
        let unsupported = |(meaning, args): &(Meaning, &[String])| {
            matches!(meaning, Meaning::LibtestOnly | Meaning::LibtestOnlyWithValue).then(|| args[0].clone())
        };
        match self.meanings().iter().find_map(unsupported) {
            Some(argument) => Err(Unsupported { argument }),
            None => Ok(()),
        }
    }

    /// For `cargo test -- ...`; libtest is told about colour unless the user did.
    pub(super) fn for_libtest(&self, colour: bool) -> Vec<String> {
        let mut args = Vec::new();
        if !self.args.iter().any(|arg| arg == "--color" || arg.starts_with("--color=")) {
            args.push(format!("--color={}", if colour { "always" } else { "never" }));
        }
        args.extend_from_slice(&self.args);
        args
    }

    /// For `cargo nextest run ...`: its own options, then `--` and what it hands to the binaries.
    pub(super) fn for_nextest(&self) -> Vec<String> {
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
        "--nocapture" | "--no-capture" => Meaning::Nextest,
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
    fn what_nextest_cannot_do_is_named() {
        assert_eq!(of("counts --nocapture --test-threads 2").check_nextest(), Ok(()));
        assert_eq!(of("--format json").check_nextest(), Err(Unsupported { argument: "--format".into() }));
    }

    #[test]
    fn the_user_has_the_last_word_on_colour() {
        assert_eq!(of("x").for_libtest(true), ["--color=always", "x"]);
        assert_eq!(of("--color never x").for_libtest(true), ["--color", "never", "x"]);
    }
}
