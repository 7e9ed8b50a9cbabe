//! The reference as far as it decides; its own tests run where it lives.

#[path = "../../../tests/reference/catalogue.rs"]
mod catalogue;
#[path = "../../../tests/reference/decide.rs"]
pub(crate) mod decide;
#[path = "../../../tests/reference/request.rs"]
pub(crate) mod request;
#[path = "../../../tests/reference/target.rs"]
mod target;
#[path = "../../../tests/reference/template.rs"]
mod template;
#[path = "../../../tests/reference/world.rs"]
pub(crate) mod world;
