/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef HOST_STATE_HOLD_H
#define HOST_STATE_HOLD_H

struct state;

/* Keeps @in in the registers for @spins rounds of a loop, and stores what they are then. */
void hold(const struct state *in, struct state *result, unsigned long spins);

#endif /* HOST_STATE_HOLD_H */
