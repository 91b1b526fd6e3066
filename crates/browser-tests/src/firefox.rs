//! What Firefox alone is asked for: other preferences, and its own windows, which are no pages.

use serde_json::{Value, json};
use thirtyfour::{
    RequestData, SessionId,
    common::command::{Command, FormatRequestData},
};

use crate::{Browser, Engine};

/// Chooses what scripts run in: a page (`content`), or the browser itself (`chrome`).
#[derive(Debug)]
struct SetContext(&'static str);

impl FormatRequestData for SetContext {
    fn format_request(&self, session: &SessionId) -> RequestData {
        // thirtyfour has no command for it: another POST becomes one.
        let mut request = Command::AcceptAlert.format_request(session);
        request.uri = format!("/session/{session}/moz/context").into();
        request.body = Some(json!({ "context": self.0 }));
        request
    }
}

impl Browser {
    /// Starts a Firefox with these preferences.
    pub async fn start_firefox(name: &str, preferences: &[(&str, Value)]) -> Self {
        Self::start_with(Engine::Firefox, name, &[], preferences).await
    }

    /// What a function body returns, run in Firefox itself.
    pub async fn run_in_firefox(&self, script: &str) -> Value {
        self.driver.cmd(SetContext("chrome")).await.unwrap();
        let returned = self.run(script).await;
        self.driver.cmd(SetContext("content")).await.unwrap();
        returned
    }
}
