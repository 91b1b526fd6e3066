//! `cargo run -p gallery`

use gallery::{Clients, Flags, Presenter, TECHNIQUE, routes};

fn main() -> std::process::ExitCode {
    stage::main(TECHNIQUE, |feed, flags: Flags| {
        let presenter = Presenter::new(flags.presenter_key.clone());
        stage::print_line(&presenter.invitation());
        routes(&feed, &flags, presenter, Clients::default())
    })
}
