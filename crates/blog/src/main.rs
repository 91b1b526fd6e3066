//! `cargo run -p blog -- monolith`, `cargo run -p blog -- services`

fn main() -> std::process::ExitCode {
    blog::main()
}
