//! What `umbrella` says and writes, case by case: each `.trycmd` file runs in a copy of its `.in` folder, and what it
//! leaves is compared with its `.out` folder.
//!
//! `TRYCMD=overwrite cargo test -p umbrella-tests --test cli` takes over what it says now.

mod umbrella_adopt;
mod umbrella_adopt_elsewhere;
mod umbrella_comfort;
mod umbrella_doctor;
mod umbrella_look;
mod umbrella_new;
mod umbrella_release;
mod umbrella_templates;

/// Runs the cases that match `pattern`, below this folder.
fn check(pattern: &str) {
    trycmd::TestCases::new()
        .register_bin("umbrella", umbrella_tests::program())
        .env("NO_COLOR", "1")
        .case(format!("cli/{pattern}"))
        .run();
}
