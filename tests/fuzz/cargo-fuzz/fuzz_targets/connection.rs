//! Messages of a node that is connected.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    umbrella::dist::fuzzing::connection(input);
});
