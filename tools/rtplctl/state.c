// SPDX-License-Identifier: GPL-2.0
/*
 * What `up` did, so that `down` can undo it when the file has changed since,
 * and so that `up` twice is noticed: /run/rtpl/NAME.NETNS, a configuration
 * file without keys. One lock keeps two such commands apart.
 */
#include "rtplctl.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define STATE_DIR	"/run/rtpl"
#define HELD_MARK	"# held\n"

extern char **environ;

static const char * const hook_names[N_HOOKS] = { "PreUp", "PostUp", "PreDown", "PostDown" };

int state_lock(struct err *e)
{
	int fd;

	if (mkdir(STATE_DIR, 0700) && errno != EEXIST)
		return errno == EACCES ? err_set(e, NEED_ROOT) :
		       err_set(e, "cannot make %s: %s", STATE_DIR, strerror(errno));
	fd = open(STATE_DIR "/lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (fd < 0)
		return errno == EACCES ? err_set(e, NEED_ROOT) :
		       err_set(e, "cannot open %s/lock: %s", STATE_DIR, strerror(errno));
	while (flock(fd, LOCK_EX)) {
		if (errno == EINTR)
			continue;
		close(fd);
		return err_set(e, "cannot lock %s/lock: %s", STATE_DIR, strerror(errno));
	}
	return fd;
}

int state_path(const char *name, char *path, size_t size, struct err *e)
{
	struct stat st;

	if (stat("/proc/self/ns/net", &st))
		return err_set(e, "cannot tell the network namespace: %s", strerror(errno));
	snprintf(path, size, STATE_DIR "/%s.%llu", name, (unsigned long long)st.st_ino);
	return 0;
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
	file_free(text, len);
	return rc;
}

int state_write(const char *path, enum state_kind kind, const struct config *c, struct err *e)
{
	char temp[4096];
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
	fprintf(f, "%s[Node]\n", kind == STATE_HELD ? HELD_MARK : "");
	for (uint32_t i = 0; i < c->devices.n; i++)
		fprintf(f, "Device = %s\n", c->devices.w[i]);
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

/* Each by sh -c, %i being the name, as admins know it. */
int run_hooks(const struct words *hooks, const char *name, struct err *e)
{
	for (uint32_t i = 0; i < hooks->n; i++) {
		const char *p = hooks->w[i];
		char cmd[CONF_LINE_MAX * 4 + 1];
		char *const argv[] = { "sh", "-c", cmd, NULL };
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
			return err_set(e, "the command %s grows too long", quoted(hooks->w[i]));
		cmd[at] = '\0';
		rc = posix_spawn(&pid, "/bin/sh", NULL, NULL, argv, environ);
		if (rc)
			return err_set(e, "cannot run /bin/sh: %s", strerror(rc));
		while (waitpid(pid, &status, 0) < 0)
			if (errno != EINTR)
				return err_set(e, "cannot wait for %s: %s", quoted(cmd), strerror(errno));
		if (WIFSIGNALED(status))
			return err_set(e, "the command %s ended by signal %d", quoted(hooks->w[i]),
				       WTERMSIG(status));
		if (WEXITSTATUS(status))
			return err_set(e, "the command %s ended with status %d", quoted(hooks->w[i]),
				       WEXITSTATUS(status));
	}
	return 0;
}
