#!/usr/bin/env python3
"""Joins what the adapters wrote into `picks.txt`; see README.md.

    collect.py SCENARIOS PICKS ADAPTER_OUTPUT...
"""
import collections
import hashlib
import json
import sys


def main():
    scenarios, to, *outputs = sys.argv[1:]
    scenarios = json.load(open(scenarios))
    versions, answers = {}, [{} for _ in scenarios]
    for output in outputs:
        head, *lines = open(output, encoding="utf-8").read().removesuffix("\n").split("\n")
        head = json.loads(head)
        assert len(lines) == len(scenarios), f"{output} answers {len(lines)} of {len(scenarios)} scenarios"
        assert not head.keys() & versions.keys(), f"{output} repeats a router"
        versions |= head
        for line, answer, scenario in zip(lines, answers, scenarios):
            line = json.loads(line)
            assert line.keys() == head.keys(), output
            for router, picks in line.items():
                assert picks is None or len(picks) == len(scenario["paths"]), (router, scenario["name"])
            answer |= line
    # A router that takes the own path of a route for it in neither order does
    # not know such a route.
    for one in range(0, len(scenarios), 2):
        for router in versions:
            served = set()
            for at in (one, one + 1):
                picks, scenario = answers[at][router], scenarios[at]
                if picks is None:
                    continue
                for number, (route, own) in enumerate(zip(scenario["routes"], scenario["own"])):
                    if picks[scenario["paths"].index(own)] == str(number):
                        served.add(route)
            if served != set(scenarios[one]["routes"]):
                answers[one][router] = answers[one + 1][router] = None
    # Those who often pick the same get a name, made from theirs.
    groups, often = [], collections.Counter()
    for scenario, answer in zip(scenarios, answers):
        able = {router: picks for router, picks in answer.items() if picks is not None}
        by_picks = collections.defaultdict(list)
        for at, path in enumerate(scenario["paths"]):
            picks = collections.defaultdict(list)
            for router in sorted(able):
                picks[able[router][at]].append(router)
            usual = min(picks, key=lambda pick: (-len(picks[pick]), pick))
            rest = tuple((pick, tuple(picks[pick])) for pick in sorted(picks) if pick != usual)
            by_picks[usual, rest].append(path)
        for _, rest in by_picks:
            often.update(routers for _, routers in rest if len(routers) > 1)
        groups.append((scenario, sorted(answer.keys() - able.keys()), by_picks))
    sets = {routers: "&" + hashlib.sha1(" ".join(routers).encode()).hexdigest()[:6] for routers in sorted(often) if often[routers] > 1}
    assert len(set(sets.values())) == len(sets)
    with open(to, "w", encoding="utf-8") as out:
        print("# Which handlers real routers pick. `tests/routers/run` writes this file; README.md explains it.", file=out)
        for name in sorted(versions):
            print(f"router {name} {versions[name]}", file=out)
        for routers, name in sets.items():
            print(f"set {name} {' '.join(routers)}", file=out)
        for scenario, without, by_picks in groups:
            print(f"scenario {scenario['name']} {' '.join(scenario['routes'])}", file=out)
            if without:
                print(f"without {' '.join(without)}", file=out)
            for (usual, rest), paths in by_picks.items():
                fields = [usual] + [f"{pick}={sets.get(routers) or ' '.join(routers)}" for pick, routers in rest]
                print("pick " + "\t".join(fields), file=out)
                for path in paths:
                    print(path, file=out)
    count = sum(len(scenario["paths"]) for scenario in scenarios)
    print(f"{count} requests in {len(scenarios)} scenarios, {len(versions)} routers of {len(set(versions.values()))} packages")


main()
