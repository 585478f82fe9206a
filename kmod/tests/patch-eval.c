// SPDX-License-Identifier: GPL-2.0-only
/*
 * patch-eval: how well does the patcher tell code from data?
 *
 * Runs patch_page() over the executable sections of 32-bit Arm ELF files and
 * compares with the truth, the assembler's mapping symbols ($a, $t, $d; AAELF 4.5.5).
 *
 *	patch-eval [-v] [-u] [-n] [-e] FILE...
 *
 * -v lists each error, -u replaces LDRT and the like as well, -n hides the pages
 * beside the one that is patched.  -e looks for what of T32 code is missed, too, and judges each
 * page once more for each place in it where code begins, as if that had been fetched first.
 * Output, a line a file and a total:
 *	pages, words; sensitive: sensitive words of code, missed: those left unpatched;
 *	alike: data words that look sensitive, altered: those replaced; dict: entries
 * Exit status 1 if anything was missed or altered, 2 if a file can't be read.
 */
#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../core/arm/decode.h"
#include "../core/arm/patch.h"
#include "../core/arm/thumb.h"

#define PAGE_BYTES (PATCH_PAGE_WORDS * 4)
/* Code that Linux's macros emit in numbers, which the assembler marks as data. */
static bool is_numeric_code(u32 word)
{
	switch (word) {
	case 0xe7f001f2:	/* BUG() */
	case 0xe12ef30e:	/* MSR ELR_hyp, lr */
	case 0xe160006e:	/* ERET */
		return true;
	default:
		return false;
	}
}

struct tally {
	unsigned long pages, words, sensitive, missed, alike, altered, dict;
};

struct elf {
	const char *name;
	const unsigned char *data;
	size_t size;
	const Elf32_Ehdr *eh;
	const Elf32_Shdr *sh;
};

struct mark {
	u32 addr;
	char type;		/* 'a', 'd', 't' */
};

static bool verbose, alone, entries;
static unsigned int opts;

static int by_address(const void *a, const void *b)
{
	const struct mark *x = a, *y = b;

	return x->addr < y->addr ? -1 : x->addr > y->addr;
}

static bool map_elf(struct elf *elf, const char *name)
{
	FILE *f = fopen(name, "rb");
	unsigned char *data;
	long size;

	size = f && !fseek(f, 0, SEEK_END) ? ftell(f) : 0;
	if (size < (long)sizeof(Elf32_Ehdr)) {
		fprintf(stderr, "patch-eval: %s: cannot be read, or is no ELF file\n", name);
		return false;
	}
	rewind(f);
	data = malloc(size);
	if (!data || fread(data, 1, size, f) != (size_t)size) {
		fprintf(stderr, "patch-eval: %s: cannot be read\n", name);
		return false;
	}
	fclose(f);
	*elf = (struct elf){ name, data, size, (void *)data, NULL };
	if (memcmp(data, ELFMAG, SELFMAG) || data[EI_CLASS] != ELFCLASS32 ||
	    elf->eh->e_machine != EM_ARM ||
	    elf->eh->e_shoff + elf->eh->e_shnum * sizeof(Elf32_Shdr) > elf->size) {
		fprintf(stderr, "patch-eval: %s: not an intact 32-bit Arm ELF file\n", name);
		return false;
	}
	elf->sh = (const void *)(data + elf->eh->e_shoff);
	return true;
}

static const Elf32_Shdr *symbol_table(const struct elf *elf)
{
	for (unsigned int i = 0; i < elf->eh->e_shnum; i++) {
		if (elf->sh[i].sh_type == SHT_SYMTAB)
			return &elf->sh[i];
	}
	return NULL;
}

/* The mapping symbols of section @ndx, sorted; the caller frees them. */
static struct mark *mapping_symbols(const struct elf *elf, unsigned int ndx, unsigned int *nr)
{
	const Elf32_Shdr *tab = symbol_table(elf);
	const Elf32_Sym *sym;
	const char *names;
	struct mark *marks;
	unsigned int n;

	*nr = 0;
	if (!tab)
		return NULL;
	sym = (const void *)(elf->data + tab->sh_offset);
	names = (const char *)elf->data + elf->sh[tab->sh_link].sh_offset;
	n = tab->sh_size / sizeof(*sym);
	marks = malloc(n * sizeof(*marks));
	for (unsigned int i = 0; marks && i < n; i++) {
		const char *s = names + sym[i].st_name;

		if (sym[i].st_shndx == ndx && s[0] == '$' && s[1] && strchr("adt", s[1]) &&
		    (!s[2] || s[2] == '.'))
			marks[(*nr)++] = (struct mark){ sym[i].st_value, s[1] };
	}
	if (marks)
		qsort(marks, *nr, sizeof(*marks), by_address);
	return marks;
}

