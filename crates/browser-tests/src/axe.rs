//! axe-core, a checker of accessibility by others. `scripts/test` installs it,
//! beside the clients of `tests/interop`.

use std::fs;

use crate::Browser;

const AXE: &str =
    concat!(env!("CARGO_MANIFEST_DIR"), "/interop/node_modules/axe-core/axe.min.js");

/// All rules, once for each size. What is in a frame is a page of its own, checked on its
/// own. The other theme changes only colours, so only their rules are run again.
const LOOKS: [(u32, u32, &str, &str); 4] = [
    (1280, 720, "light", "{}"),
    (1280, 720, "dark", "{ runOnly: ['color-contrast', 'link-in-text-block'] }"),
    (360, 740, "light", "{}"),
    (360, 740, "dark", "{ runOnly: ['color-contrast', 'link-in-text-block'] }"),
];

impl Browser {
    /// What axe complains of on the page that is open, in each size and theme.
    pub async fn violations(&self) -> Vec<String> {
        if self.run("return window.axe === undefined").await == true {
            let axe = fs::read_to_string(AXE).unwrap_or_else(|error| {
                panic!("{AXE}: {error}; run npm ci there, as scripts/test does")
            });
            // As the driver, which no Content Security Policy hinders.
            self.run(&axe).await;
        }
        let mut found = Vec::new();
        for (width, height, colors, options) in LOOKS {
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
