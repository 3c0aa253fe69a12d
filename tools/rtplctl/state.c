// SPDX-License-Identifier: GPL-2.0
/*
 * What `up` did, so that `down` can undo it when the file has changed since,
 * and so that `up` twice is noticed: /run/rtpl/NAME.NETNS, a configuration
 * file without keys and peers. A lock for each network namespace keeps two such
 * commands apart; what a hook runs works under its caller's.
 */
#include "rtplctl.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <linux/rtpl_tc.h>

#define STATE_DIR	"/run/rtpl"
#define HELD_MARK	"# held\n"
#define FILE_MARK	"# file "

extern char **environ;

static const char * const hook_names[N_HOOKS] = { "PreUp", "PostUp", "PreDown", "PostDown" };

/* Whoever waits longer than this is told who works here. */
#define LOCK_WAIT	30
#define LOCK_PAUSE_NS	50000000L
/* For commands of hooks: what the holder of the lock wrote into it. */
#define HOLDER		"RTPLCTL_HOLDER"

static bool nested;

bool state_nested(void)
{
	return nested;
}

static int netns(unsigned long long *ino, struct err *e)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st))
		return err_set(e, "cannot tell the network namespace: %s", strerror(errno));
	*ino = st.st_ino;
	return 0;
}

/* "PID NONCE\n", by which commands of our hooks know that the lock is ours. */
static int mark_holder(int fd, struct err *e)
{
	uint64_t nonce;
	char text[64];
	int n;

	if (getentropy(&nonce, sizeof(nonce)))
		return err_set(e, "cannot get random bytes: %s", strerror(errno));
	n = snprintf(text, sizeof(text), "%d %016llx", getpid(), (unsigned long long)nonce);
	if (ftruncate(fd, 0) || pwrite(fd, text, n, 0) != n)
		return err_set(e, "cannot write the lock: %s", strerror(errno));
	setenv(HOLDER, text, 1);
	return 0;
}

static void read_holder(int fd, char *text, size_t size)
{
	ssize_t n = pread(fd, text, size - 1, 0);

	text[n > 0 ? n : 0] = '\0';
}

static uint64_t seconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec;
}

int state_lock(struct err *e)
{
	const struct timespec pause = { .tv_nsec = LOCK_PAUSE_NS };
	const char *holder = getenv(HOLDER);
	uint64_t end = seconds() + LOCK_WAIT;
	char path[sizeof(STATE_DIR) + 32], text[64];
	unsigned long long ino = 0;
	int fd;

	if (netns(&ino, e))
		return -1;
	if (mkdir(STATE_DIR, 0700) && errno != EEXIST)
		return errno == EACCES ? err_set(e, NEED_ROOT) :
		       err_set(e, "cannot make %s: %s", STATE_DIR, strerror(errno));
	snprintf(path, sizeof(path), STATE_DIR "/lock.%llu", ino);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == EACCES ? err_set(e, NEED_ROOT) :
		       err_set(e, "cannot open %s: %s", path, strerror(errno));
	while (flock(fd, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK && errno != EINTR) {
			err_set(e, "cannot lock %s: %s", path, strerror(errno));
			goto fail;
		}
		read_holder(fd, text, sizeof(text));
		if (holder && *holder && !strcmp(holder, text)) {
			nested = true;
			return fd;
		}
		if (seconds() >= end) {
			err_set(e, "another rtplctl (process %.*s) has worked in this network namespace for %u s: try again when it is done",
				(int)strcspn(text, " "), text, LOCK_WAIT);
			goto fail;
		}
		nanosleep(&pause, NULL);
	}
	if (mark_holder(fd, e))
		goto fail;
	return fd;
fail:
	close(fd);
	return -1;
}

int state_path(const char *name, char *path, size_t size, struct err *e)
{
	unsigned long long ino = 0;

	if (netns(&ino, e))
		return -1;
	snprintf(path, size, STATE_DIR "/%s.%llu", name, ino);
	return 0;
}

int state_names(const char *suffix, struct str_list *names, struct err *e)
{
	unsigned long long ino = 0;
	struct dirent *entry;
	char end[64];
	DIR *dir;
	int rc = 0;

	memset(names, 0, sizeof(*names));
	if (netns(&ino, e))
		return -1;
	snprintf(end, sizeof(end), ".%llu%s", ino, suffix);
	dir = opendir(STATE_DIR);
	if (!dir)
		return errno == ENOENT ? 0 :
		       err_set(e, "cannot read %s: %s", STATE_DIR, strerror(errno));
	while (!rc && (entry = readdir(dir))) {
		size_t len = strlen(entry->d_name), tail = strlen(end);

		if (len <= tail || strcmp(entry->d_name + len - tail, end))
			continue;
		entry->d_name[len - tail] = '\0';
		if (strcmp(entry->d_name, "lock") && str_list_add(names, entry->d_name))
			rc = err_set(e, "out of memory");
	}
	closedir(dir);
	return rc;
}

/* The file that `up` read, of the first lines of @text; NULL: an older version's state. */
static char *file_of(const char *text, size_t len)
{
	const char *end;

	if (len >= strlen(HELD_MARK) && !memcmp(text, HELD_MARK, strlen(HELD_MARK))) {
		text += strlen(HELD_MARK);
		len -= strlen(HELD_MARK);
	}
	if (len < strlen(FILE_MARK) || memcmp(text, FILE_MARK, strlen(FILE_MARK)))
		return NULL;
	text += strlen(FILE_MARK);
	end = memchr(text, '\n', len - strlen(FILE_MARK));
	return end ? strndup(text, end - text) : NULL;
}

