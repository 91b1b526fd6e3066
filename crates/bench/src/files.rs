//! The limit of open files: each client is one.

use crate::error::Error;

/// Lets this process, and the servers that it starts, have a file for each client.
/// Returns how many they may have.
///
/// # Errors
/// When the system allows fewer: says what to do.
pub fn files_for(clients: u64) -> Result<u64, Error> {
    let needed = clients + 500;
    let allowed = stage::raise_file_limit();
    // Beyond what the system set for this user, if the user may change that.
    #[cfg(unix)]
    if allowed < needed && rlimit::Resource::NOFILE.set(needed, needed).is_ok() {
        return Ok(needed);
    }
    if allowed >= needed {
        return Ok(allowed);
    }
    Err(Error::TooFewFiles { clients, needed, allowed })
}
