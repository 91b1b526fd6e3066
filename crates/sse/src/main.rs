//! `cargo run -p sse`

fn main() -> std::process::ExitCode {
    stage::main(sse::TECHNIQUE, sse::routes)
}
