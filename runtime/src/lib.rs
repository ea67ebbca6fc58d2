//! Processes, GenServers, supervisors and applications.
