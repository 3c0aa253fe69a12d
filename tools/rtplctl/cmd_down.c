// SPDX-License-Identifier: GPL-2.0
/* rtplctl down: what up did, backwards. */
#include "rtplctl.h"

#include <unistd.h>

struct down {
	const char *name;
	char state[4096];
	struct config was, have;
	struct conn *c, *route;
};

static int go(struct down *d, struct err *e)
{
	const struct config nothing = { 0 };
	struct applied done;
	enum state_kind kind;
	bool there;

	if (state_read(d->state, &kind, &d->was, e))
		return -1;
	if (kind == STATE_NONE)
		return err_set(e, "%s is not up here", quoted(d->name));
	if (geteuid() && access(d->state, W_OK))
		return err_set(e, NEED_ROOT);
	if (run_hooks(&d->was.hooks[HOOK_PRE_DOWN], d->name, e))
		return -1;
	if (rtpl_family_present()) {
		d->c = conn_open(e);
		d->route = d->c ? conn_open_route(e) : NULL;
		if (!d->route || kernel_config(d->c, &d->have, e))
			return -1;
		for (uint32_t i = d->was.devices.n; i-- > 0;) {
			if (qdisc_del(d->route, d->was.devices.w[i], &there, e))
				return -1;
			if (!there)
				warn("device %s had no qdisc rtpl any more",
				     quoted(d->was.devices.w[i]));
		}
		if (apply(d->c, &d->have, &nothing, false, &done, e))
			return -1;
	} else {
		warn("the module was not loaded any more");
	}
	if (state_write(d->state, STATE_NONE, NULL, e))
		return -1;
	return run_hooks(&d->was.hooks[HOOK_POST_DOWN], d->name, e);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct down d = { 0 };
	char path[4096], name[65];
	int rc, lock;

	if (!argc)
		return usage_error(ctl, "the configuration's file or name is missing");
	rc = no_more_words(ctl, argc - 1, argv + 1);
	if (rc)
		return rc;
	if (conf_locate(argv[0], path, name, &ctl->e))
		return RC_USAGE;
	d.name = name;
	rc = RC_ERROR;
	lock = state_lock(&ctl->e);
	if (lock >= 0 && !state_path(name, d.state, sizeof(d.state), &ctl->e) && !go(&d, &ctl->e))
		rc = RC_OK;
	if (!rc && ctl->json)
		rc = json_print(json_pack("{ss si}", "down", name, "peers", d.have.n_peers), false);
	conn_close(d.c);
	conn_close(d.route);
	config_free(&d.was);
	config_free(&d.have);
	if (lock >= 0)
		close(lock);
	return rc;
}

const struct command cmd_down = {
	.name = "down",
	.run = run,
	.args = "FILE|NAME",
	.what = "undo what up did, in the reverse order",
	.help = "Takes the qdisc off the devices, removes all peers of this namespace, then its\n"
		"key and port. What the peers protected leaves in clear from then on. The file is\n"
		"not read: what counts is what up found in it.\n"
		"With -j: {\"down\": NAME, \"peers\"}.\n",
};
