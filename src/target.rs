//! Request targets: a path, and the tenant that the query names.
//!
//! Of a query only one thing is read, the tenant parameter of the endpoint,
//! and everything that an upstream could take for one is refused: other
//! spellings, repetitions, wrapped or encoded names.

use alloc::boxed::Box;
use alloc::vec::Vec;

use crate::id::is_name_byte;
use crate::path::{Malformed, hex_pair};
use crate::tenant_parameter::TenantParameter;

/// The most bytes of a target.
const LONGEST_TARGET: usize = 8192;
/// The most bytes of a tenant's name.
const LONGEST_TENANT: usize = 64;
/// The tenant parameter of endpoints that name no other.
pub(crate) const DEFAULT_TENANT_PARAMETER: &str = "tenantid";
/// More than the longest skeleton that is reserved: a parameter's name has at
/// most 255 bytes, and an `s` may follow.
const LONGEST_SKELETON: usize = 257;

/// Splits a target at its first `?`; the query is `None` where there is none.
pub(crate) fn split(target: &[u8]) -> Result<(&[u8], Option<&[u8]>), Malformed> {
    if target.len() > LONGEST_TARGET {
        return Err(Malformed);
    }
    let Some(mark) = target.iter().position(|byte| *byte == b'?') else {
        return Ok((target, None));
    };
    let (path, query) = target.split_at_checked(mark).ok_or(Malformed)?;
    Ok((path, query.get(1..)))
}

/// Where the tenant of a request is named: what a query may say of it follows.
#[derive(Clone, Copy, Debug)]
pub(crate) enum TenantSource<'n> {
    /// In the query, by the parameter of this name.
    Query(&'n str),
    /// In the path, by the parameter of this name: no name in the query may
    /// name a tenant, and none may be taken for that parameter.
    Path(&'n str),
    /// In a header: no name in the query may name a tenant.
    Header,
    /// There is no endpoint that says.
    NoEndpoint,
}

impl<'n> From<&'n TenantParameter> for TenantSource<'n> {
    fn from(parameter: &'n TenantParameter) -> Self {
        match parameter {
            TenantParameter::Query(name) => Self::Query(name),
            TenantParameter::Path(name) => Self::Path(name),
            TenantParameter::Header(_) => Self::Header,
        }
    }
}

/// The names of query parameters that could name a tenant, in one policy.
///
/// What is reserved is a skeleton: a name with its wrapping and punctuation
/// taken off, so that every spelling of one name has the same skeleton.
#[derive(Debug)]
pub(crate) struct TenantParameters {
    skeletons: Box<[Box<[u8]>]>,
}

impl TenantParameters {
    /// Reserves these names, the default one, and the plural of each.
    pub(crate) fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut skeletons = Vec::new();
        for name in names.into_iter().chain([DEFAULT_TENANT_PARAMETER]) {
            let singular: Vec<u8> = name.bytes().filter(u8::is_ascii_alphanumeric).collect();
            let plural: Vec<u8> = singular.iter().copied().chain([b's']).collect();
            skeletons.push(singular.into_boxed_slice());
            skeletons.push(plural.into_boxed_slice());
        }
        skeletons.sort_unstable();
        skeletons.dedup();
        Self {
            skeletons: skeletons.into(),
        }
    }

    /// Reads the tenant that a query names, if it names one.
    pub(crate) fn tenant<'q>(
        &self,
        query: &'q [u8],
        source: TenantSource<'_>,
    ) -> Result<Option<&'q str>, Malformed> {
        let (parameter, of_path) = match source {
            TenantSource::Query(name) => (Some(name), None),
            TenantSource::NoEndpoint => (Some(DEFAULT_TENANT_PARAMETER), None),
            TenantSource::Path(name) => (None, Some(name)),
            TenantSource::Header => (None, None),
        };
        if !query.iter().all(|byte| is_query_byte(*byte)) {
            return Err(Malformed);
        }
        let mut tenant = None;
        for pair in query.split(|byte| *byte == b'&') {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let name = halves.next().unwrap_or_default();
            if parameter.is_some_and(|parameter| name == parameter.as_bytes()) {
                let value = tenant_name(halves.next().unwrap_or_default())?;
                if tenant.replace(value).is_some() {
                    return Err(Malformed);
                }
            } else {
                self.check_other(name, of_path)?;
            }
        }
        Ok(tenant)
    }

    /// Refuses a name that an upstream could take for a tenant parameter or
    /// for an override of the method.
    fn check_other(&self, name: &[u8], of_path: Option<&str>) -> Result<(), Malformed> {
        let mut skeleton = Skeleton::new();
        let mut folded = Folded::new();
        decode_fully(name, |byte| {
            skeleton.push(byte);
            folded.push(byte);
        })?;
        let reserved = self.skeletons.iter().any(|reserved| skeleton.is(reserved));
        let is_of_path = of_path.is_some_and(|name| skeleton.is_of(name));
        if reserved || is_of_path || folded.is(b"_method") {
            Err(Malformed)
        } else {
            Ok(())
        }
    }
}

