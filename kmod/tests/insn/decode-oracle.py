#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Compares the decoder with objdump on random words.

    decode-oracle.py --tool DECODE-WORDS [--seeds N...] [--words N] [--show N]

Half of the words are uniform, half are random within an encoding that matters.
Both must agree on the instruction's class, and on what is a load or store. The
decoder may leave a word to the hardware where objdump says UNPREDICTABLE, and where
the assembler doesn't make that word of objdump's text. Prints PASS or FAIL lines; each seed is a case of its own.
"""
import argparse
import random
import re
import struct
import subprocess
import sys
import tempfile

OBJDUMP = "arm-linux-gnueabihf-objdump"
AS = "arm-linux-gnueabihf-as"

# (mask, value) of encodings to dwell on
ARM_PATTERNS = [
    (0x0fb000f0, 0x01000000), (0x0fb00ef0, 0x01000200), (0x0fb0f000, 0x0320f000),
    (0x0e10f000, 0x0010f000), (0x0e10f000, 0x0210f000), (0x0f200000, 0x04200000),
    (0x0f200010, 0x06200000), (0x0f2000f0, 0x002000b0), (0x0f2000f0, 0x002000d0),
    (0x0f2000f0, 0x002000f0), (0x0e400000, 0x08400000), (0x0e000090, 0x00000090),
    (0x0f0000f0, 0x01000090), (0x0e000000, 0x04000000), (0x0e000000, 0x08000000),
    (0x0f900ff0, 0x01900f90), (0x0ff000f0, 0x07f000f0), (0x0f000000, 0x0e000000),
    (0x0e000000, 0x0c000000), (0xfff10020, 0xf1000000), (0xfe50ffff, 0xf8100a00),
    (0xfe5fffe0, 0xf84d0500), (0xf0000000, 0xf0000000), (0x0f900060, 0x01000060),
]
THUMB_PATTERNS = [
    (0xfe400000, 0xe8000000), (0xfe400000, 0xe8400000), (0xfe000000, 0xf8000000),
    (0xffe0d000, 0xf3808000), (0xffe0d000, 0xf3e08000), (0xfffff800, 0xf3af8000),
    (0xffffff00, 0xf3de8f00), (0xfff0ffe0, 0xe800c000), (0xff70ffff, 0xe810c000),
    (0xffe0f000, 0xf7e08000), (0xec000000, 0xec000000), (0xfff00f00, 0xf8d00000),
]

COND = r"(?:eq|ne|cs|cc|mi|pl|vs|vc|hi|ls|ge|lt|gt|le)?"
DP = "and|eor|sub|rsb|add|adc|sbc|rsc|orr|mov|bic|mvn|lsl|lsr|asr|ror|rrx|neg"
LDST = re.compile(
    r"^(?:ldr|str)(?:s?[bh]|d)?t?%s(?:\.w)?$|^(?:ldr|str)ex[bhd]?%s$|^swpb?%s$"
    r"|^(?:ldm|stm)(?:ia|ib|da|db|fd|ed|fa|ea)?%s(?:\.w)?$|^(?:push|pop)%s(?:\.w)?$"
    % ((COND,) * 5))


def classify(mnemonic, operands, thumb):
    """objdump's line -> the name that insn_kind_name() has for it, or None: the hardware's"""
    def is_(pattern):
        return re.fullmatch("(?:%s)%s(?:\\.w|\\.n)?" % (pattern, COND), mnemonic)

    if is_("cps|cpsi[ed]"):
        return "CPS"
    if is_("mrs"):
        status = operands.split(",")[1].strip()
        return "MRS" if status in ("CPSR", "SPSR") else "MRS (banked register)"
    if is_("msr"):
        status, source = [x.strip() for x in operands.split(",")[:2]]
        m = re.fullmatch(r"(CPSR|SPSR)_([fsxc]*)", status)
        if not m:
            return "MSR (banked register)"
        if m.group(1) == "CPSR" and not set(m.group(2)) & set("cx"):
            return None
        if not m.group(2):
            return None
        return "MSR (immediate)" if source.startswith("#") or source.isdigit() else "MSR (register)"
    if is_("eret"):
        return "SUBS PC, LR or a relative" if thumb else "ERET"
    if is_("rfe(?:ia|ib|da|db)?"):
        return "RFE"
    if is_("srs(?:ia|ib|da|db)?"):
        return "SRS"
    if re.match(r"(ldm|pop)", mnemonic) and operands.endswith("^"):
        return "LDM (exception return)" if "pc}" in operands else "LDM (user registers)"
    if mnemonic.startswith("stm") and operands.endswith("^"):
        return "STM (user registers)"
    if is_("(?:%s)s" % DP) and operands.startswith("pc,"):
        # shifts by a register write the pc without the SPSR: UNPREDICTABLE anyway
        return "SUBS PC, LR or a relative"
    if is_("wfi"):
        return "WFI"
    if is_("(?:ldr|str)(?:s?[bh])?t"):
        return "unprivileged load or store"
    if is_("udf"):
        return "UDF"
    if is_("svc"):
        return "SVC"
    if is_("bkpt"):
        return "BKPT"
    if is_("hvc"):
        return "HVC"
    if is_("smc"):
        return "SMC"
    return None


# Kinds that the hardware's trap brings back; objdump's names for them are many.
TRAPPING = {"MCR or MRC", "MCRR or MRRC", "LDC or STC", "CDP", "VMRS or VMSR",
            "VFP or Advanced SIMD"}


def objdump_errs(word, mnemonic, operands, kind, thumb):
    """Where objdump (2.40) is known to differ from the manual, or doesn't say UNPREDICTABLE."""
    regs = [x.strip() for x in operands.replace("[", "").replace("]", "").split(",")]
    if kind == "BKPT" and not thumb:
        return word >> 28 != 14                 # conditional BKPT: taken for MSR
    if thumb and mnemonic.startswith("ldr") and word >> 16 & 15 == 15:
        return True                             # a literal load whatever hw2[11:8] are
    if mnemonic.startswith("ldrd"):
        return regs[0] == regs[1]
    if mnemonic.startswith("strex"):
        return regs[0] in regs[1:]
    return False


