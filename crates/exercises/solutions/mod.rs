//! The solutions, for the tests. Read one when yours passes, or when you give up.

pub(crate) mod e1;
pub(crate) mod e2;
pub(crate) mod e3;
pub(crate) mod e4;
pub(crate) mod e5;
pub(crate) mod e6;
pub(crate) mod e7;
pub(crate) mod e8;
pub(crate) mod e9;
