# SPDX-License-Identifier: GPL-2.0-or-later
"""Runs the outer QEMU: carries the command's input and output, watches the
kernel's console and the clock, and comes to the verdict. agent.c is the other
end of the port and describes the frames."""

import errno
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import termios
import time
import tty

from . import model, reports
from .errors import EXIT_TESTBED, EXIT_TIMEOUT, say

# How long QEMU may take to end after a panic or after the command's end.
PANIC_SECONDS = 10
POWEROFF_SECONDS = 60

# Looked at so often; data that arrives is handled at once.
TICK_MS = 100
TICK_MS_ICOUNT = 20

TAIL_LINES = 20
ESCAPE = 0x1D  # Ctrl-]


class Finished(Exception):
    """The run is over before the command is: the exit code and why."""

    def __init__(self, code, why):
        super().__init__(why)
        self.code = code


class Frames:
    """Takes the agent's byte stream apart."""

    def __init__(self):
        self._pending = bytearray()

    def feed(self, data):
        """Yields (type, payload) for every frame that is complete."""
        self._pending += data
        while len(self._pending) >= 5:
            kind, length = struct.unpack_from("<BI", self._pending)
            if len(self._pending) < 5 + length:
                return
            payload = bytes(self._pending[5:5 + length])
            del self._pending[:5 + length]
            yield chr(kind), payload


def frame(kind, payload=b""):
    return struct.pack("<BI", ord(kind), len(payload)) + payload


class Terminal:
    """The caller's terminal in raw mode, and back."""

    def __init__(self):
        self._fd = sys.stdin.fileno()
        self._saved = None

    def __enter__(self):
        if os.isatty(self._fd):
            self._saved = termios.tcgetattr(self._fd)
            tty.setraw(self._fd)
        return self

    def __exit__(self, *_):
        if self._saved is not None:
            termios.tcsetattr(self._fd, termios.TCSADRAIN, self._saved)


def terminal_size():
    """(rows, columns) of the caller's terminal; the usual ones without one."""
    for stream in (sys.stdin, sys.stdout):
        try:
            size = os.get_terminal_size(stream.fileno())
            if size.lines and size.columns:
                return size.lines, size.columns
        except (OSError, ValueError):
            continue
    return 24, 80


class Console:
    """The kernel's console log as it grows."""

    def __init__(self, path):
        self._file = open(path, "rb")
        self._partial = b""
        self.lines = []
        self.panicked = False
        self.halted = False

    def poll(self):
        """Reads what is new; true if there was something."""
        data = self._file.read()
        if not data:
            return False
        *complete, self._partial = (self._partial + data).split(b"\n")
        for raw in complete:
            line = raw.decode("utf-8", "replace").rstrip("\r")
            self.lines.append(line)
            text = reports.message(line)
            if text and text.startswith("Kernel panic - not syncing"):
                self.panicked = True
            if text and text.startswith(("Reboot failed", "---[ end Kernel panic")):
                self.halted = True
        return True

    def finish(self):
        self.poll()
        if self._partial:
            self.lines.append(self._partial.decode("utf-8", "replace"))

    def reports(self):
        return reports.find(self.lines)