int state_read(const char *path, enum state_kind *kind, struct config *c, struct err *e)
{
	char *text;
	size_t len;
	int rc;

	*kind = STATE_NONE;
	memset(c, 0, sizeof(*c));
	if (access(path, F_OK))
		return 0;
	if (file_read(path, CONF_FILE_MAX, &text, &len, e))
		return -1;
	*kind = len >= strlen(HELD_MARK) && !memcmp(text, HELD_MARK, strlen(HELD_MARK)) ?
		STATE_HELD : STATE_UP;
	rc = config_parse(text, len, path, CONF_STATE, c, e);
	if (!rc)
		c->file = file_of(text, len);
	file_free(text, len);
	return rc;
}

bool state_held(char name[65], char word[4096])
{
	enum state_kind kind = STATE_NONE;
	struct str_list names;
	struct err ignored;
	char path[4096];

	if (state_names("", &names, &ignored))
		names.n = 0;
	for (uint32_t i = 0; i < names.n && kind != STATE_HELD; i++) {
		struct config c = { 0 };

		if (strlen(names.w[i]) > 64 || state_path(names.w[i], path, sizeof(path), &ignored) ||
		    state_read(path, &kind, &c, &ignored))
			kind = STATE_NONE;
		strcpy(name, kind == STATE_HELD ? names.w[i] : "");
		snprintf(path, sizeof(path), CONF_DIR "/%.64s.conf", name);
		snprintf(word, 4096, "%s", c.file && strcmp(c.file, path) ? c.file : name);
		config_free(&c);
	}
	str_list_free(&names);
	return kind == STATE_HELD;
}

int state_write(const char *path, enum state_kind kind, const struct config *c, struct err *e)
{
	char temp[4096], *file;
	bool bad;
	FILE *f;
	int fd;

	if (kind == STATE_NONE)
		return unlink(path) && errno != ENOENT ?
		       err_set(e, "cannot remove %s: %s", path, strerror(errno)) : 0;
	snprintf(temp, sizeof(temp), "%s.new", path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		if (fd >= 0)
			close(fd);
		return err_set(e, "cannot write %s: %s", temp, strerror(errno));
	}
	fputs(kind == STATE_HELD ? HELD_MARK : "", f);
	file = c->file ? realpath(c->file, NULL) : NULL;
	if (file && !strpbrk(file, "\r\n") && strlen(file) < CONF_LINE_MAX - strlen(FILE_MARK))
		fprintf(f, FILE_MARK "%s\n", file);
	free(file);
	fprintf(f, "[Node]\n");
	for (uint32_t i = 0; i < c->devices.n; i++)
		fprintf(f, "Device = %s\n", c->devices.w[i]);
	if (c->has_unprotected)
		fprintf(f, "Unprotected = %s\n",
			c->unprotected == RTPL_UNPROTECTED_DROP ? "drop" : "pass");
	conf_write_shape(f, &c->shape);
	for (int h = HOOK_PRE_DOWN; h <= HOOK_POST_DOWN; h++)
		for (uint32_t i = 0; i < c->hooks[h].n; i++)
			fprintf(f, "%s=%s\n", hook_names[h], c->hooks[h].w[i]);
	bad = ferror(f);
	bad |= !!fclose(f);
	if (bad || rename(temp, path)) {
		err_set(e, "cannot write %s: %s", path, strerror(errno));
		unlink(temp);
		return -1;
	}
	return 0;
}

/* By sh -c, %i being the name, as admins know it. */
static int run_hook(const char *hook, const char *name, struct err *e)
{
	char cmd[CONF_LINE_MAX * 4 + 1];
	char *const argv[] = { "sh", "-c", cmd, NULL };
	const char *p = hook;
	size_t at = 0;
	int status, rc;
	pid_t pid;

	while (*p && at < sizeof(cmd) - 80) {
		if (p[0] == '%' && p[1] == 'i') {
			at += sprintf(cmd + at, "%s", name);
			p += 2;
		} else {
			cmd[at++] = *p++;
		}
	}
	if (*p)
		return err_set(e, "the command %s grows too long", quoted(hook));
	cmd[at] = '\0';
	rc = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
	if (rc)
		return err_set(e, "cannot run /bin/sh: %s", strerror(rc));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, "cannot wait for %s: %s", quoted(hook), strerror(errno));
	if (WIFSIGNALED(status))
		return err_set(e, "the command %s ended by signal %d", quoted(hook), WTERMSIG(status));
	if (WEXITSTATUS(status))
		return err_set(e, "the command %s ended with status %d", quoted(hook),
			       WEXITSTATUS(status));
	return 0;
}

int run_hooks(const struct str_list *hooks, const char *name, struct err *e)
{
	for (uint32_t i = 0; i < hooks->n; i++)
		if (run_hook(hooks->w[i], name, e))
			return -1;
	return 0;
}

void run_all_hooks(const struct str_list *hooks, const char *name)
{
	struct err why;

	for (uint32_t i = 0; i < hooks->n; i++)
		if (run_hook(hooks->w[i], name, &why))
			warn("%s", why.text);
}
