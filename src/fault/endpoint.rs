//! Faults of the endpoint catalogue.

use alloc::boxed::Box;

use crate::method::Method;
use crate::path::template::error::ParseTemplateError;

use crate::fault::code::{Code, Fault, faults};

faults! {
    /// What is wrong with the endpoints of a policy.
    EndpointFault

    invalid_base_path = InvalidBasePath { text: Box<str>, reason: ParseTemplateError }
        says "`{text}` is not a base path: {reason}"
        means "the base path is not spelled as a path"
        why "every request is compared with it byte for byte"
        fix "write it like `/connect/api/v1`"
    base_path_not_literal = BasePathNotLiteral { text: Box<str> }
        says "`{text}` is not a base path: it may have literal segments only; write it out"
        means "the base path has a parameter or an alternation"
        why "it is the same for every request"
        fix "write it out"
    base_path_slash = BasePathSlash { text: Box<str> }
        says "`{text}` is not a base path: it ends in `/`; remove the `/`"
        means "the base path ends in `/`"
        why "templates begin with `/`, and the two are put together as they are"
        fix "remove the `/` at the end"
    invalid_template = InvalidTemplate { text: Box<str>, reason: ParseTemplateError }
        says "`{text}` is not a template: {reason}"
        means "a path is not spelled as a template"
        why "it would match no path, or other paths than its author believes"
        fix "write `/`, then literals, parameters such as `{id}` and `[a|b]` with `/` between"
    repeats_base_path = RepeatsBasePath { template: Box<str> }
        says "`{template}` repeats the base path; write only what comes after it"
        means "a template begins with the base path"
        why "it would only match a path that has the base path twice"
        fix "write only what comes after the base path"
    too_many_segments = TooManySegments { count: usize, most: usize }
        says "base path and template together have {count} segments, and at most {most} are allowed; shorten them"
        means "base path and template together have more than 32 segments"
        why "longer paths are never accepted, so it would match nothing"
        fix "shorten the template"
    too_many_endpoints = TooManyEndpoints { count: usize, most: usize }
        says "the catalogue has {count} endpoints after expanding alternations, and at most {most} are allowed; split the policy"
        means "the catalogue has more than 10,000 endpoints after expanding alternations"
        why "loading must take bounded time, whatever the document contains"
        fix "split the policy, or list fewer alternatives"
    duplicate_endpoint = DuplicateEndpoint { template: Box<str>, first: usize }
        says "`{template}` is in the catalogue already, at `endpoints[{first}]`; keep one"
        means "a template is in the catalogue twice"
        why "only one of the two could apply"
        fix "put all methods into one entry"
    ambiguous_templates = AmbiguousTemplates { template: Box<str>, other: Box<str> }
        says "`{template}` and `{other}` have the same paths; put all methods into one entry, or rename a segment of one"
        means "two templates have the same paths, with other names of parameters or kinds of values"
        why "only one of the two could apply"
        fix "put all methods into one entry, or rename a segment"
    look_alike_templates = LookAlikeTemplates { template: Box<str>, other: Box<str> }
        says "`{template}` and `{other}` differ only in case, in `-` and `_`, or in the final `/`, but have different rules; use one spelling, or the same privileges, tenants and tables for both"
        means "two templates differ only in case, in `-` and `_`, or in the final `/`, but have different rules"
        why "authors and some servers could mistake one for the other"
        fix "use one spelling, or the same privileges, tenants and restricted tables for both"
    too_tangled = TooTangled { most: usize }
        says "literals and parameters cross in more than {most} places of the catalogue; use fewer parameters beside literals"
        means "more than a million pairs of templates have a literal and a parameter at the same position"
        why "loading must take bounded time, whatever the document contains"
        fix "use fewer parameters beside literals"
    too_many_states = TooManyStates { most: usize, matched: usize }
        says "the templates of the catalogue can be read together in too many ways: in more than {most} steps, or one segment with the fixed parts of more than {matched} parameters; use fewer parameters beside literals and fixed parts"
        means "too many templates match the same paths in too many ways, or one segment can match more than five affixed parameters"
        why "loading must take bounded time, whatever the document contains"
        fix "use fewer parameters beside literals and fixed parts"
    no_methods = NoMethods
        says "an endpoint needs at least one method; write for example `{{ GET: cases.view }}`"
        means "an endpoint without methods"
        why "nothing could ever call it"
        fix "list at least one method, or remove the endpoint"
    unknown_method = UnknownMethod { method: Box<str> }
        says "`{method}` is not a known method; use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS"
        means "an unknown method; methods are in upper case"
        why "a misspelled method would never match"
        fix "use GET, POST, PUT, PATCH, DELETE, HEAD or OPTIONS"
    unlistable_method = UnlistableMethod { method: &'static str }
        says "{method} cannot be listed; remove it"
        means "TRACE or CONNECT"
        why "they echo requests or open tunnels and belong to no API"
        fix "remove the method"
    no_privileges = NoPrivileges
        says "a list needs at least one privilege; add one, or write `null` if any principal may call the method"
        means "a method with an empty list of privileges"
        why "it could mean that nobody may call it, or that any principal may"
        fix "name at least one privilege, or write `null` for any principal"
    public_in_list = PublicInList
        says "`public` is not a privilege; write it by itself, or name the privileges that are needed"
        means "`public` in a list of privileges"
        why "a method is either public or needs privileges"
        fix "write `public` by itself, or only the privileges"
    too_many_lists = TooManyLists { count: usize, profiles: usize }
        says "the endpoints have {count} different lists of privileges for {profiles} profiles, more than an engine keeps; use fewer lists"
        means "the number of different lists of privileges, times (the number of profiles / 64, rounded up), is more than a million"
        why "loading must take bounded time, whatever the document contains"
        fix "use fewer different lists, or split the policy"
    public_tenant_mode = PublicTenantMode { method: Method }
        says "`{method}` is public, and a public method has no data of tenants; write `tenant: none`"
        means "a public method whose tenant mode is not `none`"
        why "without a credential there is nobody whose tenants could limit the answer"
        fix "write `tenant: none`, or name a privilege in place of `public`"
    public_tenant_parameter = PublicTenantParameter { method: Method }
        says "`{method}` is public, so the tenant would not be checked; remove `tenant_parameter`, or name a privilege for {method}"
        means "an endpoint with a public method names its tenant in the path or in a header"
        why "without a credential the tenant cannot be checked"
        fix "remove `tenant_parameter`, or name a privilege in place of `public`"
    public_exchange = PublicExchange { method: Method }
        says "`{method}` is public, and the exchange needs a key; remove `exchange`, or write `{method}: null`"
        means "an endpoint with a public method exchanges keys for tokens"
        why "the exchange needs a key"
        fix "remove `exchange`, or write `null` in place of `public`"
    tenant_mode_missing = TenantModeMissing { method: Method }
        says "the tenant mode of {method} is missing; name every method, or write one mode for all"
        means "a map of tenant modes leaves out a method of its endpoint"
        why "nothing would say whose data the method returns"
        fix "name every method, or write one mode for all"
    tenant_mode_unlisted = TenantModeUnlisted { method: Method }
        says "the endpoint does not list {method}; remove it here, or list the method"
        means "a map of tenant modes names a method that the endpoint does not list"
        why "one of the two is a mistake"
        fix "remove it, or list the method"
    invalid_tenant_parameter = InvalidTenantParameter { text: Box<str> }
        says "`{text}` is not a parameter name; use a letter or `_`, then at most 63 letters, digits, `_` and `-`, with a letter or digit among them"
        means "the name of the tenant parameter is not spelled as one"
        why "no request could ever name a tenant"
        fix "spell it like `cust_id`"
    tenant_parameter_is_method = TenantParameterIsMethod { text: Box<str> }
        says "`{text}` is spelled like a parameter that changes the method of a request in some upstreams; choose another name"
        means "the query parameter that names the tenant is spelled like `method`, or like another parameter that changes the method"
        why "some upstreams would run the request with the method that the parameter names"
        fix "choose another name"
    tenant_parameter_of_path = TenantParameterOfPath { template: Box<str>, name: Box<str> }
        says "`{template}` has a parameter `{name}`, which is also the query parameter that names the tenant; write `tenant_parameter: {{ path: {name} }}` if the path names the tenant, or rename one of the two"
        means "the query parameter that names the tenant (`tenantid` by default) has the name of a parameter of the path"
        why "the path would seem to name the tenant, but its value would not be checked"
        fix "write `{ path: NAME }` if the path names the tenant, or rename one of the two"
    not_one_tenant_parameter = NotOneTenantParameter
        says "a tenant is named in one place; write `{{ path: NAME }}` or `{{ header: NAME }}`"
        means "a map under `tenant_parameter` has neither `path` nor `header`, or both"
        why "two places could name two tenants, and only one would be checked"
        fix "write `{ path: NAME }` or `{ header: NAME }`"
    no_such_path_parameter = NoSuchPathParameter { template: Box<str>, name: Box<str>, known: Box<str> }
        says "`{template}` has no plain parameter `{name}`; {known}"
        means "`{ path: NAME }` names no plain or affixed parameter of the template"
        why "no request could ever name a tenant there"
        fix "use the name of a plain or affixed parameter of the template"
    invalid_tenant_header = InvalidTenantHeader { text: Box<str> }
        says "`{text}` is not the name of a header; use up to 64 letters, digits and `-`, such as `x-tenant-id`"
        means "`{ header: NAME }` is not spelled like the name of a header"
        why "no request could ever have it"
        fix "spell it like `x-tenant-id`"
    reserved_tenant_header = ReservedTenantHeader { text: Box<str> }
        says "`{text}` is a header of credentials, framing or routing; use one of your own, such as `x-tenant-id`"
        means "`{ header: NAME }` is a header of credentials, framing or routing"
        why "proxies read and rewrite such headers, and callers set them for other reasons"
        fix "use a header of your own, such as `x-tenant-id`"
}
