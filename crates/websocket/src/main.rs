//! `cargo run -p websocket`

fn main() -> std::process::ExitCode {
    stage::main(websocket::TECHNIQUE, websocket::routes)
}
