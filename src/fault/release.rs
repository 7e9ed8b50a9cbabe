//! Faults of releases and their restricted tables.

use alloc::boxed::Box;

use crate::method::Method;
use crate::release::{ParseReleaseError, Release};

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the releases of a policy.
    ReleaseFault

    no_releases = NoReleases
        says "a policy has at least one release; add one"
        means "the policy has no release"
        why "no deployment could use it"
        fix "add a release"
    invalid_release = InvalidRelease { text: Box<str>, reason: ParseReleaseError }
        says "`{text}` is no release: {reason}"
        means "a release is not spelled as one"
        why "releases are compared as they are written, without a nearest match"
        fix "write two to four numbers with dots between, then the letters of the train, and put `2025.11` in quotes"
    equal_releases = EqualReleases { release: Release, other: Release }
        says "`{release}` is the same release as `{other}`, because zeros in front and missing numbers do not count; keep one of them"
        means "two releases differ only in zeros in front or in missing numbers, which count as 0"
        why "nobody could say which of the two is the later one"
        fix "keep one of them, in the spelling that hosts pass"
    no_techniques = NoTechniques
        says "a release takes at least one technique; write `basic`, `token` or both"
        means "a release with an empty list of techniques"
        why "nothing but the token exchange could be called"
        fix "write `basic`, `token` or both"
    restricted_missing = RestrictedMissing { access: &'static str }
        says "a release with `access: {access}` needs the field `restricted`; add it, `[]` if nothing is restricted"
        means "a release with scoped keys has no restricted table"
        why "an empty table must be meant, not forgotten"
        fix "add `restricted`, `[]` if nothing is restricted"
    restricted_refused = RestrictedRefused
        says "with `access: super_root_only` everything is restricted already; remove `restricted`"
        means "a release without scoped keys has a restricted table"
        why "everything is restricted there already; a table would look like a limit"
        fix "remove the field"
    unknown_endpoint = UnknownEndpoint { template: Box<str> }
        says "`{template}` is no template of the catalogue; a row names an endpoint as it is listed"
        means "a row names a template that the catalogue does not have"
        why "a misspelled row would protect nothing"
        fix "spell the row as the endpoint is listed, or list the endpoint"
    other_spelling = OtherSpelling { template: Box<str>, catalogue: Box<str> }
        says "`{template}` is spelled `{catalogue}` in the catalogue; spell it the same"
        means "a row names its parameters otherwise than the catalogue"
        why "a row and its endpoint must be found by searching for one text"
        fix "spell the row as the endpoint is listed"
    repeated_row = RepeatedRow { template: Box<str> }
        says "`{template}` is named already in this list; keep one"
        means "a list names a template twice, alternations counted out"
        why "one of the two was meant to be something else"
        fix "keep one, or correct the other"
    public_restricted = PublicRestricted { template: Box<str>, method: Method }
        says "`{template}` has the public method {method} and cannot be restricted; remove the row, or name a privilege for {method}"
        means "a row names an endpoint with a public method"
        why "a method that asks for no credential cannot be limited to root users with Super Admin"
        fix "remove the row, or name a privilege in place of `public`"
    mixed_overlap = MixedOverlap { template: Box<str>, other: Box<str> }
        says "`{template}` is restricted and overlaps `{other}`, which is not; restrict both or neither"
        means "a restricted template and one that is not match the same path"
        why "which rule applies would depend on the reader"
        fix "restrict both or neither"
    unrestricted_beneath = UnrestrictedBeneath { template: Box<str>, restricted: Box<str> }
        says "`{template}` is not restricted and lies beneath `{restricted}`, which is; restrict it too, or name it in `open_beneath`"
        means "an endpoint beneath a restricted one is not restricted"
        why "a row covers its endpoint alone, and what lies beneath is easily believed to be covered"
        fix "restrict it as well, or name it in `open_beneath` on purpose"
    open_and_restricted = OpenAndRestricted { template: Box<str> }
        says "`{template}` is restricted in this release; remove it here or there"
        means "`open_beneath` names an endpoint that is restricted"
        why "it cannot be both"
        fix "remove it from one of the two lists"
    not_beneath = NotBeneath { template: Box<str> }
        says "`{template}` is beneath no restricted endpoint; remove it"
        means "`open_beneath` names an endpoint that is beneath no restricted one"
        why "the list is for exceptions, and this is none"
        fix "remove it"
    too_many_rows = TooManyRows { most: usize }
        says "the tables of all releases together take more than {most} steps to check; take out what is not needed"
        means "the tables of all releases are too large to be checked"
        why "loading must end within bounds, whatever the document says"
        fix "take out what is not needed"
}
