// SPDX-License-Identifier: GPL-2.0
/*
 * The barrier: what stops packets in clear while the module does not. A table
 * of nftables, one for each configuration's name, that `up` sets before it
 * loads the module and takes away when the module's own hooks stand. It stops
 * what they would stop, by the same prefixes: of several that hold an address
 * the longest counts. What the local link needs passes, and so do cells.
 *
 * A kernel without its modules has no nftables either. Then routing rules stop
 * what is sent and forwarded to the prefixes; these are in every kernel.
 *
 * The table's text is kept twice: in /run/rtpl as long as the barrier stands,
 * and in /var/lib/rtpl, where that folder is, for the boot at which the
 * configuration file cannot be read.
 */
#include "rtplctl.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define KEPT_DIR	"/var/lib/rtpl"
#define TABLE_MAX	(3 * 64 + 16)
#define SALVAGED	"_file"		/* no name's table ends so: its own _ is _5F */

extern char **environ;

/* A table's name has letters, digits and underscores; any other byte is _XX. */
static void table_name(const char *name, char table[TABLE_MAX])
{
	char *p = table + sprintf(table, "rtpl_");

	for (; *name; name++)
		if ((*name >= 'a' && *name <= 'z') || (*name >= 'A' && *name <= 'Z') ||
		    (*name >= '0' && *name <= '9'))
			*p++ = *name;
		else
			p += sprintf(p, "_%02X", (unsigned char)*name);
	*p = '\0';
}

static int kept_path(const char *name, char path[PATH_MAX], struct err *e)
{
	if (state_path(name, path, PATH_MAX - sizeof(BARRIER_SUFFIX), e))
		return -1;
	strcat(path, BARRIER_SUFFIX);
	return 0;
}

/* ---- the table's text ---- */

struct entry {
	struct prefix prefix;
	bool require;
};

static bool guards(const struct config *c, const struct prefix *p)
{
	for (uint32_t i = 0; i < c->n_peers; i++)
		for (uint32_t k = 0; c->peers[i].require && k < c->peers[i].prefixes.n; k++)
			if (!prefix_compare(&c->peers[i].prefixes.p[k], p))
				return true;
	return false;
}

/* By family, then the longest first; required ones before others of their length. */
static int entry_compare(const void *a, const void *b)
{
	const struct entry *p = a, *q = b;

	if (p->prefix.family != q->prefix.family)
		return p->prefix.family == AF_INET ? -1 : 1;
	if (p->prefix.len != q->prefix.len)
		return p->prefix.len > q->prefix.len ? -1 : 1;
	if (p->require != q->require)
		return p->require ? -1 : 1;
	return prefix_compare(&p->prefix, &q->prefix);
}

/* *n_required: 0 if there is nothing to stop. */
static struct entry *entries(const struct config *c, const struct config *have, size_t *n,
			     size_t *n_required)
{
	struct entry *list;
	size_t room = 1;

	for (uint32_t i = 0; i < c->n_peers; i++)
		room += c->peers[i].prefixes.n;
	list = calloc(room, sizeof(*list));
	*n = *n_required = 0;
	for (uint32_t i = 0; list && i < c->n_peers; i++) {
		const struct peer *p = &c->peers[i];
		bool require = p->has & PEER_BIT(REQUIRE) ? p->require : true;

		for (uint32_t k = 0; k < p->prefixes.n; k++) {
			/* What the module guards already may be in use. */
			bool stop = require && !(have && guards(have, &p->prefixes.p[k]));

			list[(*n)++] = (struct entry){ p->prefixes.p[k], stop };
			*n_required += stop;
		}
	}
	if (list)
		qsort(list, *n, sizeof(*list), entry_compare);
	return list;
}

/* One rule for the prefixes of one length that have one fate. */
static void write_prefixes(FILE *f, const char *chain, const char *side, const struct entry *e,
			   size_t n)
{
	char buf[ADDR_TEXT_MAX];
	size_t i, k;

	fprintf(f, "\tchain %s {\n", chain);
	for (i = 0; i < n; i = k) {
		bool four = e[i].prefix.family == AF_INET;

		if (e[i].prefix.len)
			fprintf(f, "\t\t%s %s {", four ? "ip" : "ip6", side);
		else
			fprintf(f, "\t\tmeta nfproto %s", four ? "ipv4" : "ipv6");
		for (k = i; k < n && e[k].prefix.family == e[i].prefix.family &&
		     e[k].prefix.len == e[i].prefix.len && e[k].require == e[i].require; k++)
			/* A file that was not checked may have one twice. */
			if (e[i].prefix.len && (k == i || entry_compare(&e[k - 1], &e[k])))
				fprintf(f, "%s %s", k > i ? "," : "",
					prefix_text(&e[k].prefix, buf));
		fprintf(f, "%s %s\n", e[i].prefix.len ? " }" : "",
			e[i].require ? "counter drop" : "return");
	}
	fprintf(f, "\t}\n");
}

