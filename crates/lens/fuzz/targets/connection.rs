//! A whole connection.
#![no_main]

#[path = "../../tests/check/mod.rs"]
mod check;
mod input;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (sizes, bursts) = input::parse(data);
    check::check(&bursts, sizes);
});
