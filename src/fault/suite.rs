//! Faults of policy suites.

use alloc::boxed::Box;

use crate::release::ParseReleaseError;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with a suite.
    SuiteFault

    no_cases = NoCases
        says "a suite without cases tests nothing; add a case"
        means "a suite has no case"
        why "it would pass by testing nothing"
        fix "add a case, or remove the file"
    empty_selection = EmptySelection
        says "an empty list selects nothing; add an entry, or leave the field out"
        means "a list of principals, calls, tenants, releases or credentials is empty"
        why "the case would make no requests, and pass by testing nothing"
        fix "add an entry, or leave the field out; it has a default"
    blank_title = BlankTitle
        says "the name is blank; say in a few words what is tested"
        means "the name of a suite or a case is blank"
        why "failures are reported under this name"
        fix "say in a few words what is tested"
    repeated_case = RepeatedCase { name: Box<str> }
        says "there is a case `{name}` already; give each case its own name"
        means "two cases of a suite have one name"
        why "a failure could be of either of them"
        fix "give each case its own name"
    unknown_principal = UnknownPrincipal { name: Box<str> }
        says "unknown principal `{name}`; describe it under `principals`, or add the user to the directory"
        means "a principal that neither the suite nor the directory describes"
        why "everything would be denied to a misspelled principal, and it would look as if the policy did that"
        fix "correct the name, or describe the principal under `principals`"
    repeated_principal = RepeatedPrincipal { name: Box<str> }
        says "the directory has a user `{name}` already; use another name"
        means "a suite describes a principal with the name of a user of its directory"
        why "a reader could mistake one for the other"
        fix "use another name"
    unknown_credential = UnknownCredential { name: Box<str> }
        says "unknown credential `{name}`; describe it under `credentials`"
        means "a credential that the suite does not describe"
        why "nothing is guessed about what a request presents"
        fix "correct the name, or describe the credential under `credentials`"
    reserved_credential = ReservedCredential { name: Box<str> }
        says "`{name}` is a credential that every suite has; use another name"
        means "a suite describes a credential with the name of one that every suite has"
        why "the name would mean something else here than in other suites"
        fix "use another name"
    credential_refuses = CredentialRefuses { field: &'static str }
        says "this credential has no `{field}`; remove the field"
        means "a credential has a field that does not apply to what it presents"
        why "the field would have no effect"
        fix "remove the field, or present something else"
    unknown_listed_key = UnknownListedKey { key: Box<str> }
        says "the directory has no key `{key}`; use one of its keys"
        means "a credential names a key that the directory does not have"
        why "a misspelled key would be denied, and it would look as if the policy did that"
        fix "correct the name, or describe the key here"
    invalid_call = InvalidCall { text: Box<str> }
        says "`{text}` is not a call; write a method and an endpoint, such as `GET /cases`"
        means "a call is not a method and an endpoint"
        why "nothing is guessed about what is requested"
        fix "write a method, a space and an endpoint, such as `GET /cases`"
    unknown_call = UnknownCall { call: Box<str> }
        says "the policy has no endpoint for `{call}`; copy its path from the policy, or use `send`"
        means "a call names an endpoint that the policy does not have"
        why "a misspelled endpoint is denied to everybody, and a test of that tests nothing"
        fix "copy the path from the policy; `send` takes any target"
    unlisted_method = UnlistedMethod { call: Box<str> }
        says "the endpoint of `{call}` does not list this method; correct it, or use `send`"
        means "a call names a method that its endpoint does not list"
        why "it is denied to everybody, and a test of that tests nothing"
        fix "correct the method; `send` takes any request"
    unknown_call_group = UnknownCallGroup { name: Box<str> }
        says "unknown group of calls `{name}`; describe it under `calls`"
        means "a group of calls that the suite does not describe"
        why "nothing is guessed about what is requested"
        fix "correct the name, or describe the group under `calls`, above every group that names it"
    invalid_request = InvalidRequest { text: Box<str> }
        says "`{text}` is not a request; write a method and a whole target, such as `GET /api/cases?tenantid=alpha`"
        means "an entry of `send` is not a method and a target"
        why "the method ends at the first space"
        fix "write a method, a space and the whole target, including the base path"
    invalid_deployment = InvalidDeployment { text: Box<str>, reason: ParseReleaseError }
        says "`{text}` is not a release: {reason}; add ` with scoped keys` if the switch is on"
        means "a release is not spelled as one"
        why "two spellings of one release could be taken for two releases"
        fix "write `5.5.0` or `5.5.0s`, in quotes; `5.4.1 with scoped keys` if the switch is on"
    unknown_deployment = UnknownDeployment { release: Box<str> }
        says "the policy has no release `{release}`; use one of its releases"
        means "a release that the policy does not have"
        why "releases are compared exactly; there is no nearest match"
        fix "correct it, or add the release to the policy"
    no_switch = NoSwitch { release: Box<str> }
        says "release `{release}` has no switch for scoped keys; remove ` with scoped keys`"
        means "` with scoped keys` after a release without early access"
        why "only releases with early access have that switch"
        fix "remove the words"
    unknown_outcome = UnknownOutcome { word: Box<str> }
        says "`{word}` is not an outcome; write `allow` or the code of a reason"
        means "an expectation is neither `allow` nor the code of a reason"
        why "a denial is expected with its reason; a denial for another reason is a failure"
        fix "write `allow`, or a code such as `restricted_endpoint`"
    no_expectation = NoExpectation
        says "an expectation is an outcome, or a map with the one field `allow`, `by_release`, `by_principal`, `by_call`, `by_tenant` or `by_credential`"
        means "a map is neither an outcome nor a table"
        why "a table has one field, so that each of its entries can be checked"
        fix "write one field: `allow`, or a table such as `by_principal`"
    no_limit = NoLimit
        says "an allow is `unconfined`, `not_tenant_data`, `public`, `{{ one: TENANT }}` or `{{ tenants: [TENANT, …] }}`; write one of them"
        means "an expected allow has an unknown limit"
        why "an allow also says to which tenants the answer is limited"
        fix "write it as `authorize` prints it in JSON; `allow` alone expects the tenant that the request names, or else the whole scope"
    unlisted_cell = UnlistedCell { missing: Box<str>, more: usize }
        says "the table has no entry for `{missing}`{}; write what is expected of each, nothing is implied" (and_more(more))
        means "a table has no entry for something in its case"
        why "a missing entry does not mean a denial; it may just be forgotten"
        fix "write what is expected of each; the name of a group covers its members"
    foreign_cell = ForeignCell { name: Box<str> }
        says "`{name}` is not in this case; remove the entry, or add it to the case"
        means "a table has an entry for something that is not in its case"
        why "the entry would never be tested"
        fix "remove it, or add it to the case"
    contradiction = Contradiction { cell: Box<str>, here: Box<str>, there: Box<str>, case: Box<str> }
        says "`{cell}` is expected to be `{here}` here and `{there}` in case `{case}`; keep one"
        means "two outcomes are expected of one request"
        why "one of the two must fail, whatever the policy says"
        fix "keep one"
    unreachable_tenant = UnreachableTenant { call: Box<str>, tenant: Box<str>, answer: Option<Box<str>> }
        says "no request reaches `{call}` for tenant `{tenant}`, {}; name another tenant, or use `send`" (led(answer.as_deref()))
        means "a case names a tenant in the path of an endpoint, and the path leads to another endpoint or to none"
        why "a tenant with the name of a literal of another endpoint is never the value of the parameter: the case would test the other endpoint"
        fix "name another tenant; `send` takes any target"
    asks_once = AsksOnce
        says "a case needs exactly one of `call`, `send`, `only_allowed` and `may`; write one"
        means "a case has none or several of `call`, `send`, `only_allowed` and `may`"
        why "each of them makes a different kind of case"
        fix "write one of them, and another case for the rest"
    unknown_act = UnknownAct { word: Box<str> }
        says "`{word}` is not an act; write `revoke_keys`, `edit` or `grant`"
        means "`may` names no act of administration"
        why "nothing is guessed about what is tested"
        fix "write `revoke_keys`, `edit` or `grant`"
    unknown_answer = UnknownAnswer { word: Box<str> }
        says "`{word}` is not an answer to an act; write `allow` or the code of a refusal, such as `not_below`"
        means "the expectation of a case with `may` is neither `allow` nor the code of a refusal that an act can have"
        why "a refusal is expected with its code; another refusal is a failure"
        fix "write `allow`, or a code such as `not_administrative` or `not_below`"
    case_refuses = CaseRefuses { asks: &'static str, field: &'static str }
        says "a case with `{asks}` has no `{field}`; remove the field"
        means "a field that does not apply to this kind of case"
        why "the field would have no effect"
        fix "remove the field"
    too_many_requests = TooManyRequests { most: usize }
        says "the cases of this suite together make more than {most} requests, or take too many table look-ups; split the suite"
        means "the cases of a suite make too many requests, or take too many table look-ups"
        why "a suite must end while somebody waits for it"
        fix "split the suite, or select less in a case"
}

/// ` and 2 more`, if there are more.
fn and_more(more: usize) -> Box<str> {
    match more {
        0 => "".into(),
        more => alloc::format!(" and {more} more").into(),
    }
}

/// Where a path leads.
fn led(answer: Option<&str>) -> Box<str> {
    match answer {
        Some(answer) => alloc::format!("because its path is that of `{answer}`").into(),
        None => "because no endpoint has its path".into(),
    }
}
