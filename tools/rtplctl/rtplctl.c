// SPDX-License-Identifier: GPL-2.0
/* rtplctl: options that stand anywhere, the table of subcommands, errors. */
#include "rtplctl.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../input/input.h"

const struct command * const commands[] = {
	&cmd_genkey, &cmd_pubkey, &cmd_genpsk, &cmd_node, &cmd_peer, &cmd_show, &cmd_stats,
	&cmd_monitor, &cmd_setconf, &cmd_showconf, &cmd_checkconf, &cmd_rotate, &cmd_profile, &cmd_up,
	&cmd_down, &cmd_save, &cmd_flush, &cmd_attach, &cmd_reresolve, &cmd_sim, &cmd_fit,
	&cmd_version, &cmd_help, NULL,
};

static const char *context = "";

void warn(const char *fmt, ...)
{
	struct err e;
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(e.text, sizeof(e.text), fmt, ap);
	va_end(ap);
	input_mask(e.text);
	fprintf(stderr, "rtplctl: %s%swarning: %s\n", context, *context ? ": " : "", e.text);
}

bool reader_left(int ms)
{
	/* A pipe or socket without a reader, a terminal that hung up. */
	struct pollfd out = { .fd = STDOUT_FILENO };

	return poll(&out, 1, ms) > 0 && (out.revents & (POLLERR | POLLHUP | POLLNVAL));
}

void hide_word(char *word)
{
	memset(word, 'x', strlen(word));
}

int unknown_option(struct ctl *ctl, const char *word)
{
	static const char * const anywhere[] = { "--json", "--netns", "--show-keys", "--help",
						 "--version" };
	const char *names[ARRAY_SIZE(anywhere) + ARRAY_SIZE(ctl->cmd->options)], *name = ctl->cmd ? ctl->cmd->name : "";
	char stem[64];
	size_t n = 0;

	memcpy(names, anywhere, sizeof(anywhere));
	n = ARRAY_SIZE(anywhere);
	for (size_t i = 0; ctl->cmd && i < ARRAY_SIZE(ctl->cmd->options) && ctl->cmd->options[i]; i++)
		names[n++] = ctl->cmd->options[i];
	/* --wait=5: the option is there, but not so. */
	snprintf(stem, sizeof(stem), "%.*s", (int)strcspn(word, "="), word);
	for (size_t i = 0; i < n; i++)
		if (!strcmp(stem, names[i]))
			return usage_error(ctl, "unknown option %s (a value is a word of its own, behind %s)",
					   quoted(word), names[i]);
	if (*meant(stem, names, n))
		return usage_error(ctl, "unknown option %s%s", quoted(word), meant(stem, names, n));
	return usage_error(ctl, "unknown option %s (rtplctl help%s%s lists them)", quoted(word),
			   *name ? " " : "", name);
}

int no_more_args(struct ctl *ctl, int argc, char **argv)
{
	if (!argc)
		return RC_OK;
	if (argv[0][0] == '-' && argv[0][1])
		return unknown_option(ctl, argv[0]);
	return usage_error(ctl, "%s is one word too many", quoted(argv[0]));
}

int conf_args(struct ctl *ctl, int argc, char **argv, const char *option, bool *given,
	       char path[4096], char name[65])
{
	const char *word = NULL;

	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], option))
			*given = true;
		else if (argv[i][0] == '-')
			return unknown_option(ctl, argv[i]);
		else if (word)
			return no_more_args(ctl, 1, argv + i);
		else
			word = argv[i];
	}
	if (!word)
		return usage_error(ctl, "the configuration's file or name is missing");
	return conf_locate(word, path, name, &ctl->e) ? RC_USAGE : RC_OK;
}

void print_usage(FILE *f, const struct command *c)
{
	fprintf(f, "Usage: rtplctl [-j] [-n NETNS] %s%s%s\n", c->name, *c->args ? " " : "", c->args);
}

/* Enter the network namespace @name, as `ip netns` names them, or a path. */
static int enter_netns(const char *name, struct err *e)
{
	char path[4096];
	int fd, rc;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return err_set(e, "there is no network namespace %s", quoted(name));
	rc = setns(fd, CLONE_NEWNET);
	close(fd);
	if (rc)
		return err_set(e, "cannot enter the network namespace %s: %s", quoted(name),
			       strerror(errno));
	return 0;
}

