//! `cargo run -p push`

fn main() -> std::process::ExitCode {
    stage::main(push::TECHNIQUE, push::routes)
}