/// Whether a byte may stand in a query: printable ASCII without those that
/// some upstream takes for a separator, an end or a quotation.
const fn is_query_byte(byte: u8) -> bool {
    byte.is_ascii_graphic()
        && !matches!(
            byte,
            b'"' | b'<' | b'>' | b'\\' | b'^' | b'{' | b'|' | b'}' | b'#' | b';' | b'`'
        )
}

fn tenant_name(value: &[u8]) -> Result<&str, Malformed> {
    if value.is_empty() || value.len() > LONGEST_TENANT || !value.iter().copied().all(is_name_byte)
    {
        return Err(Malformed);
    }
    core::str::from_utf8(value).map_err(|_| Malformed)
}

/// The letters and digits of a name up to its first `[`, in lower case.
struct Skeleton {
    bytes: [u8; LONGEST_SKELETON],
    length: usize,
    cut: bool,
}

impl Skeleton {
    const fn new() -> Self {
        Self {
            bytes: [0; LONGEST_SKELETON],
            length: 0,
            cut: false,
        }
    }

    fn push(&mut self, byte: u8) {
        self.cut |= byte == b'[';
        if self.cut || !byte.is_ascii_alphanumeric() {
            return;
        }
        // One too long to be reserved only has to stay too long.
        if let Some(free) = self.bytes.get_mut(self.length) {
            *free = byte.to_ascii_lowercase();
        }
        self.length = self.length.saturating_add(1);
    }

    fn is(&self, reserved: &[u8]) -> bool {
        self.bytes.get(..self.length) == Some(reserved)
    }

    /// Whether it is the skeleton of a name.
    fn is_of(&self, name: &str) -> bool {
        let kept = name.bytes().filter(u8::is_ascii_alphanumeric);
        let kept = kept.map(|byte| byte.to_ascii_lowercase());
        let own = self.bytes.get(..self.length);
        own.is_some_and(|own| own.iter().copied().eq(kept))
    }
}

/// A name in lower case without blanks at its ends, as far as its first bytes
/// tell it from short names.
struct Folded {
    bytes: [u8; 8],
    length: usize,
    blanks: usize,
}

impl Folded {
    const fn new() -> Self {
        Self {
            bytes: [0; 8],
            length: 0,
            blanks: 0,
        }
    }

    fn push(&mut self, byte: u8) {
        let blank = byte <= b' ' || byte == 0x7f || byte == b'+';
        if blank {
            self.blanks = self.blanks.saturating_add(usize::from(self.length > 0));
            return;
        }
        // Blanks inside the name count; blanks at its end never get here.
        self.length = self
            .length
            .saturating_add(core::mem::take(&mut self.blanks));
        if let Some(free) = self.bytes.get_mut(self.length) {
            *free = byte.to_ascii_lowercase();
        }
        self.length = self.length.saturating_add(1);
    }

    fn is(&self, short: &[u8]) -> bool {
        self.bytes.get(..self.length) == Some(short)
    }
}

/// The most bytes that can wait in [`decode_fully`]: each `%` that waits was
/// made by one round of decoding less than the one before it, which bounds
/// them by the square root of the target's size.
const MOST_PENDING: usize = 256;

