// SPDX-License-Identifier: GPL-2.0
/* rtplctl attach: the qdisc back on a device that went away and came again. */
#include "rtplctl.h"

#include <net/if.h>
#include <string.h>
#include <unistd.h>

static bool lists(const struct config *c, const char *device)
{
	for (uint32_t i = 0; i < c->devices.n; i++)
		if (!strcmp(c->devices.w[i], device))
			return true;
	return false;
}

/* *@added: 1 if the device got the qdisc now. */
static int go(const char *device, int *added, struct err *e)
{
	struct conn *route = NULL;
	struct str_list names;
	int rc;

	rc = state_names("", &names, e);
	for (uint32_t i = 0; !rc && i < names.n; i++) {
		enum state_kind kind;
		struct config c;
		char path[4096];
		bool was;

		rc = state_path(names.w[i], path, sizeof(path), e) ||
		     state_read(path, &kind, &c, e) ? -1 : 0;
		if (!rc && kind == STATE_UP && lists(&c, device)) {
			if (!route)
				route = conn_open_route(e);
			rc = route ? qdisc_add(route, device, &c, &was, e) : -1;
			*added += !rc && !was;
		}
		config_free(&c);
	}
	str_list_free(&names);
	conn_close(route);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	int rc, lock, added = 0;

	if (!argc)
		return usage_error(ctl, "the device is missing");
	rc = no_more_args(ctl, argc - 1, argv + 1);
	if (rc)
		return rc;
	if (!if_nametoindex(argv[0])) {
		err_set(&ctl->e, "there is no device %s", quoted(argv[0]));
		return RC_ERROR;
	}
	rc = RC_ERROR;
	lock = state_lock(&ctl->e);
	if (lock >= 0 && !go(argv[0], &added, &ctl->e))
		rc = RC_OK;
	if (!rc && ctl->json)
		rc = json_print(json_pack("{so sb}", "device", json_text(argv[0]), "attached", added > 0), false);
	if (lock >= 0)
		close(lock);
	return rc;
}

const struct command cmd_attach = {
	.name = "attach",
	.run = run,
	.args = "DEVICE",
	.what = "put the qdisc back on a device that came again",
	.help = "If a configuration that is up lists the device, it gets the qdisc with the settings\n"
		"of that file as up found them. Otherwise nothing happens, and that is no error:\n"
		"udev calls this for every device that appears. A device that is not there is one.\n"
		"With -j: {\"device\", \"attached\": BOOL}.\n",
};
