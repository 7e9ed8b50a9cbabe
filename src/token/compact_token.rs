//! The compact form of keys and tokens: three parts with dots between.
//!
//! Parsing does not verify a token. The host must verify the signature over the
//! received text, with an algorithm and a key of its own choice, before it
//! trusts the payload.

use alloc::string::String;
use alloc::vec::Vec;
use core::fmt;

use base64ct::{Base64UrlUnpadded, Encoding};
use thiserror::Error;

use crate::util::limits;

/// The most bytes of a compact token. A longer one does not fit a header line.
const LONGEST: usize = limits::COMPACT_TOKEN_BYTES;

/// The header and the payload of a compact token, decoded and not verified.
///
/// The spelling of the signature is checked, then it is dropped, so that no
/// credential is kept here. The parts are JSON text for the host's own parser,
/// and for [`KeyPayload`] or [`TokenClaims`].
///
/// [`KeyPayload`]: crate::token::KeyPayload
/// [`TokenClaims`]: crate::token::TokenClaims
///
/// # Examples
///
/// ```
/// use portcullis::token::{CompactToken, CompactTokenError, TokenPart};
///
/// let token = CompactToken::parse("eyJhbGciOiJIUzI1NiJ9.eyJpYXQiOjF9.c2lnbmF0dXJl")?;
/// assert_eq!(token.payload(), r#"{"iat":1}"#);
///
/// let damaged = CompactToken::parse("eyJhbGciOiJN_w.eyJpYXQiOjF9.c2lnbmF0dXJl").unwrap_err();
/// assert_eq!(damaged, CompactTokenError::NotText { part: TokenPart::Header });
/// # Ok::<(), CompactTokenError>(())
/// ```
#[derive(Clone, Eq, PartialEq)]
pub struct CompactToken {
    header: String,
    payload: String,
}

/// A part of a compact token.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TokenPart {
    /// The first: how the token is signed, according to its sender.
    Header,
    /// The second: the claims.
    Payload,
    /// The third.
    Signature,
}

impl fmt::Display for TokenPart {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.pad(match self {
            Self::Header => "header",
            Self::Payload => "payload",
            Self::Signature => "signature",
        })
    }
}

/// Why a text is not a compact token. No message contains any of the text,
/// because it may be a credential.
#[derive(Clone, Copy, Debug, Eq, Error, PartialEq)]
#[non_exhaustive]
pub enum CompactTokenError {
    /// It is longer than any such token.
    #[error("a compact token has at most {LONGEST} bytes, and this has {length}")]
    TooLong {
        /// The bytes it has.
        length: usize,
    },
    /// It does not have three parts.
    #[error("a compact token has three parts with dots between, and this has {count}")]
    Parts {
        /// The parts it has.
        count: usize,
    },
    /// A part is empty. A token must have a signature.
    #[error("the {part} is empty; only signed tokens are accepted")]
    Empty {
        /// Which part.
        part: TokenPart,
    },
    /// A part is not base64url without padding, or not the canonical spelling
    /// of its bytes.
    #[error("the {part} is not base64url without padding")]
    NotBase64Url {
        /// Which part.
        part: TokenPart,
    },
    /// The bytes of a part are not UTF-8.
    #[error("the {part} is not UTF-8 text; the token is damaged, copy it again")]
    NotText {
        /// Which part.
        part: TokenPart,
    },
}

impl CompactToken {
    /// Parses a compact token.
    ///
    /// # Errors
    ///
    /// [`CompactTokenError`], for the first fault.
    pub fn parse(text: &str) -> Result<Self, CompactTokenError> {
        if text.len() > LONGEST {
            return Err(CompactTokenError::TooLong { length: text.len() });
        }
        let mut parts = text.split('.');
        let (Some(header), Some(payload), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(CompactTokenError::Parts {
                count: text.split('.').count(),
            });
        };
        let header = decode(header, TokenPart::Header)?;
        let payload = decode(payload, TokenPart::Payload)?;
        decode(signature, TokenPart::Signature)?;
        Ok(Self {
            header: readable(header, TokenPart::Header)?,
            payload: readable(payload, TokenPart::Payload)?,
        })
    }

