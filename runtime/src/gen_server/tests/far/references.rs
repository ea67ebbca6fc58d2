//! References that cross nodes, in messages and in replies.

use super::*;

/// Knows others, and passes them on.
struct Book {
    counter: Option<Ref<Counter>>,
}

#[gen_server]
impl Book {
    fn init() -> Self {
        Self { counter: None }
    }

    #[call]
    async fn note(&mut self, counter: Ref<Counter>) -> Option<i64> {
        let count = counter.add(1).await.ok();
        self.counter = Some(counter);
        count
    }

    #[call]
    fn noted(&self) -> Option<Ref<Counter>> {
        self.counter.clone()
    }

    #[call]
    fn me(&self, cx: &mut Context<Self>) -> (Ref<Book>, Pid) {
        (cx.me(), cx.pid())
    }
}

const BOOK: Name<Book> = Book::named("book");

async fn book(far: &Far) -> Ref<Book> {
    far.wire.nodes[1].scope(async { Start::<Book>::new(()).name(&BOOK).start().await }).await.expect("starts")
}

#[test]
fn a_reference_in_a_reply_leads_to_the_process_there() {
    with_far(async |far| {
        let there = book(&far).await;
        let (book, pid) = BOOK.me().await.expect("answered");
        assert_eq!(Ref::pid(&book), pid);
        assert_eq!((pid.id(), pid.creation()), (Ref::pid(&there).id(), Ref::pid(&there).creation()));
        assert!(pid.is_far() && book.noted().await == Ok(None));
    });
}

#[test]
fn a_reference_in_a_message_leads_back_to_the_sender() {
    with_far(async |far| {
        book(&far).await;
        let counter = Counter::start(40).await.expect("starts");
        assert_eq!(BOOK.note(counter.clone()).await, Ok(Some(41)));
        let back = BOOK.noted().await.expect("answered").expect("noted");
        assert_eq!(back, counter);
        assert_eq!((back.add(1).await, counter.get().await), (Ok(42), Ok(42)));
    });
}

#[test]
fn a_reference_to_a_process_that_has_ended_is_valid() {
    with_far(async |far| {
        book(&far).await;
        let counter = Counter::start(0).await.expect("starts");
        let node = Node::current().expect("a node");
        node.kill(Ref::pid(&counter));
        node.wait_exit(Ref::pid(&counter)).await;
        assert_eq!(BOOK.note(counter.clone()).await, Ok(None));
        let back = BOOK.noted().await.expect("answered").expect("noted");
        assert_eq!((back == counter, back.get().await), (true, Err(CallError::NoProc)));
    });
}

#[test]
fn a_reference_to_a_stranger_reaches_nobody() {
    with_far(async |far| {
        let there = book(&far).await;
        let node = &far.wire.nodes[1];
        let bytes = node.enter(|| crate::term::to_binary(&there)).expect("written");
        let stranger = node.enter(|| crate::term::from_binary::<Ref<Counter>>(&bytes)).expect("a pid");
        assert_eq!(node.scope(async { stranger.get().await }).await, Err(CallError::NoProc));
        // From elsewhere it is believed, and the process does not know the message.
        let stranger = crate::term::from_binary::<Ref<Counter>>(&bytes).expect("a pid");
        assert!(matches!(stranger.get().await, Err(CallError::BadMessage(_))));
    });
}
