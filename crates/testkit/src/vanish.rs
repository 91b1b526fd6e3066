//! A client that vanishes without a FIN or a RST.

use std::time::Duration;

/// Lets a client ask a demo for `target`, and then pulls its cable. Fails when the demo
/// still has the connection after ten seconds. `target` and `fields` are as
/// [`machine::unplug`] has them.
pub fn vanish(binary: &str, target: &str, fields: &[&str]) {
    let kept = machine::unplug(binary, target, fields).unwrap();
    assert!(kept < Duration::from_secs(10), "gone only after {kept:?}");
}
