// SPDX-License-Identifier: GPL-2.0
/* rtplctl save: what was set by hand becomes a configuration, which is up from then on. */
#include "rtplctl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char * const hook_names[N_HOOKS] = { "PreUp", "PostUp", "PreDown", "PostDown" };

struct save {
	const char *name, *path;
	bool force;
	struct config have, old;	/* old: commands of the file that is written over */
	struct qdisc_info *q;
	uint32_t n_q;
	struct conn *c, *route;
};

/* Are we the only one that calls this node its own? */
static int check_names(const struct save *s, struct err *e)
{
	struct str_list names;
	int rc;

	rc = state_names("", &names, e);
	for (uint32_t i = 0; i < names.n && !rc; i++)
		if (strcmp(names.w[i], s->name))
			rc = err_set(e, "what runs is %s: save it under that name (--force writes over its file); for a copy, rtplctl showconf --show-keys",
				     quoted(names.w[i]));
	str_list_free(&names);
	return rc;
}

static int read_old(struct save *s, struct err *e)
{
	size_t len;
	char *text;
	int rc;

	if (access(s->path, F_OK))
		return 0;
	if (!s->force)
		return err_set(e, "%s is there already (save --force writes over all of it but its commands)",
			       quoted(s->path));
	rc = file_read(s->path, CONF_FILE_MAX, &text, &len, e);
	if (!rc) {
		rc = config_parse(text, len, s->path, CONF_STATE, &s->old, e);
		file_free(text, len);
	}
	return rc;
}

static int cannot_write(const char *path, int why, struct err *e)
{
	const char *slash = strrchr(path, '/');
	char folder[4096];

	if (why != ENOENT || !slash || slash == path)
		return err_set(e, "cannot write %s: %s", quoted(path), strerror(why));
	snprintf(folder, sizeof(folder), "%.*s", (int)(slash - path), path);
	return err_set(e, "cannot write %s: there is no folder %s", quoted(path), quoted(folder));
}

static int write_file(const struct save *s, struct err *e)
{
	char temp[4096 + 8];
	bool bad;
	FILE *f;
	int fd;

	snprintf(temp, sizeof(temp), "%s.new", s->path);
	fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	f = fd < 0 ? NULL : fdopen(fd, "w");
	if (!f) {
		cannot_write(s->path, errno, e);
		if (fd >= 0)
			close(fd);
		return -1;
	}
	/* One that an earlier umask left open may be there. */
	bad = fchmod(fd, 0600);
	conf_write_node(f, &s->have, s->q, s->n_q, true);
	for (int h = 0; h < N_HOOKS; h++)
		for (uint32_t i = 0; i < s->old.hooks[h].n; i++)
			fprintf(f, "%s = %s\n", hook_names[h], s->old.hooks[h].w[i]);
	conf_write_peers(f, &s->have, true);
	bad |= fflush(f) || ferror(f) || fsync(fd);
	bad |= !!fclose(f);
	if (bad || rename(temp, s->path)) {
		cannot_write(s->path, errno, e);
		unlink(temp);
		return -1;
	}
	return 0;
}

/* The file names profiles; the kernel forgets those that are not its own. */
static int told_profile(const struct kernel_profile *p, void *arg)
{
	const struct save *s = arg;
	const struct str_list *before = &s->old.hooks[HOOK_PRE_UP];

	if (p->builtin || !p->users)
		return 0;
	for (uint32_t i = 0; i < before->n; i++)
		if (strstr(before->w[i], "profile load"))
			return 0;
	warn("profile %s was loaded by hand: without a line \"PreUp = rtplctl profile load FILE\" in %s "
	     "\"rtplctl up %s\" fails after a reboot", p->name, quoted(s->path), s->name);
	return 0;
}

