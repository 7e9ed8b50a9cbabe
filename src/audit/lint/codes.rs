//! The codes of lints, with what each means.

use crate::fault::Code;

/// A privilege that no endpoint requires.
pub(super) const UNUSED_PRIVILEGE: &Code = &CODES[0];
/// A privilege that only Super Admin holds.
pub(super) const UNHELD_PRIVILEGE: &Code = &CODES[1];
/// Two privileges that differ by one letter.
pub(super) const LOOK_ALIKE_PRIVILEGE: &Code = &CODES[2];
/// A grant that is also inherited.
pub(super) const INHERITED_GRANT: &Code = &CODES[3];
/// Two profiles that hold the same.
pub(super) const SAME_PROFILE: &Code = &CODES[4];
/// A custom profile that no user of the directory has.
pub(super) const UNHELD_PROFILE: &Code = &CODES[5];
/// An endpoint that only Super Admin reaches.
pub(super) const SUPER_ADMIN_ONLY: &Code = &CODES[6];
/// A writing method without a privilege.
pub(super) const UNGUARDED_WRITE: &Code = &CODES[7];
/// A writing method with a privilege for viewing.
pub(super) const VIEW_GUARDS_WRITE: &Code = &CODES[8];
/// Alternatives of which one writes, with one privilege for all.
pub(super) const MIXED_ALTERNATIVES: &Code = &CODES[9];
/// Two releases of a train with the same rules.
pub(super) const SAME_RELEASE: &Code = &CODES[10];
/// An invariant that is about no request.
pub(super) const IDLE_INVARIANT: &Code = &CODES[11];

/// Every code, in the order of the reports.
pub(super) const CODES: &[Code; 12] = &[
    Code::new(
        "unused_privilege",
        "a privilege that no endpoint requires",
        "an endpoint may require a misspelled one instead, or no endpoint may require it any more",
        "require it, or remove it; allow it if it is only compared between accounts",
    ),
    Code::new(
        "unheld_privilege",
        "a privilege that no profile but Super Admin holds",
        "whoever was meant to hold it is denied",
        "grant it to a profile, or remove it",
    ),
    Code::new(
        "look_alike_privilege",
        "two privileges differ by one letter",
        "a reviewer could mistake one for the other, and one of them may be a typing error",
        "use one spelling, or rename one of them",
    ),
    Code::new(
        "inherited_grant",
        "a profile grants what it inherits already",
        "if the other profile loses the grant, this one keeps it, which is easily overlooked",
        "remove the grant that is repeated",
    ),
    Code::new(
        "same_profile",
        "two profiles hold the same privileges",
        "one of them may lack what it was made for, and both must be changed together",
        "remove one, or grant what distinguishes them",
    ),
    Code::new(
        "unheld_profile",
        "no user of the directory has a custom profile",
        "nobody tries it, so a mistake in it goes unseen until somebody gets it",
        "remove it, or allow it until it is given to somebody",
    ),
    Code::new(
        "super_admin_only",
        "only Super Admin can call an endpoint, in every release",
        "the privilege that it requires looks as if it could be granted, and changes nothing",
        "grant its privilege, lift the restriction, or say in an invariant that it must be so",
    ),
    Code::new(
        "unguarded_write",
        "a method that writes requires no privilege",
        "every user of the API may change something",
        "require a privilege, or allow it",
    ),
    Code::new(
        "view_guards_write",
        "a method that writes requires a privilege that is named for viewing",
        "everybody who may view may also change",
        "require a privilege for the change, or rename this one",
    ),
    Code::new(
        "mixed_alternatives",
        "one of several alternatives is named for a change, and all require the same privilege",
        "whoever may call the others may also change something",
        "list the alternatives that change something as endpoints of their own",
    ),
    Code::new(
        "same_release",
        "two releases of one train have the same rules",
        "one may have been copied and not been changed yet",
        "change what the newer release changes, or allow it",
    ),
    Code::new(
        "idle_invariant",
        "an invariant is about no request",
        "it holds whatever the policy says, so a method or a profile that it names is probably wrong",
        "correct what it names; allow it if it is about what may be added later",
    ),
];
