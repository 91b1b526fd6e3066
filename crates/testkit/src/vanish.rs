//! A client that vanishes without a FIN or a RST.

use std::process::Command;

/// Lets a client ask a demo for `target`, in a network of their own, and then pulls
/// its cable: no FIN, no RST, nothing. Fails when the demo still has the connection
/// after ten seconds. `NEWEST` at the end of `target` stands for the newest sample's
/// cursor; `fields` are what curl sends besides.
///
/// Linux alone has networks to make, and needs root or user namespaces for it.
pub fn vanish(binary: &str, target: &str, fields: &[&str]) {
    let fields = fields.iter().flat_map(|field| ["-H", field]);
    let output = Command::new("unshare")
        .args(["-rn", "bash", "-c", include_str!("vanish.sh"), "vanish.sh"])
        .args([binary, target])
        .args(fields)
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout);
    let complaint = String::from_utf8_lossy(&output.stderr);
    let millis: u64 = printed.trim().parse().unwrap_or_else(|_| {
        panic!("{complaint}{printed}unshare -rn, ip and ss are needed, and root")
    });
    assert!(millis < 10_000, "gone only after {millis} ms");
}
