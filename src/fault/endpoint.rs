//! Faults of the endpoint catalogue.

use alloc::boxed::Box;

use crate::method::Method;
use crate::path::template::ParseTemplateError;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the endpoints of a policy.
    EndpointFault

    invalid_base_path = InvalidBasePath { text: Box<str>, reason: ParseTemplateError }
        says "`{text}` is no base path: {reason}"
        means "the base path is not spelled as a path"
        why "every request is compared with it byte for byte"
        fix "write it like `/connect/api/v1`"
    base_path_not_literal = BasePathNotLiteral { text: Box<str> }
        says "`{text}` is no base path: a base path has literal segments only; write it out"
        means "the base path has a parameter or an alternation"
        why "it is the same for every request"
        fix "write it out"
    invalid_template = InvalidTemplate { text: Box<str>, reason: ParseTemplateError }
        says "`{text}` is no template: {reason}"
        means "a path is no template"
        why "it would match other paths than its author believes, or none"
        fix "write `/`, then literals, `{parameters}` and `[a|b]` with `/` between"
    repeats_base_path = RepeatsBasePath { template: Box<str> }
        says "`{template}` repeats the base path; write only what comes after it"
        means "a template begins with the base path"
        why "it would only match a path that says the base path twice"
        fix "write only what comes after the base path"
    too_many_segments = TooManySegments { count: usize, most: usize }
        says "base path and template together have {count} segments and may have {most}; shorten them"
        means "base path and template together have more than 32 segments"
        why "no longer path is ever accepted, so it would match nothing"
        fix "shorten the template"
    too_many_endpoints = TooManyEndpoints { count: usize, most: usize }
        says "the catalogue has {count} endpoints, alternations counted out, and may have {most}; split the policy"
        means "the catalogue has more than 10,000 endpoints, alternations counted out"
        why "loading must end within bounds, whatever the document says"
        fix "split the policy, or list fewer alternatives"
    duplicate_endpoint = DuplicateEndpoint { template: Box<str>, first: usize }
        says "`{template}` is in the catalogue already, at `endpoints[{first}]`; keep one"
        means "a template stands twice in the catalogue"
        why "only one of the two could count"
        fix "put all methods into one entry"
    ambiguous_templates = AmbiguousTemplates { template: Box<str>, other: Box<str> }
        says "`{template}` and `{other}` match the same path and neither is more specific; rename a segment of one"
        means "two templates match the same path and neither is more specific"
        why "which rule applies would depend on the reader"
        fix "rename a segment, or list the common case as a template of its own kind"
    look_alike_literals = LookAlikeLiterals { literal: Box<str>, other: Box<str> }
        says "`{literal}` and `{other}` stand in the same place and differ only in `-` and `_`; use one spelling"
        means "two literals in the same place differ only in `-` and `_`"
        why "a rule for one would be taken for a rule for the other"
        fix "use one spelling"
    too_tangled = TooTangled { most: usize }
        says "literals and parameters cross in more than {most} places of the catalogue; use fewer parameters beside literals"
        means "literals and parameters stand beside each other in more than a million combinations"
        why "loading must end within bounds, whatever the document says"
        fix "use fewer parameters beside literals"
    no_methods = NoMethods
        says "an endpoint lists at least one method; write for example `{{ GET: cases.view }}`"
        means "an endpoint without methods"
        why "nothing could ever call it"
        fix "list at least one method, or remove the endpoint"
    unknown_method = UnknownMethod { method: Box<str> }
        says "`{method}` is no method; use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS"
        means "a method that is not known; upper case counts"
        why "a misspelled method would never match"
        fix "use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS"
    unlistable_method = UnlistableMethod { method: &'static str }
        says "{method} cannot be listed; remove it"
        means "TRACE or CONNECT"
        why "they echo requests or open tunnels and belong to no API"
        fix "remove the method"
    no_privileges = NoPrivileges
        says "a list names at least one privilege; name one, or write `null` if any principal may call the method"
        means "a method with an empty list of privileges"
        why "it could mean that nobody may call it, or that any principal may"
        fix "name at least one privilege, or write `null` for any principal"
    public_in_list = PublicInList
        says "`public` is not a privilege; write it by itself, or name the privileges that are needed"
        means "`public` in a list of privileges"
        why "a method is either public or needs privileges"
        fix "write `public` by itself, or only the privileges"
    too_many_lists = TooManyLists { count: usize, profiles: usize }
        says "the endpoints have {count} different lists of privileges for {profiles} profiles, and an engine keeps fewer; use fewer lists"
        means "the different lists of privileges, times 64ths of the profiles, are more than a million"
        why "loading must end within bounds, whatever the document says"
        fix "use fewer different lists, or split the policy"
    public_tenant_mode = PublicTenantMode { method: Method }
        says "`{method}` is public, and a public method has no data of tenants; write `tenant: none`"
        means "a public method whose tenant mode is not `none`"
        why "without a credential there is nobody whose tenants could limit the answer"
        fix "write `tenant: none`, or name a privilege in place of `public`"
    public_tenant_parameter = PublicTenantParameter { method: Method }
        says "`{method}` is public, and nobody judges a tenant there; remove `tenant_parameter`, or name a privilege for {method}"
        means "an endpoint with a public method names its tenant in the path or in a header"
        why "without a credential nobody judges the tenant"
        fix "remove `tenant_parameter`, or name a privilege in place of `public`"
    public_exchange = PublicExchange { method: Method }
        says "`{method}` is public, and the exchange needs a key; remove `exchange`, or write `{method}: null`"
        means "an endpoint with a public method exchanges keys for tokens"
        why "the exchange needs a key"
        fix "remove `exchange`, or write `null` in place of `public`"
    tenant_mode_missing = TenantModeMissing { method: Method }
        says "the tenant mode of {method} is missing; name every method, or write one mode for all"
        means "a map of tenant modes leaves out a method of its endpoint"
        why "the method's tenants would be anybody's guess"
        fix "name every method, or write one mode for all"
    tenant_mode_unlisted = TenantModeUnlisted { method: Method }
        says "the endpoint does not list {method}; remove it here, or list the method"
        means "a map of tenant modes names a method that the endpoint does not list"
        why "one of the two is a mistake"
        fix "remove it, or list the method"
    invalid_tenant_parameter = InvalidTenantParameter { text: Box<str> }
        says "`{text}` is no parameter name; use a lower-case letter, then lower-case letters, digits and `_`"
        means "the name of the tenant parameter is not spelled as one"
        why "no request could ever name a tenant"
        fix "spell it like `cust_id`"
    tenant_parameter_is_method = TenantParameterIsMethod { text: Box<str> }
        says "`{text}` is spelled like a parameter that changes the method of a request in some upstreams; choose another name"
        means "the query parameter that names the tenant is spelled like `method`, or like another parameter that changes the method"
        why "upstreams take such a parameter for another method than the request's"
        fix "choose another name"
    tenant_parameter_of_path = TenantParameterOfPath { template: Box<str>, name: Box<str> }
        says "`{template}` has a parameter `{name}`, which is also the query parameter that names the tenant; write `tenant_parameter: {{ path: {name} }}` where the path names the tenant, else rename one of the two"
        means "the query parameter that names the tenant, `tenantid` where nothing is said, is called like a parameter of the path"
        why "the path would seem to name the tenant, and nobody would judge what stands there"
        fix "write `{ path: NAME }` where the path names the tenant, else rename one of the two"
    not_one_tenant_parameter = NotOneTenantParameter
        says "a tenant is named in one place; write `{{ path: NAME }}` or `{{ header: NAME }}`"
        means "a map under `tenant_parameter` has neither `path` nor `header`, or both"
        why "a tenant that two places name has two values, one of them for nobody to judge"
        fix "write `{ path: NAME }` or `{ header: NAME }`"
    no_such_path_parameter = NoSuchPathParameter { template: Box<str>, name: Box<str>, known: Box<str> }
        says "`{template}` has no parameter `{name}`; {known}"
        means "`{ path: NAME }` names no parameter of the template"
        why "no request could ever name a tenant there"
        fix "use the name of a parameter of the template"
    invalid_tenant_header = InvalidTenantHeader { text: Box<str> }
        says "`{text}` is no name of a header; use up to 64 letters, digits and `-`, such as `x-tenant-id`"
        means "`{ header: NAME }` is not spelled like the name of a header"
        why "no request could ever have it"
        fix "spell it like `x-tenant-id`"
    reserved_tenant_header = ReservedTenantHeader { text: Box<str> }
        says "`{text}` is a header of credentials, framing or routing; use one of your own, such as `x-tenant-id`"
        means "`{ header: NAME }` is a header of credentials, framing or routing"
        why "what stands before the host reads and rewrites such headers, and callers set them for other reasons"
        fix "use a header of your own, such as `x-tenant-id`"
}
