//! The lens: a TCP proxy that shows every byte, and misbehaves on request.

pub mod account;
pub mod decode;
pub mod label;

pub use crate::{
    account::Account,
    decode::{Decoded, Decoder, Direction, Happening, Piece},
    label::{Class, Label},
};
