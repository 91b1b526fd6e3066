//! `cargo run -p webrtc`

fn main() -> std::process::ExitCode {
    stage::main(webrtc::TECHNIQUE, webrtc::routes)
}
