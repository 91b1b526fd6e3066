//! `cargo run -p http-stream`

fn main() -> std::process::ExitCode {
    stage::main(http_stream::TECHNIQUE, http_stream::routes)
}
