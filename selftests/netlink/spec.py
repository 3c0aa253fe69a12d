#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Compares the netlink family's description with the uapi header, both ways.

    spec.py SPEC.yaml HEADER.h

Prints TAP: names, numbers and order of constants, enums, attributes and
commands must be the same, and neither may have what the other lacks.
"""
import re
import sys

import yaml

count = failed = 0


def result(name, wrong):
    """One TAP line; wrong: list of differences."""
    global count, failed
    count += 1
    failed += bool(wrong)
    print(f"{'not ok' if wrong else 'ok'} {count} - {name}")
    for w in wrong:
        print(f"#   {w}")


def c_name(text):
    return text.replace("-", "_").upper()


class Header:
    """#defines with a number or a string, and enums with names and values."""

    def __init__(self, text):
        text = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
        self.defines = {}
        for name, value in re.findall(r"^#define[ \t]+(\w+)[ \t]+(\d+|\"\w+\")(?:U|L)*[ \t]*$", text, re.M):
            self.defines[name] = value.strip('"') if value[0] == '"' else int(value)
        self.enums = {}
        for name, body in re.findall(r"enum (\w+) \{(.*?)\}", text, re.S):
            value, entries = 0, {}
            for entry in filter(None, (e.strip() for e in body.split(","))):
                name_value = re.fullmatch(r"(\w+)(?:\s*=\s*(\d+))?", entry)
                if not name_value:
                    sys.exit(f"cannot read the entry {entry!r} of enum {name}")
                value = int(name_value[2]) if name_value[2] else value
                if not name_value[1].startswith("__"):
                    entries[name_value[1]] = value
                value += 1
            self.enums[name] = entries


def compare(have, want):
    """Differences of two dictionaries; have: the spec's, want: the header's."""
    wrong = [f"{n} = {v} is not in the header" for n, v in have.items() if n not in want]
    wrong += [f"{n} = {v} is not in the spec" for n, v in want.items() if n not in have]
    wrong += [f"{n} is {v} in the spec, {want[n]} in the header"
              for n, v in have.items() if n in want and want[n] != v]
    return wrong


def numbered(entries, prefix, first):
    """Names and values of a list of spec entries (strings or maps)."""
    out, value = {}, first
    for e in entries:
        name = e if isinstance(e, str) else e["name"]
        if not isinstance(e, str) and "value" in e:
            value = e["value"]
        out[c_name(prefix + name)] = value
        value += 1
    return out


def main():
    with open(sys.argv[1], encoding="utf-8") as f:
        spec = yaml.safe_load(f)
    with open(sys.argv[2], encoding="utf-8") as f:
        header = Header(f.read())
    seen = set()

    result("family name and version", compare(
        {"RTPL_GENL_NAME": spec["name"], "RTPL_GENL_VERSION": spec["version"]},
        {n: header.defines.get(n) for n in ("RTPL_GENL_NAME", "RTPL_GENL_VERSION")}))
    groups = [g["name"] for g in spec["mcast-groups"]["list"]]
    result("multicast groups", compare(
        {c_name("rtpl-mcgrp-" + g): g for g in groups},
        {n: v for n, v in header.defines.items() if n.startswith("RTPL_MCGRP_")}))

    consts = {c_name("rtpl-" + d["name"]): d["value"]
              for d in spec["definitions"] if d["type"] == "const" and "header" not in d}
    result("constants", compare(consts, {
        n: v for n, v in header.defines.items()
        if isinstance(v, int) and not n.startswith("RTPL_GENL_")}))

    for d in spec["definitions"]:
        if d["type"] == "enum":
            name = d["enum-name"].replace("-", "_")
            seen.add(name)
            result(f"enum {name}", compare(numbered(d["entries"], d["name-prefix"], 0),
                                           header.enums.get(name, {})))
    whole = {s["name"]: s for s in spec["attribute-sets"] if "subset-of" not in s}
    for s in whole.values():
        name = s["enum-name"].replace("-", "_")
        seen.add(name)
        have = numbered(s["attributes"], s["name-prefix"], 1)
        have[c_name(s["name-prefix"] + "unspec")] = 0
        result(f"attributes of {name}", compare(have, header.enums.get(name, {})))

    ops = spec["operations"]
    name = ops["enum-name"].replace("-", "_")
    seen.add(name)
    have = numbered(ops["list"], ops["name-prefix"], 1)
    have[c_name(ops["name-prefix"] + "unspec")] = 0
    result("commands", compare(have, header.enums.get(name, {})))

    result("every enum of the header is described",
           [f"enum {n} is not in the spec" for n in header.enums if n not in seen])

    print(f"1..{count}")
    return failed != 0


sys.exit(main())
