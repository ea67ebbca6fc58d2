//! Messages in the native format, to the other side.

use std::time::Duration;

use super::Connection;
use super::words::{self, Call, NATIVE, Word};
use crate::process::remote::{Encode, EncodeError, Far, Format, Shape};
use crate::process::{MonitorRef, Pid};

impl Connection {
    /// Whether the other side is of umbrella, and knows at least what this version of the announcement stands for.
    pub(super) fn speaks(&self, version: u8) -> bool {
        let announcement = self.peer().and_then(|peer| peer.announcement.as_ref());
        announcement.is_some_and(|announcement| announcement.version >= version)
    }

    /// How many routes the other side has offered.
    #[cfg(test)]
    pub(crate) fn routes(&self) -> usize {
        self.offers.count()
    }

    /// The route by which `message` can be sent natively.
    fn route(&self, to: &Far, message: &dyn Encode) -> Option<u32> {
        let spoken = if self.speaks(NATIVE) { message.spoken()? } else { return None };
        self.offers.route(|| self.node.upgrade(), to, spoken)
    }

    /// Appends a cast, if it has a native form there.
    pub(super) fn native_cast(&self, to: &Far, message: &dyn Encode, frame: &mut Vec<u8>) -> bool {
        message.shape() == Shape::Cast
            && self.route(to, message).is_some_and(|route| {
                let word = Word::Cast { route, body: &[] };
                words::put_with(&word, frame, |out| message.encode_native(out)).is_ok()
            })
    }

    /// Appends a call, if it has a native form there.
    pub(super) fn native_call(
        &self,
        call: MonitorRef,
        from: Pid,
        to: &Far,
        request: &dyn Encode,
        wait: Option<Duration>,
        frame: &mut Vec<u8>,
    ) -> bool {
        self.route(to, request).is_some_and(|route| {
            let caller = (from.id(), from.serial());
            let word = Word::Call(Call { route, call: call.0, wait, caller, body: &[] });
            words::put_with(&word, frame, |out| request.encode_native(out)).is_ok()
        })
    }

    /// Appends the answer to a native call, as a term if it has no other form.
    pub(super) fn answer(
        &self,
        call: u64,
        body: &dyn Encode,
        frame: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let word = |format| Word::Reply { call, format, body: &[] };
        words::put_with(&word(Format::Native), frame, |out| body.encode_native(out))
            .or_else(|_| words::put_with(&word(Format::Terms), frame, |out| body.encode(out)))
    }
}
