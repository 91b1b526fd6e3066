//! Whether the ports of the workshop are free and, if not, which program has them.

use std::{fs, io::ErrorKind, net::SocketAddr};

use stage::{Error, find_program, port_ranges};

use super::{check::Check, run};
use crate::flags::other_base_port;

const NAME: &str = "ports";

/// Listens at each address, as the workshop will with `--lan`.
pub(super) fn check(addresses: &[SocketAddr]) -> Check {
    // What is wrong, with the ports of which that is true.
    let mut refused: Vec<(String, Vec<u16>)> = Vec::new();
    let mut in_use = false;
    for address in addresses {
        let port = address.port();
        let wrong = match stage::listen(address.ip(), port) {
            Ok(_) => continue,
            Err(Error::Listen { source, .. })
                if source.kind() == ErrorKind::AddrInUse =>
            {
                in_use = true;
                let holder = holder(port);
                format!("{} has", holder.as_deref().unwrap_or("another program"))
            }
            Err(Error::BadPort { .. }) => "no browser opens a page at".into(),
            Err(Error::Listen { source, .. }) => format!("{source} for"),
            Err(error) => format!("{error} for"),
        };
        match refused.iter_mut().find(|(known, _)| *known == wrong) {
            Some((_, ports)) => ports.push(port),
            None => refused.push((wrong, vec![port])),
        }
    }
    let Some((_, first)) = refused.first() else {
        let ports: Vec<_> = addresses.iter().map(SocketAddr::port).collect();
        return Check::ok(NAME, format!("{} are free", in_words(&ports)));
    };
    let base = other_base_port(first[0]);
    let end = if in_use { "end what has them, or " } else { "" };
    let found: Vec<_> = refused
        .iter()
        .map(|(wrong, ports)| format!("{wrong} {}", in_words(ports)))
        .collect();
    let advice = format!(
        "{end}take other ports with --base-port {base}, here and for the workshop"
    );
    Check::problem(NAME, found.join("; "), advice)
}

/// "3000 to 3006 and 3012"
fn in_words(ports: &[u16]) -> String {
    port_ranges(ports, " to ").join(" and ")
}

/// The program that listens on a port: its name and number, as far as this user may see it.
fn holder(port: u16) -> Option<String> {
    if cfg!(target_os = "linux") { by_proc(port) } else { by_lsof(port) }
}

fn by_proc(port: u16) -> Option<String> {
    let inode = ["/proc/net/tcp", "/proc/net/tcp6"].iter().find_map(|table| {
        let table = fs::read_to_string(table).ok()?;
        table.lines().find_map(|line| inode(line, port).map(str::to_owned))
    })?;
    let socket = format!("socket:[{inode}]");
    let is_socket = |file: fs::DirEntry| {
        fs::read_link(file.path()).is_ok_and(|to| to.as_os_str() == socket.as_str())
    };
    let mut processes =
        fs::read_dir("/proc").ok()?.flatten().map(|each| each.path());
    let process = processes.find(|process| {
        fs::read_dir(process.join("fd"))
            .is_ok_and(|files| files.flatten().any(is_socket))
    });
    let Some(process) = process else {
        return Some("a program of another user".into());
    };
    let name = fs::read_to_string(process.join("comm")).unwrap_or_default();
    let id = process.file_name().unwrap_or_default().display();
    Some(format!("{} (process {id})", name.trim()))
}

/// The socket's number, if this line of the kernel's table (proc_net_tcp, `0A` is LISTEN) is
/// of a socket that listens on the port.
fn inode(line: &str, port: u16) -> Option<&str> {
    let fields: Vec<_> = line.split_whitespace().collect();
    let (_, local) = fields.get(1)?.rsplit_once(':')?;
    let same = u16::from_str_radix(local, 16) == Ok(port);
    if same && fields.get(3) == Some(&"0A") { fields.get(9).copied() } else { None }
}

/// By `lsof`, which macOS has. Elsewhere there is none, and then nothing is named.
fn by_lsof(port: u16) -> Option<String> {
    let port = format!("-iTCP:{port}");
    let flags = ["-nP", &port, "-sTCP:LISTEN", "-Fpc"];
    let said = run::ask(find_program("lsof")?, &flags).ok()?.text;
    let field = |letter| said.lines().find_map(|line| line.strip_prefix(letter));
    Some(format!("{} (process {})", field('c')?, field('p')?))
}

#[cfg(test)]
mod tests {
    use super::inode;

    #[test]
    fn a_line_of_the_kernels_table_names_its_socket() {
        let line = "   0: 0100007F:0BB8 00000000:0000 0A 00000000:00000000 00:00000000 \
                    00000000     0        0 85023 1 0000000000000000 100 0 0 10 0";
        assert_eq!(inode(line, 3000), Some("85023"));
        assert_eq!(inode(line, 3001), None);
        assert_eq!(inode(&line.replace(" 0A ", " 01 "), 3000), None);
        assert_eq!(inode("  sl  local_address rem_address   st", 3000), None);
    }
}