    /// The header, as JSON text. It is the sender's own claim: an algorithm or
    /// a key that it names (`alg`, `kid`, `jku`) must not be followed.
    pub fn header(&self) -> &str {
        &self.header
    }

    /// The payload, as JSON text.
    pub fn payload(&self) -> &str {
        &self.payload
    }
}

impl fmt::Debug for CompactToken {
    /// Prints only the sizes, because payloads may name people.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (header, payload) = (self.header.len(), self.payload.len());
        formatter
            .debug_struct("CompactToken")
            .field("header", &header)
            .field("payload", &payload)
            .finish()
    }
}

fn readable(bytes: Vec<u8>, part: TokenPart) -> Result<String, CompactTokenError> {
    String::from_utf8(bytes).map_err(|_| CompactTokenError::NotText { part })
}

/// Decodes base64url without padding. Only the canonical spelling is accepted:
/// the spare bits of the last character are zero.
fn decode(text: &str, part: TokenPart) -> Result<Vec<u8>, CompactTokenError> {
    if text.is_empty() {
        return Err(CompactTokenError::Empty { part });
    }
    Base64UrlUnpadded::decode_vec(text).map_err(|_| CompactTokenError::NotBase64Url { part })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(text: &str) -> Option<Vec<u8>> {
        decode(text, TokenPart::Payload).ok()
    }

    #[test]
    fn the_vectors_of_the_standard() {
        // RFC 4648, section 10, without padding.
        for (text, plain) in [
            ("Zg", "f"),
            ("Zm8", "fo"),
            ("Zm9v", "foo"),
            ("Zm9vYg", "foob"),
            ("Zm9vYmE", "fooba"),
            ("Zm9vYmFy", "foobar"),
        ] {
            assert_eq!(bytes(text).as_deref(), Some(plain.as_bytes()));
        }
        assert_eq!(bytes("-_-_"), Some(Vec::from([0xfb, 0xff, 0xbf])));
    }

    #[test]
    fn only_the_canonical_spelling_is_read() {
        for wrong in [
            "Z", "Zm9vY", "Zh", "Zm9", "Zg==", "Zm 9", "Zm+v", "Zm/v", "Zm9v\n", "Zmäv", "Zm9=",
            "Zm9v=",
        ] {
            assert_eq!(bytes(wrong), None, "{wrong:?}");
        }
    }

    #[test]
    fn what_is_no_compact_token_is_a_typed_error() {
        let error = |text: &str| CompactToken::parse(text).unwrap_err();
        assert_eq!(error(""), CompactTokenError::Parts { count: 1 });
        assert_eq!(error("e30.e30"), CompactTokenError::Parts { count: 2 });
        assert_eq!(
            error("e30.e30.Zg.Zg"),
            CompactTokenError::Parts { count: 4 }
        );
        assert_eq!(
            error("e30.e30."),
            CompactTokenError::Empty {
                part: TokenPart::Signature
            }
        );
        assert_eq!(
            error(".e30.Zg"),
            CompactTokenError::Empty {
                part: TokenPart::Header
            }
        );
        assert_eq!(
            error("e30.e3 0.Zg"),
            CompactTokenError::NotBase64Url {
                part: TokenPart::Payload
            }
        );
        assert_eq!(
            error("e30.e30.Z!"),
            CompactTokenError::NotBase64Url {
                part: TokenPart::Signature
            }
        );
        assert_eq!(
            error("e30._w.Zg"),
            CompactTokenError::NotText {
                part: TokenPart::Payload
            }
        );
        assert_eq!(
            error(&"a".repeat(8_193)),
            CompactTokenError::TooLong { length: 8_193 }
        );
    }

    #[test]
    fn nothing_of_the_text_is_printed() {
        let token = CompactToken::parse("e30.eyJhIjoic2VjcmV0In0.Zm9v").unwrap();
        assert_eq!(
            std::format!("{token:?}"),
            "CompactToken { header: 2, payload: 14 }"
        );
    }
}
