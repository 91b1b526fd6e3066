//! `cargo run -p webtransport`

fn main() -> std::process::ExitCode {
    stage::main_with_udp(webtransport::TECHNIQUE, webtransport::listen)
}
