//! Servers that know no HTTP: what a sample costs on any server of this machine.

use std::{io, num::NonZeroUsize, time::Duration};

use feed::{Feed, Random};
use stage::print_line;
use tokio::{
    io::AsyncWriteExt,
    net::{TcpListener, TcpStream},
    select, spawn,
    sync::watch,
    task::spawn_local,
};

/// One loop that writes each sample to every socket, until a socket of its own fails.
///
/// # Errors
/// When it can't listen or accept.
pub async fn floor(every: Duration) -> io::Result<()> {
    let feed = published(every);
    let mut follower = feed.follow(None);
    let mut newest = String::new();
    let listener = listen().await?;
    let mut clients: Vec<TcpStream> = Vec::new();
    loop {
        select! {
            batch = follower.next() => {
                for sample in batch.iter().flat_map(|batch| &batch.samples) {
                    newest = format!("{}\n", sample.json);
                    clients.retain(|client| write(client, &newest));
                }
            }
            accepted = listener.accept() => {
                let (client, _) = accepted?;
                client.set_nodelay(true)?;
                if write(&client, &newest) {
                    clients.push(client);
                }
            }
        }
    }
}

/// Whether the client is still there. One whose buffer is full goes without the line;
/// one that took half of it is dropped.
fn write(client: &TcpStream, line: &str) -> bool {
    match client.try_write(line.as_bytes()) {
        Ok(count) => count == line.len(),
        Err(error) => error.kind() == io::ErrorKind::WouldBlock,
    }
}

/// The same with a task for each socket.
///
/// # Errors
/// When it can't listen or accept.
pub async fn tasks(every: Duration) -> io::Result<()> {
    let mut follower = published(every).follow(None);
    let news = watch::Sender::new(String::new());
    let (sender, listener) = (news.clone(), listen().await?);
    spawn(async move {
        while let Some(batch) = follower.next().await {
            for sample in &batch.samples {
                sender.send_replace(format!("{}\n", sample.json));
            }
        }
    });
    loop {
        let (mut client, _) = listener.accept().await?;
        client.set_nodelay(true)?;
        let mut news = news.subscribe();
        spawn(async move {
            loop {
                let line = news.borrow_and_update().clone();
                let written = client.write_all(line.as_bytes()).await;
                if written.is_err() || news.changed().await.is_err() {
                    return;
                }
            }
        });
    }
}

fn published(every: Duration) -> Feed {
    let mut random = Random::new(None);
    let feed = Feed::new(NonZeroUsize::MIN, &random.data());
    let publishing = feed.clone();
    spawn_local(async move { publishing.publish_at_random(every, random).await });
    feed
}

async fn listen() -> io::Result<TcpListener> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    print_line(&format!("http://localhost:{}/", listener.local_addr()?.port()));
    Ok(listener)
}
