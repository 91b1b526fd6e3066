//! `scripts/behind`, as the tests of the notes and the cards run it, too.

pub(crate) use testkit::{BEHIND, Behind};
