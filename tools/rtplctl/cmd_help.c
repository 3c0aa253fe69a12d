// SPDX-License-Identifier: GPL-2.0
/* rtplctl help: all subcommands, or one. */
#include "rtplctl.h"
#include "../input/input.h"

#include <string.h>

static int all(struct ctl *ctl)
{
	const struct command * const *c;
	json_t *list;

	if (ctl->json) {
		list = json_array();
		for (c = commands; *c; c++)
			json_array_append_new(list, json_pack("{ss ss ss}", "name", (*c)->name,
							      "arguments", (*c)->args,
							      "what", (*c)->what));
		return json_print(json_pack("{so}", "commands", list), false);
	}
	printf("Usage: rtplctl [OPTIONS] SUBCOMMAND [ARGUMENTS]\n\n"
	       "Sets up and watches RTPL, which hides the shape of a host's traffic.\n\n");
	for (c = commands; *c; c++)
		printf("  %-10s %s\n", (*c)->name, (*c)->what);
	printf("\nOptions, at any place:\n"
	       "  -j, --json         write JSON\n"
	       "  -n, --netns NETNS  work in this network namespace\n"
	       "      --show-keys    show private and pre-shared keys\n"
	       "  -h, --help         show this, or a subcommand's help\n"
	       "  -V, --version      show the versions\n\n"
	       "`rtplctl help SUBCOMMAND` tells more. Exit status: 0 done, 1 refused or failed\n"
	       "(nothing is changed then), 2 the command line makes no sense.\n");
	return RC_OK;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	const struct command * const *c;

	if (!argc)
		return all(ctl);
	for (c = commands; *c; c++)
		if (!strcmp((*c)->name, argv[0]))
			break;
	if (!*c) {
		struct input_nearest near = { .word = argv[0] };

		for (c = commands; *c; c++)
			input_nearest(&near, (*c)->name);
		return near.name ? usage_error(ctl, "%s is no subcommand (is %s meant?)",
					       quoted(argv[0]), near.name) :
				   usage_error(ctl, "%s is no subcommand (rtplctl help lists them)",
					       quoted(argv[0]));
	}
	if (argc > 1)
		return no_more_args(ctl, argc - 1, argv + 1);
	if (ctl->json)
		return json_print(json_pack("{ss ss ss ss}", "name", (*c)->name, "arguments",
					    (*c)->args, "what", (*c)->what, "help", (*c)->help),
				  false);
	print_usage(stdout, *c);
	printf("\nrtplctl %s: %s.\n\n%s", (*c)->name, (*c)->what, (*c)->help);
	return RC_OK;
}

const struct command cmd_help = {
	.name = "help",
	.run = run,
	.args = "[SUBCOMMAND]",
	.what = "show the subcommands, or one's arguments",
	.help = "With -j: {\"commands\": [{\"name\", \"arguments\", \"what\"}]}, or one of them with \"help\".\n",
};