/* What the old file named, and the new one has the value of. */
static void tell_replaced(const struct save *s)
{
	char key[KEY_TEXT_LEN + 1];

	if (s->old.private_key_file)
		warn("%s named a PrivateKeyFile: now the key itself stands there", quoted(s->path));
	for (uint32_t i = 0; i < s->old.n_peers; i++) {
		const struct peer *p = &s->old.peers[i];

		/* Whole it would be hidden as a key. */
		key_text(p->public_key, key);
		if (p->psk_file)
			warn("%s named a PresharedKeyFile for peer %.8s: now the key itself stands there",
			     quoted(s->path), key);
		if (*p->endpoint.host && !p->endpoint.sa.sa_family)
			warn("%s had %s as the endpoint of peer %.8s: now its address stands there, which \"rtplctl reresolve\" leaves alone",
			     quoted(s->path), quoted(p->endpoint.host), key);
	}
}

/* Is it where the units look? */
static bool at_boot(const struct save *s)
{
	char want[sizeof(CONF_DIR) + 80], *found = realpath(s->path, NULL);
	bool is;

	snprintf(want, sizeof(want), CONF_DIR "/%s.conf", s->name);
	is = found && !strcmp(found, want);
	free(found);
	return is;
}

static void tell_next(const struct save *s)
{
	printf("%s has it, keys included; \"rtplctl down %s\" ends it, ", s->path, s->name);
	if (at_boot(s))
		printf("\"systemctl enable rtpl@%s\" has it at boot\n", s->name);
	else
		printf("\"rtplctl up %s\" sets it up again; at boot only files in " CONF_DIR " are, as of \"rtplctl save %s\"\n",
		       s->path, s->name);
}

static int go(struct save *s, struct err *e)
{
	char state[4096];
	struct config now;
	int rc;

	s->c = conn_open(e);
	s->route = s->c ? conn_open_route(e) : NULL;
	if (!s->route || kernel_config(s->c, &s->have, e) ||
	    qdisc_list(s->route, &s->q, &s->n_q, e))
		return -1;
	if (!(s->have.node.has & NODE_BIT(PRIVATE_KEY)))
		return err_set(e, "the node has no key: there is nothing that \"rtplctl up\" could set up");
	if (check_names(s, e) || read_old(s, e) || write_file(s, e))
		return -1;
	tell_replaced(s);
	if (kernel_profiles(s->c, told_profile, s, e))
		return -1;
	/* As if it had come from the file: down takes it down. */
	if (conf_load(s->path, &now, e) || state_path(s->name, state, sizeof(state), e)) {
		config_free(&now);
		return -1;
	}
	rc = state_write(state, STATE_UP, &now, e);
	if (!rc)
		barrier_keep(s->name, &now);
	config_free(&now);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct save s = { 0 };
	char path[4096], name[65];
	int rc, lock;

	rc = conf_args(ctl, argc, argv, "--force", &s.force, path, name);
	if (rc)
		return rc;
	s.name = name;
	s.path = path;
	rc = RC_ERROR;
	lock = state_lock(&ctl->e);
	if (lock >= 0 && !go(&s, &ctl->e))
		rc = RC_OK;
	if (!rc && ctl->json)
		rc = json_print(json_pack("{so so si si}", "saved", json_text(name), "file", json_text(path), "peers",
					  s.have.n_peers, "devices", s.n_q), false);
	else if (!rc)
		tell_next(&s);
	conn_close(s.c);
	conn_close(s.route);
	config_free(&s.have);
	config_free(&s.old);
	free(s.q);
	if (lock >= 0)
		close(lock);
	return rc;
}

const struct command cmd_save = {
	.name = "save",
	.run = run,
	.options = { "--force" },
	.args = "[--force] FILE|NAME",
	.what = "make a configuration file of what was set by hand",
	.help = "NAME means /etc/rtpl/NAME.conf. The file, which root alone may read, has node, keys,\n"
		"devices and peers as they are now; from then on down NAME takes them down, and up\n"
		"NAME sets them up.\n"
		"  --force  write over a file that is there; its commands (PreUp ...) stay\n"
		"With -j: {\"saved\": NAME, \"file\", \"peers\", \"devices\"}.\n",
};
