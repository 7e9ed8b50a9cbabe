//! The credential of a request, as it is read from its headers.

use headers::HeaderMapExt as _;
use headers::authorization::{Authorization, Basic, Bearer};
use http::HeaderMap;
use http::header::AUTHORIZATION;

/// What the `Authorization` header of a request presents. Nothing is verified
/// yet.
#[derive(Clone, Eq, PartialEq)]
pub enum Presented {
    /// No credential: no such header, several, or one that cannot be read.
    /// Where there are several, another part of the system might read another
    /// one than this.
    Nothing,
    /// `Basic`: a user, by id or e-mail address, and the secret of a key.
    Basic {
        /// What stands before the first colon.
        user: String,
        /// What stands behind it.
        secret: String,
    },
    /// `Bearer`: an access token, or the secret of a key.
    Bearer(String),
}

impl Presented {
    /// Reads the headers of a request.
    ///
    /// ```
    /// use http::{HeaderMap, HeaderValue};
    /// use portcullis_host::Presented;
    ///
    /// let mut headers = HeaderMap::new();
    /// headers.insert("authorization", HeaderValue::from_static("Bearer abc"));
    /// assert_eq!(Presented::read(&headers), Presented::Bearer("abc".to_owned()));
    ///
    /// headers.append("authorization", HeaderValue::from_static("Bearer def"));
    /// assert_eq!(Presented::read(&headers), Presented::Nothing);
    /// ```
    pub fn read(headers: &HeaderMap) -> Self {
        if headers.get_all(AUTHORIZATION).iter().count() != 1 {
            return Self::Nothing;
        }
        if let Some(Authorization(basic)) = headers.typed_get::<Authorization<Basic>>() {
            return Self::Basic {
                user: basic.username().to_owned(),
                secret: basic.password().to_owned(),
            };
        }
        match headers.typed_get::<Authorization<Bearer>>() {
            Some(Authorization(bearer)) => Self::Bearer(bearer.token().to_owned()),
            None => Self::Nothing,
        }
    }
}

impl std::fmt::Debug for Presented {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Basic { .. } => "Basic(…)",
            Self::Bearer(_) => "Bearer(…)",
        })
    }
}
