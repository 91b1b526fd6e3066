//! Web Push in a real browser: a Firefox whose push service is ours, its notifications, and
//! Chromium's push by its developer tools.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{Browser, wait_for};

/// A notification that Firefox shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// Its heading.
    pub title: String,
    /// Its text.
    pub text: String,
}

/// How often to look for it.
const LOOK_INTERVAL: Duration = Duration::from_millis(50);

/// In Firefox: the window of its notification, if there is one.
const ALERT: &str = "const alert = [...Services.wm.getEnumerator('alert:alert')].at(-1);
    const label = alert?.document.getElementById('alertTitleLabel')?.getAttribute('value');";

impl Browser {
    /// Starts a Firefox whose push service is at this port of this machine. It asks
    /// nobody whether notifications are allowed, draws them itself, and after so many
    /// pushes without one ends a subscription.
    pub async fn start_firefox_with_push_service(
        name: &str,
        port: u16,
        silent_pushes: u32,
    ) -> Self {
        let service = format!("ws://127.0.0.1:{port}/push-service");
        let preferences = [
            ("dom.push.enabled", json!(true)),
            ("dom.push.connection.enabled", json!(true)),
            ("dom.push.serverURL", json!(service)),
            ("dom.push.testing.allowInsecureServerURL", json!(true)),
            ("dom.push.retryBaseInterval", json!(200)),
            ("dom.push.quotaUpdateDelay", json!(50)),
            ("dom.push.maxQuotaPerSubscription", json!(silent_pushes)),
            ("permissions.default.desktop-notification", json!(1)),
            ("alerts.useSystemBackend", json!(false)),
        ];
        Self::start_firefox(name, &preferences).await
    }

    /// Waits until Firefox shows a notification.
    pub async fn notification(&self) -> Notification {
        let script = format!(
            "{ALERT} return label && [label,
               alert.document.getElementById('alertTextLabel').textContent]"
        );
        wait_for("a notification of Firefox", LOOK_INTERVAL, async || {
            let shown = self.run_in_firefox(&script).await;
            let [Value::String(title), Value::String(text)] =
                shown.as_array().map_or(&[][..], Vec::as_slice)
            else {
                return None;
            };
            Some(Notification { title: title.clone(), text: text.clone() })
        })
        .await
    }

    /// Clicks on the notification that Firefox shows.
    pub async fn click_notification(&self) {
        let click = "alert.document.getElementById('alertBox').click()";
        self.run_in_firefox(&format!("{ALERT} {click}")).await;
    }

    /// In Chromium: allows notifications to the pages of an origin.
    pub async fn allow_notifications(&self, origin: &str) {
        let parameters =
            json!({ "origin": origin, "permissions": ["notifications"] });
        let command = "Browser.grantPermissions";
        self.driver.cdp().send_raw(command, parameters).await.unwrap();
    }

    /// In Chromium: wakes the service worker of an origin, the first of this profile, as
    /// the button Push of DevTools does.
    pub async fn push_by_devtools(&self, origin: &str, data: &str) {
        let tools = self.driver.cdp();
        tools.send_raw("ServiceWorker.enable", json!({})).await.unwrap();
        let parameters =
            json!({ "origin": origin, "registrationId": "0", "data": data });
        let command = "ServiceWorker.deliverPushMessage";
        tools.send_raw(command, parameters).await.unwrap();
    }
}
