//! What clients rely on in `server`.

use server::LISTENER;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;

type Outcome = Result<(), Box<dyn std::error::Error>>;

#[umbrella::test]
async fn answers_as_the_guide_says() -> Outcome {
    let mut server = BufReader::new(TcpStream::connect(LISTENER.address().await?).await?);
    for (command, answers) in [
        ("UNKNOWN shopping", &["UNKNOWN COMMAND"][..]),
        ("GET shopping eggs", &["NOT FOUND"]),
        ("CREATE shopping", &["OK"]),
        ("PUT shopping eggs 3", &["OK"]),
        ("GET shopping eggs", &["3", "OK"]),
        ("DELETE shopping eggs", &["OK"]),
        ("GET shopping eggs", &["", "OK"]),
    ] {
        server.write_all(format!("{command}\n").as_bytes()).await?;
        for expected in answers {
            let mut answer = String::new();
            server.read_line(&mut answer).await?;
            assert_eq!(answer.trim_end(), *expected, "{command}");
        }
    }
    Ok(())
}
