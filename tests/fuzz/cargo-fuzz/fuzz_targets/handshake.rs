//! Handshakes.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    umbrella::dist::fuzzing::handshake(input);
});
