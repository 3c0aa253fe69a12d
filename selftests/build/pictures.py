#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Does each setting in Documentation/shapes.rst have its picture, and each picture its place
in one of the texts?

    pictures.py TOP     results as TAP lines without a plan
"""
import pathlib
import re
import sys

PARTS = ("Sizes", "Schedules", "Chaff", "Limits", "Built-in profiles")	# of shapes.rst
MAX_BYTES = 60000


def result(wrong, what):
    print("%s - %s" % ("not ok" if wrong else "ok", what))
    for line in wrong:
        print("# " + line)


def sections(text):
    """(part, section, text) of each section that a part has."""
    part, found = "", []
    heading = r"^\S[^\n]*\n(?:===+|---+)\n"
    for m in re.finditer(r"^(\S[^\n]*)\n(===+|---+)\n(.*?)(?=%s|\Z)" % heading, text, re.M | re.S):
        if len(m[1]) != len(m[2]):
            continue
        if m[2][0] == "=":
            part = m[1]
        elif part in PARTS:
            found.append((part, m[1], m[3]))
    return found


def main():
    top = pathlib.Path(sys.argv[1])
    folder = top / "Documentation/pictures"
    text = (top / "Documentation/shapes.rst").read_text()
    found = sections(text)
    result([p for p in PARTS if p not in {f[0] for f in found}],
           "shapes.rst: %d settings in %d parts" % (len(found), len(PARTS)))
    result([s for _, s, t in found if ".. figure:: pictures/" not in t], "each has a picture")

    texts = [f.read_text() for f in sorted((top / "Documentation").glob("*.rst"))]
    named = [n for t in texts for n in re.findall(r"^\s*\.\. (?:figure|image):: (\S+)$", t, re.M)]
    shapes = re.findall(r"^\.\. figure:: (\S+)$", text, re.M)
    there = {"pictures/" + f.name for f in folder.glob("*.svg")}
    result(sorted(n for n in set(named) if n not in there), "each picture that is named is there")
    result(sorted(there - set(named)), "each picture that is there is named")
    result(sorted(n for n in set(named) if named.count(n) > 1), "none twice")
    result([f.name for f in folder.glob("*.svg") if f.stat().st_size > MAX_BYTES],
           "none is larger than %d bytes" % MAX_BYTES)
    drawn = [f.stem for f in folder.glob("*.profile")]
    drawn += ["profile-" + f.stem for f in top.glob("tools/profile/profiles/*.profile")]
    result(sorted("pictures/%s.svg" % d for d in drawn if "pictures/%s.svg" % d not in shapes),
           "each of %d profiles has its picture in shapes.rst" % len(drawn))

    # Each kind that the compiler knows has a word in the text.
    source = (top / "tools/profile/profile.c").read_text()
    kinds = [k for m in re.finditer(r"(?:sched|chaff)_kinds\[\] = \{(.*?)\}", source, re.S)
             for k in re.findall(r'"([\w-]+)"', m[1])]
    used = "".join(f.read_text() for f in folder.glob("*.profile"))
    result([k for k in kinds if "Kind = %s\n" % k not in used + "\n"],
           "a picture of each of %d kinds of schedule and chaff" % len(kinds))
    settings = set(re.findall(r'get_\w+\(t, s, "(\w+)"', source)) - {"Name", "About", "Kind"}
    result(sorted(s for s in settings if not re.search(r"``%s\b" % s, text)),
           "a word on each of %d settings" % len(settings))


main()
