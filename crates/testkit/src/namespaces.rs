//! A test in namespaces of its own: a network with nothing but loopback, and mounts that
//! nobody else sees.

use std::{
    env, fs,
    process::{self, Command},
};

/// Set for the process that is inside.
const INSIDE: &str = "WORKSHOP_TEST_INSIDE";

/// Runs the ignored test `name` of this program, in namespaces of its own and an empty folder,
/// which it must leave empty.
pub fn run_inside(name: &str) {
    let folder = env::temp_dir().join(format!("workshop-inside-{}", process::id()));
    fs::create_dir_all(&folder).unwrap();
    let output = Command::new("unshare")
        .args(["--map-root-user", "--mount", "--net"])
        .arg(env::current_exe().unwrap())
        .args(["--ignored", "--exact", name, "--nocapture"])
        .env(INSIDE, "1")
        .current_dir(&folder)
        .output()
        .expect("unshare starts: it is in util-linux");
    let said = String::from_utf8_lossy(&output.stderr);
    // Without the permission to make namespaces, scripts/offline says what to do.
    assert!(output.status.success(), "{said}");
    let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    fs::remove_dir_all(&folder).unwrap();
}

/// For the test that was started so: brings up loopback.
pub fn start_inside() {
    assert!(env::var_os(INSIDE).is_some(), "another test starts this one");
    must_run("ip", &["link", "set", "lo", "up"]);
}

/// Runs a program that must succeed. It need not be in `PATH`: Debian keeps some where only
/// root looks.
pub fn must_run(program: &str, arguments: &[&str]) {
    let path = stage::find_program(program);
    let path = path.unwrap_or_else(|| {
        panic!("there is no {program}: scripts/test installs what the tests need")
    });
    let status = Command::new(path).args(arguments).status().unwrap();
    assert!(status.success(), "{program} {arguments:?}");
}
