//! A whole connection.
#![no_main]

#[path = "../../tests/check/mod.rs"]
mod check;
mod input;

use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let (sizes, rest) = input::sizes(data);
    let mut bursts = check::Bursts::new();
    input::bursts(&mut bursts, rest);
    check::check(&bursts, sizes);
});
