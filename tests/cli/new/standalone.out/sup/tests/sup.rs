//! What other applications rely on in `sup`.

use sup::COUNTER;

use umbrella::prelude::*;

#[umbrella::test]
async fn counts() -> Result<(), CallError> {
    assert_eq!(COUNTER.add(2).await?, 2);
    assert_eq!(COUNTER.add(3).await?, 5);
    assert_eq!(COUNTER.get().await?, 5);

    COUNTER.reset()?;
    assert_eq!(COUNTER.get().await?, 0);
    Ok(())
}

#[umbrella::test]
async fn a_crashed_counter_comes_back_with_fresh_state() -> Result<(), CallError> {
    COUNTER.add(5).await?;

    // Runs the closure and waits until another process has the name.
    umbrella::testing::restarted(COUNTER, || COUNTER.crash()).await?;

    assert_eq!(COUNTER.get().await?, 0);
    Ok(())
}
