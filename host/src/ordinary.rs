//! A request for an endpoint that asks for a credential.

use portcullis::path::Template;
use portcullis::{Engine, Method};

/// A method and a path of some endpoint that is neither public nor the exchange.
/// This looks at the endpoints one after the other, so a snapshot keeps the result.
pub(crate) fn ordinary(engine: &Engine) -> Option<(Method, String)> {
    let policy = engine.policy();
    policy.endpoints().iter().find_map(|entry| {
        let method = entry.methods().find(|method| !entry.is_public(*method));
        let method = method.filter(|_| !entry.is_exchange())?;
        let path = format!("{}{}", policy.base_path(), filled(entry.template()));
        let found = engine.entry(engine.endpoint(method.as_str(), &path));
        let is_ordinary = found.is_some_and(|found| {
            !found.is_exchange()
                && found.methods().any(|own| own == method)
                && !found.is_public(method)
        });
        is_ordinary.then_some((method, path))
    })
}

/// A path of a template: every parameter is `x`.
fn filled(template: &Template) -> String {
    let mut path = String::new();
    let mut is_name = false;
    for character in template.to_string().chars() {
        match character {
            '{' => {
                is_name = true;
                path.push('x');
            }
            '}' => is_name = false,
            other if !is_name => path.push(other),
            _ => {}
        }
    }
    path
}
