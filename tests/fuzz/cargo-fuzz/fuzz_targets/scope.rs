//! What scopes of process groups send each other.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    umbrella::dist::fuzzing::scope(input);
});