/* Cells of a node that is up meanwhile: the module's socket has no owner. */
static void write_cells(FILE *f, const struct config *c)
{
	const char *comma[2] = { "", "" };
	char buf[ADDR_TEXT_MAX];

	fprintf(f, "\tchain cells {\n\t\tmeta skuid 0-4294967294 return\n\t\taccept\n\t}\n");
	for (int v6 = 0; v6 < 2; v6++) {
		fprintf(f, "\tchain cells%d {\n", v6 ? 6 : 4);
		for (uint32_t i = 0; c->node.port && i < c->n_peers; i++) {
			const struct endpoint *ep = &c->peers[i].endpoint;

			if (ep->sa.sa_family != (v6 ? AF_INET6 : AF_INET))
				continue;
			if (!*comma[v6])
				fprintf(f, "\t\tudp sport %u %s daddr . udp dport {", c->node.port,
					v6 ? "ip6" : "ip");
			inet_ntop(ep->sa.sa_family, v6 ? (void *)&ep->in6.sin6_addr :
				  (void *)&ep->in4.sin_addr, buf, sizeof(buf));
			fprintf(f, "%s %s . %u", comma[v6], buf,
				ntohs(v6 ? ep->in6.sin6_port : ep->in4.sin_port));
			comma[v6] = ",";
		}
		fprintf(f, "%s\t}\n", *comma[v6] ? " } jump cells\n" : "");
	}
}

static const char first_out[] =
	"\t\toifname \"lo\" accept\n"
	"\t\tip protocol igmp ip daddr 224.0.0.0/4 accept\n";

/* No redirect: it quotes a packet. */
static const char control_out[] =
	"\t\tip daddr 255.255.255.255 udp sport { 67, 68 } udp dport { 67, 68 } accept\n"
	"\t\ticmpv6 type { 133, 134, 135, 136 } ip6 hoplimit 255 accept\n"
	"\t\ticmpv6 type { 130, 131, 132, 143 } ip6 hoplimit 1 accept\n"
	"\t\tip6 daddr { ff02::1:2, fe80::/10 } udp sport { 546, 547 } udp dport { 546, 547 } "
	"accept\n";

/* No redirect: it may be about an address inside, which a rule cannot see. */
static const char control_in[] =
	"\t\tiifname \"lo\" accept\n"
	"\t\ticmp type redirect counter drop\n"
	"\t\ticmpv6 type nd-redirect counter drop\n"
	"\t\tfib saddr type local accept\n"
	"\t\tip protocol igmp ip daddr 224.0.0.0/4 accept\n"
	"\t\tudp sport { 67, 68 } udp dport { 67, 68 } accept\n"
	"\t\ticmpv6 type { 133, 134, 135, 136 } ip6 hoplimit 255 accept\n"
	"\t\ticmpv6 type { 130, 131, 132, 143 } ip6 hoplimit 1 accept\n"
	"\t\tudp sport { 546, 547 } udp dport { 546, 547 } accept\n";

/*
 * Source routes, and what may hide one: a rule cannot see where they lead. nft finds IPv4 options
 * only where no address was visited yet, and an IPv6 header only in the fragment that has it. The
 * host's own fragments are made behind these rules.
 */
static const char source_routes[] =
	"\t\tip hdrlength != 5 counter drop\n"
	"\t\texthdr rt exists counter drop\n"
	"\t\texthdr frag exists counter drop\n";

/* Before all rules but that of local addresses; the longest prefix first. */
#define RULE_FIRST	100
#define RULE_MAIN	32766

#define RULE_LINE	"#ip "		/* to nft it is a comment */