def random_words(rng, count, thumb):
    patterns = THUMB_PATTERNS if thumb else ARM_PATTERNS
    words = []
    while len(words) < count:
        word = rng.getrandbits(32)
        if rng.random() < 0.6:
            mask, value = rng.choice(patterns)
            word = (word & ~mask) | value
        if thumb:
            # 32-bit encodings; the 16-bit space is small and done whole
            if word >> 29 != 7 or not word >> 27 & 3:
                continue
        words.append(word)
    return words


def narrow_words():
    return [hw << 16 for hw in range(0x10000) if not (hw >> 13 == 7 and hw >> 11 & 3)]


def disassemble(words, thumb, narrow):
    with tempfile.NamedTemporaryFile(suffix=".bin") as f:
        for word in words:
            if narrow:
                f.write(struct.pack("<H", word >> 16))
            elif thumb:
                f.write(struct.pack("<HH", word >> 16, word & 0xffff))
            else:
                f.write(struct.pack("<I", word))
        f.flush()
        mode = ["-M", "force-thumb"] if thumb else []
        out = subprocess.run([OBJDUMP, "-D", "-b", "binary", "-marm", "-z", *mode, f.name],
                             check=True, capture_output=True, text=True).stdout
    lines = []
    for line in out.splitlines():
        m = re.match(r"\s*[0-9a-f]+:\t([0-9a-f ]+?)\s*\t(.*)$", line)
        if m:
            lines.append(m.group(2))
    return lines


