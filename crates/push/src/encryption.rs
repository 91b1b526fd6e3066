//! Encrypts a message so that one browser alone can read it (RFC 8291): the push service,
//! which passes it on, cannot. It is one record of the content coding `aes128gcm` (RFC 8188).
//!
//! ```text
//! salt 16 │ record size 4 │ length 1 │ our public key 65 │ text, 02, tag 16
//!   └──────────────── in the clear ──────────────────┘     └─ encrypted ─┘
//! ```

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey},
    agreement::{
        ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral,
    },
    error::Unspecified,
    hkdf::{HKDF_SHA256, KeyType, Salt},
    rand::{SystemRandom, generate},
};

/// The longest text: a push service must take 4096 bytes (RFC 8030 §7.2), and the header
/// and the tag are some of them (RFC 8291 §4).
pub(crate) const TEXT_BYTES: usize = 3993;
/// A record may be this long. There is only one, and it ends earlier.
const RECORD_BYTES: u32 = 4096;
/// Stands behind the text of the last record; zeros could follow, to hide its length.
const LAST_RECORD: u8 = 2;

/// What a browser tells of itself when it subscribes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct ReceiverKeys {
    /// Its public key, on the curve P-256, uncompressed.
    pub(crate) p256dh: [u8; 65],
    /// A secret that the push service does not have.
    pub(crate) auth: [u8; 16],
}

/// Why a text can't be encrypted.
#[derive(Debug, thiserror::Error)]
pub(crate) enum NotEncrypted {
    #[error(
        "a sample of {0} bytes: a push message holds {TEXT_BYTES} (RFC 8291 §4)"
    )]
    TooLong(usize),
    #[error("p256dh is no point of the curve P-256")]
    NoPoint,
}

impl From<Unspecified> for NotEncrypted {
    fn from(_: Unspecified) -> Self {
        Self::NoPoint
    }
}

/// Encrypts `text` with a key and a salt that are drawn for it alone. With the same two, a
/// second message would have the same nonce: then both can be read, and others forged.
pub(crate) fn encrypt(
    text: &[u8],
    to: &ReceiverKeys,
) -> Result<Vec<u8>, NotEncrypted> {
    if text.len() > TEXT_BYTES {
        return Err(NotEncrypted::TooLong(text.len()));
    }
    let random = SystemRandom::new();
    let salt: [u8; 16] = generate(&random)?.expose();
    let own = EphemeralPrivateKey::generate(&ECDH_P256, &random)?;
    let own_public = own.compute_public_key()?;
    let theirs = UnparsedPublicKey::new(&ECDH_P256, to.p256dh);
    let sealed = agree_ephemeral(own, &theirs, |shared| {
        seal(text, to, &salt, own_public.as_ref(), shared)
    })?;
    Ok(sealed?)
}

/// The message, when the two keys have been agreed on a `shared` secret.
fn seal(
    text: &[u8],
    to: &ReceiverKeys,
    salt: &[u8; 16],
    own_public: &[u8],
    shared: &[u8],
) -> Result<Vec<u8>, Unspecified> {
    let both = [b"WebPush: info\0", &to.p256dh[..], own_public];
    let secret: [u8; 32] = derive(&to.auth, shared, &both)?;
    let key: [u8; 16] = derive(salt, &secret, &[b"Content-Encoding: aes128gcm\0"])?;
    let nonce: [u8; NONCE_LEN] =
        derive(salt, &secret, &[b"Content-Encoding: nonce\0"])?;
    let mut record = [text, &[LAST_RECORD]].concat();
    LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key)?)
        .seal_in_place_append_tag(
            Nonce::assume_unique_for_key(nonce),
            Aad::empty(),
            &mut record,
        )?;
    let length = [own_public.len().try_into().map_err(|_| Unspecified)?];
    Ok([salt, &RECORD_BYTES.to_be_bytes()[..], &length, own_public, &record]
        .concat())
}

/// HKDF (RFC 5869): `N` bytes that only one who knows the secret can derive.
fn derive<const N: usize>(
    salt: &[u8],
    secret: &[u8],
    info: &[&[u8]],
) -> Result<[u8; N], Unspecified> {
    struct Length(usize);
    impl KeyType for Length {
        fn len(&self) -> usize {
            self.0
        }
    }
    let mut derived = [0; N];
    let secret = Salt::new(HKDF_SHA256, salt).extract(secret);
    secret.expand(info, Length(N))?.fill(&mut derived)?;
    Ok(derived)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};

    use super::*;

    fn decoded<const N: usize>(text: &str) -> [u8; N] {
        BASE64.decode(text).unwrap().try_into().unwrap()
    }

    fn receiver() -> ReceiverKeys {
        ReceiverKeys {
            p256dh: decoded(
                "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyP\
                 js7Vd8pZGH6SRpkNtoIAiw4",
            ),
            auth: decoded("BTBZMqHH6r4Tts7J_aSIgg"),
        }
    }

    #[test]
    fn the_example_of_rfc_8291_section_5_byte_for_byte() {
        let own_public: [u8; 65] = decoded(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS\
             6TlzAC8wEqKK6PBru3jl7A8",
        );
        // `ecdh_secret` of its appendix A: ring has no way to be given the private key.
        let shared: [u8; 32] =
            decoded("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs");
        let body = seal(
            b"When I grow up, I want to be a watermelon",
            &receiver(),
            &decoded("DGv6ra1nlYgDCS1FRnbzlw"),
            &own_public,
            &shared,
        );
        assert_eq!(
            BASE64.encode(body.unwrap()),
            "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27ml\
             mlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPT\
             pK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
        );
    }

    #[test]
    fn no_two_messages_have_a_key_or_a_salt_in_common() {
        let [one, other] = [(); 2].map(|()| encrypt(b"first", &receiver()).unwrap());
        assert_ne!(one[..16], other[..16], "the salt");
        assert_ne!(one[21..86], other[21..86], "the key");
        assert_ne!(one[86..], other[86..], "the text");
    }

    #[test]
    fn the_longest_text_has_4096_bytes_and_a_longer_one_is_refused() {
        let body = encrypt(&[b'x'; TEXT_BYTES], &receiver()).unwrap();
        assert_eq!(body.len(), 4096);
        let error = encrypt(&[b'x'; TEXT_BYTES + 1], &receiver()).unwrap_err();
        assert!(error.to_string().contains("3994 bytes"), "{error}");
    }

    #[test]
    fn a_key_that_is_no_point_is_refused() {
        for p256dh in [[0; 65], [4; 65]] {
            let keys = ReceiverKeys { p256dh, ..receiver() };
            let error = encrypt(b"", &keys).unwrap_err();
            assert!(error.to_string().contains("no point"), "{error}");
        }
    }
}