static void write_rules(FILE *f, const struct entry *e, size_t n)
{
	char buf[ADDR_TEXT_MAX];

	for (size_t i = 0; i < n; i++) {
		if (i && !entry_compare(&e[i - 1], &e[i]))
			continue;
		/* What a prefix as large as ::/0 holds, but never leaves the link. */
		if (e[i].prefix.family == AF_INET6 && (!i || e[i - 1].prefix.family == AF_INET))
			fprintf(f, RULE_LINE "-6 fe80::/10 pref %d goto %d\n", RULE_FIRST - 1,
				RULE_MAIN);
		fprintf(f, RULE_LINE "-%c %s pref %d ", e[i].prefix.family == AF_INET ? '4' : '6',
			prefix_text(&e[i].prefix, buf), RULE_FIRST + 128 - e[i].prefix.len);
		if (e[i].require)
			fprintf(f, "prohibit\n");
		else
			fprintf(f, "goto %d\n", RULE_MAIN);
	}
}

static void write_table(FILE *f, const char *table, const struct config *c, const struct entry *e,
			size_t n)
{
	write_rules(f, e, n);
	fprintf(f, "add table inet %s\ndelete table inet %s\n", table, table);
	fprintf(f, "table inet %s {\n", table);
	write_prefixes(f, "to", "daddr", e, n);
	write_prefixes(f, "from", "saddr", e, n);
	write_cells(f, c);
	fprintf(f, "\tchain output {\n\t\ttype filter hook output priority 300\n%s"
		"%s%s\t\tjump cells4\n\t\tjump cells6\n\t\tjump to\n\t}\n", first_out, source_routes,
		control_out);
	fprintf(f, "\tchain input {\n\t\ttype filter hook input priority -300\n%s", control_in);
	if (c->node.port)
		fprintf(f, "\t\tudp dport %u accept\n", c->node.port);
	fprintf(f, "\t\tjump from\n\t}\n");
	/* Nothing of the local link is forwarded. */
	fprintf(f, "\tchain forward {\n\t\ttype filter hook forward priority 300\n%s"
		"\t\tjump to\n\t\tjump from\n\t}\n}\n", source_routes);
}

/* @salvaged: a second table, beside that of when all could be read. */
static char *barrier_text(const char *name, bool salvaged, const struct config *c,
			  const struct config *have)
{
	size_t n, n_required, len;
	char table[TABLE_MAX];
	struct entry *list;
	char *text = NULL;
	FILE *f;

	list = entries(c, have, &n, &n_required);
	f = list ? open_memstream(&text, &len) : NULL;
	if (f) {
		table_name(name, table);
		if (salvaged)
			strcat(table, SALVAGED);
		if (n_required)
			write_table(f, table, c, list, n);
		if (fclose(f)) {
			free(text);
			text = NULL;
		}
	}
	free(list);
	return text;
}

/* ---- nft and ip ---- */

/*
 * The lines of @text that are routing rules of a @family, '4' or '6', for
 * `ip -batch`, each once; @verb is add or del. NULL: no memory.
 */
static char *rules_of(const char *text, char family, const char *verb)
{
	char *batch = NULL, line[256];
	const char *p = text;
	size_t len, size;
	FILE *f = open_memstream(&batch, &size);

	if (!f)
		return NULL;
	for (; *p; p += len + (p[len] == '\n')) {
		len = strcspn(p, "\n");
		if (strncmp(p, RULE_LINE, strlen(RULE_LINE)) || len >= 128 ||
		    p[strlen(RULE_LINE) + 1] != family)
			continue;
		snprintf(line, sizeof(line), "rule %s to %.*s\n", verb,
			 (int)(len - strlen(RULE_LINE) - 3), p + strlen(RULE_LINE) + 3);
		fflush(f);
		if (!batch || !strstr(batch, line))
			fputs(line, f);
	}
	if (fclose(f)) {
		free(batch);
		return NULL;
	}
	return batch;
}

static int memory_file(const char *text)
{
	int fd = memfd_create("rtplctl", MFD_CLOEXEC);
	size_t len = strlen(text);

	if (fd >= 0 && (write(fd, text, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET))) {
		close(fd);
		return -1;
	}
	return fd;
}

/* The first line that nft said. */
static void first_line(int fd, char *buf, size_t size)
{
	ssize_t n = pread(fd, buf, size - 1, 0);

	buf[n > 0 ? n : 0] = '\0';
	buf[strcspn(buf, "\n")] = '\0';
}

