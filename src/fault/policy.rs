//! Faults of privileges and profiles.

use alloc::boxed::Box;

use crate::id::ParseIdError;
use crate::privilege::ParsePrivilegeError;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the privileges and profiles of a policy.
    PolicyFault

    invalid_privilege = InvalidPrivilege { text: Box<str>, reason: ParsePrivilegeError }
        says "`{text}` is not a privilege: {reason}"
        means "a privilege is not spelled as one"
        why "other names could be read in two ways, or mistaken for each other"
        fix "write two or more words of letters, digits, `-` and `_` with `.` or `:` between, such as `cases.view`"
    wildcard_privilege = WildcardPrivilege { text: Box<str> }
        says "`{text}` has a wildcard, and wildcards are not allowed; list the privileges one by one"
        means "a privilege with `*`"
        why "it would also grant privileges that are added later"
        fix "list the privileges one by one"
    look_alike_privileges = LookAlikePrivileges { privilege: Box<str>, other: Box<str> }
        says "`{privilege}` and `{other}` differ only in case and in `-`, `_`, `.` and `:`; declare one of them"
        means "two privileges differ only in case and in `-`, `_`, `.` and `:`"
        why "a reviewer could mistake one for the other"
        fix "declare one of them, and use its spelling everywhere"
    unknown_privilege = UnknownPrivilege { privilege: Box<str> }
        says "unknown privilege `{privilege}`; declare it under `privileges`"
        means "a privilege that the policy does not declare"
        why "nobody would ever hold a misspelled privilege, or no endpoint would ever require it"
        fix "correct the name, or declare it under `privileges`"
    invalid_profile = InvalidProfile { text: Box<str>, reason: ParseIdError }
        says "`{text}` is not a profile name: {reason}"
        means "the name of a profile is not spelled as one"
        why "other names could be read in two ways, or mistaken for each other"
        fix "write a letter, then letters, digits, `-`, `_` and `.`, such as `first_responder`"
    look_alike_profiles = LookAlikeProfiles { profile: Box<str>, other: Box<str> }
        says "`{profile}` and `{other}` differ only in case and in `-`, `_` and `.`; rename one of them"
        means "two profiles differ only in case and in `-`, `_` and `.`"
        why "a reviewer could mistake one for the other"
        fix "rename one of them"
    look_alike_reserved = LookAlikeReserved { profile: Box<str>, reserved: &'static str }
        says "`{profile}` differs from the built-in profile `{reserved}` only in case and in `-`, `_` and `.`; use another name"
        means "a profile differs from a built-in one only in case and in `-`, `_` and `.`"
        why "readers could mistake a custom profile for a built-in one"
        fix "use another name"
    unknown_profile = UnknownProfile { profile: Box<str> }
        says "unknown profile `{profile}`; add it under `profiles`"
        means "a profile inherits from one that does not exist, or an invariant names one"
        why "the profile would hold less, or the invariant say less, than its author believes"
        fix "correct the name, or add the profile"
    inheritance_cycle = InheritanceCycle { cycle: Box<str> }
        says "profiles inherit in a circle: {cycle}; remove one step"
        means "profiles inherit from each other in a circle"
        why "it would not be clear which of them holds what"
        fix "remove one step of the circle"
    inheritance_too_deep = InheritanceTooDeep { profile: Box<str>, most: usize }
        says "`{profile}` inherits over more than {most} steps; let it inherit directly"
        means "a profile inherits over more than 32 steps"
        why "nobody can review such a chain"
        fix "let the profile inherit directly from those that grant something"
    too_many_grants = TooManyGrants { most: usize }
        says "the profiles together hold more than {most} privileges, inherited ones included; grant or declare fewer"
        means "the profiles together hold more than a million privileges, inherited ones included"
        why "loading must take bounded time, whatever the document contains"
        fix "grant or declare fewer privileges, or split the policy"
    inherits_super_admin = InheritsSuperAdmin
        says "no profile can inherit from `super_admin`; grant the privileges one by one"
        means "a profile inherits from `super_admin`"
        why "Super Admin is an identity and not a set of privileges"
        fix "grant the privileges one by one"
    missing_super_admin = MissingSuperAdmin
        says "the profile `super_admin` is missing; add `super_admin: {{ builtin: true, all: true }}`"
        means "there is no profile `super_admin`"
        why "nobody could call restricted endpoints"
        fix "add `super_admin: { builtin: true, all: true }`"
    super_admin_without_all = SuperAdminWithoutAll
        says "`super_admin` holds every privilege; write `all: true`"
        means "`super_admin` does not have `all: true`"
        why "it holds every privilege, and the document must say so"
        fix "write `all: true`"
    super_admin_lists = SuperAdminLists { field: &'static str }
        says "`super_admin` holds every privilege already; remove `{field}`"
        means "`super_admin` has `grants` or `inherits`"
        why "it holds everything already; a list would look like a limit"
        fix "remove the field"
    all_elsewhere = AllElsewhere
        says "only `super_admin` can have `all`; grant the privileges one by one"
        means "a profile other than `super_admin` has `all`"
        why "only the built-in Super Admin holds everything, including what is declared later"
        fix "grant the privileges one by one"
    reserved_profile = ReservedProfile { profile: Box<str> }
        says "`{profile}` is the name of a built-in profile; write `builtin: true`, or use another name"
        means "the name of a built-in profile without `builtin: true`"
        why "readers could mistake a custom profile for a built-in one"
        fix "write `builtin: true`, or use another name"
    builtin_elsewhere = BuiltinElsewhere { profile: Box<str> }
        says "`{profile}` is not a built-in profile; remove `builtin`"
        means "a custom profile has `builtin`"
        why "only `super_admin`, `platform_admin`, `security_admin` and `user` are built in"
        fix "remove the field"
}
