//! What scopes on several nodes send each other, and how it is written.
//!
//! | message | on the wire |
//! |---|---|
//! | discover | `{discover, Scope}` |
//! | sync | `{'$gen_cast', {sync, Scope, [{Group, Pids}]}}` |
//! | join | `{join, Scope, Group, PidOrPids}` |
//! | leave | `{leave, Scope, PidOrPids, Groups}` |
//!
//! Source: OTP `pg`.

use std::str;
use std::sync::Arc;

use crate::process::Pid;
use crate::process::remote::{Encode, EncodeError, Shape};
use crate::term::{DecodeError, Reader, encode, write};

/// A message between two scopes; the first pid is that of the sender.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(super) enum Message {
    Discover(Pid),
    Sync(Pid, Vec<(Name, Vec<Pid>)>),
    Join(Pid, Name, Vec<Pid>),
    Leave(Pid, Vec<Pid>, Vec<Name>),
}

/// The name of a group.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub(super) struct Name {
    pub(super) text: Arc<str>,
    pub(super) form: Form,
}

/// What the name of a group is in Erlang.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(super) enum Form {
    /// Written down in the program, so that there are not many.
    Atom,
    /// Known only at run time.
    Binary,
}

impl Message {
    /// Reads a message; nothing if it is none that a scope of OTP sends.
    ///
    /// Groups whose names are neither atoms nor text are left out: nobody could ask for them here.
    pub(super) fn read(shape: Shape, body: &[u8]) -> Result<Option<Self>, DecodeError> {
        let mut reader = Reader::new(body);
        let arity = reader.tuple()?;
        let what = reader.atom()?;
        let message = match (shape, &*what, arity) {
            // A version of the protocol may follow.
            (Shape::Info, "discover", 2 | 3) => Some(Self::Discover(reader.value()?)),
            (Shape::Cast, "sync", 3) => {
                let peer = reader.value()?;
                Some(Self::Sync(peer, list(&mut reader, group)?.into_iter().flatten().collect()))
            }
            (Shape::Info, "join", 4) => {
                let (peer, name) = (reader.value()?, name(&mut reader)?);
                let pids = pids(&mut reader)?;
                name.map(|name| Self::Join(peer, name, pids))
            }
            (Shape::Info, "leave", 4) => {
                let (peer, pids) = (reader.value()?, pids(&mut reader)?);
                Some(Self::Leave(peer, pids, list(&mut reader, name)?.into_iter().flatten().collect()))
            }
            _ => None,
        };
        Ok(message)
    }

    fn write(&self, out: &mut Vec<u8>) -> Result<(), crate::term::EncodeError> {
        let (arity, what, peer) = match self {
            Self::Discover(peer) => (2, "discover", peer),
            Self::Sync(peer, _) => (3, "sync", peer),
            Self::Join(peer, ..) => (4, "join", peer),
            Self::Leave(peer, ..) => (4, "leave", peer),
        };
        write::tuple(arity, out);
        write::atom(what, out)?;
        encode(peer, out)?;
        match self {
            Self::Discover(_) => Ok(()),
            Self::Sync(_, groups) => write_list(groups, out, |(name, pids), out| {
                write::tuple(2, out);
                name.write(out)?;
                encode(pids, out)
            }),
            Self::Join(_, name, pids) => {
                name.write(out)?;
                encode(pids, out)
            }
            Self::Leave(_, pids, names) => {
                encode(pids, out)?;
                write_list(names, out, Name::write)
            }
        }
    }
}

impl Encode for Message {
    fn encode(&self, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        self.write(out).map_err(|error| EncodeError(error.to_string().into()))
    }

    fn shape(&self) -> Shape {
        match self {
            Self::Sync(..) => Shape::Cast,
            Self::Discover(_) | Self::Join(..) | Self::Leave(..) => Shape::Info,
        }
    }
}

impl Name {
    fn write(&self, out: &mut Vec<u8>) -> Result<(), crate::term::EncodeError> {
        match self.form {
            Form::Atom => write::atom(&self.text, out),
            Form::Binary => write::binary(self.text.as_bytes(), out),
        }
    }
}

fn write_list<T>(
    items: &[T],
    out: &mut Vec<u8>,
    write: impl Fn(&T, &mut Vec<u8>) -> Result<(), crate::term::EncodeError>,
) -> Result<(), crate::term::EncodeError> {
    if !items.is_empty() {
        let len = u32::try_from(items.len()).map_err(|_| crate::term::EncodeError::TooLong)?;
        write::list(len, out);
    }
    items.iter().try_for_each(|item| write(item, out))?;
    write::nil(out);
    Ok(())
}

type Read<T> = Result<T, DecodeError>;

/// A list, each of whose elements is read with `read`.
fn list<'a, T>(reader: &mut Reader<'a>, read: impl Fn(&mut Reader<'a>) -> Read<T>) -> Read<Vec<T>> {
    let Some(len) = reader.list()? else { return Ok(Vec::new()) };
    let mut items = Vec::new();
    for _ in 0..len {
        items.push(read(reader)?);
    }
    reader.list_end()?;
    Ok(items)
}

fn group(reader: &mut Reader<'_>) -> Read<Option<(Name, Vec<Pid>)>> {
    reader.tuple_of(2)?;
    let name = name(reader)?;
    let pids = reader.value()?;
    Ok(name.map(|name| (name, pids)))
}

fn name(reader: &mut Reader<'_>) -> Read<Option<Name>> {
    if reader.is_atom() {
        return Ok(Some(Name { text: (&*reader.atom()?).into(), form: Form::Atom }));
    }
    let text = Reader::new(reader.skip()?).binary().ok().and_then(|bytes| str::from_utf8(bytes).ok());
    Ok(text.map(|text| Name { text: text.into(), form: Form::Binary }))
}

/// One, or a list of them.
fn pids(reader: &mut Reader<'_>) -> Read<Vec<Pid>> {
    let mut one = reader.clone();
    match one.pid() {
        Ok(_) => Ok(vec![reader.value()?]),
        Err(_) => reader.value(),
    }
}
