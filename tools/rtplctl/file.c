// SPDX-License-Identifier: GPL-2.0
/* Configuration files: found, read, their key files read, their names resolved. */
#include "rtplctl.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

void file_free(char *text, size_t len)
{
	if (text)
		explicit_bzero(text, len);
	free(text);
}

int file_read(const char *path, size_t max, char **text, size_t *len, struct err *e)
{
	bool standard = !strcmp(path, "-");
	int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
	size_t size = 64 << 10, n = 0;
	struct stat st;
	ssize_t got;
	char *buf;

	if (fd < 0)
		return err_set(e, "cannot open %s: %s", quoted(path), strerror(errno));
	if (!fstat(fd, &st) && S_ISREG(st.st_mode) && st.st_size > 0)
		size = st.st_size < (off_t)max ? (size_t)st.st_size + 1 : max + 1;
	buf = malloc(size);
	while (buf) {
		if (n == size) {
			/* Not realloc(): keys may stand in the old copy. */
			char *more = malloc(size * 2);

			if (more)
				memcpy(more, buf, n);
			file_free(buf, n);
			buf = more;
			size *= 2;
			continue;
		}
		got = read(fd, buf + n, size - n);
		if (got < 0 && errno == EINTR)
			continue;
		if (got <= 0)
			break;
		n += got;
		if (n > max)
			break;
	}
	if (!buf)
		err_set(e, "out of memory");
	else if (got < 0)
		err_set(e, "cannot read %s: %s", quoted(path), strerror(errno));
	else if (n > max)
		err_set(e, "%s is larger than %zu MiB", quoted(path), max >> 20);
	if (!standard)
		close(fd);
	if (!buf || got < 0 || n > max) {
		file_free(buf, n);
		return -1;
	}
	*text = buf;
	*len = n;
	return 0;
}

