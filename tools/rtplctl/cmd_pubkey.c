// SPDX-License-Identifier: GPL-2.0
/* rtplctl pubkey: the public key of a private one. */
#include "rtplctl.h"

#include <string.h>

static int run(struct ctl *ctl, int argc, char **argv)
{
	uint8_t key[RTPL_KEY_LEN], public_key[RTPL_KEY_LEN];
	const char *path = "-";
	int rc;

	if (argc) {
		path = argv[0];
		rc = no_more_args(ctl, argc - 1, argv + 1);
		if (rc)
			return rc;
	}
	rc = RC_ERROR;
	if (!key_read(path, key, &ctl->e) && !key_public(key, public_key, &ctl->e))
		rc = key_print(ctl, "public_key", public_key, false);
	explicit_bzero(key, sizeof(key));
	return rc;
}

const struct command cmd_pubkey = {
	.name = "pubkey",
	.run = run,
	.args = "[FILE]",
	.what = "write the public key of the private key in FILE, or on standard input",
	.help = "rtplctl pubkey < /etc/rtpl/key\n"
		"With -j: {\"public_key\": BASE64}.\n",
};
