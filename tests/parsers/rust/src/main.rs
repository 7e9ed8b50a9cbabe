//! What query parsers of Rust read; see `../README.md`.

use std::collections::HashMap;
use std::fs;
use std::io::{BufWriter, Write, stdout};

use rocket::form::{Form, FromForm};
use rocket::http::RawStr;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The struct of a handler: both parameters, each once and optional.
#[derive(Deserialize, FromForm)]
struct One {
    tenantid: Option<String>,
    cust_id: Option<String>,
}

/// The same with every value of each.
#[derive(Default, Deserialize, FromForm)]
#[serde(default)]
struct All {
    tenantid: Vec<String>,
    cust_id: Vec<String>,
}

/// `-` is nothing, `!` a refusal; a plain value is itself, all else is JSON.
fn one(value: Option<&Value>) -> String {
    match value {
        None | Some(Value::Null) => "-".into(),
        Some(Value::String(text))
            if !text.is_empty()
                && text
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-') =>
        {
            text.clone()
        }
        Some(other) => other.to_string().chars().take(60).collect(),
    }
}

fn all(values: &[String]) -> String {
    match values {
        [] => "-".into(),
        [value] => one(Some(&json!(value))),
        many => one(Some(&json!(many))),
    }
}

fn refused() -> Value {
    json!(["!", "!"])
}

fn of_one(read: Option<One>) -> Value {
    let text = |value: Option<String>| one(value.map(Value::String).as_ref());
    read.map_or_else(refused, |read| {
        json!([text(read.tenantid), text(read.cust_id)])
    })
}

fn of_all(read: Option<All>) -> Value {
    read.map_or_else(refused, |read| {
        json!([all(&read.tenantid), all(&read.cust_id)])
    })
}

fn of_map(read: Option<HashMap<String, Value>>) -> Value {
    read.map_or_else(refused, |read| {
        json!([one(read.get("tenantid")), one(read.get("cust_id"))])
    })
}

fn of_pairs(pairs: &[(String, String)]) -> Value {
    let of = |wanted: &str| {
        let found = pairs.iter().filter(|(name, _)| name == wanted);
        all(&found.map(|(_, value)| value.clone()).collect::<Vec<_>>())
    };
    json!([of("tenantid"), of("cust_id")])
}

fn axum<T: DeserializeOwned>(query: &str) -> Option<T> {
    let uri = format!("/x?{query}").parse::<http::Uri>().ok()?;
    axum::extract::Query::try_from_uri(&uri)
        .ok()
        .map(|read| read.0)
}

fn axum_extra<T: DeserializeOwned>(query: &str) -> Option<T> {
    let uri = format!("/x?{query}").parse::<http::Uri>().ok()?;
    axum_extra::extract::Query::try_from_uri(&uri)
        .ok()
        .map(|read| read.0)
}

fn actix<T: DeserializeOwned>(query: &str) -> Option<T> {
    actix_web::web::Query::from_query(query)
        .ok()
        .map(|read| read.0)
}

fn rocket<T: for<'a> FromForm<'a> + 'static>(query: &str) -> Option<T> {
    Form::<T>::parse_encoded(RawStr::new(query)).ok()
}

fn brackets<T: DeserializeOwned>(query: &str) -> Option<T> {
    serde_qs::from_str(query).ok()
}

/// Brackets may be encoded too.
fn lenient<T: DeserializeOwned>(query: &str) -> Option<T> {
    serde_qs::Config::new()
        .use_form_encoding(true)
        .deserialize_str(query)
        .ok()
}

fn main() {
    let file = std::env::args().nth(1).expect("a file of queries");
    let lock = include_str!("../Cargo.lock");
    let version = |name: &str| {
        let mut lines = lock
            .lines()
            .skip_while(|line| *line != format!("name = \"{name}\""));
        let line = lines.nth(1).expect("a locked crate");
        format!(
            "{name} {}",
            line.trim_start_matches("version = ").trim_matches('"')
        )
    };
    let texts = fs::read_to_string(file).expect("a file of queries");
    let mut out = BufWriter::new(stdout().lock());
    let mut write = |value: Value| writeln!(out, "{value}").expect("a place to write to");
    let parsers: Map<String, Value> = [
        ("rust/form_urlencoded", "form_urlencoded"),
        ("rust/serde_urlencoded", "serde_urlencoded"),
        ("rust/serde_urlencoded.pairs", "serde_urlencoded"),
        ("rust/serde_qs", "serde_qs"),
        ("rust/serde_qs.list", "serde_qs"),
        ("rust/serde_qs.map", "serde_qs"),
        ("rust/serde_qs.form", "serde_qs"),
        ("rust/axum", "axum"),
        ("rust/axum.map", "axum"),
        ("rust/axum_extra.list", "axum-extra"),
        ("rust/actix", "actix-web"),
        ("rust/actix.map", "actix-web"),
        ("rust/rocket", "rocket"),
        ("rust/rocket.list", "rocket"),
    ]
    .into_iter()
    .map(|(parser, package)| (parser.to_string(), json!(version(package))))
    .collect();
    write(Value::Object(parsers));
    for query in texts.lines() {
        let pairs: Vec<(String, String)> = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .collect();
        let read = serde_urlencoded::from_str::<Vec<(String, String)>>(query);
        write(json!({"names": {
            "rust/form_urlencoded": of_pairs(&pairs),
            "rust/serde_urlencoded": of_one(serde_urlencoded::from_str(query).ok()),
            "rust/serde_urlencoded.pairs": read.map_or_else(|_| refused(), |pairs| of_pairs(&pairs)),
            "rust/serde_qs": of_one(brackets(query)),
            "rust/serde_qs.list": of_all(brackets(query)),
            "rust/serde_qs.map": of_map(brackets(query)),
            "rust/serde_qs.form": of_one(lenient(query)),
            "rust/axum": of_one(axum(query)),
            "rust/axum.map": of_map(axum(query)),
            "rust/axum_extra.list": of_all(axum_extra(query)),
            "rust/actix": of_one(actix(query)),
            "rust/actix.map": of_map(actix(query)),
            "rust/rocket": of_one(rocket(query)),
            "rust/rocket.list": of_all(rocket(query)),
        }, "method": {}}));
    }
}
