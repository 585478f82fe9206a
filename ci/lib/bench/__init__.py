# SPDX-License-Identifier: GPL-2.0-or-later
"""The benchmark: what it runs (columns), what it expects (marks), how it shows it."""