static int run_with(char *const argv[], const char *text, struct err *e)
{
	posix_spawn_file_actions_t io;
	int in, out, status, rc;
	char said[200];
	pid_t pid;

	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 0);
	in = memory_file(text);
	out = memory_file("");
	if (in < 0 || out < 0 || posix_spawn_file_actions_init(&io)) {
		rc = errno;
		goto out;
	}
	posix_spawn_file_actions_adddup2(&io, in, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&io, out, STDOUT_FILENO);
	posix_spawn_file_actions_adddup2(&io, out, STDERR_FILENO);
	rc = posix_spawnp(&pid, argv[0], &io, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&io);
	if (rc)
		goto out;
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR) {
			rc = errno;
			goto out;
		}
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		first_line(out, said, sizeof(said));
		close(in);
		close(out);
		return err_set(e, "%s: %s", argv[0], *said ? said : "it failed without a word");
	}
out:
	if (in >= 0)
		close(in);
	if (out >= 0)
		close(out);
	if (rc == ENOENT)
		return err_set(e, "%s is not there (Debian's packages nftables and iproute2)",
			       argv[0]);
	return rc ? err_set(e, "cannot run %s: %s", argv[0], strerror(rc)) : 0;
}

static int run_nft(const char *text, struct err *e)
{
	char *const argv[] = { "nft", "-f", "-", NULL };

	return run_with(argv, text, e);
}

static int run_ip(char *family, const char *text, struct err *e)
{
	char *const argv[] = { "ip", family, "-force", "-batch", "-", NULL };

	return *text ? run_with(argv, text, e) : 0;
}

/* ---- what is kept ---- */

static int write_file(const char *path, const char *text, struct err *e)
{
	char temp[PATH_MAX + 8];
	bool bad = true;
	FILE *f;
	int fd;

	snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (f) {
		bad = fputs(text, f) < 0 || fflush(f) || fsync(fd);
		bad |= !!fclose(f);
	} else if (fd >= 0) {
		close(fd);
	}
	if (bad || rename(temp, path)) {
		err_set(e, "cannot write %s: %s", path, strerror(errno));
		unlink(temp);
		return -1;
	}
	return 0;
}

static int run_rules(const char *text, const char *verb, struct err *e)
{
	char *four = rules_of(text, '4', verb), *six = rules_of(text, '6', verb);
	int rc;

	if (!four || !six)
		rc = err_set(e, "out of memory");
	else
		rc = run_ip("-4", four, e);
	/* A kernel without IPv6 takes no rule of it, and needs none. */
	if (!rc && !access("/proc/net/if_inet6", F_OK))
		rc = run_ip("-6", six, e);
	free(four);
	free(six);
	return rc;
}

/* nftables cannot: routing rules, and a note that begins so. */
#define RULES_MARK "#rules\n"

static int close_by_rules(const char *path, const char *text, struct err *e)
{
	struct err why;
	char *note;
	int rc;

	if (asprintf(&note, RULES_MARK "%s", text) < 0)
		return err_set(e, "out of memory");
	if (write_file(path, note, &why))
		warn("%s", why.text);
	free(note);
	/* Those of before may stand. */
	(void)run_rules(text, "del", &why);
	rc = run_rules(text, "add", e);
	if (rc)
		unlink(path);
	return rc;
}

static int close_with(const char *name, const char *text, struct err *e)
{
	struct err first, second;
	char path[PATH_MAX];

	if (kept_path(name, path, e))
		return -1;
	/* First the note that it stands: what is not there can be taken away, too. */
	if (write_file(path, text, &first))
		warn("%s", first.text);
	if (!run_nft(text, &first))
		return 0;
	if (!close_by_rules(path, text, &second)) {
		warn("routing rules instead of nftables, which only stop what is sent: %s",
		     first.text);
		return 0;
	}
	return err_set(e, "the barrier cannot be set: %.300s; %.300s", first.text, second.text);
}

int barrier_close(const char *name, const struct config *c, const struct config *have,
		  struct err *e)
{
	char *text = barrier_text(name, false, c, have);
	int rc;

	if (!text)
		return err_set(e, "out of memory");
	rc = *text ? close_with(name, text, e) : 0;
	free(text);
	return rc;
}

