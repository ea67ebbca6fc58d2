//! Terms.
#![no_main]

#[path = "../../targets.rs"]
mod targets;

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    targets::terms(input);
});
