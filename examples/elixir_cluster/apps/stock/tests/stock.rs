//! What nodes of Elixir rely on in `stock`, without Elixir.

use stock::{CLERK, Refusal, SHELF};
use umbrella::prelude::*;

#[umbrella::test]
async fn what_is_taken_is_gone_and_watchers_hear_when_it_runs_low() -> Result<(), CallError> {
    assert_eq!(SHELF.take("lamp".into(), 2).await?, Ok(3));
    assert_eq!(
        SHELF.take("lamp".into(), 4).await?,
        Err(Refusal::SoldOut { left: 3 })
    );
    assert_eq!(SHELF.take("piano".into(), 1).await?, Err(Refusal::Unknown));
    assert_eq!(CLERK.heard().await?, [""; 0]);
    assert_eq!(SHELF.take("lamp".into(), 2).await?, Ok(1));
    assert_eq!(CLERK.heard().await?, ["lamp"]);
    Ok(())
}

#[umbrella::test]
async fn without_the_shop_there_are_no_prices() -> Result<(), CallError> {
    let refused = SHELF
        .value("lamp".into())
        .await?
        .expect_err("nobody is there");
    assert!(refused.contains("shop@127.0.0.1"), "{refused}");
    Ok(())
}
