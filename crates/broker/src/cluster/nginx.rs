//! The configuration of the proxy that spreads requests over the servers.

use std::{fmt::Write as _, net::SocketAddr, path::Path};

use super::options::Options;

/// The techniques, their endpoints, in the order of their ports.
const TECHNIQUES: [stage::Technique; 5] = [
    short_poll::TECHNIQUE,
    long_poll::TECHNIQUE,
    http_stream::TECHNIQUE,
    sse::TECHNIQUE,
    websocket::TECHNIQUE,
];

/// What is the same for all techniques. One process, so that `kill -9` ends all of it.
const COMMON: &str = "daemon off; master_process off;
error_log stderr crit;
events { worker_connections 20000; }
http {
  access_log off;
  map $http_upgrade $connection_field { default upgrade; '' ''; }
  proxy_http_version 1.1;
  proxy_set_header Upgrade $http_upgrade;
  proxy_set_header Connection $connection_field;
  proxy_set_header Host $http_host;
  proxy_buffering off;
  proxy_connect_timeout 1s;
  proxy_read_timeout 75s;
";

/// The file, which names no other: `folder` is for what nginx keeps for itself.
///
/// Requests go to the servers in turn, and to the next one when a server is not there. A
/// browser learns in a cookie which server has responded: pages read no header of an
/// `EventSource` or a WebSocket.
pub(super) fn configuration(folder: &Path, options: &Options) -> String {
    let folder = folder.display();
    let mut text = format!("pid {folder}/pid;\n{COMMON}");
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        let _ = writeln!(text, "  {kind}_temp_path {folder}/{kind};");
    }
    // The last address is that of the server which has responded; before it are those that
    // were not there.
    text += "  map $upstream_addr $server_number {\n";
    for number in 1..=options.servers {
        for port in options.ports.server(number) {
            let _ = writeln!(text, "    ~:{port}$ {number};");
        }
    }
    text += "  }\n";
    for (place, technique) in TECHNIQUES.iter().enumerate() {
        let name = technique.name;
        let _ = writeln!(text, "  upstream {name} {{");
        for number in 1..=options.servers {
            let port = options.ports.server(number)[place];
            // As it comes, one failure takes a server out for 10 s. When that happens to
            // all, each request is a 502, and that ends an EventSource for good.
            let _ = writeln!(text, "    server 127.0.0.1:{port} max_fails=0;");
        }
        let at = SocketAddr::new(options.host, options.ports.techniques[place]);
        let _ = writeln!(text, "  }}\n  server {{\n    listen {at};");
        let _ = writeln!(text, "    location / {{ proxy_pass http://{name}; }}");
        // The first one has the samples.
        for endpoint in technique.endpoints.iter().take(1) {
            let _ = writeln!(
                text,
                "    location = {endpoint} {{\n      proxy_pass http://{name};\n      \
                 add_header Set-Cookie \"server-{name}=$server_number; Path=/; \
                 SameSite=Strict\" always;\n    }}"
            );
        }
        text += "  }\n";
    }
    text + "}\n"
}
