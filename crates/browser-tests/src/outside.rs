//! What leaves the page: files that are saved, and paper.

use std::{fs, time::Duration};

use serde_json::json;

use crate::{Browser, wait_for};

#[allow(clippy::missing_panics_doc, reason = "tests panic")]
impl Browser {
    /// Clicks a link to a file, and reads what was saved.
    pub async fn download(&self, selector: &str, name: &str) -> String {
        let folder = self.profile.join("saved");
        let parameters = json!({ "behavior": "allow", "downloadPath": folder });
        let command = "Browser.setDownloadBehavior";
        self.driver.cdp().send_raw(command, parameters).await.unwrap();
        self.click(selector).await;
        let file = folder.join(name);
        let saved = async || file.exists().then_some(());
        wait_for("saved", Duration::from_millis(20), saved).await;
        fs::read_to_string(file).unwrap()
    }

    /// Shows the page as it is printed, by a reader whose screen is dark.
    pub async fn look_at_print(&self) {
        let media = json!({
            "media": "print",
            "features": [{ "name": "prefers-color-scheme", "value": "dark" }]
        });
        self.driver
            .cdp()
            .send_raw("Emulation.setEmulatedMedia", media)
            .await
            .unwrap();
    }

    /// How many sheets of the size that the page's style names it takes, printed.
    pub async fn printed_sheets(&self) -> u64 {
        let parameters = json!({ "preferCSSPageSize": true });
        let tools = self.driver.cdp();
        let pdf = tools.send_raw("Page.printToPDF", parameters).await.unwrap();
        let script = format!(
            r"return atob({}).match(/\/Type\s*\/Page\b/g).length",
            pdf["data"]
        );
        self.run(&script).await.as_u64().unwrap()
    }
}
