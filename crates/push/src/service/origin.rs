//! The value of `--push-service`: where browsers reach our push service.

use std::{ops::Deref, str::FromStr};

use stage::InvalidValue;
use url::Url;

/// The origin at which browsers reach this service: `http://127.0.0.1:4009`.
#[derive(Debug, Clone)]
pub struct Origin(String);

impl Deref for Origin {
    type Target = str;

    fn deref(&self) -> &str {
        &self.0
    }
}

impl FromStr for Origin {
    type Err = InvalidValue;

    fn from_str(text: &str) -> Result<Self, InvalidValue> {
        let expected = "an origin such as http://127.0.0.1:4009";
        let url = Url::parse(text).map_err(|_| InvalidValue { expected })?;
        let origin = url.origin().ascii_serialization();
        match url.scheme() {
            "http" | "https" if text.trim_end_matches('/') == origin => {
                Ok(Self(origin))
            }
            _ => Err(InvalidValue { expected }),
        }
    }
}
