//! The floor: one TCP connection of tokio's, postcard in frames with a length, a task that reads and an actor behind it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use tokio::io::{AsyncReadExt, AsyncWriteExt, BufReader, BufWriter};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{mpsc, oneshot};

#[derive(Serialize, Deserialize)]
enum Message {
    Add(u64, i64),
    Bump(i64),
    Blob(#[serde(with = "serde_bytes")] Vec<u8>),
    Get(u64),
    Answer(u64, i64),
}

type Writer = Arc<tokio::sync::Mutex<BufWriter<OwnedWriteHalf>>>;

async fn write(writer: &Writer, message: &Message, flush: bool) {
    let body = postcard::to_allocvec(message).unwrap();
    let mut writer = writer.lock().await;
    writer.write_all(&(body.len() as u32).to_be_bytes()).await.unwrap();
    writer.write_all(&body).await.unwrap();
    if flush {
        writer.flush().await.unwrap();
    }
}

async fn read(reader: &mut BufReader<OwnedReadHalf>, frame: &mut Vec<u8>) -> Option<Message> {
    let length = reader.read_u32().await.ok()?;
    frame.resize(length as usize, 0);
    reader.read_exact(frame).await.ok()?;
    postcard::from_bytes(frame).ok()
}

fn halves(stream: TcpStream) -> (BufReader<OwnedReadHalf>, Writer) {
    stream.set_nodelay(true).unwrap();
    let (reader, writer) = stream.into_split();
    let writer = Arc::new(tokio::sync::Mutex::new(BufWriter::with_capacity(64 << 10, writer)));
    (BufReader::with_capacity(64 << 10, reader), writer)
}

/// Serves for ever; prints its port.
pub(crate) async fn serve() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap().port());
    loop {
        let (stream, _) = listener.accept().await.unwrap();
        let (mut reader, writer) = halves(stream);
        let (sender, receiver) = mpsc::unbounded_channel();
        tokio::spawn(actor(receiver, writer));
        tokio::spawn(async move {
            let mut frame = Vec::new();
            while let Some(message) = read(&mut reader, &mut frame).await {
                sender.send(message).ok().unwrap();
            }
        });
    }
}

async fn actor(mut messages: mpsc::UnboundedReceiver<Message>, writer: Writer) {
    let mut count = 0;
    while let Some(message) = messages.recv().await {
        let answer = match message {
            Message::Add(id, by) => {
                count += by;
                Message::Answer(id, count)
            }
            Message::Get(id) => Message::Answer(id, count),
            Message::Bump(by) => {
                count += by;
                continue;
            }
            Message::Blob(bytes) => {
                count += i64::from(!bytes.is_empty());
                continue;
            }
            Message::Answer(..) => continue,
        };
        write(&writer, &answer, true).await;
    }
}

/// A client that calls and casts over one connection.
#[derive(Clone)]
pub(crate) struct Client {
    writer: Writer,
    waiting: Arc<Mutex<Waiting>>,
}

#[derive(Default)]
struct Waiting {
    next: u64,
    answers: HashMap<u64, oneshot::Sender<i64>>,
}

impl Client {
    pub(crate) async fn connect(port: u16) -> Self {
        let stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        let (mut reader, writer) = halves(stream);
        let waiting = Arc::new(Mutex::new(Waiting::default()));
        let answered = waiting.clone();
        tokio::spawn(async move {
            let mut frame = Vec::new();
            while let Some(message) = read(&mut reader, &mut frame).await {
                if let Message::Answer(id, count) = message
                    && let Some(answer) = answered.lock().unwrap().answers.remove(&id)
                {
                    let _caller_gone = answer.send(count);
                }
            }
        });
        Self { writer, waiting }
    }

    async fn call(&self, message: impl FnOnce(u64) -> Message) -> i64 {
        let (sender, answer) = oneshot::channel();
        let id = {
            let mut waiting = self.waiting.lock().unwrap();
            waiting.next += 1;
            let id = waiting.next;
            waiting.answers.insert(id, sender);
            id
        };
        write(&self.writer, &message(id), true).await;
        answer.await.unwrap()
    }

    pub(crate) async fn add(&self) -> i64 {
        self.call(|id| Message::Add(id, 1)).await
    }

    pub(crate) async fn get(&self) -> i64 {
        self.call(Message::Get).await
    }

    pub(crate) async fn bump(&self) {
        write(&self.writer, &Message::Bump(1), false).await;
    }

    pub(crate) async fn blob(&self, bytes: &[u8]) {
        write(&self.writer, &Message::Blob(bytes.to_vec()), false).await;
    }
}
