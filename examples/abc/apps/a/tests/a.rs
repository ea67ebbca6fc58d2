//! What other applications rely on in `a`.

use a::add_to_c as add;

use umbrella::prelude::*;

#[umbrella::test]
async fn adds_to_the_counter_it_depends_on() -> Result<(), CallError> {
    let before = add(0).await?;
    assert_eq!(add(2).await?, before + 2);
    assert_eq!(add(-2).await?, before);
    Ok(())
}
