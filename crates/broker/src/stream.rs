//! The log in the broker, and the lease of its publisher: Redis' commands, and how ids are
//! written there.

use std::{fmt, num::NonZeroUsize, time::Duration};

use feed::{Cursor, Run, Sample};
use redis::{
    AsyncConnectionConfig, Client, ErrorKind, RedisError, RedisResult,
    ServerErrorKind,
    aio::MultiplexedConnection,
    cmd,
    streams::{StreamId, StreamRangeReply, StreamReadReply},
};

/// The keys. Workshops that share a broker but not a feed have databases of their own:
/// `redis://HOST/1`.
const FEED: &str = "workshop:feed";
const LEASE: &str = "workshop:publisher";

/// The field of an entry that has the sample's JSON.
const FIELD: &str = "sample";

/// How long the lease is good for, unless it is renewed. So long is nothing published when
/// the publisher was killed.
pub(crate) const LEASE_TTL: Duration = Duration::from_secs(1);

/// How long the broker holds a question for what is new. After that, the log is looked for.
const BLOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// How long the broker may take for a response, or for a connection.
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);

/// Takes the lease or renews it, unless another server holds it: a single step for Redis.
const TAKE_LEASE: &str = "
    local holder = redis.call('GET', KEYS[1])
    if holder and holder ~= ARGV[1] then return false end
    return redis.call('SET', KEYS[1], ARGV[1], 'PX', ARGV[2])";

/// What became of a sample that a server named the id of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Appended {
    Yes,
    /// The log has that id already, or a later one: another server publishes.
    Refused,
    /// There is no log to append to.
    NoLog,
}

/// Where the broker is. Has the password, if there is one: only its `Display` is logged.
#[derive(Clone)]
pub(crate) struct Address(pub(crate) Client);

/// The host and the port.
impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.get_connection_info().addr().fmt(f)
    }
}

/// A connection to the broker. It ends with its first error.
pub(crate) struct Stream(MultiplexedConnection);

impl Stream {
    /// Connects for commands that are answered at once.
    pub(crate) async fn connect(address: &Address) -> RedisResult<Self> {
        Self::connect_for(address, RESPONSE_TIMEOUT).await
    }

    /// Connects for [`after`](Self::after), which the broker holds. All else on such a
    /// connection would wait behind it.
    pub(crate) async fn connect_to_wait(address: &Address) -> RedisResult<Self> {
        Self::connect_for(address, BLOCK_TIMEOUT + RESPONSE_TIMEOUT).await
    }

