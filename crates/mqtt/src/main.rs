//! `cargo run -p mqtt`

fn main() -> std::process::ExitCode {
    stage::main(mqtt::TECHNIQUE, mqtt::routes)
}
