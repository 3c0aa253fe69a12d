// SPDX-License-Identifier: GPL-2.0
/* rtplctl setconf: make node and peers equal a file, and devices where it is up. */
#include "rtplctl.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static bool listed(const struct str_list *devices, const char *device)
{
	for (uint32_t i = 0; i < devices->n; i++)
		if (!strcmp(devices->w[i], device))
			return true;
	return false;
}

/* As `up` would have left it with this file: devices, what undoes it, the barrier. */
static int set_devices(struct conn *route, const char *name, const char *state,
		       const struct config *was, const struct config *want, int *changed,
		       struct err *e)
{
	bool there;

	for (uint32_t i = 0; i < want->devices.n; i++) {
		if (qdisc_add_listed(route, want, i, &there, e))
			return -1;
		*changed += !there;
	}
	for (uint32_t i = 0; i < was->devices.n; i++) {
		if (listed(&want->devices, was->devices.w[i]))
			continue;
		if (qdisc_del(route, was->devices.w[i], &there, e))
			return -1;
		*changed += there;
	}
	if (state_write(state, STATE_UP, want, e))
		return -1;
	barrier_keep(name, want);
	return 0;
}

/* Devices are up's to set: but say which of the file's have no qdisc. @held: the name, if it is. */
static int tell_devices(struct conn *route, const struct config *want, const char *held, struct err *e)
{
	struct qdisc_info *q = NULL;
	uint32_t n = 0, k;

	if (want->devices.n && qdisc_list(route, &q, &n, e))
		return -1;
	for (uint32_t i = 0; i < want->devices.n; i++) {
		for (k = 0; k < n && strcmp(q[k].device, want->devices.w[i]); k++)
			;
		if (k == n && held)
			warn("device %s has no qdisc rtpl: %s is held (rtplctl up %.200s)", quoted(want->devices.w[i]),
			     quoted(held), want->file);
		else if (k == n)
			warn("device %s has no qdisc rtpl (tc qdisc add dev %s root rtpl)",
			     quoted(want->devices.w[i]), want->devices.w[i]);
	}
	free(q);
	return 0;
}

/* The devices' part, behind the node's and the peers'. */
static int devices(const char *name, const struct config *want, int *changed, struct err *e)
{
	enum state_kind kind = STATE_NONE;
	struct config was = { 0 };
	struct conn *route;
	char state[4096];
	int rc;

	route = conn_open_route(e);
	if (!route)
		return -1;
	/* Standard input has no name, and who may not read a state has none. */
	if (strcmp(name, "-") && !geteuid() &&
	    (state_path(name, state, sizeof(state), e) || state_read(state, &kind, &was, e)))
		rc = -1;
	else if (kind == STATE_UP)
		rc = set_devices(route, name, state, &was, want, changed, e);
	else
		rc = tell_devices(route, want, kind == STATE_HELD ? name : NULL, e);
	config_free(&was);
	conn_close(route);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct config want = { 0 }, have = { 0 };
	struct applied done = { 0 };
	struct conn *c = NULL;
	char path[4096], name[65];
	int rc, lock, devs = 0;
	struct err why;

	if (!argc)
		return usage_error(ctl, "the configuration file is missing");
	rc = no_more_args(ctl, argc - 1, argv + 1);
	if (rc)
		return rc;
	if (conf_locate(argv[0], path, name, &ctl->e))
		return RC_USAGE;
	/* Best effort: who may not write there is not one that `up` works for. */
	lock = state_lock(&why);
	rc = RC_ERROR;
	if (lock < 0 && !geteuid()) {
		ctl->e = why;
		return RC_ERROR;
	}
	if (conf_load(path, &want, &ctl->e) || conf_resolve(&want, &ctl->e))
		goto out;
	c = conn_open(&ctl->e);
	if (!c || kernel_config(c, &have, &ctl->e))
		goto out;
	if (apply(c, &have, &want, true, &done, &ctl->e)) {
		config_meant(c, &want, &ctl->e);
		goto out;
	}
	if (devices(name, &want, &devs, &why)) {
		err_set(&ctl->e, "node and peers are as the file says, but not the devices: %.600s",
			why.text);
		goto out;
	}
	rc = RC_OK;
	notes_file(&want, qdisc_any());
	if (ctl->json)
		rc = json_print(json_pack("{sb si si si si si}", "node", done.node, "added", done.added,
					  "changed", done.changed, "removed", done.removed,
					  "unchanged", done.same, "devices", devs), false);
	else
		printf("%s%speers: %u added, %u changed, %u removed, %u unchanged\n",
		       done.node ? "node changed; " : "", devs ? "devices changed; " : "",
		       done.added, done.changed, done.removed, done.same);
out:
	conn_close(c);
	config_free(&want);
	config_free(&have);
	if (lock >= 0)
		close(lock);
	return rc;
}

const struct command cmd_setconf = {
	.name = "setconf",
	.run = run,
	.args = "FILE|NAME|-",
	.what = "make the node and its peers equal a configuration file",
	.help = "All of the file is checked first; then only what differs is changed, and links of\n"
		"peers that stay keep their sessions. If the kernel refuses a part, what was done\n"
		"is taken back. Where NAME is up its devices follow the file, too: one that is new\n"
		"or came again gets the qdisc, one that is listed no more loses it. Elsewhere a\n"
		"device of the file that has no qdisc is told. Commands are left to up and down.\n"
		"With -j: {\"node\": BOOL, \"added\", \"changed\", \"removed\", \"unchanged\", \"devices\"}.\n",
};
