//! What only nodes of umbrella say to each other, between the messages of Erlang's protocol; pure.
//!
//! Behind its length such a message begins with `U` and the number of a word. Numbers are written as [varints](varint).
//!
//! | word | says | and |
//! |---|---|---|
//! | 0, 1 | *stop*, *go*: a process is behind, or no more | its pid and name, as terms |
//! | 2 | *route*: messages for this process may be written natively, under this number | number, layout, pid or name as a term |
//! | 3 | *withdrawn*: no more | number |
//! | 4 | a cast | route, body |
//! | 5 | a call | route, call, how long it waits, caller, body |
//! | 6, 7 | the answer to a call: natively, or as a term | call, body |
//! | 8 | a call has failed | call, reason as a term |
//! | 9, 10 | a part of a stream of messages, the last part | stream, bytes |
//! | 11 | a caller waits no longer | call |

use std::time::Duration;

use super::receive::Garbled;
use crate::dist::varint;
use crate::process::remote::{Format, Layout};

/// The first byte.
pub(super) const OURS: u8 = b'U';

/// From this version of the [announcement](crate::dist::handshake::Announcement) on a node knows more than *stop* and *go*.
pub(super) const NATIVE: u8 = 2;

/// From this version on it is told of callers that have left.
pub(super) const CANCELS: u8 = 3;

const STOP: u8 = 0;
const GO: u8 = 1;
const ROUTE: u8 = 2;
const WITHDRAWN: u8 = 3;
const CAST: u8 = 4;
const CALL: u8 = 5;
const REPLY: u8 = 6;
const REPLY_TERM: u8 = 7;
const FAILED: u8 = 8;
const PART: u8 = 9;
const LAST_PART: u8 = 10;
const CANCEL: u8 = 11;

