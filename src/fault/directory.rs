//! Faults of tenants, groups, users and keys.

use alloc::boxed::Box;

use crate::id::ParseIdError;
use crate::scope::ScopeLevel;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with a directory.
    DirectoryFault

    invalid_name = InvalidName { what: &'static str, text: Box<str>, reason: ParseIdError }
        says "`{text}` is no {what} name: {reason}"
        means "the name of a tenant, group, user or key is not spelled as one"
        why "letters, digits, `-` and `_` only, in the name of a user also `.` behind the first, so that no two can be mistaken for each other"
        fix "spell it like `tenant-1`"
    unknown_tenant = UnknownTenant { tenant: Box<str> }
        says "unknown tenant `{tenant}`; add it under `tenants`"
        means "a tenant that the directory does not have"
        why "a misspelled tenant would be one that nobody sees"
        fix "correct the name, or add the tenant"
    unknown_group = UnknownGroup { group: Box<str> }
        says "unknown group `{group}`; add it under `groups`"
        means "a group that the directory does not have"
        why "its partner would see nothing, or what is added later"
        fix "correct the name, or add the group"
    unknown_owner = UnknownOwner { user: Box<str> }
        says "unknown user `{user}`; add them under `users`"
        means "a key belongs to a user that the directory does not have"
        why "whoever gets that name later would own the key"
        fix "correct the name, or add the user"
    unknown_user_profile = UnknownUserProfile { profile: Box<str> }
        says "the policy has no profile `{profile}`; give the user one that it has"
        means "a user has a profile that the policy does not have"
        why "every decision about the user would be a refusal"
        fix "give the user a profile of the policy"
    scope_needs = ScopeNeeds { scope: ScopeLevel, field: &'static str }
        says "a user with `scope: {scope}` belongs to one {field}; add the field `{field}`"
        means "a partner without a group, or a tenant user without a tenant"
        why "the scope would be empty, or all"
        fix "add the field"
    scope_refuses = ScopeRefuses { scope: ScopeLevel, field: &'static str }
        says "a user with `scope: {scope}` has no {field}; remove the field `{field}`, or change the scope"
        means "a group or tenant that contradicts the scope"
        why "one of the two is a mistake, and the wider one might win"
        fix "remove the field, or change the scope"
    repeated_email = RepeatedEmail { email: Box<str>, first: Box<str> }
        says "`{email}` is the e-mail address of `{first}` already, upper and lower case being the same; change one"
        means "two users have one e-mail address, upper and lower case being the same"
        why "an address is a login name"
        fix "change one of the two"
    blank_name = BlankName
        says "a key has a name, and a blank one is none; name what the key is for"
        means "a key without a name"
        why "nobody would dare to revoke a key that says nothing about its use"
        fix "name what the key is for"
    malformed_key_name = MalformedKeyName
        says "the name of a key has 1 to 128 characters, none of them a control or invisible; give another one"
        means "the name of a key is longer than 128 characters, or has characters that cannot be seen"
        why "a list of keys would show something else than what is written"
        fix "give a shorter name, of characters that can be seen"
}
