// SPDX-License-Identifier: GPL-2.0
/* Keys: made, read, shown. Every copy is wiped. */
#include "rtplctl.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../input/input.h"

/* "key" or a psk file: one line of base64, blanks around it do not matter. */
#define KEY_FILE_MAX 4096

int key_read(const char *path, uint8_t key[RTPL_KEY_LEN], struct err *e)
{
	char buf[KEY_FILE_MAX + 1], *word, what[256];
	size_t len = 0;
	struct stat st;
	ssize_t n = 0;
	int rc = -1, fd = STDIN_FILENO;
	bool open_to_others = false;

	if (strcmp(path, "-")) {
		fd = open(path, O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			return err_set(e, "cannot open %s: %s", quoted(path), strerror(errno));
		open_to_others = !fstat(fd, &st) && S_ISREG(st.st_mode) && (st.st_mode & 077);
	}
	while (len < KEY_FILE_MAX && (n = read(fd, buf + len, KEY_FILE_MAX - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			err_set(e, "cannot read %s: %s", quoted(path), strerror(errno));
			goto out;
		}
		len += n;
	}
	snprintf(what, sizeof(what), "what %s holds", quoted(path));
	if (len == KEY_FILE_MAX || memchr(buf, '\0', len)) {
		err_set(e, "%s is not a key", what);
		goto out;
	}
	while (len && strchr(" \t\r\n", buf[len - 1]))
		len--;
	buf[len] = '\0';
	word = buf + input_mark(buf, len);
	word += strspn(word, " \t\r\n");
	if (parse_key(word, key, what, e))
		goto out;
	if (key_is_zero(key)) {
		err_set(e, "the key in %s is all zero", quoted(path));
		goto out;
	}
	rc = 0;
	/* Not of what is no key. */
	if (open_to_others)
		warn("the key file %s can be read by others (mode %04o): chmod 600 it",
		     quoted(path), st.st_mode & 07777);
out:
	explicit_bzero(buf, sizeof(buf));
	if (fd != STDIN_FILENO)
		close(fd);
	return rc;
}

static int key_init(struct err *e)
{
	return sodium_init() < 0 ? err_set(e, "no source of random numbers") : 0;
}

int key_generate(uint8_t key[RTPL_KEY_LEN], bool x25519, struct err *e)
{
	if (key_init(e))
		return -1;
	do {
		randombytes_buf(key, RTPL_KEY_LEN);
	} while (key_is_zero(key));
	if (x25519) {		/* RFC 7748, section 5 */
		key[0] &= 248;
		key[31] &= 127;
		key[31] |= 64;
	}
	return 0;
}

int key_public(const uint8_t private_key[RTPL_KEY_LEN], uint8_t public_key[RTPL_KEY_LEN],
	       struct err *e)
{
	if (key_init(e))
		return -1;
	if (crypto_scalarmult_base(public_key, private_key))
		return err_set(e, "the private key has no public key");
	return 0;
}

bool key_same_private(const uint8_t a[RTPL_KEY_LEN], const uint8_t b[RTPL_KEY_LEN])
{
	uint8_t differ = ((a[0] ^ b[0]) & 248) | ((a[31] ^ b[31]) & 63);

	for (int i = 1; i < 31; i++)
		differ |= a[i] ^ b[i];
	return !differ;
}

int key_print(struct ctl *ctl, const char *name, const uint8_t key[RTPL_KEY_LEN], bool secret)
{
	char text[KEY_TEXT_LEN + 1];
	struct stat st;
	int rc;

	if (secret && !fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) && (st.st_mode & 077))
		warn("the file that receives the key can be read by others (mode %04o): chmod 600 it, and umask 077 next time",
		     st.st_mode & 07777);
	key_text(key, text);
	/* By hand: a JSON library would leave copies of the key behind. */
	if (ctl->json)
		rc = printf("{\"%s\":\"%s\"}\n", name, text);
	else
		rc = printf("%s\n", text);
	explicit_bzero(text, sizeof(text));
	if (rc < 0 || fflush(stdout))
		return err_set(&ctl->e, "cannot write the key: %s", strerror(errno)), RC_ERROR;
	return RC_OK;
}
