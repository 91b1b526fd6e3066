//! All five on one feed: see the library.

fn main() -> std::process::ExitCode {
    workshop::main()
}