/* The table of when @name was up last, or "" where none is kept. */
static char *kept_text(const char *name)
{
	char path[PATH_MAX], *text, *copy;
	struct err why;
	size_t len;

	snprintf(path, sizeof(path), KEPT_DIR "/%s" BARRIER_SUFFIX, name);
	if (access(path, F_OK))
		return strdup("");
	if (file_read(path, CONF_FILE_MAX, &text, &len, &why)) {
		warn("%s", why.text);
		return strdup("");
	}
	copy = strndup(text, len);
	file_free(text, len);
	return copy;
}

int barrier_close_bad(const char *name, const char *conf, struct err *e)
{
	char *kept = kept_text(name), *salvaged = NULL, *both = NULL;
	struct config c;
	struct err why;
	char *text;
	size_t len;
	int rc;

	if (!file_read(conf, CONF_FILE_MAX, &text, &len, &why)) {
		if (!config_parse(text, len, conf, CONF_SALVAGE, &c, &why))
			salvaged = barrier_text(name, true, &c, NULL);
		config_free(&c);
		file_free(text, len);
	}
	if (!kept || asprintf(&both, "%s%s", kept, salvaged ? salvaged : "") < 0)
		rc = err_set(e, "out of memory");
	else if (!*both)
		rc = err_set(e, "no prefix can be read in it, and none is kept from when %s was up last",
			     quoted(name));
	else
		rc = close_with(name, both, e);
	free(kept);
	free(salvaged);
	free(both);
	return rc;
}

void barrier_keep(const char *name, const struct config *c)
{
	char path[PATH_MAX], *text;
	struct err why;

	if (access(KEPT_DIR, F_OK))
		return;
	snprintf(path, sizeof(path), KEPT_DIR "/%s" BARRIER_SUFFIX, name);
	text = barrier_text(name, false, c, NULL);
	if (!text)
		return;
	if (!*text)
		unlink(path);
	else if (write_file(path, text, &why))
		warn("%s", why.text);
	free(text);
}

/* The note of what stands: "" if nothing does, NULL on an error. */
static char *note_read(const char *name, char path[PATH_MAX], struct err *e)
{
	char *text, *copy;
	size_t len;

	if (kept_path(name, path, e))
		return NULL;
	if (access(path, F_OK))
		return strdup("");
	if (file_read(path, CONF_FILE_MAX, &text, &len, e))
		return NULL;
	copy = strndup(text, len);
	file_free(text, len);
	return copy;
}

const char *barrier_stands(const char *name)
{
	char path[PATH_MAX], *note;
	const char *what = NULL;
	struct err why;

	note = note_read(name, path, &why);
	if (note && *note)
		what = strncmp(note, RULES_MARK, strlen(RULES_MARK)) ?
		       "nftables stop what %s protects" :
		       "routing rules stop what is sent to what %s protects";
	free(note);
	return what;
}

bool barrier_tables(const char *name, char tables[BARRIER_TABLES_MAX])
{
	char path[PATH_MAX], table[TABLE_MAX], begins[TABLE_MAX + 32];
	static const char * const ends[] = { "", SALVAGED };
	struct err why;
	char *note;
	bool stands;

	note = note_read(name, path, &why);
	stands = note && *note;
	*tables = '\0';
	table_name(name, table);
	for (size_t i = 0; stands && i < ARRAY_SIZE(ends); i++) {
		snprintf(begins, sizeof(begins), "\ntable inet %s%s {", table, ends[i]);
		if (strncmp(note, RULES_MARK, strlen(RULES_MARK)) && strstr(note, begins))
			sprintf(tables + strlen(tables), "%stable inet %s%s", *tables ? " and " : "",
				table, ends[i]);
	}
	free(note);
	return stands;
}

int barrier_open(const char *name, struct err *e)
{
	char path[PATH_MAX], table[TABLE_MAX], text[4 * TABLE_MAX + 128];
	char *note = note_read(name, path, e);
	int rc;

	if (!note || !*note) {
		rc = note ? 0 : -1;
	} else if (!strncmp(note, RULES_MARK, strlen(RULES_MARK))) {
		rc = run_rules(note, "del", e);
	} else {
		table_name(name, table);
		snprintf(text, sizeof(text), "add table inet %s\ndelete table inet %s\n"
			 "add table inet %s" SALVAGED "\ndelete table inet %s" SALVAGED "\n",
			 table, table, table, table);
		rc = run_nft(text, e);
	}
	if (!rc && note && *note && unlink(path))
		rc = err_set(e, "cannot remove %s: %s", path, strerror(errno));
	free(note);
	return rc;
}
