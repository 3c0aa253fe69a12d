// SPDX-License-Identifier: GPL-2.0
/* rtplctl flush: remove whatever is set up in this network namespace, however it came to be. */
#include "rtplctl.h"

#include <stdlib.h>
#include <unistd.h>

struct flush {
	struct config have;
	struct qdisc_info *q;
	uint32_t n_q;
	struct conn *c, *route;
};

static int kernel_part(struct flush *f, struct err *e)
{
	const struct config nothing = { 0 };
	struct applied done;
	bool was;

	f->c = conn_open(e);
	f->route = f->c ? conn_open_route(e) : NULL;
	if (!f->route || kernel_config(f->c, &f->have, e) ||
	    qdisc_list(f->route, &f->q, &f->n_q, e))
		return -1;
	for (uint32_t i = 0; i < f->n_q; i++)
		if (qdisc_del(f->route, f->q[i].device, &was, e))
			return -1;
	return apply(f->c, &f->have, &nothing, false, &done, e);
}

static int go(struct flush *f, struct err *e)
{
	struct str_list names;
	char path[4096];
	int rc = 0;

	if (rtpl_family_present() && kernel_part(f, e))
		return -1;
	if (state_names("", &names, e))
		return -1;
	for (uint32_t i = 0; i < names.n && !rc; i++)
		rc = state_path(names.w[i], path, sizeof(path), e) ||
		     state_write(path, STATE_NONE, NULL, e) ? -1 : 0;
	str_list_free(&names);
	if (rc || state_names(BARRIER_SUFFIX, &names, e))
		return -1;
	for (uint32_t i = 0; i < names.n && !rc; i++)
		rc = barrier_open(names.w[i], e);
	str_list_free(&names);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct flush f = { 0 };
	int rc, lock;

	rc = no_more_args(ctl, argc, argv);
	if (rc)
		return rc;
	rc = RC_ERROR;
	lock = state_lock(&ctl->e);
	if (lock >= 0 && state_nested())
		err_set(&ctl->e, "this is a command of another rtplctl, which has not ended");
	else if (lock >= 0 && !go(&f, &ctl->e))
		rc = RC_OK;
	if (!rc && ctl->json)
		rc = json_print(json_pack("{si si}", "peers", f.have.n_peers, "devices", f.n_q),
				false);
	conn_close(f.c);
	conn_close(f.route);
	config_free(&f.have);
	free(f.q);
	if (lock >= 0)
		close(lock);
	return rc;
}

const struct command cmd_flush = {
	.name = "flush",
	.run = run,
	.args = "",
	.what = "remove all that is set up in this network namespace",
	.help = "Whoever set it up, by up or by hand: takes the qdisc off every device, removes all\n"
		"peers, key, port and mark, and opens what a failed up left shut. No command of a\n"
		"file is run. What the peers protected leaves in clear from then on.\n"
		"With -j: {\"peers\", \"devices\"}, how many there were.\n",
};
