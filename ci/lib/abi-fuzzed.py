#!/usr/bin/python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares what tests the launcher's interface by chance with its header: see ci/gates/abi-fuzzed.sh.

  abi-fuzzed.py HEADER FUZZER SYZKALLER

Prints case lines; the exit status says only whether it came to its end.
"""

import re
import sys

INTS = {"__u8": 1, "__u16": 2, "__s16": 2, "__s8": 1, "__s64": 8, "__u32": 4, "__s32": 4, "__u64": 8}
SYZ_INTS = {"int8": 1, "int16": 2, "int32": 4, "int64": 8, "bool8": 1, "bool32": 4}


def header_structs(text):
    """{name: [(field, unit size, count or None for a flexible array)]}, nested structures unfolded."""
    constants = dict(re.findall(r"^#define\s+(\w+)\s+(\d+)\s*$", text, re.M))
    structs = {}
    for name, body in re.findall(r"^struct (\w+) \{\n(.*?)^\};", text, re.M | re.S):
        fields = []
        for kind, field, array in re.findall(r"^\s+(__[us]\d+)\s+(\w+)(\[\w*\])?;", body, re.M):
            count = 1
            if array:
                number = array[1:-1]
                count = int(constants.get(number, number)) if number else None
            fields.append((field, INTS[kind], count))
        structs[name] = fields
    return structs


def split_top(text):
    """The parts of @text between commas that are in no bracket."""
    parts, depth = [""], 0
    for c in text:
        depth += c == "["
        depth -= c == "]"
        if c == "," and not depth:
            parts.append("")
        else:
            parts[-1] += c
    return [p.strip() for p in parts]


class Descriptions:
    """Of syzkaller's language what armkvm.txt uses."""

    def __init__(self, text):
        text = re.sub(r"#.*", "", text)
        self.fields = {}
        for name, body in re.findall(r"^(\w+) \{\n(.*?)^\}", text, re.M | re.S):
            self.fields[name] = re.findall(r"^\t(\w+)\s+(.*?)(?:\s+\((?:in|out|inout)\))?\s*$", body, re.M)
        self.resources = set(re.findall(r"^resource (\w+)\[", text, re.M)) | {"fd_event"}
        self.unions = {}
        for name, body in re.findall(r"^(\w+) \[\n(.*?)^\]", text, re.M | re.S):
            self.unions[name] = re.findall(r"^\t\w+\s+(.*?)\s*$", body, re.M)
        self.types = dict(re.findall(r"^type (\w+) (.*)$", text, re.M))
        self.calls = re.findall(r"^ioctl\$\w+\(fd \w+, cmd const\[(\w+)\](?:, (.*))?\)(?: \w+)?$", text, re.M)

    def flat(self, kind):
        """[(unit size, count)] of a type."""
        base, _, rest = kind.partition("[")
        args = split_top(rest[:-1]) if rest else []
        if base in SYZ_INTS:
            return [(SYZ_INTS[base], 1)]
        if base in ("flags", "const", "len"):
            return [(SYZ_INTS[args[-1]], 1)]
        if base in ("vma64", "ptr64"):
            return [(8, 1)]
        if base in self.resources:
            return [(4, 1)]
        if base in self.types:
            return self.flat(self.types[base])
        if base in self.unions:
            sizes = {tuple(self.flat(k)) for k in self.unions[base]}
            if len(sizes) != 1:
                raise ValueError(f"{base}: options of different sizes")
            return list(sizes.pop())
        if base == "array":
            (unit, _), = self.flat(args[0])
            return [(unit, None if ":" in args[1] else int(args[1]))]
        raise ValueError(f"{kind}: unknown")

    def struct(self, name):
        out = []
        for field, kind in self.fields[name]:
            if kind in self.fields:
                out += self.struct(kind)
            else:
                out += [(field, *size) for size in self.flat(kind)]
        return out


def main(header_file, fuzzer_file, syz_file):
    header = open(header_file, encoding="utf-8").read().replace("\\\n", " ")
    header = re.sub(r"/\*.*?\*/", "", header, flags=re.S)
    fuzzer = open(fuzzer_file, encoding="utf-8").read()
    syz = Descriptions(open(syz_file, encoding="utf-8").read())
    structs = header_structs(header)
    ioctls = re.findall(r"^#define\s+(ARMKVM_\w+)\s+_IO[RW]*\(ARMKVMIO, 0x\w+(?:, struct (\w+))?\)", header, re.M)
    if len(ioctls) < 20 or not structs:
        print("FAIL header: read wrong")
        return

    def case(name, wrong):
        print(f"FAIL {name}: {wrong}" if wrong else f"PASS {name}")

    for name, struct in ioctls:
        short = name.removeprefix("ARMKVM_")
        want = f"TAKES\\(\\w+, {short}, {struct}\\)" if struct else f"SIMPLE\\(\\w+, {short}\\)"
        case(f"{name} fuzzed", "" if re.search(want, fuzzer) else "not in the table of calls, or with another structure")
        described = [arg or "" for call, arg in syz.calls if call == name]
        wrong = "" if described else "no such call"
        for arg in described:
            if struct and not re.search(rf"\[\w+, {struct}(_in|_out)?\]", arg):
                wrong = f"takes '{arg}', not {struct}"
            if not struct and "ptr" in arg:
                wrong = f"takes '{arg}', and has no structure"
        case(f"{name} described for syzkaller", wrong)
    for call, _ in syz.calls:
        if call not in dict(ioctls):
            case(f"{call} in the header", "no such call")
    for struct in sorted({s for _, s in ioctls if s}):
        for name in (struct, struct + "_in", struct + "_out"):
            if name not in syz.fields:
                continue
            theirs = syz.struct(name)
            case(f"{name} as in the header", "" if theirs == structs[struct] else f"{theirs}, not {structs[struct]}")

if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    main(*sys.argv[1:])
