//! `cargo run -p long-poll`

fn main() -> std::process::ExitCode {
    stage::main(long_poll::TECHNIQUE, long_poll::routes)
}
