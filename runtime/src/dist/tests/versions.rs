//! Nodes of different versions of one application: what fits works both ways, and what does not says where.

use std::any::type_name;

use serde::{Deserialize, Serialize};

use super::{Member, block_on, member};
use crate::dist::Table;
use crate::prelude::*;

/// The first version.
mod v1 {
    use super::*;

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    pub(super) struct Order {
        pub(super) id: u32,
        pub(super) price: u32,
    }

    pub(super) struct Shop;

    #[gen_server]
    impl Shop {
        fn init() -> Self {
            Self
        }

        #[call]
        fn place(&self, order: Order) -> Order {
            order
        }

        #[call]
        fn count(&self) -> u8 {
            1
        }

        #[cast]
        fn forget(&self, _order: Order) {}
    }
}

/// A field that may be missing, one with a default, and a message more.
mod v2 {
    use super::*;

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    pub(super) struct Order {
        pub(super) coupon: Option<String>,
        pub(super) id: u32,
        pub(super) price: u32,
        #[serde(default)]
        pub(super) gift: bool,
    }

    pub(super) struct Shop;

    #[gen_server]
    impl Shop {
        fn init() -> Self {
            Self
        }

        #[call]
        fn cancel(&self, id: u32) -> u32 {
            id
        }

        #[call]
        fn place(&self, order: Order) -> Order {
            order
        }

        #[call]
        fn count(&self) -> u8 {
            2
        }

        #[cast]
        fn forget(&self, _order: Order) {}
    }
}

/// A field of another type, a reply of another type, and a message less.
mod v3 {
    use super::*;

    #[derive(Serialize, Deserialize, Debug, PartialEq)]
    pub(super) struct Order {
        pub(super) id: u32,
        pub(super) price: String,
    }

    pub(super) struct Shop;

    #[gen_server]
    impl Shop {
        fn init() -> Self {
            Self
        }

        #[call]
        fn place(&self, order: Order) -> Order {
            order
        }

        #[call]
        fn count(&self) -> String {
            "three".into()
        }
    }
}

/// Optional arguments more.
mod v4 {
    use super::v1::Order;
    use super::*;

    pub(super) struct Shop;

    #[gen_server]
    impl Shop {
        fn init() -> Self {
            Self
        }

        #[call]
        fn place(&self, order: Order, _coupon: Option<String>, note: Option<String>) -> Order {
            Order { price: note.map_or(order.price, |_| 0), ..order }
        }

        #[call]
        fn count(&self, of: Option<u8>) -> u8 {
            of.unwrap_or(4)
        }

        #[cast]
        fn forget(&self, _order: Order, _because: Option<String>) {}
    }
}

const APPLICATION: &str = env!("CARGO_PKG_NAME");

/// A node that serves the shop `S`, and one that looks for it there.
async fn served_by<S: GenServer<Args = ()>>() -> (Member, Member) {
    let table = Table::default();
    let (here, there) = (member("here", &table).await, member("there", &table).await);
    here.node.set_elsewhere(APPLICATION, &there.name);
    let started = there.node.scope(async { Start::<S>::new(()).registered_as("shop").start().await }).await;
    started.expect("starts");
    (here, there)
}

fn text<T: std::fmt::Debug>(outcome: Result<T, CallError>) -> String {
    outcome.expect_err("it does not fit").to_string()
}

#[test]
fn fields_that_may_be_missing_and_messages_may_be_added() {
    block_on(async {
        let (here, _there) = served_by::<v2::Shop>().await;
        here.node
            .scope(async {
                let old = v1::Shop::named("shop");
                let order = || v1::Order { id: 1, price: 2 };
                assert_eq!((old.place(order()).await, old.count().await), (Ok(order()), Ok(2)));
            })
            .await;
        let (here, _there) = served_by::<v1::Shop>().await;
        here.node
            .scope(async {
                let new = v2::Shop::named("shop");
                let order = |coupon: Option<&str>, gift| v2::Order {
                    coupon: coupon.map(Into::into),
                    id: 1,
                    price: 2,
                    gift,
                };
                let placed = new.place(order(Some("x"), true)).await;
                assert_eq!((placed, new.count().await), (Ok(order(None, false)), Ok(1)));
                // Only what the old node does not know fails, and says what it does know.
                assert_eq!(
                    text(new.cancel(1).await),
                    format!(
                        "bad message: {} has no call `cancel`; its calls: `place`, `count`",
                        type_name::<v1::Shop>()
                    )
                );
                assert_eq!(new.count().await, Ok(1));
            })
            .await;
    });
}

#[test]
fn arguments_that_are_optional_may_be_added() {
    block_on(async {
        let order = || v1::Order { id: 1, price: 2 };
        let (here, _there) = served_by::<v4::Shop>().await;
        here.node
            .scope(async {
                let old = v1::Shop::named("shop");
                assert_eq!((old.place(order()).await, old.count().await), (Ok(order()), Ok(4)));
                let new = v4::Shop::named("shop");
                assert_eq!(new.count(Some(7)).await, Ok(7));
            })
            .await;
        let (here, _there) = served_by::<v1::Shop>().await;
        here.node
            .scope(async {
                let new = v4::Shop::named("shop");
                // As with fields: what the old node does not know, it does not look at.
                let placed = new.place(order(), Some("x".into()), Some("free".into())).await;
                assert_eq!((placed, new.count(Some(7)).await), (Ok(order()), Ok(1)));
                assert_eq!(
                    (new.place(order(), None, None).await, new.count(None).await),
                    (Ok(order()), Ok(1))
                );
                new.forget(order(), Some("it was a mistake".into())).expect("sent");
                assert_eq!(new.count(None).await, Ok(1));
            })
            .await;
    });
}

#[test]
fn what_does_not_fit_fails_at_once_and_names_crate_type_and_field() {
    block_on(async {
        let (here, _there) = served_by::<v3::Shop>().await;
        here.node
            .scope(async {
                let old = v1::Shop::named("shop");
                let order = || v1::Order { id: 1, price: 2 };
                // Longer than any patience: it fails because it is not understood, not because it takes too long.
                let placed = text(old.place(order()).infinity().await);
                let (shop, wanted) = (type_name::<v3::Shop>(), type_name::<v3::Order>());
                let expected =
                    format!("bad message: {shop}: argument `order: {wanted}` of `place`: {wanted}: ");
                assert!(placed.starts_with(&expected) && placed.ends_with("(at price)"), "{placed}");
                // The answer was given, and is not understood here.
                let counted = text(old.count().infinity().await);
                assert!(counted.starts_with("bad message: the reply to `count`, u8: "), "{counted}");
                // A cast is not answered: it is refused there, and the server goes on.
                old.forget(order()).expect("sent");
                let new = v3::Shop::named("shop");
                assert_eq!(new.count().await, Ok("three".into()));
            })
            .await;
    });
}
