//! Which handler routers of Rust pick; see ../README.md.

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::{Value, json};

/// One answer for a path: the number of a route, `-`, `>` or `!`.
type Ask = Box<dyn Fn(&str) -> String>;

/// A route in a router's own syntax: parameters as `{name}`, and a tail as
/// `tail` writes it.
fn spell(route: &str, tail: fn(&str) -> String) -> String {
    let mut out = String::new();
    for part in route.split_inclusive('}') {
        let Some((before, name)) = part.split_once('{') else {
            out += part;
            continue;
        };
        out += before;
        let name = name.trim_end_matches('}');
        match name.strip_suffix("...") {
            Some(name) => out += &tail(name),
            None => out += &format!("{{{name}}}"),
        }
    }
    out
}

fn by_status(status: u16, body: &[u8]) -> String {
    match (status, body) {
        (300..400, _) => ">".into(),
        (404 | 405, _) => "-".into(),
        (200, [digit @ b'0'..=b'9']) => char::from(*digit).to_string(),
        _ => "!".into(),
    }
}

fn matchit(routes: &[String]) -> Ask {
    let mut router = matchit::Router::new();
    for (number, route) in routes.iter().enumerate() {
        let path = spell(route, |name| format!("{{*{name}}}"));
        router.insert(path, number).unwrap();
    }
    Box::new(move |path| match router.at(path) {
        Ok(found) => found.value.to_string(),
        Err(_) => "-".into(),
    })
}

fn axum(routes: &[String]) -> Ask {
    use axum::body::{Body, to_bytes};
    use tower::ServiceExt;

    let mut app = axum::Router::new();
    for (number, route) in routes.iter().enumerate() {
        let path = spell(route, |name| format!("{{*{name}}}"));
        app = app.route(
            &path,
            axum::routing::get(move || async move { number.to_string() }),
        );
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    Box::new(move |path| {
        let Ok(request) = axum::http::Request::get(path).body(Body::empty()) else {
            return "!".into();
        };
        runtime.block_on(async {
            let response = app.clone().oneshot(request).await.unwrap();
            let status = response.status().as_u16();
            let body = to_bytes(response.into_body(), 100).await.unwrap();
            by_status(status, &body)
        })
    })
}

fn actix(routes: &[String]) -> Ask {
    let definitions: Vec<actix_web::dev::ResourceDef> = routes
        .iter()
        .map(|route| {
            let path = spell(route, |name| format!("{{{name}}}*"));
            actix_web::dev::ResourceDef::new(path)
        })
        .collect();
    Box::new(move |path| {
        let Ok(uri) = path.parse::<actix_web::http::Uri>() else {
            return "!".into();
        };
        let mut path = actix_web::dev::Path::new(actix_web::dev::Url::new(uri));
        let found = definitions
            .iter()
            .position(|definition| definition.capture_match_info(&mut path));
        found.map_or("-".into(), |number| number.to_string())
    })
}

fn poem(routes: &[String]) -> Ask {
    use poem::{Endpoint, EndpointExt, Request, Route, get, handler};

    #[handler]
    fn number(data: poem::web::Data<&usize>) -> String {
        data.0.to_string()
    }
    // A fixed part would belong to the name, and a `:` begins one.
    let plain = |segment: &str| {
        !segment.contains([':', '{']) || segment.starts_with('{') && segment.ends_with('}')
    };
    assert!(routes.iter().all(|route| route.split('/').all(plain)));
    let mut app = Route::new();
    for (at, route) in routes.iter().enumerate() {
        let path = spell(route, |name| format!("*{name}"))
            .replace('{', ":")
            .replace('}', "");
        app = app.at(path, get(number.data(at)));
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    Box::new(move |path| {
        let Ok(uri) = path.parse::<poem::http::Uri>() else {
            return "!".into();
        };
        runtime.block_on(async {
            let response = app.get_response(Request::builder().uri(uri).finish()).await;
            let status = response.status().as_u16();
            by_status(status, &response.into_body().into_vec().await.unwrap())
        })
    })
}

/// The version of a package in the lock file.
fn version(name: &str) -> String {
    let lock = include_str!("../Cargo.lock");
    let (_, rest) = lock.split_once(&format!("name = \"{name}\"\n")).unwrap();
    format!("{name} {}", rest.split('"').nth(1).unwrap())
}

fn main() {
    std::panic::set_hook(Box::new(|_| ()));
    let scenarios = std::fs::read_to_string(std::env::args().nth(1).unwrap()).unwrap();
    let scenarios: Value = serde_json::from_str(&scenarios).unwrap();
    let routers: [(&str, &str, fn(&[String]) -> Ask); 4] = [
        ("rust/matchit", "matchit", matchit),
        ("rust/axum", "axum", axum),
        ("rust/actix", "actix-web", actix),
        ("rust/poem", "poem", poem),
    ];
    let versions: BTreeMap<&str, String> = routers
        .iter()
        .map(|(id, package, _)| (*id, version(package)))
        .collect();
    println!("{}", json!(versions));
    for scenario in scenarios.as_array().unwrap() {
        let list = |name: &str| -> Vec<String> {
            let list = scenario[name].as_array().unwrap().iter();
            list.map(|one| one.as_str().unwrap().to_string()).collect()
        };
        let (routes, paths) = (list("routes"), list("paths"));
        let mut answers = BTreeMap::new();
        for (id, _, make) in routers {
            let answer = catch_unwind(AssertUnwindSafe(|| make(&routes))).ok();
            if answer.is_none() {
                eprintln!("{id} {}: not registered", scenario["name"]);
            }
            let text = answer.map(|ask| {
                let one = |path: &String| catch_unwind(AssertUnwindSafe(|| ask(path)));
                paths
                    .iter()
                    .map(|path| one(path).unwrap_or("!".into()))
                    .collect::<String>()
            });
            answers.insert(id, text);
        }
        println!("{}", json!(answers));
    }
}
