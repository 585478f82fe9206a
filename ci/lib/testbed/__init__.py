# SPDX-License-Identifier: GPL-2.0-or-later
"""Emulated Arm hosts; ci/testbed is the program."""
