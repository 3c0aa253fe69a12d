// SPDX-License-Identifier: GPL-2.0
/* rtplctl node set|show: this network namespace's key and port. */
#include "rtplctl.h"

#include <string.h>

static int parse_args(struct ctl *ctl, struct node *n, int argc, char **argv)
{
	static const char * const settings[] = { "private-key", "listen", "fwmark", "bind-device" };
	struct err *e = &ctl->e;

	if (!argc)
		return usage_error(ctl, "nothing to set: %s", NODE_HELP);
	for (int i = 0; i < argc; i += 2) {
		const char *word = argv[i], *value = argv[i + 1];
		uint32_t bit;

		if (!strcmp(word, "private-key"))
			bit = NODE_BIT(PRIVATE_KEY);
		else if (!strcmp(word, "listen"))
			bit = NODE_BIT(PORT);
		else if (!strcmp(word, "fwmark"))
			bit = NODE_BIT(FWMARK);
		else if (!strcmp(word, "bind-device"))
			bit = NODE_BIT(BIND_DEVICE);
		else
			return usage_error(ctl, "unknown word %s%s (%s)", quoted(word),
					   meant(word, settings, 4), NODE_HELP);
		if (!value)
			return usage_error(ctl, "%s needs a value", quoted(word));
		if (n->has & bit)
			return usage_error(ctl, "%s is given twice", quoted(word));
		n->has |= bit;
		if (bit == NODE_BIT(PORT)) {
			if (parse_port(value, &n->port, e))
				return RC_USAGE;
		} else if (bit == NODE_BIT(FWMARK)) {
			if (parse_fwmark(value, &n->fwmark, e))
				return RC_USAGE;
		} else if (bit == NODE_BIT(BIND_DEVICE)) {
			if (parse_device(value, n->bind_device, e))
				return RC_USAGE;
		} else if (strcmp(value, "none")) {
			if (parse_key_file(value, "private-key", e)) {
				hide_word(argv[i + 1]);
				return RC_USAGE;
			}
			if (key_read(value, n->private_key, e))
				return RC_ERROR;
		}
	}
	return RC_OK;
}

static int node_set(struct ctl *ctl, int argc, char **argv)
{
	struct node n = { 0 };
	struct conn *c;
	int rc;

	rc = parse_args(ctl, &n, argc, argv);
	if (!rc) {
		c = conn_open(&ctl->e);
		rc = c && !kernel_node_set(c, &n, &ctl->e) ? RC_OK : RC_ERROR;
		conn_close(c);
	}
	explicit_bzero(&n, sizeof(n));
	return rc;
}

static int node_show(struct ctl *ctl, int argc, char **argv)
{
	struct node n;
	struct conn *c;
	int rc;

	rc = no_more_args(ctl, argc, argv);
	if (rc)
		return rc;
	c = conn_open(&ctl->e);
	rc = RC_ERROR;
	if (c && !kernel_node(c, ctl->show_keys, &n, &ctl->e)) {
		rc = RC_OK;
		if (ctl->json) {
			rc = json_print(node_json(&n, ctl->show_keys), false);
		} else {
			json_t *warnings = node_warnings(&n);

			print_node(stdout, &n, ctl->show_keys);
			print_warnings(stdout, "  ", warnings);
			json_decref(warnings);
		}
		explicit_bzero(&n, sizeof(n));
	}
	conn_close(c);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	if (argc && !strcmp(argv[0], "set"))
		return node_set(ctl, argc - 1, argv + 1);
	if (!argc || !strcmp(argv[0], "show"))
		return node_show(ctl, argc ? argc - 1 : 0, argv + 1);
	return usage_error(ctl, "%s is neither set nor show", quoted(argv[0]));
}

const struct command cmd_node = {
	.name = "node",
	.run = run,
	.args = "show | set " NODE_HELP,
	.what = "show or set this namespace's key and port",
	.help = "Only what is given changes. FILE holds a private key (rtplctl genkey), \"-\" is\n"
		"standard input, none removes it. PORT is a UDP port, 0 any free one.\n"
		"FwMark is set on cells for policy routing. Bound to a device or VRF, cells leave by\n"
		"that alone and come in on that alone; while there is none of that name they go nowhere.\n"
		"With show -j: {\"public_key\", \"private_key\", \"listen\", \"fwmark\", \"bind_device\",\n"
		"\"peers\", \"version\", \"warnings\"}.\n",
};
