// SPDX-License-Identifier: GPL-2.0
/* rtplctl genpsk: a new pre-shared key. */
#include "rtplctl.h"

#include <string.h>

static int run(struct ctl *ctl, int argc, char **argv)
{
	uint8_t key[RTPL_KEY_LEN];
	int rc;

	rc = no_more_args(ctl, argc, argv);
	if (rc)
		return rc;
	rc = key_generate(key, false, &ctl->e) ? RC_ERROR :
	     key_print(ctl, "preshared_key", key, true);
	explicit_bzero(key, sizeof(key));
	return rc;
}

const struct command cmd_genpsk = {
	.name = "genpsk",
	.run = run,
	.args = "",
	.what = "write a new pre-shared key to standard output",
	.help = "Both ends of a link hold the same one, besides their own private keys.\n"
		"With -j: {\"preshared_key\": BASE64}.\n",
};
