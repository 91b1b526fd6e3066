//! axe-core, a checker of accessibility by others. `scripts/test` installs it,
//! beside the clients of `tests/interop`.

use std::{env, fs};

use crate::Browser;

const AXE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/interop/node_modules/axe-core/axe.min.js");

const ALL_RULES: &str = "{}";
const COLOR_RULES: &str = "{ runOnly: ['color-contrast', 'link-in-text-block'] }";

/// All rules for each size, and for each theme. What is in a frame is a page of its own,
/// checked on its own.
const LOOKS: [(u32, u32, &str, &str); 2] =
    [(1280, 720, "light", ALL_RULES), (360, 740, "dark", ALL_RULES)];

/// Each size in its other theme, if `EVERY_LOOK` is set: only colours change, so only
/// their rules are run.
const MORE_LOOKS: [(u32, u32, &str, &str); 2] =
    [(1280, 720, "dark", COLOR_RULES), (360, 740, "light", COLOR_RULES)];

impl Browser {
    /// What axe complains of on the page that is open, in each size and each theme, and in
    /// both themes of each size if `EVERY_LOOK` is set.
    pub async fn violations(&self) -> Vec<String> {
        if self.run("return window.axe === undefined").await == true {
            let axe = fs::read_to_string(AXE).unwrap_or_else(|error| {
                panic!("{AXE}: {error}; run npm ci there, as scripts/test does")
            });
            // As the driver, which no Content Security Policy hinders.
            self.run(&axe).await;
        }
        let mut found = Vec::new();
        let mut looks = LOOKS.to_vec();
        if env::var_os("EVERY_LOOK").is_some() {
            looks.extend(MORE_LOOKS);
        }
        for (width, height, colors, options) in looks {
            self.look(width, height, colors).await;
            let script = format!(
                "const done = arguments[arguments.length - 1];
                 axe.run({{ resultTypes: ['violations'], iframes: false,
                   selectors: false, ...{options} }}).then(
                   ({{ violations }}) => done(violations.map(({{ id, help, nodes }}) =>
                     `${{id}} (${{help}}): ${{nodes.map(({{ html }}) => html).join(' ')}}`)),
                   (error) => done([`axe itself: ${{error}}`]))"
            );
            let violations = self.answer(&script).await;
            let violations = violations.as_array().unwrap().iter();
            let said = violations.map(|violation| violation.as_str().unwrap());
            found.extend(said.map(|said| format!("{width}, {colors}: {said}")));
        }
        found
    }
}
