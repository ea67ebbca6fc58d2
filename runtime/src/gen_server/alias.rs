//! Aliases of servers, whose messages go to their handlers.

use super::{Context, GenServer};
use crate::process::{Alias, MonitorAlias, Open, Pid};
use crate::registry::Protocol;

type MessageOf<S> = <<S as GenServer>::Protocol as Protocol>::Message;

impl<S: GenServer> Context<S> {
    /// An alias of this server: what is sent through it is handled by `#[info]`, until
    /// [`unalias`](crate::process::unalias).
    ///
    /// ```
    /// # use umbrella::prelude::*;
    /// use umbrella::process::{self, Alias};
    ///
    /// struct Bid(u32);
    ///
    /// struct Auction {
    ///     bids: Alias<Bid>,
    ///     best: u32,
    /// }
    ///
    /// #[gen_server(local)]
    /// impl Auction {
    ///     fn init(cx: &mut Context<Self>) -> Self {
    ///         Self { bids: cx.alias(), best: 0 }
    ///     }
    ///     #[call]
    ///     fn bids(&self) -> Alias<Bid> {
    ///         self.bids.clone()
    ///     }
    ///     #[info]
    ///     fn bid(&mut self, Bid(bid): Bid) {
    ///         self.best = self.best.max(bid);
    ///     }
    ///     /// From here on bids are too late.
    ///     #[call]
    ///     fn close(&mut self) -> u32 {
    ///         assert_eq!(process::unalias(&self.bids), Ok(true));
    ///         self.best
    ///     }
    ///     #[call]
    ///     fn best(&self) -> u32 {
    ///         self.best
    ///     }
    /// }
    ///
    /// # let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    /// # runtime.block_on(Node::new("example").scope(async {
    /// let auction = Auction::start(()).await?;
    /// let bids = auction.bids().await?;
    /// bids.send(Bid(3));
    /// assert_eq!(auction.close().await?, 3);
    /// bids.send(Bid(4));
    /// assert_eq!(auction.best().await?, 3);
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// # }))?;
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// Source: OTP `erlang:alias/0`.
    pub fn alias<T>(&self) -> Alias<T>
    where
        MessageOf<S>: From<T>,
        T: Send + 'static,
    {
        Alias::of_server(self.cell(), Open::Explicit)
    }

    /// As [`alias`](Self::alias), for one message.
    ///
    /// Source: OTP `erlang:alias([reply])`.
    pub fn reply_alias<T>(&self) -> Alias<T>
    where
        MessageOf<S>: From<T>,
        T: Send + 'static,
    {
        Alias::of_server(self.cell(), Open::Reply)
    }

    /// [Monitors](crate::process::monitor) `pid`, and gives an alias for what `pid` is to answer.
    ///
    /// `until` says until when it is active. The end of `pid` is told to [`handle_down`](GenServer::handle_down), with the
    /// [reference](Alias::reference) of the alias as the monitor.
    ///
    /// Source: OTP `erlang:monitor(process, Pid, [{alias, Until}])`.
    pub fn monitor_alias<T>(&self, pid: Pid, until: MonitorAlias) -> Alias<T>
    where
        MessageOf<S>: From<T>,
        T: Send + 'static,
    {
        Alias::of_server(self.cell(), Open::Monitor(pid, until))
    }
}
