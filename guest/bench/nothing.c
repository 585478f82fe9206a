// SPDX-License-Identifier: GPL-2.0-only
/* What the row "exec" executes: a static program with a C library that ends at once. */
int main(void)
{
	return 0;
}
