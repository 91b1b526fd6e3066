//! What every page asks for once: which ports and chapters there are, what the labels
//! mean, and at which URLs other devices find the hub.

use std::collections::BTreeMap;

use actix_web::web::Bytes;
use lens::{Class, Label};
use notes::Chapter;
use serde::Serialize;
use stage::{JoinMessage, ReachedAt};

use crate::techniques::{SERVED, TECHNIQUES};

/// What the responses of `/setup`, `/labels` and `/join` are made of: the same for
/// all pages.
pub(crate) struct Setup {
    port: u16,
    techniques: Vec<TechniqueMessage>,
    /// What is served beside the five.
    beside: Vec<TechniqueMessage>,
    /// As JSON.
    pub(crate) labels: Bytes,
    /// Where other devices find the hub.
    urls: Vec<String>,
}

#[derive(Serialize)]
pub(crate) struct SetupMessage<'a> {
    /// The port of the listener that was asked. A page whose own address has another
    /// port is behind a proxy.
    #[serde(rename = "here")]
    listener_port: u16,
    /// The hub's.
    port: u16,
    techniques: &'a [TechniqueMessage],
    beside: &'a [TechniqueMessage],
    chapters: &'a [Chapter],
}

#[derive(Serialize)]
struct TechniqueMessage {
    name: &'static str,
    port: u16,
}

/// What a label means.
#[derive(Serialize)]
struct LabelMessage {
    title: &'static str,
    class: Class,
    explains: &'static str,
    reference: &'static str,
}

impl Setup {
    /// The hub's port and those of the techniques; other devices find the hub at these URLs.
    pub(crate) fn new(
        port: u16,
        ports: [u16; SERVED.len()],
        urls: Vec<String>,
    ) -> Self {
        let mut techniques: Vec<_> = SERVED
            .iter()
            .zip(ports)
            .map(|(technique, port)| TechniqueMessage { name: technique.name, port })
            .collect();
        let beside = techniques.split_off(TECHNIQUES.len());
        // Text alone: that can't fail.
        let labels = serde_json::to_vec(&labels()).unwrap_or_default().into();
        Self { port, techniques, beside, labels, urls }
    }

    /// The port of a technique, by its place in `TECHNIQUES`.
    pub(crate) fn port_of(&self, number: usize) -> u16 {
        self.techniques[number].port
    }

    /// What a page is told that asked at this listener.
    pub(crate) fn message<'a>(
        &'a self,
        listener_port: u16,
        chapters: &'a [Chapter],
    ) -> SetupMessage<'a> {
        let Self { port, techniques, beside, .. } = self;
        SetupMessage { listener_port, port: *port, techniques, beside, chapters }
    }

    /// The hub's URL and its QR code, for other devices to open it.
    pub(crate) fn join(&self, reached: &ReachedAt) -> JoinMessage {
        stage::join(&self.urls, reached)
    }
}

/// By name.
fn labels() -> BTreeMap<&'static str, LabelMessage> {
    let message = |label: &Label| LabelMessage {
        title: label.title(),
        class: label.class(),
        explains: label.explanation(),
        reference: label.reference(),
    };
    Label::ALL.iter().map(|label| (label.name(), message(label))).collect()
}
