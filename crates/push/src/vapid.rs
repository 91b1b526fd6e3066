//! VAPID (RFC 8292): a signed token says which server sends a message. A push service
//! lets only the server whose key the page gave to `subscribe` send to that page. The token
//! signs the sender and the time; it does not sign the message.

use std::{borrow::Cow, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use ring::{
    error::{KeyRejected, Unspecified},
    rand::SystemRandom,
    signature::{
        ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair,
        KeyPair, UnparsedPublicKey,
    },
};
use serde::{Deserialize, Serialize};

/// How long a token is good: it may be 24 hours (RFC 8292 §2), but a token that was stolen
/// can be used as well, so no longer than for clocks that differ.
const TOKEN_TTL: Duration = Duration::from_secs(60 * 60);
/// How long a token of another server may be good (RFC 8292 §2).
const TOKEN_TTL_LIMIT: Duration = Duration::from_secs(24 * 60 * 60);
/// The address that a push service writes to when something is wrong. Put yours here.
const CONTACT: &str = "mailto:workshop@example.com";
/// `{"typ":"JWT","alg":"ES256"}`
const HEADER: &str = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9";

/// The key of this server.
#[derive(Debug)]
pub(crate) struct ServerKey(EcdsaKeyPair);

/// What a token says.
#[derive(Debug, Serialize, Deserialize)]
struct Claims<'a> {
    /// The origin of the push service.
    aud: Cow<'a, str>,
    /// When it ends, in Unix seconds.
    exp: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    sub: Option<Cow<'a, str>>,
}

/// Why a token is refused: a 401 without one, otherwise a 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum BadToken {
    #[error("expected Authorization: vapid t=…, k=…")]
    Missing,
    #[error("signed by another key than that of the subscription")]
    OtherKey,
    #[error("the token is for another push service, or has no right end")]
    OtherClaims,
    #[error("the signature is not that of the key")]
    Forged,
}

/// Nothing can be drawn or signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the system gives no random numbers")]
pub struct NoRandom;

impl From<Unspecified> for NoRandom {
    fn from(_: Unspecified) -> Self {
        Self
    }
}

impl ServerKey {
    /// Draws a key, as it is kept in a file.
    pub(crate) fn draw() -> Result<Vec<u8>, NoRandom> {
        let random = SystemRandom::new();
        let key =
            EcdsaKeyPair::generate_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &random)?;
        Ok(key.as_ref().to_vec())
    }

    /// The key that such a file has.
    pub(crate) fn parse(pkcs8: &[u8]) -> Result<Self, KeyRejected> {
        let random = SystemRandom::new();
        EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, pkcs8, &random)
            .map(Self)
    }

    /// The public key, as `pushManager.subscribe` takes it.
    pub(crate) fn public(&self) -> String {
        BASE64.encode(self.0.public_key())
    }

    /// The field `Authorization`, for the push service of this origin.
    pub(crate) fn authorization(&self, service: &str) -> Result<String, NoRandom> {
        let claims = Claims {
            aud: service.into(),
            exp: feed::unix_millis() / 1000 + TOKEN_TTL.as_secs(),
            sub: Some(CONTACT.into()),
        };
        let signed = to_be_signed(&claims);
        let signature = self.0.sign(&SystemRandom::new(), signed.as_bytes())?;
        Ok(field(&signed, signature.as_ref(), &self.public()))
    }
}

fn to_be_signed(claims: &Claims<'_>) -> String {
    // Text and a number: there is nothing that JSON can't say.
    let claims = serde_json::to_vec(claims).unwrap_or_default();
    format!("{HEADER}.{}", BASE64.encode(claims))
}

fn field(signed: &str, signature: &[u8], public: &str) -> String {
    format!("vapid t={signed}.{}, k={public}", BASE64.encode(signature))
}

