//! Any program of the workshop on a feed that several servers share. With a Redis (or
//! Valkey) at its usual port:
//!
//! | command | what it starts |
//! |---|---|
//! | `cargo run -p broker -- sse --port 3014` | a demo, with its usual flags |
//! | `cargo run -p broker -- workshop` | the workshop |
//! | `cargo run -p broker -- five` | all five techniques, a port each |
//! | `cargo run -p broker -- cluster 3` | a broker, three such servers, nginx, and a page that shows them |
//! | `cargo run -p broker -- --broker redis://:PASSWORD@HOST:6379/ sse` | … with a broker elsewhere |
//!
//! Start several, each at ports of its own: they have the same samples, and whichever is
//! killed, the others go on.

mod console;
mod five;
mod ports_in_use;

use std::{ffi::OsString, iter, process::ExitCode};

use broker::Broker;
use clap::{Parser, Subcommand};
use feed::Feed;
use stage::CommonFlags;

/// Runs programs of the Realtime Workshop on one feed, which is in a broker
#[derive(Debug, Parser)]
#[command(name = "broker", max_term_width = 85)]
struct Flags {
    /// URL of the Redis or Valkey that has the feed; in the variable BROKER, a password is
    /// not seen by others
    #[arg(long, env = "BROKER", hide_env_values = true, value_name = "URL")]
    #[arg(default_value = "redis://127.0.0.1:6379/")]
    broker: String,

    #[command(subcommand)]
    program: Program,
}

#[derive(Debug, Subcommand)]
enum Program {
    /// Short polling
    ShortPoll(Rest),
    /// Long polling
    LongPoll(Rest),
    /// HTTP streaming
    HttpStream(Rest),
    /// Server-sent events
    Sse(Rest),
    /// WebSocket
    Websocket(Rest),
    /// All five techniques in one process, a port each
    Five(Rest),
    /// The workshop
    Workshop(Rest),
    /// A broker of its own, several servers of all five techniques, and nginx before them,
    /// with a page that shows which server a browser is at
    Cluster(Rest),
}

/// The flags of a program, which parses them itself.
#[derive(Debug, clap::Args)]
#[command(disable_help_flag = true)]
struct Rest {
    /// The program's own flags; with --help, it explains them
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    flags: Vec<OsString>,
}

impl Rest {
    /// With a name before them, as a program is given them.
    fn arguments(self) -> impl Iterator<Item = OsString> {
        iter::once("broker".into()).chain(self.flags)
    }
}

fn main() -> ExitCode {
    let Flags { broker, program } = match Flags::try_parse() {
        Ok(flags) => flags,
        Err(error) => return stage::print_flag_error("broker", &error),
    };
    let broker = match Broker::new(&broker) {
        Ok(broker) => broker,
        Err(error) => {
            stage::print_error("broker", &format!("--broker: {error}"));
            return ExitCode::from(2);
        }
    };
    let open = async |flags: &CommonFlags, first: &str| -> Feed {
        broker.feed(flags.keep, first).await
    };
    match program {
        Program::ShortPoll(rest) => stage::main_with(
            short_poll::TECHNIQUE,
            rest.arguments(),
            open,
            short_poll::routes,
        ),
        Program::LongPoll(rest) => stage::main_with(
            long_poll::TECHNIQUE,
            rest.arguments(),
            open,
            long_poll::routes,
        ),
        Program::HttpStream(rest) => stage::main_with(
            http_stream::TECHNIQUE,
            rest.arguments(),
            open,
            http_stream::routes,
        ),
        Program::Sse(rest) => {
            stage::main_with(sse::TECHNIQUE, rest.arguments(), open, sse::routes)
        }
        Program::Websocket(rest) => stage::main_with(
            websocket::TECHNIQUE,
            rest.arguments(),
            open,
            websocket::routes,
        ),
        Program::Five(rest) => five::main(rest.arguments(), open),
        Program::Cluster(rest) => console::main(rest.arguments()),
        Program::Workshop(rest) => workshop::main_with(rest.arguments(), open),
    }
}
