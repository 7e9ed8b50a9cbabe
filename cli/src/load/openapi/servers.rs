//! The paths under which an API is served.

use super::finding::{Findings, Place};
use super::node::Node;

/// The base paths that a list of servers gives, each once, in order. A base
/// path begins with `/` and does not end with it; `/` itself is empty.
pub(super) fn bases(servers: &Node, place: &Place, findings: &mut Findings) -> Vec<String> {
    let mut bases = Vec::new();
    for (number, server) in servers.items().iter().enumerate() {
        let place = place.below(number);
        if let Some(base) = base(server, &place, findings)
            && !bases.contains(&base)
        {
            bases.push(base);
        }
    }
    bases
}

/// The base path of one server.
fn base(server: &Node, place: &Place, findings: &mut Findings) -> Option<String> {
    let Some(url) = server.get("url").and_then(Node::text) else {
        findings.partly(place, "a server has a `url` that is a text");
        return None;
    };
    let variables = server.get("variables").unwrap_or(&Node::Null);
    let default = match filled(url, variables, None) {
        Ok(default) => default,
        Err(name) => {
            findings.partly(
                place,
                format!("variable `{name}` of server `{url}` has no `default`; give the base path with --base-path"),
            );
            return None;
        }
    };
    let (base, relative) = path_of(&default);
    if relative {
        let text = format!(
            "server `{url}` is relative to where the document is published; its path is taken as `{base}/`; give another one with --base-path"
        );
        findings.note(place, text);
    }
    let mut others = Vec::new();
    for (name, variable) in variables.entries() {
        let values = variable.get("enum").unwrap_or(&Node::Null).items();
        for value in values.iter().filter_map(Node::text) {
            if let Ok(url) = filled(url, variables, Some((name, value)))
                && let (other, _) = path_of(&url)
                && other != base
                && !others.contains(&other)
            {
                others.push(other);
            }
        }
    }
    for other in others {
        let text = format!(
            "server `{url}` may also have the path `{other}`; only its default `{base}` is taken over"
        );
        findings.partly(place, text);
    }
    Some(base)
}

/// The base path of a document of version 2.0.
pub(super) fn old_base(document: &Node, findings: &mut Findings) -> String {
    let host = document.get("x-ms-parameterized-host");
    let host = host
        .and_then(|host| host.get("hostTemplate"))
        .and_then(Node::text)
        .map(|host| path_of(&format!("//{}", host.trim_start_matches("https://"))).0);
    let base = match document.get("basePath") {
        None | Some(Node::Null) => String::new(),
        Some(Node::Text(base)) => path_of(&format!("/{}", base.trim_start_matches('/'))).0,
        Some(other) => {
            let text = format!("`basePath` is a text, this is {}", other.kind());
            findings.partly(&Place::at("#/basePath"), text);
            String::new()
        }
    };
    host.unwrap_or_default() + &base
}

/// The URL with a value for each variable: the chosen one, or the default. A
/// variable without a value at the beginning is the host. The error is the name
/// of another variable without a default.
fn filled(url: &str, variables: &Node, chosen: Option<(&str, &str)>) -> Result<String, String> {
    let mut filled = String::new();
    let mut rest = url;
    while let Some((before, behind)) = rest.split_once('{') {
        let Some((name, behind)) = behind.split_once('}') else {
            break;
        };
        filled.push_str(before);
        let default = variables
            .get(name)
            .and_then(|variable| variable.get("default"))
            .and_then(Node::text);
        match (chosen, default) {
            (Some((own, value)), _) if own == name => filled.push_str(value),
            (_, Some(default)) => filled.push_str(default),
            (_, None) if filled.is_empty() => filled.push_str("//host"),
            // The host, or a part of it.
            (_, None)
                if path_of(&filled).0.is_empty()
                    && filled.contains("//")
                    && !filled.ends_with('/') =>
            {
                filled.push_str("host");
            }
            (_, None) if filled.ends_with("://") => filled.push_str("host"),
            (_, None) => return Err(name.to_owned()),
        }
        rest = behind;
    }
    Ok(filled + rest)
}

/// The path of a URL without a `/` at the end, and whether the URL is relative.
fn path_of(url: &str) -> (String, bool) {
    let url = url.trim();
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (path, relative) = match url.split_once("//") {
        // The scheme, which holds no `/`, then the host.
        Some((scheme, rest)) if !scheme.contains('/') => {
            let path = rest.split_once('/').map_or("", |(_, path)| path);
            (path, false)
        }
        _ => (
            url.trim_start_matches("./").trim_start_matches("../"),
            !url.starts_with('/') && !url.is_empty(),
        ),
    };
    let path = path.trim_matches('/');
    if path.is_empty() || path == "." {
        return (String::new(), relative && path != ".");
    }
    (format!("/{path}"), relative)
}

#[cfg(test)]
mod tests {
    use super::super::finding::{Findings, Place, Weight};
    use super::super::node::Node;
    use super::{bases, path_of};

    fn text(text: &str) -> Node {
        Node::Text(text.to_owned())
    }

    fn map(entries: Vec<(&str, Node)>) -> Node {
        let entries = entries.into_iter();
        Node::Map(
            entries
                .map(|(key, value)| (key.to_owned(), value))
                .collect(),
        )
    }

    #[test]
    fn the_path_of_a_server() {
        for (url, path, relative) in [
            ("/", "", false),
            ("", "", false),
            ("/api/v1/", "/api/v1", false),
            ("https://api.example.com", "", false),
            ("https://api.example.com/", "", false),
            ("https://api.example.com:8443/v1/?a=b", "/v1", false),
            ("//api.example.com/v1", "/v1", false),
            ("api/v1", "/api/v1", true),
            ("./api", "/api", true),
            ("../api", "/api", true),
        ] {
            assert_eq!(path_of(url), (path.to_owned(), relative), "{url}");
        }
    }

    #[test]
    fn variables_of_servers() {
        let version = map(vec![
            ("default", text("v2")),
            ("enum", Node::List(vec![text("v1"), text("v2")])),
        ]);
        let servers = Node::List(vec![
            map(vec![("url", text("https://{region}.example.com/api"))]),
            map(vec![("url", text("{endpoint}/api"))]),
            map(vec![
                ("url", text("https://example.com/api/{version}")),
                ("variables", map(vec![("version", version)])),
            ]),
            map(vec![("url", text("https://example.com/{tenant}"))]),
        ]);
        let mut findings = Findings::default();
        let found = bases(&servers, &Place::at("#/servers"), &mut findings);
        assert_eq!(found, ["/api", "/api/v2"]);
        let findings = findings.sorted();
        let texts: Vec<_> = findings
            .iter()
            .map(|finding| (finding.weight, &*finding.place.pointer, &*finding.text))
            .collect();
        assert_eq!(
            texts,
            [
                (
                    Weight::Partly,
                    "#/servers/2",
                    "server `https://example.com/api/{version}` may also have the path `/api/v1`; only its default `/api/v2` is taken over"
                ),
                (
                    Weight::Partly,
                    "#/servers/3",
                    "variable `tenant` of server `https://example.com/{tenant}` has no `default`; give the base path with --base-path"
                ),
            ]
        );
    }
}