int conf_locate(const char *word, char path[4096], char name[65], struct err *e)
{
	const char *base = strrchr(word, '/');
	size_t len;

	if (!strcmp(word, "-")) {
		strcpy(path, "-");
		strcpy(name, "-");
		return 0;
	}
	base = base ? base + 1 : word;
	len = strlen(base);
	if (len > 5 && !strcmp(base + len - 5, ".conf"))
		len -= 5;
	else if (base == word)
		base = NULL;		/* a name */
	if (!base) {
		base = word;
		snprintf(path, 4096, CONF_DIR "/%.100s.conf", word);
	} else {
		if (strlen(word) >= 4096)
			return err_set(e, "%s is too long for a path", quoted(word));
		strcpy(path, word);
	}
	if (!len || len > 64 || *base == '.' || *base == '-' ||
	    strspn(base, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_=+.-@") < len)
		return err_set(e, "%s is neither a file nor a name (letters, digits, _ = + . - @, none of . and - first; at most 64)",
			       quoted(word));
	memcpy(name, base, len);
	name[len] = '\0';
	return 0;
}

/* A key file's path is relative to the configuration file's folder. */
static int read_key_file(const char *conf, const char *file, uint8_t key[RTPL_KEY_LEN],
			 struct err *e)
{
	char path[PATH_MAX];
	const char *slash = strrchr(conf, '/');

	if (*file == '/' || !slash)
		snprintf(path, sizeof(path), "%s", file);
	else
		snprintf(path, sizeof(path), "%.*s/%s", (int)(slash - conf), conf, file);
	return key_read(path, key, e);
}

static bool has_secret(const struct config *c)
{
	bool secret = !c->private_key_file;

	for (uint32_t i = 0; i < c->n_peers; i++)
		secret |= !!(c->peers[i].has & PEER_BIT(PSK));
	return secret;
}

static bool has_hooks(const struct config *c)
{
	for (int i = 0; i < N_HOOKS; i++)
		if (c->hooks[i].n)
			return true;
	return false;
}

/* No peer is the node itself. */
static int check_own_key(const struct config *c, const char *path, struct err *e)
{
	uint8_t own[RTPL_KEY_LEN];

	if (key_public(c->node.private_key, own, e))
		return -1;
	for (uint32_t i = 0; i < c->n_peers; i++) {
		if (key_same_private(c->node.private_key, c->peers[i].public_key))
			return err_set(e, "%.200s:%u: the peer's PublicKey is the node's private key",
				       path, c->peers[i].lines[K_PUBLIC_KEY]);
		if (!memcmp(own, c->peers[i].public_key, RTPL_KEY_LEN))
			return err_set(e, "%.200s:%u: the peer's PublicKey is the node's own", path,
				       c->peers[i].lines[K_PUBLIC_KEY]);
	}
	return 0;
}

int conf_load(const char *path, struct config *c, struct err *e)
{
	struct err why;
	struct stat st;
	size_t len;
	char *text;
	int rc;

	memset(c, 0, sizeof(*c));
	if (file_read(path, CONF_FILE_MAX, &text, &len, e)) {
		why = *e;
		/* a.conf is a file here, a is one there. */
		if (!strchr(path, '/') && strlen(path) > 5 && access(path, F_OK))
			err_set(e, "%.500s (a file in this folder; the name %.*s means " CONF_DIR "/%s)", why.text,
				(int)strlen(path) - 5, path, path);
		return -1;
	}
	rc = config_parse(text, len, path, 0, c, e);
	file_free(text, len);
	if (rc)
		return rc;
	c->file = strdup(path);
	if (!c->file)
		return err_set(e, "out of memory");
	if (!strcmp(path, "-") || stat(path, &st) || !S_ISREG(st.st_mode))
		st.st_mode = 0;
	if ((st.st_mode & 022) && has_hooks(c))
		return err_set(e, "%s has commands, which root runs, and can be changed by others (mode %04o): chmod 600 it",
			       quoted(path), st.st_mode & 07777);
	if (st.st_mode & 022)
		warn("%s can be changed by others (mode %04o): chmod 600 it", quoted(path),
		     st.st_mode & 07777);
	else if (has_secret(c) && (st.st_mode & 077))
		warn("%s holds keys and can be read by others (mode %04o): chmod 600 it",
		     quoted(path), st.st_mode & 07777);
	if (c->private_key_file) {
		if (read_key_file(path, c->private_key_file, c->node.private_key, &why))
			return err_set(e, "%.200s:%u: PrivateKeyFile: %.500s", path,
				       c->lines[K_PRIVATE_KEY_FILE], why.text);
		c->node.has |= NODE_BIT(PRIVATE_KEY);
	}
	for (uint32_t i = 0; i < c->n_peers; i++) {
		struct peer *p = &c->peers[i];

		if (!p->psk_file)
			continue;
		if (read_key_file(path, p->psk_file, p->psk, &why))
			return err_set(e, "%.200s:%u: PresharedKeyFile: %.500s", path,
				       p->lines[K_PSK_FILE], why.text);
		p->has |= PEER_BIT(PSK);
	}
	return check_own_key(c, path, e);
}

/* ---- names ---- */

int endpoint_resolve(struct endpoint *ep, struct err *e)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM, .ai_protocol = IPPROTO_UDP,
	}, *found;
	char port[8];
	int rc;

	if (!*ep->host || ep->sa.sa_family)
		return 0;
	snprintf(port, sizeof(port), "%u", ep->port);
	rc = getaddrinfo(ep->host, port, &hints, &found);
	if (rc)
		return err_set(e, "cannot resolve %s: %s", quoted(ep->host),
			       rc == EAI_SYSTEM ? strerror(errno) : gai_strerror(rc));
	if (found->ai_addrlen <= sizeof(ep->in6))
		memcpy(&ep->sa, found->ai_addr, found->ai_addrlen);
	freeaddrinfo(found);
	if (endpoint_check(ep, ep->host, e)) {
		ep->sa.sa_family = 0;
		return -1;
	}
	return 0;
}

int conf_resolve(struct config *c, struct err *e)
{
	struct err why;

	for (uint32_t i = 0; i < c->n_peers; i++)
		if (endpoint_resolve(&c->peers[i].endpoint, &why))
			return err_set(e, "%.200s:%u: %.500s", c->file,
				       c->peers[i].lines[K_ENDPOINT], why.text);
	return 0;
}
