//! `cargo run -p fallback`

fn main() -> std::process::ExitCode {
    stage::main(fallback::TECHNIQUE, fallback::routes)
}
