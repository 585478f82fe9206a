#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Links and names in documents that lead nowhere, one a line: doc-links.py TOP FILE...

A link is [text](path#anchor) or `text <path>`_, relative to its file; an anchor is a heading or <a id="">. A name is that
of a group of tests in backquotes, `engine/smp` or `ioctl/*`.
"""
import fnmatch
import os
import re
import sys

LINK = re.compile(r"\]\(([^)\s]+)\)|<([^<>\s]+\.(?:rst|md)[^<>\s]*)>`_")
NAME = re.compile(r"`([a-z]+/[a-z0-9.*-]+)`")


def anchor(heading):
    """What a forge makes of a heading."""
    text = re.sub(r"\]\([^)]*\)", "", heading)
    return re.sub(r"[^\w\- ]", "", text).strip().lower().replace(" ", "-")


def anchors(path):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    found = set(re.findall(r'<a id="([^"]*)"', text))
    if path.endswith(".md"):
        found |= {anchor(heading) for heading in re.findall(r"^#+ (.*)$", text, re.M)}
    else:
        found |= {anchor(heading) for heading in re.findall(r"^(\S.*)\n(?:=+|-+)$", text, re.M)}
    return found


def groups(top):
    """Subjects, and names of groups."""
    found = set()
    for folder, _, files in os.walk(os.path.join(top, "ci")):
        subject = os.path.basename(folder)
        if subject == "gates" or os.path.basename(os.path.dirname(folder)) == "tests":
            found |= {f"{subject}/{name[:-3]}" for name in files if name.endswith(".sh")}
    # build/ is also where everything is made
    return {name.split("/")[0] for name in found} - {"build"}, found


def main():
    top, files = sys.argv[1], sys.argv[2:]
    subjects, names = groups(top)
    for file in files:
        path = os.path.join(top, file)
        with open(path, encoding="utf-8") as page:
            text = page.read()
        for links in LINK.findall(text):
            link = links[0] or links[1]
            if re.match(r"[a-z]+:", link):
                continue
            to, _, place = link.partition("#")
            target = os.path.join(os.path.dirname(path), to) if to else path
            if not os.path.exists(target):
                print(f"{file}: no file {link}")
            elif place and target.endswith((".md", ".rst")) and place not in anchors(target):
                print(f"{file}: no place {link}")
        for name in NAME.findall(text):
            if name.split("/")[0] in subjects and not re.search(r"\.(sh|[ch]|S|md|rst)$", name) and not fnmatch.filter(names, name):
                print(f"{file}: no group {name}")


main()
