//! What to do when a port can't be had, for the programs here that have another flag than
//! `--port`.

use std::io::ErrorKind;

use stage::Error;

/// What is wrong; `flag` is the one that takes other ports, and such ports.
pub(crate) fn advise(error: &Error, flag: impl FnOnce(u16) -> String) -> String {
    match error {
        Error::Listen { port, source, .. }
            if source.kind() == ErrorKind::AddrInUse =>
        {
            let flag = flag(*port);
            format!(
                "port {port} is in use: end the program that has it, or take others \
                 with {flag}"
            )
        }
        Error::BadPort { port } => {
            format!("{}: take others with {}", stage::no_page_at(*port), flag(*port))
        }
        _ => error.to_string(),
    }
}