/// A word with what it says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Word<'a> {
    /// Of the process with this pid and name.
    Stop(&'a [u8]),
    Go(&'a [u8]),
    Route {
        route: u32,
        layout: Layout,
        to: &'a [u8],
    },
    Withdrawn {
        route: u32,
    },
    Cast {
        route: u32,
        body: &'a [u8],
    },
    Call(Call<'a>),
    Reply {
        call: u64,
        format: Format,
        body: &'a [u8],
    },
    Failed {
        call: u64,
        reason: &'a [u8],
    },
    Cancel {
        call: u64,
    },
    Part {
        stream: u32,
        is_last: bool,
        bytes: &'a [u8],
    },
}

/// A call.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Call<'a> {
    pub(super) route: u32,
    pub(super) call: u64,
    /// How long the caller waits, in microseconds and rounded up; `None` for as long as it takes.
    pub(super) wait: Option<Duration>,
    /// The numbers of its pid.
    pub(super) caller: (u32, u32),
    pub(super) body: &'a [u8],
}

impl<'a> Word<'a> {
    /// Reads what stands behind [`OURS`].
    pub(super) fn read(said: &'a [u8]) -> Result<Self, Garbled> {
        let Some((&word, mut rest)) = said.split_first() else { return Err(Garbled::Word(None)) };
        Self::read_behind(word, &mut rest).ok_or(Garbled::Word(Some(word)))
    }

    fn read_behind(word: u8, rest: &mut &'a [u8]) -> Option<Self> {
        Some(match word {
            STOP => Self::Stop(rest),
            GO => Self::Go(rest),
            ROUTE => {
                let route = take_u32(rest)?;
                let (layout, to) = rest.split_first_chunk()?;
                Self::Route { route, layout: Layout(u64::from_le_bytes(*layout)), to }
            }
            WITHDRAWN => Self::Withdrawn { route: take_u32(rest)? },
            CAST => Self::Cast { route: take_u32(rest)?, body: rest },
            CALL => Self::Call(Call {
                route: take_u32(rest)?,
                call: varint::take(rest)?,
                wait: varint::take(rest)?.checked_sub(1).map(Duration::from_micros),
                caller: (take_u32(rest)?, take_u32(rest)?),
                body: rest,
            }),
            REPLY => Self::Reply { call: varint::take(rest)?, format: Format::Native, body: rest },
            REPLY_TERM => Self::Reply { call: varint::take(rest)?, format: Format::Terms, body: rest },
            FAILED => Self::Failed { call: varint::take(rest)?, reason: rest },
            CANCEL => Self::Cancel { call: varint::take(rest)? },
            PART | LAST_PART => {
                Self::Part { stream: take_u32(rest)?, is_last: word == LAST_PART, bytes: rest }
            }
            _ => return None,
        })
    }

    /// Appends it, behind its length.
    pub(super) fn put(&self, out: &mut Vec<u8>) {
        let start = begin(self.number(), out);
        match *self {
            Self::Stop(who) | Self::Go(who) => out.extend_from_slice(who),
            Self::Route { route, layout: Layout(layout), to } => {
                varint::put(route.into(), out);
                out.extend_from_slice(&layout.to_le_bytes());
                out.extend_from_slice(to);
            }
            Self::Withdrawn { route } => varint::put(route.into(), out),
            Self::Cast { route, body } => {
                varint::put(route.into(), out);
                out.extend_from_slice(body);
            }
            Self::Call(Call { route, call, wait, caller, body }) => {
                varint::put(route.into(), out);
                varint::put(call, out);
                varint::put(wait.map_or(0, |wait| micros(wait).saturating_add(1)), out);
                varint::put(caller.0.into(), out);
                varint::put(caller.1.into(), out);
                out.extend_from_slice(body);
            }
            Self::Reply { call, body, .. } | Self::Failed { call, reason: body } => {
                varint::put(call, out);
                out.extend_from_slice(body);
            }
            Self::Cancel { call } => varint::put(call, out),
            Self::Part { stream, bytes, .. } => {
                varint::put(stream.into(), out);
                out.extend_from_slice(bytes);
            }
        }
        end(start, out);
    }

    fn number(&self) -> u8 {
        match self {
            Self::Stop(_) => STOP,
            Self::Go(_) => GO,
            Self::Route { .. } => ROUTE,
            Self::Withdrawn { .. } => WITHDRAWN,
            Self::Cast { .. } => CAST,
            Self::Call(_) => CALL,
            Self::Reply { format: Format::Native, .. } => REPLY,
            Self::Reply { format: Format::Terms, .. } => REPLY_TERM,
            Self::Failed { .. } => FAILED,
            Self::Cancel { .. } => CANCEL,
            Self::Part { is_last: false, .. } => PART,
            Self::Part { is_last: true, .. } => LAST_PART,
        }
    }
}

/// Appends a part of a stream.
pub(super) fn put_part(stream: u32, is_last: bool, bytes: &[u8], out: &mut Vec<u8>) {
    Word::Part { stream, is_last, bytes }.put(out);
}

/// Appends a word without its body, then what `body` appends.
///
/// # Errors
/// Only those of `body`; nothing is appended then.
pub(super) fn put_with<E>(
    word: &Word<'_>,
    out: &mut Vec<u8>,
    body: impl FnOnce(&mut Vec<u8>) -> Result<(), E>,
) -> Result<(), E> {
    let start = out.len();
    word.put(out);
    if let Err(error) = body(out) {
        out.truncate(start);
        return Err(error);
    }
    end(start, out);
    Ok(())
}

/// Room for the length, and how a word begins.
fn begin(word: u8, out: &mut Vec<u8>) -> usize {
    let start = out.len();
    out.extend_from_slice(&[0, 0, 0, 0, OURS, word]);
    start
}

/// Writes the length of what begins at `start`.
fn end(start: usize, out: &mut [u8]) {
    // No message is written that is longer than 4 GiB; the bound is checked by whoever writes the body.
    let length = (out.len() - start - 4) as u32;
    out[start..start + 4].copy_from_slice(&length.to_be_bytes());
}

/// Whether a message behind its length is a part of a stream.
pub(super) fn is_part(message: &[u8]) -> bool {
    matches!(message, [OURS, PART | LAST_PART, ..])
}

fn take_u32(rest: &mut &[u8]) -> Option<u32> {
    varint::take(rest)?.try_into().ok()
}

fn micros(wait: Duration) -> u64 {
    u64::try_from(wait.as_nanos().div_ceil(1000)).unwrap_or(u64::MAX)
}

/// One of each word, for those who try what bytes do harm.
pub(crate) fn corpus() -> Vec<Vec<u8>> {
    let body = &[1, 2, 3][..];
    let call = Call { route: 1, call: 300, wait: Some(Duration::from_secs(5)), caller: (7, 0), body };
    let name = b"w\x01c";
    let words = [
        Word::Stop(name),
        Word::Go(name),
        Word::Route { route: 1, layout: Layout(7), to: name },
        Word::Withdrawn { route: 1 },
        Word::Cast { route: 1, body },
        Word::Call(call),
        Word::Call(Call { wait: None, ..call }),
        Word::Reply { call: u64::MAX, format: Format::Native, body },
        Word::Reply { call: 0, format: Format::Terms, body },
        Word::Failed { call: 300, reason: name },
        Word::Cancel { call: 300 },
        Word::Part { stream: 1, is_last: false, bytes: body },
        Word::Part { stream: u32::MAX, is_last: true, bytes: &[] },
    ];
    let put = |word: &Word<'_>| {
        let mut out = Vec::new();
        word.put(&mut out);
        out
    };
    words.iter().map(put).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_is_read_as_it_was_written() {
        for written in corpus() {
            let (length, rest) = written.split_first_chunk().expect("a length");
            assert_eq!(u32::from_be_bytes(*length) as usize, rest.len());
            assert_eq!(rest.first(), Some(&OURS));
            let word = Word::read(&rest[1..]).expect("a word");
            let mut again = Vec::new();
            word.put(&mut again);
            assert_eq!(again, written, "{word:?}");
        }
    }

    #[test]
    fn what_is_cut_short_or_unknown_is_no_word() {
        assert_eq!(Word::read(&[]), Err(Garbled::Word(None)));
        assert_eq!(Word::read(&[12, 1]), Err(Garbled::Word(Some(12))));
        assert_eq!(Word::read(&[CANCEL]), Err(Garbled::Word(Some(CANCEL))));
        assert_eq!(Word::read(&[CAST]), Err(Garbled::Word(Some(CAST))));
        assert_eq!(Word::read(&[ROUTE, 1, 0, 0, 0]), Err(Garbled::Word(Some(ROUTE))));
        // A route of more than 32 bits.
        assert_eq!(Word::read(&[CAST, 0xff, 0xff, 0xff, 0xff, 0x1f]), Err(Garbled::Word(Some(CAST))));
    }

    #[test]
    fn a_wait_is_rounded_up() {
        let call = Call { route: 1, call: 1, wait: Some(Duration::from_nanos(1)), caller: (1, 0), body: &[] };
        let mut out = Vec::new();
        Word::Call(call).put(&mut out);
        let Ok(Word::Call(read)) = Word::read(&out[5..]) else { panic!("a call") };
        assert_eq!(read.wait, Some(Duration::from_micros(1)));
    }

    #[test]
    fn of_a_body_that_cannot_be_written_nothing_is() {
        let mut out = vec![9];
        let word = Word::Cast { route: 1, body: &[] };
        assert_eq!(
            put_with(&word, &mut out, |out| {
                out.push(1);
                Err("no")
            }),
            Err("no")
        );
        assert_eq!(out, [9]);
        assert_eq!(
            put_with(&word, &mut out, |out| {
                out.push(1);
                Ok::<_, ()>(())
            }),
            Ok(())
        );
        assert_eq!(out, [9, 0, 0, 0, 4, OURS, CAST, 1, 1]);
    }
}