class Supervisor:
    """One run. After run(), exit_code is the testbed's."""

    def __init__(self, options, argv, files):
        self.options = options
        self._argv = argv
        self._files = files
        self._frames = Frames()
        self._qemu = None
        self._socket = None         # the port; None with --icount
        self._output = None         # the port's file; with --icount only
        self._console = None
        self._to_port = bytearray()
        self._stdin_open = False
        self._signal = None         # a number; SIGALRM is the timeout
        self._writing = False
        self._result = None         # (status, taint) of the command
        self._failure = None        # the agent's words
        self.seconds_to_command = None
        self._started = None

    # The process ---------------------------------------------------------

    def _start(self):
        for name in ("console",) + (("output",) if self.options.icount else ()):
            with open(self._files[name], "wb"):
                pass
        self._console = Console(self._files["console"])
        pass_fds = ()
        if self.options.icount:
            self._output = open(self._files["output"], "rb")
        else:
            self._socket, theirs = self._files["sockets"]
            pass_fds = (theirs.fileno(),)
        # QEMU must not outlive the testbed, whatever kills it.
        self._qemu = subprocess.Popen(
            ["setpriv", "--pdeathsig", "KILL", "--", *self._argv],
            stdin=subprocess.DEVNULL, stdout=self._files["messages"], stderr=subprocess.STDOUT,
            pass_fds=pass_fds, start_new_session=True,
            env={**os.environ, "QEMU_AUDIO_DRV": "none"})
        if self.options.icount:
            self._pin()
        self._started = time.monotonic()
        if self._socket is not None:
            theirs.close()
            self._socket.setblocking(False)

    def _pin(self):
        """With --icount QEMU runs one thread at a time; which one must not be a race.

        On one CPU its main loop can't overtake the thread that counts. Other
        testbeds get other CPUs.
        """
        cpus = sorted(os.sched_getaffinity(0))
        os.sched_setaffinity(self._qemu.pid, {cpus[os.getpid() % len(cpus)]})

    def _stop(self):
        if self._qemu is not None and self._qemu.poll() is None:
            self._qemu.kill()
            self._qemu.wait()

    # Input and output ------------------------------------------------------

    def _write(self, fd, data):
        """All of data to the caller, who may be slow or have given us a non-blocking descriptor."""
        view = memoryview(data)
        self._writing = True
        try:
            self._check_interrupts()
            while view:
                try:
                    view = view[os.write(fd, view):]
                except BlockingIOError:
                    select.select([], [fd], [])
        except OSError as error:
            if error.errno == errno.EPIPE:
                raise Finished(128 + signal.SIGPIPE, "nobody reads the output any more") from error
            raise Finished(EXIT_TESTBED, f"can't write the output: {error.strerror}") from error
        finally:
            self._writing = False

    def _handle(self, kind, payload):
        if kind == "o":
            self._write(1, payload)
        elif kind == "e":
            self._write(2, payload)
        elif kind == "S":
            self.seconds_to_command = time.monotonic() - self._started
            self._stdin_open = not self.options.icount
            if self.options.verbose:
                say(f"command started after {self.seconds_to_command:.1f} s")
        elif kind == "X":
            status, taint = payload.split()
            self._result = int(status), int(taint)
            self._stdin_open = False
        elif kind == "F":
            self._failure = payload.decode("utf-8", "replace").strip()
        else:
            raise Finished(EXIT_TESTBED, f"the agent sent a frame of type {kind!r}: supervisor and agent differ")

    def _read_port(self):
        """What the agent sent; false when the port has nothing more for now."""
        if self._output is not None:
            data = self._output.read(1 << 20)
        else:
            try:
                data = self._socket.recv(1 << 18)
            except BlockingIOError:
                return False
            except ConnectionResetError:
                data = b""
        for kind, payload in self._frames.feed(data):
            self._handle(kind, payload)
        return bool(data)

    def _read_stdin(self):
        try:
            data = os.read(0, 16384)
        except BlockingIOError:
            return
        except OSError:
            data = b""  # closed from the start
        if self.options.tty and ESCAPE in data:
            raise Finished(128 + signal.SIGINT, "killed by Ctrl-]")
        if data:
            self._to_port += frame("i", data)
        else:
            self._to_port += frame("I")
            self._stdin_open = False

    def _send_pending(self):
        try:
            del self._to_port[:self._socket.send(self._to_port)]
        except BlockingIOError:
            pass
        except (BrokenPipeError, ConnectionResetError):
            self._to_port.clear()
            self._stdin_open = False

    def _on_signal(self, number, _):
        self._signal = number
        # A reader that has stopped reading must not keep the run alive.
        if self._writing:
            self._check_interrupts()

    def _check_interrupts(self):
        if self._signal == signal.SIGALRM:
            where = "in the command" if self.seconds_to_command is not None else "before the command started"
            raise Finished(EXIT_TIMEOUT, f"timeout: killed after {self.options.timeout:g} s, {where}")
        if self._signal is not None:
            raise Finished(128 + self._signal, f"ended by {signal.Signals(self._signal).name}")

    def _on_resize(self, *_):
        self._to_port += frame("w", struct.pack("<HH", *terminal_size()))

    # The run ---------------------------------------------------------------

    def _wait(self, wakeup):
        """Sleeps until something happens, or for a tick."""
        poll = select.poll()
        poll.register(wakeup, select.POLLIN)
        tick = TICK_MS_ICOUNT
        if self._socket is not None:
            tick = TICK_MS
            poll.register(self._socket, select.POLLIN | (select.POLLOUT if self._to_port else 0))
        if self._stdin_open and not self._to_port:
            poll.register(0, select.POLLIN)
        ready = dict(poll.poll(tick))
        if wakeup in ready:
            os.read(wakeup, 4096)
        return ready

    def _carry(self, wakeup):
        """Until QEMU has ended; raises Finished if the run must end before."""
        closing = None
        while True:
            ready = self._wait(wakeup)
            ended = self._qemu.poll() is not None
            self._check_interrupts()
            if self._socket is not None and ready.get(self._socket.fileno(), 0) & select.POLLOUT:
                self._send_pending()
            if 0 in ready:
                self._read_stdin()
            # One read a round keeps the console and signals in sight.
            while self._read_port() and ended:
                pass
            self._console.poll()
            if ended:
                return
            if closing is None:
                if self._console.panicked:
                    # It reboots by itself, which ends QEMU, unless that fails too.
                    closing = time.monotonic() + PANIC_SECONDS, "the host panicked and did not stop by itself"
                elif self._result is not None or self._failure is not None:
                    closing = time.monotonic() + POWEROFF_SECONDS, "the host did not power off"
            elif time.monotonic() > closing[0] or self._console.halted:
                raise Finished(EXIT_TESTBED, closing[1])

    def run(self):
        """Boots, runs the command, powers off. Returns the exit code."""
        end_read, end_write = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
        signal.set_wakeup_fd(end_write)
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGALRM):
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._on_signal)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # wakes the loop
        if self.options.tty:
            signal.signal(signal.SIGWINCH, self._on_resize)
        ending = None
        try:
            self._start()
            if self.options.timeout and not self.options.gdb:
                signal.setitimer(signal.ITIMER_REAL, self.options.timeout)
            if self.options.tty:
                with Terminal():
                    self._carry(end_read)
            else:
                self._carry(end_read)
        except Finished as finished:
            ending = finished
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            self._stop()
            signal.set_wakeup_fd(-1)
        self._console.finish()
        return self._verdict(ending)

    # The verdict -------------------------------------------------------------

    def _verdict(self, ending):
        """Reports of the kernel come first: they explain the rest."""
        found = self._console.reports()
        expected = self.options.expect_report
        if self.options.model:
            found += self._model_findings()
        for number, lines in enumerate(found, 1):
            say(f"{'expected ' if expected else ''}kernel report {number} of {len(found)} in the emulated host:")
            self._show(lines)
        if ending is not None:
            say(str(ending))
            if ending.code == EXIT_TIMEOUT or (ending.code == EXIT_TESTBED and not found):
                self._show_tail()
            return ending.code
        if self._failure is not None:
            say(self._failure)
            return EXIT_TESTBED
        if self._result is None:
            return self._no_result(found, expected)
        status, taint = self._result
        tainted = reports.taint_names(taint)
        if tainted and not found:
            say(f"the emulated host's kernel is tainted ({', '.join(tainted)}), but its console shows no report")
        if expected:
            if found or tainted:
                return status
            say("no kernel report came, but --expect-report wants one")
            return EXIT_TESTBED
        if found or tainted:
            say(f"failed: the command ended with status {status}, but the host's kernel reported trouble")
            return EXIT_TESTBED
        return status

    def _model_findings(self):
        """What the model complains of, one report a complaint; a run that it didn't watch to its end is one, too."""
        if not os.path.exists(self._files["model"]):
            return [["the model (ci/model) was not loaded"]]
        complaints, summary = model.findings(self._files["model"])
        if summary:
            say(f"model {summary}")
        elif self._result is not None:
            complaints.append("the model (ci/model) did not come to its end")
        return [[f"model: {complaint}"] for complaint in complaints]

    def _no_result(self, found, expected):
        if found and expected:
            return 0
        if found:
            say("failed: the emulated host died of the report above")
            return EXIT_TESTBED
        code = self._qemu.returncode
        messages = self._messages()
        if messages or code:
            say(f"{self._argv[0]} " + (f"was killed by signal {-code}" if code < 0 else f"ended with status {code}"))
            self._show(messages)
        if self.seconds_to_command is None:
            say("failed: the emulated host ended before it could start the command")
        else:
            say("failed: the emulated host ended before the command did (did it power off or reboot?)")
        self._show_tail()
        return EXIT_TESTBED

    def _messages(self):
        self._files["messages"].seek(0)
        return self._files["messages"].read().decode("utf-8", "replace").splitlines()

    @staticmethod
    def _show(lines):
        for line in lines:
            print(f"    | {line}", file=sys.stderr)
        sys.stderr.flush()

    def _show_tail(self):
        say("the last lines of its console:")
        self._show(self._console.lines[-TAIL_LINES:])


def make_socket_pair():
    """The port's two ends; the second is QEMU's."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
    theirs.set_inheritable(True)
    return ours, theirs
