#!/usr/bin/env python3
"""Joins what the adapters wrote into `readings.txt`; see README.md.

    collect.py QUERIES READINGS ADAPTER_OUTPUT...
"""
import collections
import hashlib
import json
import re
import sys

ASKED = ["tenantid", "cust_id", "method"]


def shorten(query):
    """Writes what is there five times or more in a row once: `«a&×255»`."""
    return re.sub(
        r"(.{1,8}?)\1{4,}",
        lambda m: f"«{m[1]}×{len(m[0]) // len(m[1])}»" if len(m[0]) > 24 else m[0],
        query,
    )


def spell(reading):
    return "".join(c if " " <= c <= "~" else "?" for c in reading)


def main():
    queries, to, *outputs = sys.argv[1:]
    queries = open(queries).read().removesuffix("\n").split("\n")
    versions, answers = {}, [({}, {}, {}) for _ in queries]
    kinds = {}
    for output in outputs:
        head, *lines = open(output, encoding="utf-8").read().removesuffix("\n").split("\n")
        head = json.loads(head)
        assert len(lines) == len(queries), f"{output} answers {len(lines)} of {len(queries)} queries"
        assert not head.keys() & versions.keys(), f"{output} repeats a parser"
        versions |= head
        for line, answer in zip(lines, answers):
            line = json.loads(line)
            for parser, (tenant, customer) in line["names"].items():
                answer[0][parser], answer[1][parser] = spell(tenant), spell(customer)
                kinds[parser] = "parser"
            for parser, method in line["method"].items():
                answer[2][parser] = spell(method)
                kinds[parser] = "override"
    assert kinds.keys() == versions.keys(), kinds.keys() ^ versions.keys()
    names = sorted(name for name in kinds if kinds[name] == "parser")
    overrides = sorted(name for name in kinds if kinds[name] == "override")
    groups = collections.defaultdict(list)
    for query, (tenant, customer, method) in zip(queries, answers):
        assert sorted(tenant) == names and (not method or sorted(method) == overrides), query
        head, rest = [], []
        for asked, read in zip(ASKED, (tenant, customer, method)):
            count = collections.Counter(read.values())
            usual = min(count, key=lambda value: (-count[value], value)) if count else "-"
            head.append(f"{asked}={usual}")
            for value in sorted(count):
                if value != usual:
                    rest.append((asked, value, tuple(sorted(p for p in read if read[p] == value))))
        groups["\t".join(head), tuple(rest)].append(query)
    # Those who often read alike get a name, made from theirs.
    often = collections.Counter(parsers for _, rest in groups for _, _, parsers in rest if len(parsers) > 1)
    sets = {parsers: "&" + hashlib.sha1(" ".join(parsers).encode()).hexdigest()[:5] for parsers in sorted(often) if often[parsers] > 1}
    assert len(set(sets.values())) == len(sets)
    with open(to, "w", encoding="utf-8") as out:
        print("# What real query parsers read. `tests/parsers/run` writes this file; README.md explains it.", file=out)
        for name in names + overrides:
            print(f"{kinds[name]} {name} {versions[name]}", file=out)
        for parsers, name in sets.items():
            print(f"set {name} {' '.join(parsers)}", file=out)
        for (head, rest), members in groups.items():
            print(f"read {head}", file=out)
            for asked, value, parsers in rest:
                print(f"\t{asked}={value}\t{sets.get(parsers) or ' '.join(parsers)}", file=out)
            for query in members:
                print(f"?{shorten(query)}", file=out)
    parsers = {name.split(" ")[0] for name in versions.values()}
    print(f"{len(queries)} queries in {len(groups)} groups, {len(names)} parsers and {len(overrides)} overrides of {len(parsers)} packages")


main()
