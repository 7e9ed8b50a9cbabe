//! Requests and who may make them, rule by rule: paths, queries, tenants,
//! requirements, and the failures of other layers.

mod explained;
mod inheritance;
mod past_failures;
mod path_tenant;
mod query_parsers;
mod requirements;
mod silence;
mod upstream;
