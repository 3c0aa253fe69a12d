// SPDX-License-Identifier: GPL-2.0
/* rtplctl genkey: a new private key. */
#include "rtplctl.h"

#include <string.h>

static int run(struct ctl *ctl, int argc, char **argv)
{
	uint8_t key[RTPL_KEY_LEN];
	int rc;

	rc = no_more_args(ctl, argc, argv);
	if (rc)
		return rc;
	rc = key_generate(key, true, &ctl->e) ? RC_ERROR : key_print(ctl, "private_key", key, true);
	explicit_bzero(key, sizeof(key));
	return rc;
}

const struct command cmd_genkey = {
	.name = "genkey",
	.run = run,
	.args = "",
	.what = "write a new private key to standard output",
	.help = "(umask 077; rtplctl genkey > /etc/rtpl/key)\n"
		"With -j: {\"private_key\": BASE64}.\n",
};
