//! What other applications rely on in `buckets`.

use buckets::{bucket, create_bucket};
use umbrella::prelude::*;
use umbrella::supervisor::ChildError;
use umbrella::sys;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[umbrella::test]
async fn a_bucket_keeps_values_by_key() -> Outcome {
    let shopping = create_bucket("shopping").await?;
    assert_eq!(shopping.get("milk".into()).await?, None);
    shopping.put("milk".into(), "3".into()).await?;
    assert_eq!(
        bucket("shopping").get("milk".into()).await?.as_deref(),
        Some("3")
    );
    assert_eq!(
        bucket("shopping").delete("milk".into()).await?.as_deref(),
        Some("3")
    );
    Ok(())
}

#[umbrella::test]
async fn a_name_belongs_to_one_bucket() -> Outcome {
    assert_eq!(
        bucket("shopping").get("milk".into()).await,
        Err(CallError::NoProc)
    );
    let first = Ref::pid(&create_bucket("shopping").await?);
    let taken = ChildError::Start(StartError::AlreadyStarted(first));
    assert_eq!(create_bucket("shopping").await, Err(taken));
    Ok(())
}

#[umbrella::test]
async fn whoever_debugs_sees_the_state() -> Outcome {
    let shopping = create_bucket("shopping").await?;
    shopping.put("milk".into(), "3".into()).await?;
    assert_eq!(
        sys::get_state_text(&shopping).await?.to_string(),
        r#"Bucket { entries: {"milk": "3"} }"#
    );
    Ok(())
}
