//! What users rely on.

use currency::Code;
use frontend::FRONTEND;
use load::walk;
use umbrella::prelude::*;

#[umbrella::test]
async fn every_page_comes() {
    let pages = walk("somebody", 12).await;
    assert_eq!(pages.iter().flatten().count(), 12);
}

#[umbrella::test]
async fn an_order_empties_the_cart() -> Result<(), CallError> {
    walk("somebody", 5).await;
    let cart = FRONTEND.cart("somebody".into(), Code::Usd).await?;
    assert_eq!(cart.map(|cart| cart.items.len()), Ok(1));
    walk("somebody", 6).await;
    let cart = FRONTEND.cart("somebody".into(), Code::Usd).await?;
    assert_eq!(cart.map(|cart| cart.items.len()), Ok(0));
    Ok(())
}
