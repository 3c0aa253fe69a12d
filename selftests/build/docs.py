#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0
"""Is what Documentation/ and README.md say still so?

    docs.py check TOP [WIRE-FORMAT]   results as TAP lines without a plan
    docs.py write TOP                 fill in the test vectors of wire-format.rst

A comment in wire-format.rst names a vector of kmod/kunit,

    .. vector vectors.h NAME
    .. vector vectors_noise.h TABLE ENTRY FIELD

and the literal block behind it holds its bytes, or its number.
"""
import pathlib
import re
import sys

VECTOR = re.compile(r"^\.\. vector (.+)\n(?:\n::\n\n((?:    .+\n)+))?", re.M)
PATH = re.compile(r"``((?:kmod|tools|selftests|include|Documentation)/[\w./-]+)``|"
                  r"^(?:\s+)?((?:selftests|tools)/[\w./-]+)", re.M)


def numbers(text):
    return bytes(int(x, 16) for x in re.findall(r"0x[0-9a-f]{2}", text))


def plain_vectors(text):
    """vectors.h: one array each."""
    return {m[1]: numbers(m[2])
            for m in re.finditer(r"^static const u8 (\w+)\[\] = \{(.*?)^\};", text, re.M | re.S)}


def table_vectors(text):
    """vectors_noise.h: tables of structures, as "TABLE ENTRY FIELD"."""
    found = {}
    for table in re.finditer(r"^static const struct \w+ (\w+)\[\](?: __maybe_unused)? = \{\n(.*?)^\};", text,
                             re.M | re.S):
        for n, entry in enumerate(re.split(r"^\t\{\n", table[2], flags=re.M)[1:]):
            for field in re.finditer(r"\.(\w+) = (?:(\d+)U?|\{(.*?)\}),", entry, re.S):
                value = int(field[2]) if field[2] else numbers(field[3])
                found["%s %d %s" % (table[1], n, field[1])] = value
    for name in [n for n in found if n.startswith("rtpl_vector_cells ") and n.endswith("plain")]:
        found[name] = found[name][:found[name.replace("plain", "size")] - 24]
    return found


def known(top):
    kunit = top / "kmod/kunit"
    found = {}
    for name, parse in (("vectors.h", plain_vectors), ("vectors_noise.h", table_vectors)):
        for key, value in parse((kunit / name).read_text()).items():
            found["%s %s" % (name, key)] = value
    return found


def block(value):
    if isinstance(value, int):
        return "    0x%08x\n" % value
    rows = [value[i:i + 32].hex(" ", -4) for i in range(0, len(value), 32)]
    return "".join("    %s\n" % row for row in rows)


def write(top):
    doc = top / "Documentation/wire-format.rst"
    vectors = known(top)
    doc.write_text(VECTOR.sub(
        lambda m: ".. vector %s\n\n::\n\n%s" % (m[1], block(vectors[m[1]])), doc.read_text()))


def result(ok, what, why=""):
    print("%s - %s" % ("ok" if ok else "not ok", what))
    if not ok and why:
        print("# " + why)


def check(top, doc):
    vectors = known(top)
    seen = 0
    for m in VECTOR.finditer(doc.read_text()):
        seen += 1
        if m[1] not in vectors:
            result(False, "vector " + m[1], "there is no such vector")
        elif m[2] != block(vectors[m[1]]):
            result(False, "vector " + m[1], "the document has other bytes")
    result(seen >= 25, "wire-format.rst: %d vectors compared with kmod/kunit" % seen)

    paths = missing = 0
    for text in [top / "README.md", *sorted(top.glob("Documentation/*.rst"))]:
        for m in PATH.finditer(text.read_text()):
            path = (m[1] or m[2]).rstrip("./")
            if re.search(r"/(test_)?[A-Z]{4}|/build$", path):	# stands for any, or is made
                continue
            paths += 1
            if not any(top.glob(path)):
                missing += 1
                result(False, "%s: %s" % (text.name, path), "there is no such file")
    result(not missing, "%d paths that README.md and Documentation name are there" % paths)


def main():
    top = pathlib.Path(sys.argv[2])
    if sys.argv[1] == "write":
        write(top)
    else:
        check(top, pathlib.Path(sys.argv[3]) if len(sys.argv) > 3 else
              top / "Documentation/wire-format.rst")


main()
