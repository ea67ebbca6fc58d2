//! The workloads on OTP, by one escript that its compiler turns into native code.

use std::process::Command;

use crate::number;

pub(crate) fn is_installed() -> bool {
    Command::new("escript").arg("--help").output().is_ok()
}

/// Nanoseconds, or bytes, per operation.
pub(crate) fn measure(workload: &str, operations: u32) -> u128 {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/otp.escript");
    let output = Command::new("escript").args([script, workload, &operations.to_string()]).output().unwrap();
    assert!(output.status.success(), "OTP failed: {output:?}");
    number(output.stdout)
}
