// SPDX-License-Identifier: GPL-2.0
/*
 * rtplctl up: module, node, peers, then qdiscs: from the moment that a peer
 * is set its traffic cannot leave in clear, so peers come before everything
 * that moves traffic. With --leakguard and --hold the barrier stands before the
 * module is loaded, and stays where the module's hooks do not come to stand.
 */
#include "rtplctl.h"

#include <errno.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

#define RETRY_NS 250000000L	/* between two tries of what may come yet */

struct up {
	const char *name, *word;	/* as it was given */
	char state[4096];
	enum state_kind was;
	bool leakguard, hold;
	unsigned int wait;
	struct config want, have;
	struct conn *c, *route;
	bool *added;		/* devices that have got the qdisc from us */
	bool applied;		/* the module's hooks stand */
	bool stood;		/* the barrier, before us */
	bool pre_up, post_up;	/* begun */
};

static int load_module(struct err *e)
{
	char *const argv[] = { "modprobe", "rtpl", NULL };
	int status, rc;
	pid_t pid;

	if (rtpl_family_present())
		return 0;
	setenv("PATH", "/usr/sbin:/usr/bin:/sbin:/bin", 0);
	rc = posix_spawnp(&pid, argv[0], NULL, NULL, argv, environ);
	if (rc)
		return err_set(e, "cannot run modprobe: %s", strerror(rc));
	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_set(e, "cannot wait for modprobe: %s", strerror(errno));
	if (!WIFEXITED(status) || WEXITSTATUS(status)) {
		struct utsname u;

		uname(&u);
		return err_set(e, "cannot load the kernel module: \"modprobe rtpl\" failed (was it built for this kernel? apt-get install linux-headers-%.64s, then dkms autoinstall -k %.64s, or, where there is no DKMS, make install in RTPL's sources)",
			       u.release, u.release);
	}
	return 0;
}

static bool node_in_use(const struct config *have)
{
	return have->n_peers || (have->node.has & (NODE_BIT(PRIVATE_KEY) | NODE_BIT(PUBLIC_KEY)));
}

/* Towards @u->want from what is there now. */
static int apply_now(struct up *u, struct err *e)
{
	struct applied done;
	struct config now;
	int rc;

	if (kernel_config(u->c, &now, e))
		return -1;
	rc = apply(u->c, &now, &u->want, true, &done, e);
	config_free(&now);
	if (rc) {
		config_meant(u->c, &u->want, e);
		return rc;
	}
	u->applied = true;
	return barrier_open(u->name, e);
}

/* What needs names, routes and devices. May be tried again. */
static int complete(struct up *u, struct err *e)
{
	bool was;

	if (conf_resolve(&u->want, e) || apply_now(u, e))
		return -1;
	for (uint32_t i = 0; i < u->want.devices.n; i++) {
		if (qdisc_add_listed(u->route, &u->want, i, &was, e))
			return -1;
		u->added[i] |= !was;
	}
	return 0;
}

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/*
 * All of it in order. Where something may have to be waited for, or be held,
 * the peers are set without endpoints first: that guards what they protect.
 */
static int steps(struct up *u, struct err *e)
{
	const struct timespec pause = { .tv_nsec = RETRY_NS };
	uint64_t end = now_ns() + u->wait * 1000000000ULL;

	if (u->was == STATE_NONE) {
		u->pre_up = true;
		if (run_hooks(&u->want.hooks[HOOK_PRE_UP], u->name, e))
			return -1;
	}
	if (u->leakguard || u->hold || u->wait || u->was == STATE_HELD) {
		u->want.no_endpoints = true;
		if (apply_now(u, e) || state_write(u->state, STATE_HELD, &u->want, e))
			return -1;
		u->want.no_endpoints = false;
	}
	if (u->leakguard)
		return 0;
	while (complete(u, e)) {
		if (now_ns() >= end)
			return -1;
		nanosleep(&pause, NULL);
	}
	/* Written before PostUp, which may well use rtplctl. */
	if (state_write(u->state, STATE_UP, &u->want, e))
		return -1;
	u->post_up = true;
	return run_hooks(&u->want.hooks[HOOK_POST_UP], u->name, e);
}

static void undo(struct up *u)
{
	struct applied done;
	struct config now;
	struct err why;
	bool was;

	if (u->post_up)
		run_all_hooks(&u->want.hooks[HOOK_PRE_DOWN], u->name);
	if (u->stood && u->applied && barrier_close(u->name, &u->want, NULL, &why))
		warn("%s", why.text);
	for (uint32_t i = u->want.devices.n; i-- > 0;)
		if (u->added[i] && qdisc_del(u->route, u->want.devices.w[i], &was, &why))
			warn("%s", why.text);
	if (u->applied) {
		if (kernel_config(u->c, &now, &why) ||
		    apply(u->c, &now, &u->have, false, &done, &why))
			warn("%s", why.text);
		config_free(&now);
	}
	if (state_write(u->state, u->was, &u->want, &why))
		warn("%s", why.text);
	if (u->pre_up)
		run_all_hooks(&u->want.hooks[HOOK_POST_DOWN], u->name);
}