/// Decodes `%HH` again and again until no `%` is left, and hands out the
/// bytes. A `%` without two digits, in any round, is malformed.
///
/// The rounds are not run one after the other, which would be quadratic:
/// every byte carries the number of the round that made it, and a sequence is
/// decoded as soon as it is complete, if all of it existed in one round.
fn decode_fully(name: &[u8], mut emit: impl FnMut(u8)) -> Result<(), Malformed> {
    let mut pending = [(0_u8, 0_u16); MOST_PENDING];
    let mut length = 0;
    for byte in name {
        let mut next = (*byte, 0_u16);
        loop {
            let waiting = match pending.get(..length).ok_or(Malformed)? {
                [.., (b'%', round)] => Some((*round, None)),
                [.., (b'%', round), (high, _)] => Some((*round, Some(*high))),
                _ => None,
            };
            match waiting {
                None if next.0 != b'%' => {
                    emit(next.0);
                    break;
                }
                // What this round must find as a digit is made in a later one.
                Some((round, _)) if next.1 > round || (next.0 == b'%' && next.1 == round) => {
                    return Err(Malformed);
                }
                Some((round, Some(high))) if next.0 != b'%' => {
                    next = (
                        hex_pair(high, next.0).ok_or(Malformed)?,
                        round.saturating_add(1),
                    );
                    length -= 2;
                }
                _ => {
                    *pending.get_mut(length).ok_or(Malformed)? = next;
                    length += 1;
                    break;
                }
            }
        }
    }
    if length == 0 { Ok(()) } else { Err(Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;

    fn parameters() -> TenantParameters {
        TenantParameters::new(["cust_id"])
    }

    fn tenant(query: &str) -> Result<Option<&str>, Malformed> {
        parameters().tenant(query.as_bytes(), TenantSource::Query("tenantid"))
    }

    /// Round after round, as the rule is written.
    fn decode_in_rounds(name: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut text = name.to_vec();
        while text.contains(&b'%') {
            let mut next = Vec::new();
            let mut rest = &text[..];
            while let Some((byte, behind)) = rest.split_first() {
                if *byte == b'%' {
                    let [high, low, behind @ ..] = behind else {
                        return Err(Malformed);
                    };
                    next.push(hex_pair(*high, *low).ok_or(Malformed)?);
                    rest = behind;
                } else {
                    next.push(*byte);
                    rest = behind;
                }
            }
            text = next;
        }
        Ok(text)
    }

    fn decoded(name: &[u8]) -> Result<Vec<u8>, Malformed> {
        let mut out = Vec::new();
        decode_fully(name, |byte| out.push(byte)).map(|()| out)
    }

    #[test]
    fn decoding_in_one_pass_is_decoding_in_rounds() {
        // Every text of up to seven of the bytes that matter.
        let alphabet = b"%25341x";
        let mut texts: Vec<Vec<u8>> = alloc::vec![Vec::new()];
        for _ in 0..7 {
            let longer: Vec<Vec<u8>> = texts
                .iter()
                .flat_map(|text| alphabet.iter().map(|byte| [&text[..], &[*byte]].concat()))
                .collect();
            for text in &longer {
                assert_eq!(
                    decoded(text),
                    decode_in_rounds(text),
                    "{}",
                    String::from_utf8_lossy(text)
                );
            }
            texts = longer;
        }
        for text in [
            "%25%32%35%34%31",
            "%25%25%34%31%34",
            "%252525252541b",
            "%2%35",
            "%%34%31",
        ] {
            assert_eq!(
                decoded(text.as_bytes()),
                decode_in_rounds(text.as_bytes()),
                "{text}"
            );
        }
    }

    #[test]
    fn the_deepest_encoding_that_fits_is_decoded() {
        let mut text = String::from("%");
        text.push_str(&"25".repeat(4000));
        text.push_str("41");
        assert_eq!(decoded(text.as_bytes()), Ok(b"A".to_vec()));
    }

    #[test]
    fn the_tenant_is_read_where_it_is_spelled_exactly() {
        assert_eq!(
            tenant("tenantid=alpha&limit=10&sort=score"),
            Ok(Some("alpha"))
        );
        assert_eq!(
            tenant("limit=10&tenantid=817418af76d44358922636e34be9627c"),
            Ok(Some("817418af76d44358922636e34be9627c"))
        );
        assert_eq!(tenant(""), Ok(None));
        assert_eq!(tenant("&&=&limit"), Ok(None));
        assert_eq!(tenant("NOT~tenantid=alpha&FROM~created_at=1"), Ok(None));
        assert_eq!(
            parameters().tenant(b"cust_id=alpha", TenantSource::Query("cust_id")),
            Ok(Some("alpha"))
        );
    }

    #[test]
    fn everything_that_could_be_taken_for_a_tenant_is_refused() {
        let wrong = [
            "tenantid",
            "tenantid=",
            "tenantid=a&tenantid=a",
            "tenantid=a&tenantid=b",
            "tenantid=a/b",
            "tenantid=%61",
            "TenantId=a",
            "tenant_id=a",
            "tenant-id=a",
            "tenantid[]=a",
            "tenantid[0]=a",
            "tenantid[",
            "%74enantid=a",
            "%2574enantid=a",
            "tenantid%5B%5D=a",
            "tenantid%00=a",
            "+tenantid=a",
            "tenantid+=a",
            "tenant.id=a",
            "tenantids=a",
            "cust_id=a",
            "custid=a",
            "cust_ids=a",
            "CUST_ID=a",
            "%=a",
            "a%=b",
            "a%4=b",
            "a%zz=b",
            "_method=DELETE",
            "_METHOD=x",
            "%5Fmethod=x",
            "+_method+=x",
            "%20_method%09=x",
            "a=b;tenantid=c",
            "a=b#c",
            "a=b c",
            "a=\"",
            "a=ü",
            "a=\u{7f}",
            "a={",
            "a=|",
            "a=\\",
            "a=^",
            "a=`",
            "a=<",
        ];
        for query in wrong {
            assert_eq!(tenant(query), Err(Malformed), "{query}");
        }
        let long = ["tenantid=", &"a".repeat(65)].concat();
        assert_eq!(tenant(&long), Err(Malformed));
        assert!(tenant(&long[..long.len() - 1]).is_ok());
    }

    #[test]
    fn names_that_only_resemble_are_not_refused() {
        for query in [
            "tenantidx=a",
            "atenantid=a",
            "_methods=a",
            "a_method=a",
            "_met+hod=a",
            "method=a",
            "%41b=a",
            "tenants=a",
        ] {
            assert_eq!(tenant(query), Ok(None), "{query}");
        }
    }

    #[test]
    fn the_first_question_mark_ends_the_path() {
        assert_eq!(split(b"/a?b?c"), Ok((&b"/a"[..], Some(&b"b?c"[..]))));
        assert_eq!(split(b"/a?"), Ok((&b"/a"[..], Some(&b""[..]))));
        assert_eq!(split(b"/a"), Ok((&b"/a"[..], None)));
        assert!(split(&[b'a'; 8192]).is_ok());
        assert_eq!(split(&[b'a'; 8193]), Err(Malformed));
    }
}
