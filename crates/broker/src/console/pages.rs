//! The page, what it is told, and the presenter's commands.
//!
//! | path | response |
//! |---|---|
//! | `/` | the page, from `static/cluster/` |
//! | `/cluster` | `{"ports":{"sse":4004,…},"presenter":false}` |
//! | `/events` | server-sent events: `[{"name":"server-1","state":"running",…},…]` |
//! | `POST /members/server-1/kill`, `…/start` | 204; at the presenter's address alone |

use std::{
    collections::BTreeMap,
    convert::Infallible,
    net::TcpListener,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};

use actix_web::{
    HttpRequest, HttpResponse, Result,
    dev::Server,
    error::{ErrorBadRequest, ErrorNotFound},
    middleware::DefaultHeaders,
    web::{self, Bytes, Data, Path, Query},
};
use async_stream::stream;
use broker::cluster::{Cluster, Error, Member};
use serde::{Deserialize, Serialize};
use stage::{Assets, Hosts, ReachedAt};
use tokio::sync::watch;

use super::watch::MemberMessage;

/// How many connections the page takes.
const CONNECTION_LIMIT: usize = 1000;

/// The same policy as the techniques have, and frames of them from other ports of the host,
/// whose name is not known here.
const CONTENT_SECURITY_POLICY: &str =
    "default-src 'self'; img-src 'self' data:; frame-src http: https:";

/// What the page is made of.
pub(super) struct Console {
    pub(super) folder: Option<PathBuf>,
    /// The URLs at which other devices find the page.
    pub(super) urls: Vec<String>,
    /// nginx', in the order of the techniques.
    pub(super) ports: [u16; 5],
    pub(super) state: watch::Receiver<Vec<MemberMessage>>,
    /// For the presenter alone: what may be killed.
    pub(super) cluster: Option<Arc<Mutex<Cluster>>>,
}

/// What the page asks for once.
#[derive(Debug, Clone, Serialize)]
struct ClusterMessage {
    ports: BTreeMap<&'static str, u16>,
    /// Whether this address takes commands.
    presenter: bool,
}

/// What the presenter may do to a process.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Deed {
    Kill,
    Start,
}

impl Console {
    /// Serves it until the cluster is not watched any more.
    pub(super) fn serve(
        self,
        listener: TcpListener,
        hosts: &Hosts,
    ) -> Result<Server, stage::Error> {
        let assets = Assets::find(self.folder, "cluster/index.html")?;
        let names = ["short-poll", "long-poll", "http-stream", "sse", "websocket"];
        let ports = names.into_iter().zip(self.ports).collect();
        let about = ClusterMessage { ports, presenter: self.cluster.is_some() };
        let (state, cluster) = (Data::new(self.state.clone()), self.cluster);
        let (about, urls) = (Data::new(about), Data::new(self.urls));
        let routes = move |app: &mut web::ServiceConfig| {
            app.app_data(state.clone())
                .app_data(about.clone())
                .app_data(urls.clone());
            let headers = DefaultHeaders::new()
                .add(("Cache-Control", "no-cache"))
                .add(("Content-Security-Policy", CONTENT_SECURITY_POLICY))
                .add(("X-Content-Type-Options", "nosniff"));
            let mut scope = web::scope("").wrap(headers);
            if let Some(cluster) = &cluster {
                let command = web::resource("/members/{member}/{deed}");
                let cluster = Data::from(cluster.clone());
                scope =
                    scope.service(command.app_data(cluster).post(command_member));
            }
            let files =
                |path, folder| assets.serve(path, folder, "the page is at /");
            app.service(
                scope
                    .service(stage::get("/clock", stage::clock))
                    .service(stage::get("/join", join))
                    .service(stage::get("/cluster", describe))
                    .service(web::resource("/events").get(events))
                    .service(files("/shared", "shared"))
                    .service(files("/", "cluster")),
            );
        };
        let mut ended = self.state;
        let shutdown = async move {
            // Fails when the watch has ended.
            while ended.changed().await.is_ok() {}
        };
        let admit = |_| -> Option<stage::Admission> { Some(Box::new(())) };
        stage::start(
            listener,
            hosts.clone(),
            CONNECTION_LIMIT,
            admit,
            routes,
            shutdown,
        )
    }
}

async fn describe(about: Data<ClusterMessage>) -> HttpResponse {
    HttpResponse::Ok().json(about)
}

async fn join(urls: Data<Vec<String>>, reached: Query<ReachedAt>) -> HttpResponse {
    HttpResponse::Ok().json(stage::join(&urls, &reached))
}

/// What there is, and each change of it.
async fn events(state: Data<watch::Receiver<Vec<MemberMessage>>>) -> HttpResponse {
    let mut state = watch::Receiver::clone(&state);
    state.mark_changed();
    HttpResponse::Ok()
        .content_type("text/event-stream")
        .insert_header(("Cache-Control", "no-store"))
        .insert_header(("X-Accel-Buffering", "no"))
        .streaming(stream! {
            while state.changed().await.is_ok() {
                let members = serde_json::to_string(&*state.borrow_and_update());
                let event = format!("data: {}\n\n", members.unwrap_or_default());
                yield Ok::<_, Infallible>(Bytes::from(event));
            }
        })
}

/// Kills or starts a process, for a page of this origin.
async fn command_member(
    request: HttpRequest,
    path: Path<(String, Deed)>,
    cluster: Data<Mutex<Cluster>>,
) -> Result<HttpResponse> {
    stage::same_origin(&request)?;
    let (member, deed) = path.into_inner();
    let member: Member = member.parse().map_err(ErrorNotFound)?;
    let mut cluster = cluster.lock().unwrap_or_else(PoisonError::into_inner);
    let done: Result<(), Error> = match deed {
        Deed::Kill => cluster.kill(member),
        Deed::Start => cluster.run(member),
    };
    done.map_err(ErrorBadRequest)?;
    Ok(HttpResponse::NoContent().finish())
}