/* Who else has set up this node? */
static int refuse_taken(const struct up *u, struct err *e)
{
	struct str_list names;
	struct err ignored;
	int rc;

	if (!state_names("", &names, &ignored) && names.n)
		rc = err_set(e, "%s is up in this network namespace already (rtplctl down %s)",
			     quoted(names.w[0]), names.w[0]);
	else
		rc = err_set(e, "this namespace's node is set up already, with %u peer%s: \"rtplctl save %.200s\" makes that the file, \"rtplctl flush\" removes it",
			     u->have.n_peers, PLURAL(u->have.n_peers), u->word);
	str_list_free(&names);
	return rc;
}

static int open_conns(struct up *u, struct err *e)
{
	u->c = conn_open(e);
	u->route = u->c ? conn_open_route(e) : NULL;
	return u->route ? kernel_config(u->c, &u->have, e) : -1;
}

/* Was @last, which is up under this name, of another file? */
static bool other_file(const struct up *u, const struct config *last)
{
	char *file = realpath(u->want.file, NULL);
	bool other = last->file && file && strcmp(last->file, file);

	free(file);
	return other;
}

static int refuse_twice(const struct up *u, const struct config *last, struct err *e)
{
	if (other_file(u, last))
		return err_set(e, "%s is already up, from another file, %s (rtplctl down %s)",
			       quoted(u->name), quoted(last->file), u->name);
	return err_set(e, "%s is already up (rtplctl down %s, or rtplctl setconf to change it)",
		       quoted(u->name), u->name);
}

/* What is up stays as it is; its file may say something else by now. */
static void tell_older(const struct up *u)
{
	struct stat file, state;

	if (stat(u->want.file, &file) || stat(u->state, &state) || file.st_mtim.tv_sec < state.st_mtim.tv_sec ||
	    (file.st_mtim.tv_sec == state.st_mtim.tv_sec && file.st_mtim.tv_nsec <= state.st_mtim.tv_nsec))
		return;
	warn("%s is up already and stays as it is, and %s was written since (rtplctl setconf %s makes it follow the file)",
	     quoted(u->name), quoted(u->want.file), u->word);
}

/* *@done: there is nothing left to do. */
static int begin(struct up *u, bool *done, struct err *e)
{
	bool there = rtpl_family_present();
	struct config last;
	struct err why;
	int rc;

	*done = false;
	rc = state_read(u->state, &u->was, &last, e) || (there && open_conns(u, e)) ? -1 : 0;
	/* A state that outlived the module or a reboot says nothing. */
	if (!rc && !node_in_use(&u->have))
		u->was = STATE_NONE;
	if (!rc && u->was == STATE_UP) {
		/* More than is asked for; or just that, as of a unit that is started behind save or up. */
		*done = u->leakguard || (u->hold && !other_file(u, &last));
		rc = *done ? 0 : refuse_twice(u, &last, e);
		if (*done && u->hold)
			tell_older(u);
	}
	config_free(&last);
	if (rc || *done)
		return rc;
	u->stood = barrier_stands(u->name);
	if ((u->leakguard || u->hold) && u->was == STATE_NONE &&
	    barrier_close(u->name, &u->want, &u->have, &why))
		warn("%s", why.text);	/* the module may do without */
	if (!there && (load_module(e) || open_conns(u, e)))
		return -1;
	if (u->was == STATE_NONE && node_in_use(&u->have))
		return refuse_taken(u, e);
	u->added = calloc(u->want.devices.n + 1, sizeof(*u->added));
	return u->added ? 0 : err_set(e, "out of memory");
}

static int go(struct up *u, struct err *e)
{
	bool done;
	int rc;

	rc = begin(u, &done, e);
	if (rc || done)
		return rc;
	rc = steps(u, e);
	if (rc && !((u->leakguard || u->hold) && (u->applied || barrier_stands(u->name))))
		undo(u);
	else if (!rc)
		barrier_keep(u->name, &u->want);
	return rc;
}

/* A file that cannot be read: what was guarded stays so, and after a boot the barrier does it. */
static void hold_without(struct up *u, const char *path, struct err *e)
{
	struct err first = *e, why;
	enum state_kind was;
	struct config last;
	bool held;

	held = !state_read(u->state, &was, &last, &why) && was != STATE_NONE &&
	       rtpl_family_present() && !open_conns(u, &why) && node_in_use(&u->have);
	config_free(&last);
	if (held)
		err_set(e, "%.500s; what is guarded stays so", first.text);
	else if (barrier_close_bad(u->name, path, &why))
		err_set(e, "%.400s; and NOTHING IS GUARDED: %.300s", first.text, why.text);
}