static const char *function_at(const struct elf *elf, unsigned int ndx, u32 addr, u32 *offset)
{
	const Elf32_Shdr *tab = symbol_table(elf);
	const Elf32_Sym *sym = (const void *)(elf->data + tab->sh_offset);
	const char *best = "?";
	u32 best_addr = 0;

	for (unsigned int i = 0; i < tab->sh_size / sizeof(*sym); i++) {
		const char *s = (const char *)elf->data + elf->sh[tab->sh_link].sh_offset +
				sym[i].st_name;

		if (sym[i].st_shndx == ndx && *s && *s != '$' && sym[i].st_value <= addr &&
		    sym[i].st_value >= best_addr) {
			best_addr = sym[i].st_value;
			best = s;
		}
	}
	*offset = addr - best_addr;
	return best;
}

static void complain(const struct elf *elf, unsigned int ndx, u32 addr, u32 word, const char *what)
{
	u32 offset;
	const char *fn = function_at(elf, ndx, addr, &offset);

	if (verbose)
		printf("  %s %08x: %08x %-28s %s+0x%x\n", what, addr, word,
		       insn_kind_name(insn_decode_arm(word)), fn, offset);
}

/* What is silent at PL0, or means another thing there, and must not run: B1.3, B9.1. */
static bool is_sensitive_thumb(struct thumb_insn insn)
{
	switch (insn_decode_thumb(insn.hw1, insn.hw2)) {
	case INSN_MRS:
	case INSN_MSR_REG:
	case INSN_MRS_BANKED:
	case INSN_MSR_BANKED:
	case INSN_CPS:
	case INSN_WFI:
	case INSN_DP_RET:
	case INSN_ERET:
	case INSN_SRS:
	case INSN_RFE:
		return true;
	default:
		return false;
	}
}

struct page {
	const struct elf *elf;
	unsigned int ndx;		/* of the section */
	const struct mark *marks;	/* all of the section's */
	unsigned int nr;
	u32 addr;
	u32 from, end;			/* of the section */
	const u32 *src;
};

/* What @addr is: 'a', 'd', 't' or 0. */
static char state_at(const struct page *page, u32 addr)
{
	unsigned int low = 0, high = page->nr;

	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (page->marks[middle].addr <= addr)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? page->marks[low - 1].type : 0;
}

static void eval_arm_word(const struct page *page, struct insn_dict *dict, const u32 *dst,
			  unsigned int i, struct tally *t)
{
	u32 addr = page->addr + 4 * i, word = page->src[i], out;
	struct insn_dict scratch = *dict;
	char state = state_at(page, addr);
	bool want, did = dst[i] != word;

	if (!state || state == 't' || state_at(page, addr + 2) != state)
		return;
	t->words++;
	scratch.max = scratch.nr;
	want = patch_word(&scratch, opts, word, &out) != 0;
	if (state == 'a' || is_numeric_code(word)) {
		t->sensitive += want;
		if (want && !did) {
			t->missed++;
			complain(page->elf, page->ndx, addr, word, "missed ");
		}
	} else {
		t->alike += want;
		if (did) {
			t->altered++;
			complain(page->elf, page->ndx, addr, word, "altered");
		}
	}
}

static u16 half_of(const u32 *words, unsigned int h)
{
	return words[h / 2] >> 16 * (h & 1);
}

/* Instructions that go over the page's end are left out. */
static void eval_thumb(const struct page *page, const u32 *dst, struct tally *t)
{
	unsigned int h = 0, len;

	for (; h + 1 < FLOW_HALVES; h += len) {
		struct thumb_insn insn = { half_of(page->src, h), half_of(page->src, h + 1) };
		u32 addr = page->addr + 2 * h;

		len = 1;
		if (addr < page->from || addr >= page->end || state_at(page, addr) != 't')
			continue;
		if (insn_thumb_is_wide(insn.hw1))
			len = 2;
		if (!is_sensitive_thumb(insn))
			continue;
		t->sensitive++;
		if (half_of(dst, h) == insn.hw1 && half_of(dst, h + len - 1) == half_of(page->src, h + len - 1)) {
			t->missed++;
			complain(page->elf, page->ndx, addr, insn.hw1, "missed ");
		}
	}
}

/* @entry: as in struct patch_view */
static void eval_page(const struct page *page, struct insn_dict *dict, unsigned int entry, bool thumb,
		      struct patch_view *view, struct tally *t)
{
	struct patch_stats stats = { 0 };
	static struct patch_work work;
	static u32 dst[PATCH_PAGE_WORDS];

