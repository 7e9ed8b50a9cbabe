//! The reference as far as it decides; its own tests run where it lives.

#[expect(dead_code, reason = "checks of policies use more of it")]
#[path = "../../../tests/reference/catalogue.rs"]
mod catalogue;
#[path = "../../../tests/reference/decide.rs"]
pub(crate) mod decide;
#[path = "../../../tests/reference/request.rs"]
pub(crate) mod request;
#[path = "../../../tests/reference/target.rs"]
mod target;
#[expect(dead_code, reason = "checks of policies use more of it")]
#[path = "../../../tests/reference/template.rs"]
mod template;
#[expect(dead_code, reason = "checks of policies use more of it")]
#[path = "../../../tests/reference/world.rs"]
pub(crate) mod world;