/* What is left when leakguard or hold failed, or what goes on from there. */
static void tell_rest(const struct up *u, struct err *e)
{
	const char *what = barrier_stands(u->name);
	struct err first = *e;
	char stands[128];

	if (!what && (u->was == STATE_HELD || ((u->leakguard || u->hold) && u->applied)))
		err_set(e, "%.400s; the peers stay guarded, and what they require is stopped where it meets no qdisc: \"rtplctl up %.128s\" goes on when that is mended, \"rtplctl down %s\" ends it",
			first.text, u->word, u->name);
	if (!what)
		return;
	snprintf(stands, sizeof(stands), what, quoted(u->name));
	err_set(e, "%.400s; %s until that is mended, or \"rtplctl down %s\" opens it",
		first.text, stands, u->name);
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct up u = { 0 };
	char path[4096], name[65];
	const char *word = NULL;
	uint64_t wait;
	int rc, lock;

	for (int i = 0; i < argc; i++) {
		if (!strcmp(argv[i], "--leakguard")) {
			u.leakguard = true;
		} else if (!strcmp(argv[i], "--hold")) {
			u.hold = true;
		} else if (!strcmp(argv[i], "--wait")) {
			if (!argv[i + 1])
				return usage_error(ctl, "--wait needs a number of seconds");
			if (parse_seconds(argv[++i], 0, 3600, "wait", &wait, &ctl->e))
				return RC_USAGE;
			u.wait = wait;
		} else if (argv[i][0] == '-') {
			return unknown_option(ctl, argv[i]);
		} else if (word) {
			return no_more_args(ctl, 1, argv + i);
		} else {
			word = argv[i];
		}
	}
	if (u.leakguard && (u.hold || u.wait))
		return usage_error(ctl, "--leakguard contradicts --hold and --wait");
	if (!word)
		return usage_error(ctl, "the configuration's file or name is missing");
	if (conf_locate(word, path, name, &ctl->e))
		return RC_USAGE;
	u.name = name;
	u.word = word;
	rc = RC_ERROR;
	lock = state_lock(&ctl->e);
	if (lock < 0 || state_path(name, u.state, sizeof(u.state), &ctl->e))
		goto out;
	if (state_nested()) {
		err_set(&ctl->e, "this is a command of another rtplctl, which has not ended");
		goto out;
	}
	if (conf_load(path, &u.want, &ctl->e)) {
		if (u.leakguard || u.hold)
			hold_without(&u, path, &ctl->e);
	} else if (!go(&u, &ctl->e)) {
		rc = RC_OK;
		if (!u.leakguard)
			notes_file(&u.want, qdisc_any());
	}
	if (rc && (u.leakguard || u.hold || u.was == STATE_HELD))
		tell_rest(&u, &ctl->e);
	if (!rc && ctl->json)
		rc = json_print(json_pack("{ss sb si si}", "up", name, "leakguard", u.leakguard,
					  "peers", u.want.n_peers, "devices",
					  u.leakguard ? 0 : u.want.devices.n), false);
out:
	conn_close(u.c);
	conn_close(u.route);
	config_free(&u.want);
	config_free(&u.have);
	free(u.added);
	if (lock >= 0)
		close(lock);
	return rc;
}

const struct command cmd_up = {
	.name = "up",
	.run = run,
	.options = { "--leakguard", "--wait", "--hold" },
	.args = "[--leakguard | [--wait SECONDS] [--hold]] FILE|NAME",
	.what = "load the module, set node and peers, put the qdisc on the devices",
	.help = "NAME means /etc/rtpl/NAME.conf. If a step fails, those before it are undone.\n"
		"  --leakguard         only set node and peers, without endpoints and devices: needs no\n"
		"                  network, and from then on nothing to a required peer leaves in\n"
		"                  clear; up without --leakguard goes on from there. If that fails, for\n"
		"                  want of the module or for a wrong file, a table of nftables stops\n"
		"                  it until up succeeds or down opens it\n"
		"  --wait SECONDS  try so long while names do not resolve, routes or devices are\n"
		"                  missing; the peers are guarded meanwhile\n"
		"  --hold          if a step fails, keep the leakguard, or nftables in its place, instead\n"
		"                  of undoing it; up again goes on from there, down ends it. A name\n"
		"                  that is up already, of the same file, stays as it is: no error\n"
		"With -j: {\"up\": NAME, \"leakguard\": BOOL, \"peers\", \"devices\"}.\n",
};
