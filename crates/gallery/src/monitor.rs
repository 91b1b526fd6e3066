//! # Server monitor: a stream of which only the newest event counts
//!
//! The server measures itself, and tells all pages. A page that was cut off does not
//! need what it missed. One that hears nothing for a while says so by itself:
//! *stale* is what no server can send.
//!
//! ```text
//! GET /monitor/events
//!
//! event: health
//! id: k3f9-17
//! data: {"status":"ok","uptime":741,"clients":52,"cpu":3.1,"memory":18874368,
//! data:  "machine":{"cpu":22.4,"memory":6174015488,"of":16777216000}}
//! ```

use std::num::NonZeroUsize;

use actix_web::{
    HttpResponse,
    web::{self, Bytes, Data},
};
use feed::Feed;
use serde::Serialize;
use stage::Routes;
use sysinfo::{Pid, ProcessesToUpdate, System};

use crate::{
    events::{publish, respond},
    gallery::Gallery,
    headers::no_store,
};

/// Above this, in percent of the machine, the server is *busy*.
const BUSY_LIMIT: f32 = 90.0;

/// What is measured. Nothing of other programs: this is shown on a wall.
#[derive(Serialize)]
struct Health {
    status: &'static str,
    /// Seconds since this server started.
    uptime: u64,
    /// Streams, WebSockets and held requests of this gallery.
    clients: usize,
    /// Of this process, in percent of one core.
    cpu: f32,
    /// Of this process, in bytes.
    memory: u64,
    machine: Machine,
}

#[derive(Serialize)]
struct Machine {
    /// In percent of all cores.
    cpu: f32,
    /// In use, in bytes.
    memory: u64,
    /// All that it has, in bytes.
    of: u64,
}

/// Adds `GET /monitor/events`.
pub(crate) fn routes(gallery: &Gallery) -> impl Routes + use<> {
    let newest = gallery.log(NonZeroUsize::MIN, "starting {}");
    let (log, measured) = (newest.clone(), gallery.clone());
    let mut system = System::new();
    measure(&mut system, &measured); // CPU is a difference: the first reading is 0
    gallery.repeat(gallery.flags.measure, move || {
        publish(&log, "health", &measure(&mut system, &measured));
    });
    let newest = Data::new(newest);
    move |app| {
        let events = web::resource("/monitor/events").app_data(newest.clone());
        app.service(events.wrap(no_store()).get(follow));
    }
}

/// The newest measurement, and each that follows.
async fn follow(newest: Data<Feed>, gallery: Data<Gallery>) -> HttpResponse {
    respond(Bytes::new(), newest.follow(None), gallery.flags.heartbeat)
}

fn measure(system: &mut System, gallery: &Gallery) -> Health {
    let own = Pid::from_u32(std::process::id());
    system.refresh_cpu_usage();
    system.refresh_memory();
    system.refresh_processes(ProcessesToUpdate::Some(&[own]), true);
    let cpu = system.global_cpu_usage();
    let process = system.process(own);
    Health {
        status: if cpu > BUSY_LIMIT { "busy" } else { "ok" },
        uptime: process.map_or(0, |process| process.run_time()),
        clients: gallery.clients(),
        cpu: process.map_or(0.0, |process| process.cpu_usage()),
        memory: process.map_or(0, |process| process.memory()),
        machine: Machine {
            cpu,
            memory: system.used_memory(),
            of: system.total_memory(),
        },
    }
}
