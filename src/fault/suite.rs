//! Faults of policy suites.

use alloc::boxed::Box;

use crate::release::ParseReleaseError;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with a suite.
    SuiteFault

    no_cases = NoCases
        says "a suite without a case tests nothing; add a case"
        means "a suite has no case"
        why "it would pass by testing nothing"
        fix "add a case, or remove the file"
    empty_selection = EmptySelection
        says "an empty list asks about nothing; name something, or leave the field out"
        means "a list of principals, calls, tenants, releases or credentials is empty"
        why "a product with nothing is nothing, and would pass by testing nothing"
        fix "name something; what is left out has a default"
    blank_title = BlankTitle
        says "a blank name says nothing; tell in a few words what is held here"
        means "the name of a suite or a case is blank"
        why "whoever reads that it failed must know what failed"
        fix "tell in a few words what is held"
    repeated_case = RepeatedCase { name: Box<str> }
        says "a case is called `{name}` already; give each its own name"
        means "two cases of a suite have one name"
        why "nobody could tell which of them failed"
        fix "give each its own name"
    unknown_principal = UnknownPrincipal { name: Box<str> }
        says "unknown principal `{name}`; describe it under `principals`, or add the user to the directory"
        means "a principal that neither the suite nor the directory describes"
        why "a misspelled principal would be refused everything, as if the policy did it"
        fix "correct the name, or describe the principal under `principals`"
    repeated_principal = RepeatedPrincipal { name: Box<str> }
        says "the directory has a user `{name}` already; take another name"
        means "a suite describes a principal with the name of a user of its directory"
        why "a reader would take one for the other"
        fix "take another name"
    unknown_credential = UnknownCredential { name: Box<str> }
        says "unknown credential `{name}`; describe it under `credentials`"
        means "a credential that nobody describes"
        why "nothing is guessed about what a request presents"
        fix "correct the name, or describe the credential under `credentials`"
    reserved_credential = ReservedCredential { name: Box<str> }
        says "every suite knows a credential `{name}`; take another name"
        means "a suite gives its own credential a name that every suite knows"
        why "the word would mean something else here than everywhere"
        fix "take another name"
    credential_refuses = CredentialRefuses { field: &'static str }
        says "this credential has no `{field}`; remove the field"
        means "a credential has a field that what it presents does not have"
        why "the field would have no effect"
        fix "remove the field, or present something else"
    unknown_listed_key = UnknownListedKey { key: Box<str> }
        says "the directory has no key `{key}`; name one that it has"
        means "a credential names a key that the directory does not have"
        why "a misspelled key would be refused, as if the policy did it"
        fix "correct the name, or describe the key here"
    invalid_call = InvalidCall { text: Box<str> }
        says "`{text}` is no call; write a method and an endpoint, such as `GET /cases`"
        means "a call is no method and endpoint"
        why "nothing is guessed about what a request asks for"
        fix "write a method, a blank and an endpoint, such as `GET /cases`"
    unknown_call = UnknownCall { call: Box<str> }
        says "the policy has no endpoint for `{call}`; spell it as the catalogue does, or use `send`"
        means "a call names an endpoint that the policy does not have"
        why "a misspelled endpoint is refused to everybody, and a test of that tests nothing"
        fix "spell it as the catalogue does; `send` takes targets of any kind"
    unlisted_method = UnlistedMethod { call: Box<str> }
        says "the endpoint of `{call}` does not list this method; correct it, or use `send`"
        means "a call names a method that its endpoint does not list"
        why "it is refused to everybody, and a test of that tests nothing"
        fix "correct the method; `send` takes requests of any kind"
    unknown_call_group = UnknownCallGroup { name: Box<str> }
        says "unknown group of calls `{name}`; describe it under `calls`"
        means "a group of calls that the suite does not describe"
        why "nothing is guessed about what a request asks for"
        fix "correct the name, or describe the group under `calls`, above every group that names it"
    invalid_request = InvalidRequest { text: Box<str> }
        says "`{text}` is no request; write a method and a whole target, such as `GET /api/cases?tenantid=alpha`"
        means "an entry of `send` is no method and target"
        why "the method ends at the first blank"
        fix "write a method, a blank and a whole target, base path included"
    invalid_deployment = InvalidDeployment { text: Box<str>, reason: ParseReleaseError }
        says "`{text}` is no release: {reason}; where a switch is on, add ` with scoped keys`"
        means "a release is not spelled as one"
        why "two spellings of one release could be two rules"
        fix "write `5.5.0` or `5.5.0s`, in quotes; `5.4.1 with scoped keys` where a switch is on"
    unknown_deployment = UnknownDeployment { release: Box<str> }
        says "the policy has no release `{release}`; name one that it has"
        means "a release that the policy does not have"
        why "there is no nearest release that could stand for it"
        fix "correct it, or add the release to the policy"
    no_switch = NoSwitch { release: Box<str> }
        says "release `{release}` has no switch for scoped keys; drop ` with scoped keys`"
        means "` with scoped keys` behind a release without early access"
        why "the release alone decides there, so the words would say nothing"
        fix "drop the words"
    unknown_outcome = UnknownOutcome { word: Box<str> }
        says "`{word}` is no outcome; write `allow` or the code of a reason"
        means "an expectation is neither `allow` nor the code of a reason"
        why "a denial is expected for its reason: one for another reason is another mistake"
        fix "write `allow`, or a code such as `restricted_endpoint`"
    no_expectation = NoExpectation
        says "an expectation is an outcome, or a map with the one field `allow`, `by_release`, `by_principal`, `by_call`, `by_tenant` or `by_credential`"
        means "a map is neither an outcome nor a table"
        why "a table goes along one axis, so that each of its entries can be checked"
        fix "write one field: `allow`, or a table such as `by_principal`"
    no_limit = NoLimit
        says "an allow is `unconfined`, `not_tenant_data`, `public`, `{{ one: TENANT }}` or `{{ tenants: [TENANT, …] }}`; write one of them"
        means "an allow is said to be limited in no known way"
        why "to which tenants an answer is limited is half of an allow"
        fix "write it as `authorize` prints it in JSON; `allow` alone is as far as was asked"
    unlisted_cell = UnlistedCell { missing: Box<str>, more: usize }
        says "the table says nothing about `{missing}`{}; say what is expected of each, nothing is implied" (and_more(more))
        means "a table leaves out something that its case asks about"
        why "what is left out is no denial: it may just be forgotten"
        fix "say what is expected of each; a group in the table stands for its members"
    foreign_cell = ForeignCell { name: Box<str> }
        says "the case does not ask about `{name}` here; remove the entry, or add it to the case"
        means "a table has an entry that its case does not ask about"
        why "the entry would never be tested"
        fix "remove it, or add it to the case"
    contradiction = Contradiction { cell: Box<str>, here: Box<str>, there: Box<str>, case: Box<str> }
        says "`{cell}` is expected to be `{here}` here and `{there}` in case `{case}`; keep one"
        means "one request is expected to end in two ways"
        why "one of the two must fail, whatever the policy says"
        fix "keep one"
    unreachable_tenant = UnreachableTenant { call: Box<str>, tenant: Box<str>, answer: Option<Box<str>> }
        says "no request reaches `{call}` for tenant `{tenant}`, {}; name another tenant, or use `send`" (led(answer.as_deref()))
        means "a case names a tenant in the path of an endpoint, and the path leads to another endpoint or to none"
        why "a tenant that is called like a literal of another endpoint is never the value of the parameter: the case would test the other endpoint"
        fix "name another tenant; `send` takes targets of any kind"
    asks_once = AsksOnce
        says "a case has one of `call`, `send` and `only_allowed`; keep one"
        means "a case has none or several of `call`, `send` and `only_allowed`"
        why "each asks in a way of its own"
        fix "keep one, and write another case for the rest"
    case_refuses = CaseRefuses { asks: &'static str, field: &'static str }
        says "a case with `{asks}` has no `{field}`; remove the field"
        means "a field does not go with what a case asks"
        why "the field would have no effect"
        fix "remove the field"
    too_many_requests = TooManyRequests { most: usize }
        says "the cases of this suite ask about more than {most} requests together, or look them up in too many tables; split the suite"
        means "the products of the cases, or their tables, are larger than a suite may be"
        why "a suite is decided while somebody waits"
        fix "split the suite, or ask about less in one case"
}

/// ` and 2 more`, where there are any.
fn and_more(more: usize) -> Box<str> {
    match more {
        0 => "".into(),
        more => alloc::format!(" and {more} more").into(),
    }
}

/// Where a path leads.
fn led(answer: Option<&str>) -> Box<str> {
    match answer {
        Some(answer) => alloc::format!("since its path is that of `{answer}`").into(),
        None => "since no endpoint has its path".into(),
    }
}
