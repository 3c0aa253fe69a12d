// SPDX-License-Identifier: GPL-2.0
/* rtplctl showconf: what runs, as a configuration file. */
#include "rtplctl.h"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* Keys only where they are to be shown. */
static int read_config(struct conn *c, bool keys, struct config *conf, struct err *e)
{
	return kernel_node(c, keys, &conf->node, e) || kernel_peers(c, keys, conf, e) ? -1 : 0;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct conn *c = NULL, *route = NULL;
	struct qdisc_info *q = NULL;
	struct config conf = { 0 };
	uint32_t n = 0;
	struct stat st;
	int rc;

	rc = no_more_args(ctl, argc, argv);
	if (rc)
		return rc;
	rc = RC_ERROR;
	c = conn_open(&ctl->e);
	route = c ? conn_open_route(&ctl->e) : NULL;
	if (!route || read_config(c, ctl->show_keys, &conf, &ctl->e) || qdisc_list(route, &q, &n, &ctl->e))
		goto out;
	rc = RC_OK;
	if (ctl->show_keys && !fstat(STDOUT_FILENO, &st) && S_ISREG(st.st_mode) &&
	    (st.st_mode & 077))
		warn("the file that receives the keys can be read by others (mode %04o): chmod 600 it, and umask 077 next time",
		     st.st_mode & 07777);
	if (ctl->json) {
		rc = json_print(config_json(&conf, q, n, ctl->show_keys), false);
	} else {
		if (!ctl->show_keys)
			printf("# Keys are hidden; `rtplctl showconf --show-keys` writes what setconf takes.\n");
		conf_write_node(stdout, &conf, q, n, ctl->show_keys);
		conf_write_peers(stdout, &conf, ctl->show_keys);
	}
out:
	conn_close(c);
	conn_close(route);
	config_free(&conf);
	free(q);
	return rc;
}

const struct command cmd_showconf = {
	.name = "showconf",
	.run = run,
	.args = "",
	.what = "write what runs as a configuration file",
	.help = "Keys are (hidden) unless --show-keys is given.\n"
		"With -j: {\"node\", \"devices\", \"peers\"} as in show, without states.\n",
};
