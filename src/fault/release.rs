//! Faults of releases and their restricted tables.

use alloc::boxed::Box;

use crate::method::Method;
use crate::release::{ParseReleaseError, Release};

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the releases of a policy.
    ReleaseFault

    no_releases = NoReleases
        says "a policy needs at least one release; add one"
        means "the policy has no release"
        why "no deployment could use it"
        fix "add a release"
    invalid_release = InvalidRelease { text: Box<str>, reason: ParseReleaseError }
        says "`{text}` is not a release: {reason}"
        means "a release is not spelled as one"
        why "releases are compared exactly; there is no nearest match"
        fix "write two to four numbers with dots between, then the letters of the train, and put `2025.11` in quotes"
    equal_releases = EqualReleases { release: Release, other: Release }
        says "`{release}` is the same release as `{other}`, because leading zeros and missing numbers do not count; keep one of them"
        means "two releases differ only in leading zeros, or in missing numbers, which count as 0"
        why "it would not be clear which of the two is later"
        fix "keep one of them, in the spelling that hosts pass"
    no_techniques = NoTechniques
        says "a release needs at least one technique; write `basic`, `token` or both"
        means "a release with an empty list of techniques"
        why "nothing but the token exchange could be called"
        fix "write `basic`, `token` or both"
    restricted_missing = RestrictedMissing { access: &'static str }
        says "a release with `access: {access}` needs the field `restricted`; add it, or write `restricted: []` if nothing is restricted"
        means "a release with scoped keys has no restricted table"
        why "an empty table must be written on purpose, not forgotten"
        fix "add `restricted`, or write `restricted: []` if nothing is restricted"
    restricted_refused = RestrictedRefused
        says "with `access: super_root_only` everything is restricted already; remove `restricted`"
        means "a release without scoped keys has a restricted table"
        why "everything is restricted there already; a table would look like a limit"
        fix "remove the field"
    unknown_endpoint = UnknownEndpoint { template: Box<str> }
        says "`{template}` is not an endpoint of the catalogue; copy its path from `endpoints`"
        means "a row or an invariant names a template that the catalogue does not have"
        why "a misspelled row would protect nothing"
        fix "copy the path from `endpoints`, or list the endpoint there"
    other_spelling = OtherSpelling { template: Box<str>, catalogue: Box<str> }
        says "`{template}` is spelled `{catalogue}` in the catalogue; use the same spelling"
        means "a row or an invariant has other parameter names than the catalogue"
        why "one search must find both a row and its endpoint"
        fix "copy the path from `endpoints`"
    repeated_row = RepeatedRow { template: Box<str> }
        says "`{template}` is in this list already; keep one"
        means "a template is in a list twice after expanding alternations"
        why "one of the two was probably meant to be something else"
        fix "keep one, or correct the other"
    public_restricted = PublicRestricted { template: Box<str>, method: Method }
        says "`{template}` has the public method {method} and cannot be restricted; remove the row, or name a privilege for {method}"
        means "a row names an endpoint with a public method"
        why "a method that needs no credential cannot be limited to root users with Super Admin"
        fix "remove the row, or name a privilege in place of `public`"
    mixed_overlap = MixedOverlap { template: Box<str>, other: Box<str> }
        says "`{template}` is restricted and overlaps `{other}`, which is not; restrict both or neither"
        means "a restricted template and one that is not match the same path, and one of them has a tail, or their parameters accept different values"
        why "servers differ in which of the two they serve"
        fix "restrict both or neither"
    open_extension = OpenExtension { template: Box<str>, other: Box<str> }
        says "`{template}` is restricted and `{other}` is not, which some servers cut down to it; restrict both or neither"
        means "an endpoint that is not restricted goes on from a literal of a restricted one with a mark: `export.json` beside `export`"
        why "some servers cut at the mark and serve the restricted endpoint"
        fix "restrict both or neither"
    open_beside = OpenBeside { template: Box<str>, other: Box<str> }
        says "`{other}` is not restricted, but is beside `{template}`, which is and which some servers try first; restrict it too, or list it in `open_beneath`"
        means "an endpoint that is not restricted has a literal where a restricted one has a parameter"
        why "some servers try the parameter first and serve the restricted endpoint"
        fix "restrict it too, or list it in `open_beneath` on purpose"
    unrestricted_beneath = UnrestrictedBeneath { template: Box<str>, restricted: Box<str> }
        says "`{template}` is not restricted, but is beneath `{restricted}`, which is; restrict it too, or list it in `open_beneath`"
        means "an endpoint beneath a restricted one is not restricted"
        why "a row covers only its own endpoint, and readers easily believe that it also covers what is beneath"
        fix "restrict it too, or list it in `open_beneath` on purpose"
    open_and_restricted = OpenAndRestricted { template: Box<str> }
        says "`{template}` is restricted in this release; remove it from `open_beneath` or from `restricted`"
        means "`open_beneath` lists an endpoint that is restricted"
        why "it cannot be both"
        fix "remove it from one of the two lists"
    not_beneath = NotBeneath { template: Box<str> }
        says "`{template}` is not beneath a restricted endpoint, nor beside one; remove it"
        means "`open_beneath` lists an endpoint that is neither beneath a restricted one nor beside one"
        why "the list is for exceptions, and this is not one"
        fix "remove it"
    too_many_rows = TooManyRows { most: usize }
        says "the tables of all releases together take more than {most} steps to check; remove what is not needed"
        means "the tables of all releases are too large to be checked"
        why "loading must take bounded time, whatever the document contains"
        fix "remove what is not needed"
}
