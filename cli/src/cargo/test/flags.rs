//! How what is tested is built, in cargo's words.

/// What cargo is told of how to build the tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, clap::Args)]
#[command(next_help_heading = "Build")]
pub struct BuildFlags {
    /// Features of the tested packages to build with, with commas or blanks between them
    #[arg(short = 'F', long, value_name = "FEATURES")]
    features: Vec<String>,
    /// Build with all features of the tested packages
    #[arg(long)]
    all_features: bool,
    /// Build without the default features of the tested packages
    #[arg(long)]
    no_default_features: bool,
    /// Build optimized, with the profile `release`
    #[arg(short, long, conflicts_with_all = ["profile", "cover"])]
    release: bool,
    /// Build with this profile [default: test]
    #[arg(long, value_name = "PROFILE", conflicts_with = "cover")]
    profile: Option<String>,
}

impl BuildFlags {
    /// Whether nothing was said: what is built then is what passed or failed, for those who ask later.
    #[must_use]
    pub fn are_default(&self) -> bool {
        *self == Self::default()
    }

    /// As `cargo build` wants them.
    #[must_use]
    pub fn for_build(&self) -> Vec<String> {
        let profile = self.profile().unwrap_or("test");
        ["--profile", profile].map(str::to_owned).into_iter().chain(self.features()).collect()
    }

    /// As `cargo test` wants them.
    #[must_use]
    pub fn for_doctests(&self) -> Vec<String> {
        self.with_profile("--profile")
    }

    /// As `cargo nextest` wants them, whose own profiles are something else.
    #[must_use]
    pub fn for_nextest(&self) -> Vec<String> {
        self.with_profile("--cargo-profile")
    }

    fn with_profile(&self, option: &str) -> Vec<String> {
        let profile = self.profile().map(|profile| [option, profile].map(str::to_owned));
        profile.into_iter().flatten().chain(self.features()).collect()
    }

    fn profile(&self) -> Option<&str> {
        if self.release { Some("release") } else { self.profile.as_deref() }
    }

    fn features(&self) -> impl Iterator<Item = String> {
        let named = self.features.iter().flat_map(|features| ["--features".to_owned(), features.clone()]);
        let all = self.all_features.then(|| "--all-features".to_owned());
        let none = self.no_default_features.then(|| "--no-default-features".to_owned());
        named.chain(all).chain(none)
    }
}

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::BuildFlags;

    #[derive(Debug, clap::Parser)]
    struct Typed {
        #[command(flatten)]
        flags: BuildFlags,
        #[arg(long)]
        cover: bool,
    }

    fn typed(line: &str) -> Result<BuildFlags, clap::Error> {
        let words = ["test"].into_iter().chain(line.split_whitespace());
        Typed::try_parse_from(words).map(|typed| typed.flags)
    }

    #[test]
    fn cargo_nextest_and_rustdoc_are_told_the_same_each_in_its_words() {
        for (line, build, doctests, nextest) in [
            ("", "--profile test", "", ""),
            (
                "-r -F a,b -F c",
                "--profile release --features a,b --features c",
                "--profile release --features a,b --features c",
                "--cargo-profile release --features a,b --features c",
            ),
            (
                "--profile ci --all-features",
                "--profile ci --all-features",
                "--profile ci --all-features",
                "--cargo-profile ci --all-features",
            ),
            (
                "--no-default-features",
                "--profile test --no-default-features",
                "--no-default-features",
                "--no-default-features",
            ),
        ] {
            let flags = typed(line).unwrap();
            assert_eq!(flags.are_default(), line.is_empty());
            let told = [flags.for_build(), flags.for_doctests(), flags.for_nextest()];
            assert_eq!(told.map(|words| words.join(" ")), [build, doctests, nextest], "{line}");
        }
        typed("--release --profile ci").unwrap_err();
        typed("--release --cover").unwrap_err();
    }
}
