# SPDX-License-Identifier: GPL-2.0-or-later
"""32-bit kernels that need not unpack themselves.

An emulated CPU takes 2,000,000,000 instructions to unpack Debian's armmp kernel, four fifths of a host's boot. What is
in the zImage goes into an image of the kind that U-Boot has: QEMU's -kernel takes it, and it says where it must lie.

  python3 -m testbed.plain VMLINUZ RAM OUT    a guest's; exit status 1 if it must unpack itself
"""

import lzma
import os
import struct
import sys
import tempfile
import zlib

# How a packed kernel begins, and what unpacks it.
FORMATS = (
    (b"\xfd7zXZ\0", lambda data: lzma.LZMADecompressor(lzma.FORMAT_XZ).decompress(data)),
    (b"\x1f\x8b\x08", lambda data: zlib.decompressobj(31).decompress(data)),
)
# include/image.h of U-Boot: magic, header's CRC, time, size, load address, entry, data's CRC, system, architecture, kind,
# packing, name.
HEADER = struct.Struct(">7I4B32s")
MAGIC = 0x27051956
LINUX, ARM, KERNEL, PLAIN = 5, 2, 2, 0
# The first instructions find the RAM's begin by it (arch/arm/kernel/head.S): SUB r8, r8, #TEXT_OFFSET
SUB_R8, SUB_R8_MASK, HEAD = 0xe2488000, 0xfffff000, 0x40


def payload(zimage):
    """What a zImage unpacks; None for a packing that isn't known."""
    for magic, unpack in FORMATS:
        at = zimage.find(magic)
        while at >= 0:
            try:
                image = unpack(zimage[at:])
            except (lzma.LZMAError, zlib.error):
                image = b""     # the unpacker's own constants
            if len(image) > len(zimage):
                return image
            at = zimage.find(magic, at + 1)
    return None


def text_offset(image):
    """Where it lies, from the RAM's begin on; None if its head doesn't say."""
    for word in struct.unpack_from(f"<{HEAD}I", image):
        if word & SUB_R8_MASK == SUB_R8:
            turn = (word >> 8 & 15) * 2
            value = word & 0xff
            return (value >> turn | value << (32 - turn)) & 0xffffffff
    return None


def wrapped(image, address):
    """The image with U-Boot's header."""
    def header(crc):
        return HEADER.pack(MAGIC, crc, 0, len(image), address, address, zlib.crc32(image), LINUX, ARM, KERNEL, PLAIN, b"Linux")
    return header(zlib.crc32(header(0))) + image


def kernel(vmlinuz, ram, out):
    """Makes @out of the zImage @vmlinuz for a machine with RAM at @ram, unless it is there and newer. Returns its
    name, or that of @vmlinuz if it must unpack itself."""
    if os.path.exists(out) and os.path.getmtime(out) >= os.path.getmtime(vmlinuz):
        return out
    with open(vmlinuz, "rb") as f:
        image = payload(f.read())
    offset = image and text_offset(image)
    if not offset:
        return vmlinuz
    os.makedirs(os.path.dirname(out), exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=os.path.dirname(out), delete=False) as f:
        f.write(wrapped(image, ram + offset))
    os.chmod(f.name, 0o644)
    os.rename(f.name, out)
    return out


if __name__ == "__main__":
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    sys.exit(kernel(sys.argv[1], int(sys.argv[2], 0), sys.argv[3]) != sys.argv[3])
