// SPDX-License-Identifier: GPL-2.0
/* rtplctl sim: runs rtpl-sim (tools/sim), which has the kernel's core in it, in its place. */
#include "rtplctl.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef LIBEXECDIR
#define LIBEXECDIR "/usr/libexec/rtpl"
#endif
#define SIM_ARGS 4096

/* The simulator of the source tree that this program was built in, if it was built there, too. */
static bool sim_of_tree(char *path, size_t size)
{
	static const char ours[] = "/tools/rtplctl/rtplctl", beside[] = "/tools/sim/rtpl-sim";
	ssize_t len = readlink("/proc/self/exe", path, size);

	if (len < (ssize_t)sizeof(ours) || len >= (ssize_t)size)
		return false;
	len -= sizeof(ours) - 1;
	if (memcmp(path + len, ours, sizeof(ours) - 1))
		return false;
	memcpy(path + len, beside, sizeof(beside));
	return !access(path, X_OK);
}

void sim_path(char *path, size_t size)
{
	const char *folder = getenv("RTPL_EXEC_PATH");

	if ((!folder || !*folder) && sim_of_tree(path, size))
		return;
	snprintf(path, size, "%s/rtpl-sim", folder && *folder ? folder : LIBEXECDIR);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	char *args[SIM_ARGS + 3], path[4096];
	int n = 0;

	if (argc > SIM_ARGS)
		return usage_error(ctl, "more than %d args: name the folder that the traces are in",
				   SIM_ARGS);
	sim_path(path, sizeof(path));
	args[n++] = path;
	if (ctl->json)
		args[n++] = "-j";
	for (int i = 0; i < argc; i++)
		args[n++] = argv[i];
	args[n] = NULL;
	execv(path, args);
	err_set(&ctl->e, "%s cannot be run: %s (RTPL_EXEC_PATH names the folder that has rtpl-sim)",
		quoted(path), strerror(errno));
	return RC_ERROR;
}

const struct command cmd_sim = {
	.name = "sim",
	.run = run,
	.args = "--profile NAME|FILE [--seed N] [--link-rate RATE --rtt TIME] [OPTION ...] TRACE ...",
	.what = "play traces through both ends of a link, by the kernel's code",
	.help = "A TRACE is a file, \"-\" or a folder whose sub-folders name the classes. Lines are\n"
		"seconds,direction,bytes: direction 1 from the client, -1 to it; bytes of IP. A first\n"
		"line may name the columns; with class, group and visit it is a collection of traces.\n"
		"Files may be compressed by xz.\n\n"
		"  -p, --profile NAME|FILE  as in `rtplctl profile`\n"
		"  --seed N             of all chance; each next trace has one more (1)\n"
		"  --link-rate RATE     bits per second of the bottleneck, as 10mbit (any)\n"
		"  --rtt TIME           as 20ms (0); half of it either way\n"
		"  --out DIR|FILE.csv   write what an observer sees, a file each or a collection,\n"
		"        |FILE.cells     or records of 16 bytes; --until TIME: no more than that\n"
		"  --truth              with a column that tells real from chaff\n"
		"  --each               print a line for each trace, too\n"
		"  --every N            take each N-th trace only\n"
		"  --cell-bytes N       sizes are numbers of cells of N bytes; none: one cell\n"
		"  --header-bytes N     add N to each size, as 40 for a record in TCP\n"
		"  --mtu N, --ipv6      of the path (1500), and what is outside (IPv4)\n"
		"  --before TIME        begin so long before the first packet (0)\n"
		"  --keep TIME          the traces are one link's, so far from each other (a link each)\n"
		"  --tail TIME          go on so long behind the last (0)\n"
		"  --fair               flows (a column) share the link fairly, as in fq_codel\n"
		"  --react              what answers a packet that came late is as late\n"
		"  --hold END:AT:FOR    an attacker holds END's cells: those that would come in this time\n"
		"  --lose ..:PERCENT    or loses so many of them\n"
		"  --tell-end           tell Tamaraw when a trace is over, as its paper does\n"
		"  --lead TIME          build cells of a schedule so much ahead (250us)\n"
		"  --log FILE           each event of one end; --end client|server (client)\n"
		"  --replay FILE        one end by a log or a kernel's trace, instead of traces:\n"
		"                       prints its departures; --peer N: this peer's events only\n"
		"  --bench              a million packets: how fast is it?\n\n"
		"With -j: one object, before it one for each trace with --each. RTPL_EXEC_PATH: the\n"
		"folder that has rtpl-sim.\n",
};