/// What a push service checks of a field `Authorization`: that its token was signed by this
/// `key`, for this `service`, and is good `now`.
pub(crate) fn verify(
    field: &str,
    key: &str,
    service: &str,
    now: u64,
) -> Result<(), BadToken> {
    // The name of a scheme has no case (RFC 9110 §11.1).
    let (scheme, parameters) = field.split_once(' ').ok_or(BadToken::Missing)?;
    if !scheme.eq_ignore_ascii_case("vapid") {
        return Err(BadToken::Missing);
    }
    let find = |name| {
        let mut all = parameters.split(',').map(str::trim);
        all.find_map(|parameter| parameter.strip_prefix(name))
    };
    let (token, public) = find("t=").zip(find("k=")).ok_or(BadToken::Missing)?;
    if public != key {
        return Err(BadToken::OtherKey);
    }
    let decode = |text| BASE64.decode(text).map_err(|_| BadToken::Forged);
    let (signed, signature) = token.rsplit_once('.').ok_or(BadToken::Missing)?;
    UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, decode(public)?)
        .verify(signed.as_bytes(), &decode(signature)?)
        .map_err(|_| BadToken::Forged)?;
    let claims = signed.rsplit_once('.').map_or("", |(_, claims)| claims);
    let claims = decode(claims)?;
    let claims: Claims<'_> =
        serde_json::from_slice(&claims).map_err(|_| BadToken::OtherClaims)?;
    let right_end =
        now < claims.exp && claims.exp <= now + TOKEN_TTL_LIMIT.as_secs();
    if claims.aud == service && right_end {
        Ok(())
    } else {
        Err(BadToken::OtherClaims)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 8292 §2.4, without the line breaks.
    const EXAMPLE: &str = "vapid \
        t=eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXB\
        sZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tI\
        n0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW\
        2L9OkSSHzvoD1oA, \
        k=BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9\
        ojSwk5Y2EmClBPs";
    const EXAMPLE_KEY: &str = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9\
        ojSwk5Y2EmClBPs";
    const EXAMPLE_SERVICE: &str = "https://push.example.net";
    const EXAMPLE_END: u64 = 1_453_523_768;

    #[test]
    fn the_example_of_rfc_8292_section_2_4_byte_for_byte() {
        // A signature has a random part: the example's own is put in.
        let (_, rest) = EXAMPLE.split_once("i3CYb7").unwrap();
        let signature = format!("i3CYb7{}", rest.split_once(',').unwrap().0);
        let claims = Claims {
            aud: EXAMPLE_SERVICE.into(),
            exp: EXAMPLE_END,
            sub: Some("mailto:push@example.com".into()),
        };
        let signature = BASE64.decode(signature).unwrap();
        let ours = field(&to_be_signed(&claims), &signature, EXAMPLE_KEY);
        assert_eq!(ours, EXAMPLE);
    }

    #[test]
    fn the_example_of_the_rfc_is_good_until_its_end_and_for_its_service() {
        let check =
            |key: &str, service: &str, now| verify(EXAMPLE, key, service, now);
        let now = EXAMPLE_END - 60;
        assert_eq!(check(EXAMPLE_KEY, EXAMPLE_SERVICE, now), Ok(()));
        for (key, service, now, refused) in [
            (EXAMPLE_KEY, EXAMPLE_SERVICE, EXAMPLE_END, BadToken::OtherClaims),
            (
                EXAMPLE_KEY,
                EXAMPLE_SERVICE,
                EXAMPLE_END - 90_000,
                BadToken::OtherClaims,
            ),
            (EXAMPLE_KEY, "https://push.example.org", now, BadToken::OtherClaims),
            ("BA1H", EXAMPLE_SERVICE, now, BadToken::OtherKey),
        ] {
            assert_eq!(
                check(key, service, now),
                Err(refused),
                "{key} {service} {now}"
            );
        }
    }

    #[test]
    fn our_tokens_are_good_and_one_that_was_changed_is_not() {
        let key = ServerKey::parse(&ServerKey::draw().unwrap()).unwrap();
        let service = "http://127.0.0.1:3009";
        let ours = key.authorization(service).unwrap();
        let now = feed::unix_millis() / 1000;
        assert_eq!(verify(&ours, &key.public(), service, now), Ok(()));
        let upper = ours.replacen("vapid", "VAPID", 1);
        assert_eq!(verify(&upper, &key.public(), service, now), Ok(()));
        let forged = ours.replacen("eyJhdWQi", "eyJhdWQj", 1);
        assert_eq!(
            verify(&forged, &key.public(), service, now),
            Err(BadToken::Forged)
        );
        for text in ["", "vapid", "vapid t=1", "vapid k=1", "Bearer x"] {
            assert_eq!(
                verify(text, &key.public(), service, now),
                Err(BadToken::Missing)
            );
        }
    }
}
