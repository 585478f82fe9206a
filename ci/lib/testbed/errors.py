# SPDX-License-Identifier: GPL-2.0-or-later
"""The testbed's own exit codes and how it speaks to its caller."""

import sys

# As timeout(1) and container runtimes do: a code that the command is free to
# use too, so a message on standard error always goes with it.
EXIT_TIMEOUT = 124
EXIT_TESTBED = 125


class TestbedError(Exception):
    """The run can't be started or its host failed; cure: what to do, or None."""

    def __init__(self, cause, cure=None):
        super().__init__(cause)
        self.cause = cause
        self.cure = cure


def say(text):
    """One line to the caller. CR: the terminal may be in raw mode."""
    end = "\r\n" if sys.stderr.isatty() else "\n"
    print(f"testbed: {text}", file=sys.stderr, end=end, flush=True)
