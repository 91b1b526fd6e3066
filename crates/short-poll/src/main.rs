//! `cargo run -p short-poll`

fn main() -> std::process::ExitCode {
    stage::main(short_poll::TECHNIQUE, short_poll::routes)
}