    async fn connect_for(address: &Address, timeout: Duration) -> RedisResult<Self> {
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(RESPONSE_TIMEOUT))
            .set_response_timeout(Some(timeout));
        let connected =
            address.0.get_multiplexed_async_connection_with_config(&config);
        Ok(Self(connected.await?))
    }

    /// The newest samples, at most so many, in order.
    pub(crate) async fn newest(&mut self, count: usize) -> RedisResult<Vec<Sample>> {
        let mut range = cmd("XREVRANGE");
        range.arg(FEED).arg("+").arg("-").arg("COUNT").arg(count);
        let reply: StreamRangeReply = range.query_async(&mut self.0).await?;
        reply.ids.iter().rev().map(sample).collect()
    }

    /// Whether the log has this sample, as it is.
    pub(crate) async fn has(&mut self, known: &Sample) -> RedisResult<bool> {
        let mut range = cmd("XRANGE");
        range.arg(FEED).arg(id(known.id)).arg(id(known.id));
        let reply: StreamRangeReply = range.query_async(&mut self.0).await?;
        let found = reply.ids.first().map(sample).transpose()?;
        Ok(found.is_some_and(|found| found.json == known.json))
    }

    /// Waits for what comes after a sample. Nothing, when nothing came for a second.
    pub(crate) async fn after(
        &mut self,
        cursor: Cursor,
    ) -> RedisResult<Vec<Sample>> {
        let mut read = cmd("XREAD");
        read.arg("BLOCK").arg(BLOCK_TIMEOUT.as_millis() as u64);
        read.arg("STREAMS").arg(FEED).arg(id(cursor));
        let reply: Option<StreamReadReply> = read.query_async(&mut self.0).await?;
        let keys = reply.into_iter().flat_map(|reply| reply.keys);
        keys.flat_map(|key| key.ids).map(|entry| sample(&entry)).collect()
    }

    /// Begins a run with its first sample; with the log, if there is none.
    pub(crate) async fn begin(&mut self, first: &Sample) -> RedisResult<Appended> {
        let mut add = cmd("XADD");
        add.arg(FEED).arg(id(first.id)).arg(FIELD).arg(&*first.json);
        self.add(&add).await
    }

    /// Appends a sample, and keeps the newest `keep`.
    pub(crate) async fn append(
        &mut self,
        sample: &Sample,
        keep: NonZeroUsize,
    ) -> RedisResult<Appended> {
        let mut add = cmd("XADD");
        add.arg(FEED).arg("NOMKSTREAM").arg("MAXLEN").arg("=").arg(keep.get());
        add.arg(id(sample.id)).arg(FIELD).arg(&*sample.json);
        self.add(&add).await
    }

    async fn add(&mut self, command: &redis::Cmd) -> RedisResult<Appended> {
        match command.query_async::<Option<String>>(&mut self.0).await {
            Ok(Some(_)) => Ok(Appended::Yes),
            Ok(None) => Ok(Appended::NoLog),
            Err(error) if is_refusal(&error) => Ok(Appended::Refused),
            Err(error) => Err(error),
        }
    }

    /// Whether the server of this name has the lease from now on, for [`LEASE_TTL`].
    pub(crate) async fn take_lease(&mut self, name: &str) -> RedisResult<bool> {
        let mut take = cmd("EVAL");
        take.arg(TAKE_LEASE).arg(1).arg(LEASE).arg(name);
        take.arg(LEASE_TTL.as_millis() as u64);
        Ok(take.query_async::<Option<String>>(&mut self.0).await?.is_some())
    }

    /// The name of the server that has the lease.
    pub(crate) async fn publisher(&mut self) -> RedisResult<Option<String>> {
        cmd("GET").arg(LEASE).query_async(&mut self.0).await
    }
}

/// "ERR The ID specified in XADD is equal or smaller than the target stream top item".
/// Redis has no code for it: it is told by its words, which Valkey has, too.
fn is_refusal(error: &RedisError) -> bool {
    let words =
        error.detail().is_some_and(|detail| detail.contains("equal or smaller"));
    error.kind() == ErrorKind::Server(ServerErrorKind::ResponseError) && words
}

/// `k3f9-17` as Redis has it: `937557-17`.
fn id(cursor: Cursor) -> String {
    format!("{}-{}", cursor.run.number(), cursor.seq)
}

fn cursor(id: &str) -> Option<Cursor> {
    let (run, seq) = id.split_once('-')?;
    let run: u32 = run.parse().ok()?;
    let known = Run::from_number(run);
    let cursor = Cursor { run: known, seq: seq.parse().ok()? };
    (known.number() == run && cursor.seq > 0).then_some(cursor)
}

fn sample(entry: &StreamId) -> RedisResult<Sample> {
    let parts = cursor(&entry.id).zip(entry.get::<String>(FIELD));
    let (id, json) = parts.ok_or_else(|| {
        let what = "the broker has what is no sample of a workshop, at the id";
        RedisError::from((ErrorKind::UnexpectedReturnType, what, entry.id.clone()))
    })?;
    Ok(Sample { id, json: json.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_an_id_of_the_stream() {
        for (text, expected) in [("k3f9-17", "937557-17"), ("0000-1", "0-1")] {
            let known: Cursor = text.parse().unwrap();
            assert_eq!(id(known), expected);
            assert_eq!(cursor(expected), Some(known));
        }
        for foreign in ["1795207096301-0", "1679616-1", "7-0", "7", "x-1"] {
            assert_eq!(cursor(foreign), None, "{foreign}");
        }
    }
}
