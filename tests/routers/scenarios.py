#!/usr/bin/env python3
"""Prints the scenarios as JSON: routes in the order of registration, and paths.

A scenario is asked in both orders. Always the same output.
"""
import json
import re

# Routes that are near each other, and paths that somebody means.
SCENARIOS = {
    "literal": (["/a/export", "/a/{id}"], ["/a/export", "/a/7"]),
    "capitals": (["/a/Export", "/a/{id}"], ["/a/Export", "/a/7"]),
    "beneath": (
        ["/a/export", "/a/{id}", "/a/{id}/tags", "/a/export/run"],
        ["/a/export", "/a/export/run", "/a/export/tags", "/a/7/tags", "/a/7/run"],
    ),
    "dotted": (["/a/export.json", "/a/export", "/a/{id}"], ["/a/export.json", "/a/export", "/a/7"]),
    "verb": (["/a/export:run", "/a/export", "/a/{id}"], ["/a/export:run", "/a/export"]),
    "slash": (["/a/b", "/a/b/"], ["/a/b", "/a/b/"]),
    "slash.alone": (["/a/b/", "/a/c"], ["/a/b", "/a/b/", "/a/c", "/a/c/"]),
    "slash.parameter": (["/a/{id}", "/a/b/"], ["/a/b", "/a/b/", "/a/7", "/a/7/"]),
    "slash.literal": (["/a/{id}/", "/a/b"], ["/a/b", "/a/b/", "/a/7", "/a/7/"]),
    "affix": (["/a/{id}.json", "/a/{id}"], ["/a/7.json", "/a/7"]),
    "affix.verb": (["/a/{id}:cancel", "/a/{id}"], ["/a/7:cancel", "/a/7"]),
    "affix.two": (["/a/{id}.json", "/a/{id}.xml", "/a/{id}"], ["/a/7.json", "/a/7.xml", "/a/7"]),
    "affix.longer": (["/a/{id}.tar.json", "/a/{id}.json"], ["/a/7.tar.json", "/a/7.json"]),
    "affix.literal": (["/a/export.json", "/a/{id}.json"], ["/a/export.json", "/a/7.json"]),
    "affix.before": (["/a/v{version}", "/a/{id}"], ["/a/v2", "/a/7"]),
    "affix.user": (["/a/@{user}", "/a/{id}"], ["/a/@me", "/a/7"]),
    "tail": (["/f/own", "/f/{x}", "/f/{p...}"], ["/f/own", "/f/7", "/f/7/8", "/f/own/8", "/f/7/own"]),
    "tail.literal": (["/f/own/me", "/f/{p...}"], ["/f/own/me", "/f/7/8", "/f/own/8"]),
    "tail.between": (["/f/{p...}/own", "/f/{p...}"], ["/f/7/own", "/f/7/8/own", "/f/7", "/f/own"]),
    "crossing": (["/a/{x}", "/{y}/b"], ["/a/b", "/a/c", "/c/b"]),
    "crossing.deep": (["/a/{x}/c", "/{y}/b/d"], ["/a/b/c", "/a/b/d", "/a/c/d"]),
}

# What is put behind a segment, and before one.
BEHIND = [
    "/", "//", ".", "..", ".json", ".JSON", ".xml", ".tar", ":run", ":cancel", ":x", ";x", ";x=1", "%00", "%20", "+",
    "%2F", "%2f..", "%3B", "%3Fx", "%23x", "%2E", "%2ejson", "%3Acancel", "%3Arun", "~", "-", "_", "@1", "=1", ",b", "$",
    "!", "'", "(x)", "*", "&x", "%09", "%0A", "%C3%A9", "%5C", "x",
]
BEFORE = ["/", "./", "x/../", "%2e/", "%20", "+", "~", "@", ":", "-", "*", "%2F", ";/", "(", "'"]


def encoded(text, at):
    return f"{text[:at]}%{ord(text[at]):02X}{text[at + 1:]}"


def near(path):
    """The path, and others that somebody may take for it."""
    yield path
    segments = path.split("/")
    for at in range(1, len(segments)):
        segment = segments[at]
        if not segment:
            continue
        if at == 1 and len(segments) > 2 and segment in ("a", "f"):
            few = [segment.upper(), encoded(segment, 0), "/a", segment + "/", segment + ";x", "x/../a", "%2F" + segment]
            for other in few:
                yield "/".join(segments[:at] + [other] + segments[at + 1 :])
            continue
        others = [segment + behind for behind in BEHIND] + [before + segment for before in BEFORE]
        others += [segment.upper(), segment.lower(), segment.title(), segment.swapcase()]
        others += [encoded(segment, 0), encoded(segment, len(segment) - 1), encoded(segment, len(segment) // 2)]
        others += [encoded(segment, 0).replace("%", "%25"), encoded(segment, 0).lower()]
        for mark in ".:@":
            if mark in segment:
                place = segment.rindex(mark)
                others += [encoded(segment, place), encoded(segment, place).lower(), segment[:place], segment[place:]]
                others += [segment + segment[place:], segment + segment[place:].upper(), segment + ".json", segment + ":x"]
                others += [segment[:place] + segment[place:].upper(), segment[:place] + "." + segment[place:], segment + "%20"]
                others += [encoded(segment, place + 1), segment[:place] + mark + segment[place:]]
        others += ["export", "EXPORT", "%65xport", "b", "own", ".export", "%20export", "(export)"] if segment == "7" else []
        for other in others:
            yield "/".join(segments[:at] + [other] + segments[at + 1:])


def own(route):
    """A path of this route."""
    return re.sub(r"\{\w+\}", "7", re.sub(r"\{\w+\.\.\.\}", "7/8", route))


out = []
for name, (routes, meant) in SCENARIOS.items():
    paths = [other for path in meant for other in near(path)]
    paths = list(dict.fromkeys(paths + [own(route) for route in routes]))
    for name, routes in (name, routes), (name + ".reversed", routes[::-1]):
        out.append({"name": name, "routes": routes, "own": [own(route) for route in routes], "paths": paths})
print(json.dumps(out, indent=1))