/*
 * Take the common options out of argv, wherever they stand before "--".
 * Return: the words that are left, -1 on error.
 */
static int common_options(struct ctl *ctl, int argc, char **argv, const char **netns,
			  bool *help, bool *version)
{
	int i, n = 0;

	for (i = 0; i < argc; i++) {
		const char *a = argv[i];

		if (!strcmp(a, "--")) {
			while (++i < argc)
				argv[n++] = argv[i];
			break;
		}
		if (!strcmp(a, "-j") || !strcmp(a, "--json")) {
			ctl->json = true;
		} else if (!strcmp(a, "--show-keys")) {
			ctl->show_keys = true;
		} else if (!strcmp(a, "-h") || !strcmp(a, "--help")) {
			*help = true;
		} else if (!strcmp(a, "-V") || !strcmp(a, "--version")) {
			*version = true;
		} else if (!strcmp(a, "-n") || !strcmp(a, "--netns")) {
			if (*netns)
				return err_set(&ctl->e, "%s is given twice", quoted(a));
			if (++i == argc)
				return err_set(&ctl->e, "%s needs the name of a network namespace",
					       quoted(a));
			*netns = argv[i];
		} else {
			argv[n++] = argv[i];
		}
	}
	argv[n] = NULL;
	return n;
}

static int finish(struct ctl *ctl, int rc)
{
	/* A full disk behind standard output is an error too. */
	bool lost = fflush(stdout) || ferror(stdout);

	if (lost && rc == RC_OK) {
		fprintf(stderr, "rtplctl: cannot write: %s\n", strerror(errno ? errno : EIO));
		return RC_ERROR;
	}
	/* Whoever wrote the sentence: no key leaves by it. */
	input_mask(ctl->e.text);
	if (rc != RC_OK && *ctl->e.text)
		fprintf(stderr, "rtplctl: %s%s%s\n", context, *context ? ": " : "", ctl->e.text);
	return rc;
}

int main(int argc, char **argv)
{
	const struct command * const *c;
	bool help = false, version = false;
	const char *netns = NULL;
	struct ctl ctl = { 0 };
	char name[64];
	int n;

	n = common_options(&ctl, argc - 1, argv + 1, &netns, &help, &version);
	if (n < 0)
		return finish(&ctl, RC_USAGE);
	argv++;
	if (version && !n)
		return finish(&ctl, cmd_version.run(&ctl, 0, argv));
	if (help && !n)
		return finish(&ctl, cmd_help.run(&ctl, 0, argv));
	if (!n) {
		if (netns && enter_netns(netns, &ctl.e))
			return finish(&ctl, RC_ERROR);
		return finish(&ctl, cmd_show.run(&ctl, 0, argv));
	}
	for (c = commands; *c; c++)
		if (!strcmp((*c)->name, argv[0]))
			break;
	if (!*c && argv[0][0] == '-')
		return finish(&ctl, unknown_option(&ctl, argv[0]));
	if (!*c) {
		struct input_nearest near = { .word = argv[0] };

		for (c = commands; *c; c++)
			input_nearest(&near, (*c)->name);
		if (near.name)
			err_set(&ctl.e, "%s is no subcommand (is %s meant?)", quoted(argv[0]), near.name);
		else
			err_set(&ctl.e, "%s is no subcommand (rtplctl help lists them)",
				quoted(argv[0]));
		return finish(&ctl, RC_USAGE);
	}
	ctl.cmd = *c;
	if (help)
		return finish(&ctl, cmd_help.run(&ctl, 1, argv));
	/* "peer add": a subcommand's own first word belongs to it. */
	if ((*c == &cmd_node || *c == &cmd_peer || *c == &cmd_profile || *c == &cmd_rotate) &&
	    n > 1 &&
	    !input_has_secret(argv[1]))
		snprintf(name, sizeof(name), "%s %.20s", argv[0], argv[1]);
	else
		snprintf(name, sizeof(name), "%s", argv[0]);
	context = name;
	if (netns && enter_netns(netns, &ctl.e))
		return finish(&ctl, RC_ERROR);
	return finish(&ctl, (*c)->run(&ctl, n - 1, argv + 1));
}
