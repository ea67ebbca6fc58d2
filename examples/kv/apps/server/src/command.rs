//! What a client may type.

use buckets::{bucket, create_bucket};
use umbrella::prelude::*;
use umbrella::supervisor::ChildError;

/// Runs one line and says what it came to.
pub(crate) async fn run(line: &str) -> String {
    match words(line).await {
        Ok(answer) => answer,
        Err(CallError::NoProc) => "NOT FOUND\n".into(),
        Err(error) => format!("ERROR {error}\n"),
    }
}

async fn words(line: &str) -> Result<String, CallError> {
    match *line.split_whitespace().collect::<Vec<_>>() {
        ["CREATE", name] => match create_bucket(name).await {
            // One that is there already is as good.
            Ok(_) | Err(ChildError::Start(StartError::AlreadyStarted(_))) => Ok("OK\n".into()),
            Err(error) => Ok(format!("ERROR {error}\n")),
        },
        ["GET", name, key] => {
            let value = bucket(name).get(key.into()).await?;
            Ok(format!("{}\nOK\n", value.unwrap_or_default()))
        }
        ["PUT", name, key, value] => {
            bucket(name).put(key.into(), value.into()).await?;
            Ok("OK\n".into())
        }
        ["DELETE", name, key] => {
            bucket(name).delete(key.into()).await?;
            Ok("OK\n".into())
        }
        _ => Ok("UNKNOWN COMMAND\n".into()),
    }
}