	view->entry = entry;
	view->thumb = thumb;
	view->both = thumb;
	if (patch_page(view, dst, dict, opts, &work, NULL, &stats)) {
		fprintf(stderr, "patch-eval: %s: dictionary full\n", page->elf->name);
		exit(2);
	}
	t->pages++;
	for (unsigned int i = 0; i < PATCH_PAGE_WORDS; i++) {
		u32 addr = page->addr + 4 * i;

		if (addr >= page->from && addr < page->end)
			eval_arm_word(page, dict, dst, i, t);
	}
	/* Until a guest has run T32 code, only what points to it is found. */
	if (thumb)
		eval_thumb(page, dst, t);
}

static void eval_section(const struct elf *elf, unsigned int ndx, struct insn_dict *dict,
			 struct tally *t)
{
	const Elf32_Shdr *sh = &elf->sh[ndx];
	u32 base = sh->sh_addr & ~(PAGE_BYTES - 1);
	u32 pages = (sh->sh_addr - base + sh->sh_size + PAGE_BYTES - 1) / PAGE_BYTES;
	u32 *image = calloc(pages, PAGE_BYTES);
	unsigned int nr;
	struct mark *marks = mapping_symbols(elf, ndx, &nr);

	if (!image || !marks) {
		fprintf(stderr, "patch-eval: %s: no memory, or no symbols\n", elf->name);
		exit(2);
	}
	memcpy((char *)image + (sh->sh_addr - base), elf->data + sh->sh_offset, sh->sh_size);

	for (u32 p = 0; p < pages; p++) {
		const u32 *src = image + p * PATCH_PAGE_WORDS;
		struct page page = {
			elf, ndx, marks, nr, base + p * PAGE_BYTES, sh->sh_addr, sh->sh_addr + sh->sh_size, src,
		};
		struct patch_view view = {
			.prev = p && !alone ? src - PATCH_PAGE_WORDS : NULL,
			.page = src,
			.next = p + 1 < pages && !alone ? src + PATCH_PAGE_WORDS : NULL,
			.base = page.addr,
		};

		eval_page(&page, dict, 0, false, &view, t);
		for (unsigned int m = 0; entries && m < nr; m++) {
			u32 at = marks[m].addr - page.addr;

			if (marks[m].type != 'd' && at < PAGE_BYTES)
				eval_page(&page, dict, 1 + at / 2, marks[m].type == 't', &view, t);
		}
	}
	free(image);
	free(marks);
}

static void print_tally(const char *name, const struct tally *t)
{
	printf("%s: pages %lu words %lu sensitive %lu missed %lu alike %lu altered %lu dict %lu\n",
	       name, t->pages, t->words, t->sensitive, t->missed, t->alike, t->altered, t->dict);
}

static bool eval_file(const char *name, struct tally *total)
{
	static u32 words[DICT_MAX_WORDS];
	static u16 slots[131072];
	struct insn_dict dict;
	struct tally t = { 0 };
	struct elf elf;

	if (!map_elf(&elf, name))
		return false;
	dict_init(&dict, words, slots, DICT_MAX_WORDS);
	for (unsigned int i = 1; i < elf.eh->e_shnum; i++) {
		const Elf32_Shdr *sh = &elf.sh[i];

		if (sh->sh_type == SHT_PROGBITS && (sh->sh_flags & SHF_EXECINSTR) &&
		    sh->sh_size && sh->sh_offset + sh->sh_size <= elf.size)
			eval_section(&elf, i, &dict, &t);
	}
	t.dict = dict.nr;
	if (verbose || t.missed || t.altered)
		print_tally(name, &t);
	total->pages += t.pages;
	total->words += t.words;
	total->sensitive += t.sensitive;
	total->missed += t.missed;
	total->alike += t.alike;
	total->altered += t.altered;
	if (t.dict > total->dict)
		total->dict = t.dict;
	free((void *)elf.data);
	return true;
}

int main(int argc, char **argv)
{
	struct tally total = { 0 };
	int i = 1;

	patch_init();
	for (; i < argc && argv[i][0] == '-'; i++) {
		if (!strcmp(argv[i], "-v"))
			verbose = true;
		else if (!strcmp(argv[i], "-u"))
			opts |= PATCH_UNPRIV;
		else if (!strcmp(argv[i], "-n"))
			alone = true;
		else if (!strcmp(argv[i], "-e"))
			entries = true;
		else
			break;
	}
	if (i >= argc || argv[i][0] == '-') {
		fprintf(stderr, "usage: patch-eval [-v] [-u] [-n] [-e] FILE...\n");
		return 2;
	}
	for (; i < argc; i++) {
		if (!eval_file(argv[i], &total))
			return 2;
	}
	print_tally("total", &total);
	return total.missed || total.altered;
}
