//! What a process holds of the machine that can be seen from outside: its sockets.
//!
//! Source: proc(5), `/proc/self/fd` and `/proc/self/net`. Where there is none, nothing is seen, and that is said.

use std::collections::BTreeMap;
use std::fs;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::Path;

/// The sockets of this process, by their inodes; nothing where they cannot be seen.
pub(super) struct Machine(Option<BTreeMap<String, String>>);

impl Machine {
    /// Looks.
    pub(super) fn look() -> Self {
        Self(Self::look_in(Path::new("/proc/self")))
    }

    /// What was not looked at, as this system does not show it.
    pub(super) fn unseen(&self) -> Option<&'static str> {
        self.0.is_none().then_some("sockets were not looked for, as this system has no /proc/self/fd")
    }

    fn look_in(this: &Path) -> Option<BTreeMap<String, String>> {
        let mut sockets = BTreeMap::new();
        for entry in fs::read_dir(this.join("fd")).ok()?.flatten() {
            let Ok(target) = fs::read_link(entry.path()) else { continue };
            let target = target.to_string_lossy().into_owned();
            if let Some(inode) = target.strip_prefix("socket:[").and_then(|rest| rest.strip_suffix(']')) {
                sockets.insert(inode.to_owned(), "a socket is left".to_owned());
            }
        }
        for table in ["tcp", "tcp6", "udp", "udp6", "unix"] {
            let text = fs::read_to_string(this.join("net").join(table)).unwrap_or_default();
            for line in text.lines().skip(1) {
                let described = if table == "unix" { unix(line) } else { internet(table, line) };
                if let Some((inode, what)) = described
                    && let Some(known) = sockets.get_mut(inode)
                {
                    *known = format!("a socket is left: {what}");
                }
            }
        }
        Some(sockets)
    }

    /// Those that were not there before.
    pub(super) fn since(self, before: &Self) -> Vec<String> {
        let is_new = |inode: &String| before.0.as_ref().is_none_or(|before| !before.contains_key(inode));
        let new = self.0.into_iter().flatten().filter(|(inode, _)| is_new(inode));
        new.map(|(_, what)| what).collect()
    }
}

/// The inode in a line of `/proc/net/tcp`, and what the socket does.
fn internet<'a>(table: &str, line: &'a str) -> Option<(&'a str, String)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (local, remote, state, inode) = (words.get(1)?, words.get(2)?, words.get(3)?, words.get(9)?);
    let local = address(local)?;
    let protocol = table.trim_end_matches('6');
    let what = match *state {
        // TCP_LISTEN
        "0A" => format!("it listens at {local} ({protocol})"),
        _ if protocol == "udp" => format!("it is bound to {local} (udp)"),
        _ => format!("it is connected from {local} to {} ({protocol})", address(remote)?),
    };
    Some((inode, what))
}

/// The inode in a line of `/proc/net/unix`, and its path.
fn unix(line: &str) -> Option<(&str, String)> {
    let mut words = line.split_whitespace();
    let inode = words.nth(6)?;
    Some((inode, format!("unix {}", words.next().unwrap_or("(no path)"))))
}

/// `0100007F:1F90`: each four bytes as the machine holds a number, which is backwards on all that we know of.
fn address(text: &str) -> Option<SocketAddr> {
    let (ip, port) = text.split_once(':')?;
    let mut bytes = Vec::new();
    for group in 0..ip.len() / 8 {
        let number = u32::from_str_radix(ip.get(group * 8..group * 8 + 8)?, 16).ok()?;
        bytes.extend(number.to_ne_bytes());
    }
    let ip: IpAddr = match <[u8; 4]>::try_from(bytes.as_slice()) {
        Ok(four) => Ipv4Addr::from(four).into(),
        Err(_) => Ipv6Addr::from(<[u8; 16]>::try_from(bytes).ok()?).into(),
    };
    Some(SocketAddr::new(ip, u16::from_str_radix(port, 16).ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_nothing_is_seen_that_is_said() {
        let blind = Machine(Machine::look_in(Path::new("/no/such/proc")));
        assert_eq!(blind.unseen(), Some("sockets were not looked for, as this system has no /proc/self/fd"));
        assert_eq!(blind.since(&Machine(None)), Vec::<String>::new());
        assert_eq!(Machine(Some(BTreeMap::new())).unseen(), None);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_socket_is_seen_with_where_it_listens_and_not_when_it_is_closed() {
        let before = Machine::look();
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let expected =
            format!("a socket is left: it listens at {} (tcp)", listener.local_addr().expect("bound"));
        assert!(Machine::look().since(&before).contains(&expected), "{expected}");
        drop(listener);
        assert!(!Machine::look().since(&before).contains(&expected));
    }
}
