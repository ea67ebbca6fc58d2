//! Requests to the port mapper.
#![no_main]

libfuzzer_sys::fuzz_target!(|input: &[u8]| {
    umbrella::dist::fuzzing::port_mapper(input);
});
