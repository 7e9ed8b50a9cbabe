//! Faults of tenants, groups, users and keys.

use alloc::boxed::Box;

use crate::id::ParseIdError;
use crate::scope::ScopeLevel;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with a directory.
    DirectoryFault

    invalid_name = InvalidName { what: &'static str, text: Box<str>, reason: ParseIdError }
        says "`{text}` is not a {what} name: {reason}"
        means "the name of a tenant, group, user or key is not spelled as one"
        why "only letters, digits, `-` and `_`, and in the name of a user also `.` after the first character, mean the same everywhere"
        fix "spell it like `tenant-1`"
    unknown_tenant = UnknownTenant { tenant: Box<str> }
        says "unknown tenant `{tenant}`; add it under `tenants`"
        means "a tenant that the directory does not have"
        why "nobody would ever see a misspelled tenant"
        fix "correct the name, or add the tenant"
    unknown_group = UnknownGroup { group: Box<str> }
        says "unknown group `{group}`; add it under `groups`"
        means "a group that the directory does not have"
        why "the partners of that group would see nothing, or whatever gets that name later"
        fix "correct the name, or add the group"
    unknown_owner = UnknownOwner { user: Box<str> }
        says "unknown user `{user}`; add them under `users`"
        means "a key belongs to a user that the directory does not have"
        why "whoever gets that name later would own the key"
        fix "correct the name, or add the user"
    unknown_user_profile = UnknownUserProfile { profile: Box<str> }
        says "the policy has no profile `{profile}`; use one of its profiles"
        means "a user has a profile that the policy does not have"
        why "every request of the user would be denied"
        fix "use a profile of the policy"
    scope_needs = ScopeNeeds { scope: ScopeLevel, field: &'static str }
        says "a user with `scope: {scope}` belongs to one {field}; add the field `{field}`"
        means "a partner without a group, or a tenant user without a tenant"
        why "the scope would be empty, or everything"
        fix "add the field"
    scope_refuses = ScopeRefuses { scope: ScopeLevel, field: &'static str }
        says "a user with `scope: {scope}` has no {field}; remove the field `{field}`, or change the scope"
        means "a group or tenant that contradicts the scope"
        why "one of the two is a mistake, and the wider one might win"
        fix "remove the field, or change the scope"
    repeated_email = RepeatedEmail { email: Box<str>, first: Box<str> }
        says "`{email}` is already the e-mail address of `{first}`, where case does not matter; change one"
        means "two users have the same e-mail address; case does not matter"
        why "an address is a login name"
        fix "change one of the two"
    blank_name = BlankName
        says "the name of the key is blank; say what the key is for"
        means "a key without a name"
        why "nobody would dare to revoke a key without knowing what it is for"
        fix "say what the key is for"
    malformed_key_name = MalformedKeyName
        says "the name of a key must have 1 to 128 characters, none of them invisible; use another name"
        means "the name of a key is longer than 128 characters, or has invisible characters"
        why "a list of keys would not show the name as it is"
        fix "use a shorter name, without invisible characters"
}
