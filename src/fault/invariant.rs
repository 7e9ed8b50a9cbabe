//! Faults of invariants.

use alloc::boxed::Box;

use crate::id::ParseIdError;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the invariants of a policy.
    InvariantFault

    invalid_invariant = InvalidInvariant { text: Box<str>, reason: ParseIdError }
        says "`{text}` is not the name of an invariant: {reason}"
        means "the name of an invariant is not spelled as one"
        why "other names could be read in two ways, or mistaken for each other"
        fix "write a letter, then letters, digits, `-`, `_` and `.`, such as `only_root_deletes`"
    not_one_statement = NotOneStatement
        says "an invariant says one thing; write `never`, `only` or `monotone`"
        means "an invariant has none of `never`, `only` and `monotone`, or more than one"
        why "each invariant holds or does not hold by itself"
        fix "write one of the three, and another invariant for another statement"
    may_without_only = MayWithoutOnly
        says "`may` belongs to `only`; write `never` for what nobody may call, or remove `may`"
        means "an invariant has `may` and does not have `only`"
        why "it would not say who may"
        fix "write `only`, or `never` in place of `may`"
    unlimited_selection = UnlimitedSelection
        says "this selects nothing in particular; name at least one field, or leave `may` out to mean every request"
        means "`never`, `only` or `may` is an empty map"
        why "every request would be meant, which is easily written by mistake"
        fix "name at least one field, or leave `may` out to mean every request"
    no_names = NoNames
        says "this list is empty; name at least one, or leave the field out to mean all"
        means "a list of an invariant is empty"
        why "it could be read as none or as all"
        fix "name at least one, or leave the field out to mean all"
    unknown_release = UnknownRelease { release: Box<str> }
        says "the policy has no release `{release}`; use one of its releases"
        means "an invariant names a release that the policy does not have"
        why "it would hold without being checked"
        fix "copy the name from `releases`, or remove it"
    nothing_beneath = NothingBeneath { template: Box<str> }
        says "no endpoint is beneath `{template}`; write the beginning of a path of `endpoints`, or use `endpoint` for the endpoint itself"
        means "`beneath` names what is not the beginning of a longer path of the catalogue"
        why "a misspelled name would protect nothing"
        fix "write the beginning of a path of `endpoints`, or use `endpoint` for the endpoint itself"
    short_chain = ShortChain
        says "a chain needs two profiles or more, the weakest first; add one, or write `inherits`"
        means "`monotone` lists only one profile"
        why "there is nothing to compare it with"
        fix "list two profiles or more, the weakest first, or write `inherits`"
    too_many_invariants = TooManyInvariants { most: usize }
        says "the policy has more than {most} invariants; remove what is not needed"
        means "a policy has more than 1,000 invariants"
        why "each of them is checked for every request"
        fix "remove what is not needed, or name several endpoints in one invariant"
    too_many_selected = TooManySelected { most: usize }
        says "the invariants together name more than {most} templates, after expanding alternations; remove what is not needed"
        means "the invariants together name too many templates, after expanding alternations"
        why "loading must take bounded time, whatever the document contains"
        fix "remove what is not needed, or use `beneath`"
}
