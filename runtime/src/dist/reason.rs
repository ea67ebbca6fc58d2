//! Exit reasons as Erlang writes them.

use std::sync::Arc;

use super::message::word;
use crate::process::remote::Failure;
use crate::process::{ExitReason, Panic};
use crate::term::{DecodeError, RawTerm, Reader, write};

/// Appends `reason` as a term: `normal`, `{shutdown, <<"why">>}`, `{panicked, <<"boom">>, <<"src/c.rs:7:9">>}`,
/// `{error, <<"disk full">>}`.
pub(super) fn write_reason(reason: &ExitReason, out: &mut Vec<u8>) {
    match reason {
        ExitReason::Normal => word("normal", out),
        ExitReason::Shutdown => word("shutdown", out),
        ExitReason::Killed => word("killed", out),
        ExitReason::NoProc => word("noproc", out),
        ExitReason::NoConnection => word("noconnection", out),
        ExitReason::ShutdownWith(why) => tagged("shutdown", &[why], out),
        ExitReason::Error(error) => tagged("error", &[error], out),
        ExitReason::Term(term) => out.extend_from_slice(term.as_bytes()),
        ExitReason::Panicked(panic) => tagged("panicked", &[&panic.message, &panic.location], out),
    }
}

fn tagged(tag: &'static str, texts: &[&str], out: &mut Vec<u8>) {
    write::tuple(texts.len() as u32 + 1, out);
    word(tag, out);
    for text in texts {
        // A text of 4 GiB is not worth an error.
        if write::binary(text.as_bytes(), out).is_err() {
            word("too_long", out);
        }
    }
}

/// The reason that a term is; one that this node has no word for stays a term.
pub(super) fn read_reason(term: &[u8]) -> Result<ExitReason, DecodeError> {
    if let Some(known) = read_atom(term).or_else(|| read_tuple(term)) {
        return Ok(known);
    }
    RawTerm::from_bytes(term).map(ExitReason::Term)
}

fn read_atom(term: &[u8]) -> Option<ExitReason> {
    Some(match &*Reader::new(term).atom().ok()? {
        "normal" => ExitReason::Normal,
        "shutdown" => ExitReason::Shutdown,
        "killed" => ExitReason::Killed,
        "noproc" => ExitReason::NoProc,
        "noconnection" => ExitReason::NoConnection,
        _ => return None,
    })
}

fn read_tuple(term: &[u8]) -> Option<ExitReason> {
    let mut reader = Reader::new(term);
    let arity = reader.tuple().ok()?;
    let tag = reader.atom().ok()?;
    match (&*tag, arity) {
        ("error", 2) => Some(ExitReason::Error(text(&mut reader)?)),
        ("panicked", 3) => {
            let (message, location) = (text(&mut reader)?, text(&mut reader)?);
            let panic = Panic { message: message.to_string(), location: location.to_string() };
            Some(ExitReason::Panicked(Arc::new(panic)))
        }
        ("shutdown", 2) => Some(ExitReason::ShutdownWith(match text(&mut reader) {
            Some(why) => why,
            None => RawTerm::from_bytes(reader.rest()).ok()?.to_string().into(),
        })),
        _ => None,
    }
}

fn text(reader: &mut Reader<'_>) -> Option<Arc<str>> {
    str::from_utf8(reader.binary().ok()?).ok().map(Into::into)
}

/// Whether a term is the reason that cannot be trapped.
pub(super) fn is_kill(term: &[u8]) -> bool {
    Reader::new(term).is("kill")
}

/// Appends why a call has no answer, in the place of the reason for which its callee ended.
///
/// What OTP has no word for is `{umbrella, no_reply}` and the like; a caller in Erlang exits with it.
pub(super) fn write_failure(failure: &Failure, out: &mut Vec<u8>) {
    let why = match failure {
        Failure::NoProc => return write_reason(&ExitReason::NoProc, out),
        Failure::Exited(reason) => return write_reason(reason, out),
        Failure::NoConnection(_) => return write_reason(&ExitReason::NoConnection, out),
        Failure::BadMessage(why) => {
            write::tuple(2, out);
            word("umbrella", out);
            return tagged("bad_message", &[why], out);
        }
        Failure::Timeout => "timeout",
        Failure::Full => "full",
        Failure::Dropped => "no_reply",
    };
    write::tuple(2, out);
    word("umbrella", out);
    word(why, out);
}

/// Why a call has no answer, by the reason that came for it from `node`.
pub(super) fn read_failure(term: &[u8], node: &Arc<str>) -> Result<Failure, DecodeError> {
    if let Some(ours) = read_ours(term) {
        return Ok(ours);
    }
    let reason = read_reason(term)?;
    Ok(if reason == ExitReason::NoProc {
        Failure::NoProc
    } else if reason == ExitReason::NoConnection {
        Failure::NoConnection(node.clone())
    } else {
        Failure::Exited(reason)
    })
}

fn read_ours(term: &[u8]) -> Option<Failure> {
    let mut reader = Reader::new(term);
    reader.tuple_of(2).ok()?;
    if !reader.is("umbrella") {
        return None;
    }
    if reader.is_tuple() {
        reader.tuple_of(2).ok()?;
        return reader.is("bad_message").then(|| text(&mut reader).map(Failure::BadMessage)).flatten();
    }
    Some(match &*reader.atom().ok()? {
        "timeout" => Failure::Timeout,
        "full" => Failure::Full,
        "no_reply" => Failure::Dropped,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(reason: &ExitReason) -> Vec<u8> {
        let mut term = Vec::new();
        write_reason(reason, &mut term);
        term
    }

    #[test]
    fn reasons_come_back_as_they_went() {
        let panic = Panic { message: "boom".into(), location: "src/c.rs:7:9".into() };
        for reason in [
            ExitReason::Normal,
            ExitReason::Shutdown,
            ExitReason::shutdown_with("moved"),
            ExitReason::Killed,
            ExitReason::NoProc,
            ExitReason::NoConnection,
            ExitReason::Panicked(Arc::new(panic)),
            ExitReason::error("disk full"),
        ] {
            assert_eq!(read_reason(&written(&reason)), Ok(reason));
        }
    }

    #[test]
    fn reasons_of_erlang_that_are_not_ours_are_terms() {
        let term = |value: &dyn Fn(&mut Vec<u8>)| {
            let mut out = Vec::new();
            value(&mut out);
            out
        };
        let badmatch = term(&|out| {
            write::tuple(2, out);
            word("badmatch", out);
            write::integer(7, out);
        });
        let reason = read_reason(&badmatch).expect("a term");
        assert_eq!(reason.to_string(), "{badmatch,7}");
        assert_eq!(written(&reason), badmatch);
        let shutdown = term(&|out| {
            write::tuple(2, out);
            word("shutdown", out);
            word("moved", out);
        });
        assert_eq!(read_reason(&shutdown), Ok(ExitReason::shutdown_with("moved")));
        assert!(read_reason(&[]).is_err());
    }

    #[test]
    fn why_a_call_failed_is_the_same_on_the_other_side() {
        let node: Arc<str> = "a@host".into();
        for failure in [
            Failure::NoProc,
            Failure::Exited(ExitReason::Killed),
            Failure::NoConnection(node.clone()),
            Failure::BadMessage("no field `x`".into()),
            Failure::Timeout,
            Failure::Full,
            Failure::Dropped,
        ] {
            let mut term = Vec::new();
            write_failure(&failure, &mut term);
            assert_eq!(read_failure(&term, &node), Ok(failure));
        }
    }
}
