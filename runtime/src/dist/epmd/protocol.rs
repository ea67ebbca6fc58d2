//! The messages, as bytes. Pure.

use super::Registration;

/// The longest request that is read.
pub(super) const LONGEST: usize = 1024;

/// The version of the distribution protocol, which is the only one since OTP 25.
const VERSION: u16 = 6;

const ALIVE2_REQ: u8 = 120;
const ALIVE2_RESP: u8 = 121;
const ALIVE2_X_RESP: u8 = 118;
const PORT_PLEASE2_REQ: u8 = 122;
const PORT2_RESP: u8 = 119;
const NAMES_REQ: u8 = 110;

const NORMAL: u8 = 77;
const HIDDEN: u8 = 72;

/// A request.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Request {
    Register(Registration),
    Lookup(Box<str>),
    Names,
}

impl Request {
    /// The request, behind its length.
    pub(super) fn write(&self) -> Vec<u8> {
        let mut out = vec![0; 2];
        match self {
            Self::Register(Registration { name, port, is_hidden }) => {
                out.push(ALIVE2_REQ);
                out.extend_from_slice(&port.to_be_bytes());
                out.extend_from_slice(&[if *is_hidden { HIDDEN } else { NORMAL }, 0]);
                out.extend_from_slice(&[VERSION.to_be_bytes(), VERSION.to_be_bytes()].concat());
                write_text(name, &mut out);
                write_text("", &mut out);
            }
            Self::Lookup(name) => {
                out.push(PORT_PLEASE2_REQ);
                out.extend_from_slice(name.as_bytes());
            }
            Self::Names => out.push(NAMES_REQ),
        }
        let length = (out.len() - 2) as u16;
        out[..2].copy_from_slice(&length.to_be_bytes());
        out
    }

    /// A request, without its length.
    pub(super) fn read(request: &[u8]) -> Option<Self> {
        let (tag, rest) = request.split_first()?;
        match *tag {
            ALIVE2_REQ => {
                let (port, rest) = read_u16(rest)?;
                let (&[kind, protocol], rest) = rest.split_first_chunk()?;
                let (_versions, rest) = rest.split_first_chunk::<4>()?;
                let (length, rest) = read_u16(rest)?;
                let name = node_name(rest.get(..usize::from(length))?)?;
                (protocol == 0 && port != 0).then_some(Self::Register(Registration {
                    name,
                    port,
                    is_hidden: kind == HIDDEN,
                }))
            }
            PORT_PLEASE2_REQ => node_name(rest).map(Self::Lookup),
            NAMES_REQ if rest.is_empty() => Some(Self::Names),
            _ => None,
        }
    }
}

/// The part before the `@` of what may be a name.
fn node_name(bytes: &[u8]) -> Option<Box<str>> {
    let name = str::from_utf8(bytes).ok()?;
    let is_name = !name.is_empty() && name.len() <= 255 && !name.contains(['@', '\n', '\0']);
    is_name.then(|| name.into())
}

/// The answer to a registration, as far as it was understood: which life of the node this is, or that the name is taken.
pub(super) fn write_registered(creation: Option<u32>) -> Vec<u8> {
    let (result, creation) = creation.map_or((1, 0), |creation| (0, creation));
    [&[ALIVE2_X_RESP, result][..], &creation.to_be_bytes()].concat()
}

/// How many bytes follow the first of an answer to a registration.
pub(super) fn registered_length(tag: u8) -> Option<usize> {
    match tag {
        ALIVE2_X_RESP => Some(5),
        ALIVE2_RESP => Some(3),
        _ => None,
    }
}

/// Whether a registration was accepted, by what follows its first byte.
pub(super) fn is_registered(rest: &[u8]) -> bool {
    rest.first() == Some(&0)
}

/// The answer to a lookup.
pub(super) fn write_port(found: Option<&Registration>) -> Vec<u8> {
    let Some(Registration { name, port, is_hidden }) = found else { return vec![PORT2_RESP, 1] };
    let mut out = vec![PORT2_RESP, 0];
    out.extend_from_slice(&port.to_be_bytes());
    out.extend_from_slice(&[if *is_hidden { HIDDEN } else { NORMAL }, 0]);
    out.extend_from_slice(&[VERSION.to_be_bytes(), VERSION.to_be_bytes()].concat());
    write_text(name, &mut out);
    write_text("", &mut out);
    out
}

/// The port that a lookup found.
pub(super) fn read_port(answer: &[u8]) -> Option<u16> {
    match answer {
        [PORT2_RESP, 0, high, low, ..] => Some(u16::from_be_bytes([*high, *low])),
        _ => None,
    }
}

/// The answer to who is there.
pub(super) fn write_names<'a>(port: u16, all: impl Iterator<Item = &'a Registration>) -> Vec<u8> {
    let mut out = u32::from(port).to_be_bytes().to_vec();
    for Registration { name, port, .. } in all {
        out.extend_from_slice(format!("name {name} at port {port}\n").as_bytes());
    }
    out
}

/// Who is there, each with its port.
pub(super) fn read_names(answer: &[u8]) -> Option<Vec<(Box<str>, u16)>> {
    let text = str::from_utf8(answer.get(4..)?).ok()?;
    let line = |line: &str| {
        let (name, port) = line.strip_prefix("name ")?.split_once(" at port ")?;
        Some((name.into(), port.parse().ok()?))
    };
    text.lines().map(line).collect()
}

fn write_text(text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(&(text.len() as u16).to_be_bytes());
    out.extend_from_slice(text.as_bytes());
}

fn read_u16(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = bytes.split_first_chunk()?;
    Some((u16::from_be_bytes(*number), rest))
}
