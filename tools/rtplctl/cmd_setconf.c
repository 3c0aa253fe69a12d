// SPDX-License-Identifier: GPL-2.0
/* rtplctl setconf: make node and peers equal a file. */
#include "rtplctl.h"

#include <unistd.h>

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct config want = { 0 }, have = { 0 };
	struct applied done = { 0 };
	struct conn *c = NULL;
	char path[4096], name[65];
	struct err ignored;
	int rc, lock;

	if (!argc)
		return usage_error(ctl, "the configuration file is missing");
	rc = no_more_words(ctl, argc - 1, argv + 1);
	if (rc)
		return rc;
	if (conf_locate(argv[0], path, name, &ctl->e))
		return RC_USAGE;
	/* Best effort: who may not write there is not one that `up` works for. */
	lock = state_lock(&ignored);
	rc = RC_ERROR;
	if (conf_load(path, &want, &ctl->e) || conf_resolve(&want, &ctl->e))
		goto out;
	c = conn_open(&ctl->e);
	if (!c || kernel_config(c, &have, &ctl->e) ||
	    apply(c, &have, &want, true, &done, &ctl->e))
		goto out;
	rc = RC_OK;
	if (ctl->json)
		rc = json_print(json_pack("{sb si si si si}", "node", done.node, "added", done.added,
					  "changed", done.changed, "removed", done.removed,
					  "unchanged", done.same), false);
	else
		printf("%speers: %u added, %u changed, %u removed, %u unchanged\n",
		       done.node ? "node changed; " : "", done.added, done.changed, done.removed,
		       done.same);
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
		"is taken back. Devices, qdisc settings and commands in the file are left to\n"
		"rtplctl up.\n"
		"With -j: {\"node\": BOOL, \"added\", \"changed\", \"removed\", \"unchanged\"}.\n",
};
