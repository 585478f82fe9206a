// SPDX-License-Identifier: GPL-2.0-only
/* User code that asks nothing of the kernel. */
#include "bench.h"

#define INTEGER_OPS	1000U
#define FLOAT_OPS	1000U

/* FIPS 180-4, section 4.2.2 */
static const uint32_t k[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t ror(uint32_t x, unsigned int n)
{
	return x >> n | x << (32 - n);
}

/* FIPS 180-4, section 6.2.2: one block of 16 words. */
static void sha256_block(uint32_t h[8], const uint32_t block[16])
{
	uint32_t w[64], v[8], t1, t2;
	unsigned int i;

	for (i = 0; i < 16; i++)
		w[i] = block[i];
	for (; i < 64; i++) {
		t1 = ror(w[i - 2], 17) ^ ror(w[i - 2], 19) ^ w[i - 2] >> 10;
		t2 = ror(w[i - 15], 7) ^ ror(w[i - 15], 18) ^ w[i - 15] >> 3;
		w[i] = t1 + w[i - 7] + t2 + w[i - 16];
	}
	for (i = 0; i < 8; i++)
		v[i] = h[i];
	for (i = 0; i < 64; i++) {
		t1 = v[7] + (ror(v[4], 6) ^ ror(v[4], 11) ^ ror(v[4], 25)) +
		     ((v[4] & v[5]) ^ (~v[4] & v[6])) + k[i] + w[i];
		t2 = (ror(v[0], 2) ^ ror(v[0], 13) ^ ror(v[0], 22)) +
		     ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
		v[7] = v[6];
		v[6] = v[5];
		v[5] = v[4];
		v[4] = v[3] + t1;
		v[3] = v[2];
		v[2] = v[1];
		v[1] = v[0];
		v[0] = t1 + t2;
	}
	for (i = 0; i < 8; i++)
		h[i] += v[i];
}

/* The result of the message "abc", FIPS 180-4's own example: the row measures SHA-256. */
static void sha256_begin(void)
{
	uint32_t h[8] = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
			  0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19 };
	const uint32_t abc[16] = { [0] = 0x61626380, [15] = 24 };

	sha256_block(h, abc);
	if (h[0] != 0xba7816bf || h[7] != 0xf20015ad)
		fail("SHA-256 of \"abc\" is wrong");
}

static void sha256_loop(unsigned int n)
{
	static uint32_t h[8], block[16];

	while (n--) {
		sha256_block(h, block);
		block[0] ^= h[0];
	}
}

/* Multiplications, shifts, a branch that goes either way, a load and a store. */
static void integer_loop(unsigned int n)
{
	static uint32_t table[256];
	uint32_t x = 2463534242U;
	unsigned int i;

	while (n--) {
		for (i = 0; i < INTEGER_OPS; i++) {
			x ^= x << 13;
			x ^= x >> 17;
			x ^= x << 5;
			if (x & 1)
				table[x >> 24] += x * 2654435761U;
			else
				x += table[x >> 24];
		}
		asm volatile("" : : "r" (x));	/* the result is wanted */
	}
}

/* Stays near 1, and inexact: neither denormal nor infinite after any number of steps. */
static void float_loop(unsigned int n)
{
	double x = 1.1, y = 0.9;
	unsigned int i;

	while (n--) {
		for (i = 0; i < FLOAT_OPS / 4; i++) {
			x = x * 0.7 + 0.3;
			y = y * 0.6 + 0.41;
		}
		asm volatile("" : : "w" (x + y));
		x = 1.1 + y * 0.001;
	}
}

const struct row compute_rows[] = {
	{ .name = "sha256", .begin = sha256_begin, .loop = sha256_loop },
	{ .name = "integer", .loop = integer_loop, .per_turn = INTEGER_OPS },
	{ .name = "float", .loop = float_loop, .per_turn = FLOAT_OPS },
	{ }
};
