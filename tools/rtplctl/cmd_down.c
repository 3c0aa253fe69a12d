// SPDX-License-Identifier: GPL-2.0
/* rtplctl down: what up did, backwards; with --hold all but the leakguard. */
#include "rtplctl.h"

#include <net/if.h>
#include <string.h>
#include <unistd.h>

struct down {
	const char *name;
	char state[4096];
	bool hold;
	struct config was, have;
	struct conn *c, *route;
	int devices;		/* that had the qdisc */
};

static int open_conns(struct down *d, struct err *e)
{
	d->c = conn_open(e);
	d->route = d->c ? conn_open_route(e) : NULL;
	return d->route ? kernel_config(d->c, &d->have, e) : -1;
}

static int take_qdiscs(struct down *d, struct err *e)
{
	bool there;

	for (uint32_t i = d->was.devices.n; i-- > 0;) {
		if (qdisc_del(d->route, d->was.devices.w[i], &there, e))
			return -1;
		d->devices += there;
		if (!there)
			warn(if_nametoindex(d->was.devices.w[i]) ? "device %s has no qdisc rtpl" :
			     "there is no device %s", quoted(d->was.devices.w[i]));
	}
	return 0;
}

/* Nothing of this name: say what there is. */
static int not_up(struct down *d, struct err *e)
{
	struct str_list names;
	struct err ignored;
	int rc;

	if (rtpl_family_present() && open_conns(d, e))
		return -1;
	if (!state_names("", &names, &ignored) && names.n)
		rc = err_set(e, "%s is not up here, but %s is", quoted(d->name), quoted(names.w[0]));
	else if (d->have.n_peers)
		rc = err_set(e, "%s is not up here: the node's %u peer%s %s set by hand (\"rtplctl flush\" removes all of it, \"rtplctl save %s\" makes it a file)",
			     quoted(d->name), d->have.n_peers, PLURAL(d->have.n_peers),
			     d->have.n_peers == 1 ? "was" : "were", d->name);
	else
		rc = err_set(e, "%s is not up here", quoted(d->name));
	str_list_free(&names);
	return rc;
}

/*
 * Peers stay, and with them the module's leakguard; without a key nothing is sent,
 * and no session lives on.
 */
static int hold(struct down *d, struct err *e)
{
	const struct node no_key = { .has = NODE_BIT(PRIVATE_KEY) };

	return open_conns(d, e) || take_qdiscs(d, e) || kernel_node_set(d->c, &no_key, e) ||
	       state_write(d->state, STATE_HELD, &d->was, e) ? -1 : 0;
}

static int end(struct down *d, struct err *e)
{
	const struct config nothing = { 0 };
	struct applied done;

	if (rtpl_family_present()) {
		if (open_conns(d, e) || take_qdiscs(d, e) ||
		    apply(d->c, &d->have, &nothing, false, &done, e))
			return -1;
	} else {
		warn("the module was not loaded any more");
	}
	if (state_write(d->state, STATE_NONE, NULL, e) || barrier_open(d->name, e))
		return -1;
	run_all_hooks(&d->was.hooks[HOOK_POST_DOWN], d->name);
	return 0;
}

static int go(struct down *d, struct err *e)
{
	enum state_kind kind;

	if (state_read(d->state, &kind, &d->was, e))
		return -1;
	if (geteuid() && !access(d->state, F_OK) && access(d->state, W_OK))
		return err_set(e, NEED_ROOT);
	if (kind == STATE_NONE) {
		if (!barrier_stands(d->name))
			return not_up(d, e);
		return d->hold ? 0 : barrier_open(d->name, e);
	}
	if (d->hold && kind == STATE_HELD)
		return 0;
	/* A hook that fails must not keep up what the admin takes down. */
	if (kind == STATE_UP)
		run_all_hooks(&d->was.hooks[HOOK_PRE_DOWN], d->name);
	return d->hold ? hold(d, e) : end(d, e);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct down d = { 0 };
	char path[4096], name[65];
	int rc, lock;

	rc = conf_args(ctl, argc, argv, "--hold", &d.hold, path, name);
	if (rc)
		return rc;
	d.name = name;
	rc = RC_ERROR;
	lock = state_lock(&ctl->e);
	if (lock >= 0 && state_nested())
		err_set(&ctl->e, "this is a command of another rtplctl, which has not ended");
	else if (lock >= 0 && !state_path(name, d.state, sizeof(d.state), &ctl->e) &&
		 !go(&d, &ctl->e))
		rc = RC_OK;
	if (!rc && ctl->json)
		rc = json_print(json_pack("{ss sb si si}", "down", name, "held", d.hold, "peers",
					  d.have.n_peers, "devices", d.devices), false);
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
	.options = { "--hold" },
	.args = "[--hold] FILE|NAME",
	.what = "undo what up did, in the reverse order",
	.help = "Takes the qdisc off the devices, removes all peers of this namespace, then its\n"
		"key and port, and opens what a failed up left shut. What the peers protected\n"
		"leaves in clear from then on. The file is not read: what counts is what up found\n"
		"in it. Commands (PreDown, PostDown) that fail are told, and nothing more.\n"
		"  --hold  keep the peers and their leakguard: nothing is sent any more, nothing to a\n"
		"          required peer leaves in clear; up goes on from there, down ends it\n"
		"With -j: {\"down\": NAME, \"held\": BOOL, \"peers\", \"devices\"}.\n",
};
