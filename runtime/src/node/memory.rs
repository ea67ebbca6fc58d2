//! How much memory this program has.

/// Bytes of memory that are in use, as the kernel counts them; 0 where it does not tell.
///
/// Source: proc(5), `/proc/self/status`, `VmRSS`, in kB.
pub(super) fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let resident = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kilobytes = resident.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1024
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    #[test]
    fn a_program_has_some_memory() {
        assert!(super::resident() > 1 << 20);
    }
}
