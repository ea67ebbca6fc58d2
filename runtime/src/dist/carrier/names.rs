//! PURE: the names that a certificate is valid for.
//!
//! Only the extension for them is looked for: the certificate has been verified, so that it is well made.

use std::net::IpAddr;

/// `2.5.29.17`, as it stands in a certificate.
const SUBJECT_ALT_NAME: [u8; 5] = [0x06, 0x03, 0x55, 0x1d, 0x11];

/// The kinds of names, as RFC 5280 numbers them.
const MAIL: u8 = 0x81;
const DNS: u8 = 0x82;
const IP: u8 = 0x87;

/// Whether a certificate is that of the node with this full name: of its host, and, if it names nodes, of the node.
pub(super) fn is_of(certificate: &[u8], node: &str) -> bool {
    let Some((_, host)) = node.split_once('@') else { return false };
    let names = names(certificate);
    let has = |kind: u8, name: &[u8]| names.iter().any(|(of, text)| *of == kind && *text == name);
    let is_host = match host.parse() {
        Ok(IpAddr::V4(ip)) => has(IP, &ip.octets()),
        Ok(IpAddr::V6(ip)) => has(IP, &ip.octets()),
        Err(_) => names.iter().any(|(of, text)| *of == DNS && text.eq_ignore_ascii_case(host.as_bytes())),
    };
    let names_nodes = names.iter().any(|(of, _)| *of == MAIL);
    is_host && (!names_nodes || has(MAIL, node.as_bytes()))
}

/// The names, each with its kind.
fn names(certificate: &[u8]) -> Vec<(u8, &[u8])> {
    let at = certificate.windows(SUBJECT_ALT_NAME.len()).position(|bytes| bytes == SUBJECT_ALT_NAME);
    let Some(at) = at else { return Vec::new() };
    let mut rest = &certificate[at + SUBJECT_ALT_NAME.len()..];
    // Whether it is critical may stand before the octets that hold the names.
    while let Some((tag, value, after)) = element(rest) {
        match tag {
            0x01 => rest = after,
            0x04 => {
                let Some((0x30, mut inside, _)) = element(value) else { return Vec::new() };
                let mut names = Vec::new();
                while let Some((kind, name, after)) = element(inside) {
                    names.push((kind, name));
                    inside = after;
                }
                return names;
            }
            _ => return Vec::new(),
        }
    }
    Vec::new()
}

/// The first element: its tag, what is in it, and what comes after it.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (tag, rest) = bytes.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match first {
        length @ 0..=0x7f => (usize::from(*length), rest),
        0x81 => (usize::from(*rest.first()?), rest.get(1..)?),
        0x82 => (usize::from(u16::from_be_bytes([*rest.first()?, *rest.get(1)?])), rest.get(2..)?),
        _ => return None,
    };
    Some((*tag, rest.get(..length)?, rest.get(length..)?))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The extension with these names, amid other bytes.
    fn certificate(names: &[(u8, &[u8])]) -> Vec<u8> {
        let wrapped =
            |tag: u8, value: &[u8]| [&[tag, u8::try_from(value.len()).expect("short")], value].concat();
        let inside: Vec<u8> = names.iter().flat_map(|(kind, name)| wrapped(*kind, name)).collect();
        let octets = wrapped(0x04, &wrapped(0x30, &inside));
        [&[0x30, 0x82, 1, 2][..], &SUBJECT_ALT_NAME, &[0x01, 0x01, 0xff], &octets, &[0, 0]].concat()
    }

    #[test]
    fn a_certificate_is_of_its_host_and_of_its_node() {
        let both = certificate(&[(IP, &[10, 0, 0, 5]), (MAIL, b"c@10.0.0.5")]);
        assert!(is_of(&both, "c@10.0.0.5"));
        assert!(!is_of(&both, "d@10.0.0.5"), "another node of the host");
        assert!(!is_of(&both, "c@10.0.0.6"));
        let host = certificate(&[(DNS, b"C.internal")]);
        assert!(is_of(&host, "c@c.internal") && is_of(&host, "d@c.internal"), "of any node of the host");
        assert!(!is_of(&host, "c@d.internal") && !is_of(&host, "c"));
        assert!(!is_of(&certificate(&[(MAIL, b"c@10.0.0.5")]), "c@10.0.0.5"), "of no host");
        assert!(!is_of(b"", "c@10.0.0.5"));
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(before: Vec<u8>, after: Vec<u8>) {
            let bytes = [&before[..], &SUBJECT_ALT_NAME, &after].concat();
            prop_assert!(!is_of(&bytes, "a node@without@a host"));
        }
    }
}
