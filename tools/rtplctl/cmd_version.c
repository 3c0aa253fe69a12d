// SPDX-License-Identifier: GPL-2.0
/* rtplctl version: of the program, and of the module if it is there. */
#include "rtplctl.h"

#ifndef VERSION
#define VERSION "unknown"
#endif

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct node n = { 0 };
	struct err ignored;
	struct conn *c;
	int rc;

	rc = no_more_args(ctl, argc, argv);
	if (rc)
		return rc;
	if (rtpl_family_present()) {
		c = conn_open(&ignored);
		if (c) {
			(void)kernel_node(c, false, &n, &ignored);
			conn_close(c);
		}
	}
	if (ctl->json) {
		json_t *j = json_pack("{ss si}", "rtplctl", VERSION, "family_version",
				      RTPL_GENL_VERSION);

		json_object_set_new(j, "module", *n.version ? json_string(n.version) : json_null());
		return json_print(j, true);
	}
	printf("rtplctl %s\nmodule %s\n", VERSION, *n.version ? n.version : "(not loaded)");
	return RC_OK;
}

const struct command cmd_version = {
	.name = "version",
	.run = run,
	.args = "",
	.what = "show the versions of rtplctl and of the module",
	.help = "With -j: {\"rtplctl\", \"family_version\", \"module\": STRING or null}.\n",
};
