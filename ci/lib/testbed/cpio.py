# SPDX-License-Identifier: GPL-2.0-or-later
"""Writes initramfs archives (cpio, format "newc") that depend on their content only.

Linux: Documentation/driver-api/early-userspace/buffer-format.rst.
"""

import os
import stat


class Archive:
    """Collects entries, then writes them; owner is root, times are zero unless told.

    Directories above an entry are added by themselves. An entry that comes
    again replaces the earlier one. existing: directories that an archive before
    this one has made; they are left as they are.
    """

    def __init__(self, existing=()):
        self._entries = {}
        self._existing = {"", *existing}

    def _add(self, name, mode, source, mtime=0, rdev=(0, 0)):
        name = name.strip("/")
        parent = os.path.dirname(name)
        if parent not in self._entries:
            self.directory(parent)
        self._entries.pop(name, None)
        self._entries[name] = (mode, source, mtime, rdev)

    def directory(self, name, mode=0o755, mtime=0):
        if name.strip("/") in self._existing:
            return
        self._add(name, stat.S_IFDIR | mode, b"", mtime)

    def data(self, name, content, mode=0o644, mtime=0):
        """content: bytes, or str to be encoded."""
        if isinstance(content, str):
            content = os.fsencode(content)
        self._add(name, stat.S_IFREG | mode, content, mtime)

    def file(self, name, path, mode=None, mtime=0):
        """The content of the file at path, read when the archive is written."""
        if mode is None:
            mode = os.stat(path).st_mode & 0o7777
        self._add(name, stat.S_IFREG | mode, path, mtime)

    def symlink(self, name, target, mtime=0):
        self._add(name, stat.S_IFLNK | 0o777, os.fsencode(target), mtime)

    def device(self, name, mode, major, minor):
        self._add(name, stat.S_IFCHR | mode, b"", 0, (major, minor))

    def tree(self, name, path):
        """The directory at path and what is in it, with its times.

        Returns the names below it, each with "./" in front. Sockets, pipes and
        devices can't be carried over and raise ValueError.
        """
        names = []
        self.directory(name, os.stat(path).st_mode & 0o7777)
        for top, directories, files in os.walk(path):
            directories.sort()
            for entry in sorted(directories + files):
                source = os.path.join(top, entry)
                relative = os.path.relpath(source, path)
                target = os.path.join(name, relative)
                status = os.lstat(source)
                mtime = int(status.st_mtime) & 0xFFFFFFFF
                if stat.S_ISLNK(status.st_mode):
                    self.symlink(target, os.readlink(source), mtime)
                elif stat.S_ISDIR(status.st_mode):
                    self.directory(target, status.st_mode & 0o7777, mtime)
                elif stat.S_ISREG(status.st_mode):
                    self.file(target, source, status.st_mode & 0o7777, mtime)
                else:
                    raise ValueError(f"{source} is neither a file, a directory nor a link")
                names.append("./" + relative)
        return names

    def write(self, out):
        """Writes the archive to a binary file object."""
        inode = 0
        for name, (mode, source, mtime, rdev) in self._entries.items():
            inode += 1
            if isinstance(source, bytes):
                content = source
            else:
                with open(source, "rb") as f:
                    content = f.read()
            self._record(out, inode, name, mode, content, mtime, rdev)
        self._record(out, 0, "TRAILER!!!", 0, b"", 0, (0, 0))

    @staticmethod
    def _record(out, inode, name, mode, content, mtime, rdev):
        raw = os.fsencode(name) + b"\0"
        fields = (inode, mode, 0, 0, 1, mtime, len(content), 0, 0, *rdev, len(raw), 0)
        header = b"070701" + b"".join(b"%08x" % v for v in fields) + raw
        out.write(header + b"\0" * (-len(header) % 4))
        out.write(content)
        out.write(b"\0" * (-len(content) % 4))