def canonical(suspects, thumb):
    """Which (word, text) pairs assemble without complaint to the very word: the rest
    have wrong should-be bits or are UNPREDICTABLE, though objdump doesn't say so."""
    result = []
    source = [".syntax unified", ".arch armv7ve", ".arch_extension sec", ".arch_extension virt",
              ".fpu neon-vfpv4", ".thumb" if thumb else ".arm"]
    head = len(source)
    lines = [text for _, text in suspects]
    # a line that doesn't assemble is taken out, and what is left done again
    with tempfile.TemporaryDirectory() as d:
        for _ in range(2):
            with open(d + "/x.s", "w", encoding="ascii") as f:
                f.write("\n".join(source + [".balign 4\n%s\n.balign 4" % line.replace("\n", "")
                                            if line else ".word 0, 0" for line in lines]) + "\n")
            run = subprocess.run([AS, "-mimplicit-it=always", "-o", d + "/x.o", d + "/x.s"],
                                 capture_output=True, text=True, check=False)
            numbers = set(int(n) for n in re.findall(r"x\.s:(\d+): (?:Error|Warning)", run.stderr))
            table, at = {}, head
            for i, line in enumerate(lines):
                for _ in range(3 if line else 1):
                    at += 1
                    table[at] = i
            for n in numbers:
                lines[table[n]] = ""
        subprocess.run(["arm-linux-gnueabihf-objcopy", "-O", "binary", "-j", ".text",
                        d + "/x.o", d + "/x.bin"], check=True)
        with open(d + "/x.bin", "rb") as f:
            code = f.read()
    at = 0
    for (word, _), line in zip(suspects, lines):
        if not line:
            at += 8
            result.append(False)
            continue
        got = struct.unpack_from("<HH", code, at) if thumb else struct.unpack_from("<I", code, at)
        at += 4
        got = got[0] << 16 | got[1] if thumb else got[0]
        # conditional T32 needs an IT instruction, and is never what objdump prints here
        result.append(got == word)
    return result


def compare(words, thumb, narrow, tool):
    """-> (number of instructions that mattered, list of disagreements)"""
    lines = disassemble(words, thumb, narrow)
    if len(lines) != len(words):
        return 0, ["objdump printed %d lines for %d words" % (len(lines), len(words))]
    data = b"".join(struct.pack("<I", w) for w in words)
    ours = subprocess.run([tool] + (["-t"] if thumb else []), input=data, check=True,
                          capture_output=True).stdout.decode().splitlines()
    seen, bad, left = 0, [], []
    for word, line, our in zip(words, lines, ours):
        kind, executes = our.rsplit("|", 1)
        if kind == "unprivileged instruction":
            kind = None
        text = line.partition("@")[0].strip().replace("<und>", "").replace("\t", " ")
        loose = re.search("unpredictable|undefined|illegal|unknown", line, re.I) is not None
        parts = text.split(None, 1)
        mnemonic, operands = (parts + ["", ""])[:2]
        theirs = None if mnemonic == "undefined" else classify(mnemonic, operands.strip(), thumb)
        is_ldst = bool(LDST.match(mnemonic))
        report = "%08x: objdump says '%s', decoder %s%s" % (
            word, line.strip(), kind, ", executed" if executes == "1" else "")
        if objdump_errs(word, mnemonic, operands, kind, thumb):
            continue
        if theirs or is_ldst or (kind and kind not in TRAPPING):
            seen += 1
        if executes == "1" and not is_ldst:
            bad.append(report)
        elif kind in TRAPPING:
            if theirs:
                bad.append(report)
        elif kind and theirs != kind and not (loose and not theirs):
            bad.append(report)
        elif (theirs and not kind or is_ldst and executes == "0") and not loose:
            left.append((word, text, report))
    # what the decoder leaves to the hardware must not be a proper instruction
    flags = canonical([(w, t) for w, t, _ in left], thumb) if left else []
    bad += [report for (_, _, report), flag in zip(left, flags) if flag]
    return seen, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--tool", required=True)
    parser.add_argument("--seeds", type=int, nargs="+", default=[1])
    parser.add_argument("--words", type=int, default=40000)
    parser.add_argument("--show", type=int, default=10)
    args = parser.parse_args()
    failed = False

    cases = [("T32, all 16-bit encodings", narrow_words(), True, True)]
    for seed in args.seeds:
        for thumb in (False, True):
            words = random_words(random.Random(seed), args.words, thumb)
            cases.append(("%s, seed %d" % ("T32" if thumb else "A32", seed), words, thumb, False))
    for name, words, thumb, narrow in cases:
        seen, bad = compare(words, thumb, narrow, args.tool)
        if bad:
            failed = True
            for line in bad[:args.show]:
                print("#", line)
            print("FAIL decode oracle: %s: %d of %d words disagree, first %s"
                  % (name, len(bad), len(words), bad[0]))
        elif not seen:
            failed = True
            print("FAIL decode oracle: %s: no instruction of interest in %d words"
                  % (name, len(words)))
        else:
            print("# %d words, %d of interest" % (len(words), seen))
            print("PASS decode oracle: %s" % name)
    return failed


if __name__ == "__main__":
    sys.exit(main())
