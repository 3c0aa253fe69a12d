// SPDX-License-Identifier: GPL-2.0
/* rtplctl checkconf: is the file good? Needs neither the module nor rights. */
#include "rtplctl.h"

#include <string.h>

#include "../input/input.h"
#include "../profile/profile.h"

static json_t *str_list_json(const struct str_list *w)
{
	json_t *j = json_array();

	for (uint32_t i = 0; i < w->n; i++)
		json_array_append_new(j, json_text(w->w[i]));
	return j;
}

static int print_json(const struct ctl *ctl, const char *path, struct config *c)
{
	json_t *j, *hooks = json_object(), *qdisc;
	struct qdisc_info q = { .unprotected = c->unprotected, .shape = c->shape };

	if (!key_public(c->node.private_key, c->node.public_key, &(struct err){ 0 }))
		c->node.has |= NODE_BIT(PUBLIC_KEY);
	c->node.n_peers = c->n_peers;
	for (uint32_t i = 0; i < c->n_peers; i++)
		if (!(c->peers[i].has & PEER_BIT(REQUIRE)))
			c->peers[i].require = true;
	j = config_json(c, NULL, 0, ctl->show_keys);
	json_object_set_new(j, "file", json_text(path));
	json_object_set_new(j, "devices", str_list_json(&c->devices));
	qdisc = qdisc_json(&q);
	json_object_del(qdisc, "device");
	json_object_del(qdisc, "handle");
	json_object_set_new(j, "qdisc", qdisc);
	json_object_set_new(hooks, "pre_up", str_list_json(&c->hooks[HOOK_PRE_UP]));
	json_object_set_new(hooks, "post_up", str_list_json(&c->hooks[HOOK_POST_UP]));
	json_object_set_new(hooks, "pre_down", str_list_json(&c->hooks[HOOK_PRE_DOWN]));
	json_object_set_new(hooks, "post_down", str_list_json(&c->hooks[HOOK_POST_DOWN]));
	json_object_set_new(j, "commands", hooks);
	return json_print(j, false);
}

/* A profile that the module does not have by itself has to be loaded before. */
static void look_at_profile(const char *file, unsigned int line, const char *name)
{
	struct input_nearest near = { .word = name };

	for (size_t i = 0; profile_texts[i].name; i++)
		input_nearest(&near, profile_texts[i].name);
	if (near.name)
		warn("%.200s:%u: profile %s does not come with the module (is %s meant?): unless it is loaded, \"up\" fails", file,
		     line, quoted(name), near.name);
	else
		warn("%.200s:%u: profile %s does not come with the module: unless it is loaded, \"up\" needs a line \"PreUp = rtplctl profile load FILE\"",
		     file, line, quoted(name));
}

/* A command of the file loads profiles: what they are called or take the place of is not known. */
static bool loads_profiles(const struct config *c)
{
	for (uint32_t i = 0; i < c->hooks[HOOK_PRE_UP].n; i++)
		if (strstr(c->hooks[HOOK_PRE_UP].w[i], "profile load"))
			return true;
	return false;
}

static void look_at_profiles(const struct config *c)
{
	char told[8][RTPL_PROFILE_NAME_MAX], names[RTPL_POLICY_NAMES_MAX + RTPL_PROFILE_NAME_MAX];
	size_t n = 0, k;

	for (uint32_t i = 0; i <= c->n_peers; i++) {
		const struct shape *s = i ? &c->peers[i - 1].shape : &c->shape;
		const unsigned int *lines = i ? c->peers[i - 1].lines : c->lines;
		char *save = NULL;

		snprintf(names, sizeof(names), "%s %s", s->has & SHAPE_BIT(PROFILE) ? s->profile : "",
			 s->has & SHAPE_BIT(POLICY) ? s->policy : "");
		for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
			for (k = 0; k < n && strcmp(told[k], name); k++)
				;
			/* Each once, and no more than eight. */
			if (k < n || n == 8 || profile_find(name))
				continue;
			snprintf(told[n++], sizeof(told[0]), "%s", name);
			look_at_profile(c->file, lines[s->has & SHAPE_BIT(PROFILE) && !strcmp(name, s->profile) ?
						       K_PROFILE : K_POLICY], name);
		}
	}
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	char path[4096], name[65];
	struct config c = { 0 };
	size_t prefixes = 0;
	int rc;

	if (!argc)
		return usage_error(ctl, "the configuration file is missing");
	rc = no_more_args(ctl, argc - 1, argv + 1);
	if (rc)
		return rc;
	if (conf_locate(argv[0], path, name, &ctl->e))
		return RC_USAGE;
	rc = conf_load(path, &c, &ctl->e) || (!loads_profiles(&c) && profiles_fit(&c, &ctl->e)) ? RC_ERROR : RC_OK;
	if (!rc) {
		if (!loads_profiles(&c))
			look_at_profiles(&c);
		notes_file(&c, false);
	}
	if (!rc && ctl->json) {
		rc = print_json(ctl, path, &c);
	} else if (!rc) {
		for (uint32_t i = 0; i < c.n_peers; i++)
			prefixes += c.peers[i].prefixes.n;
		printf("%s is good: %u peer%s, %zu prefix%s, %u device%s\n", path, c.n_peers,
		       PLURAL(c.n_peers), prefixes, prefixes == 1 ? "" : "es", c.devices.n,
		       PLURAL(c.devices.n));
	}
	config_free(&c);
	return rc;
}

const struct command cmd_checkconf = {
	.name = "checkconf",
	.run = run,
	.args = "FILE|NAME|-",
	.what = "check a configuration file, without the kernel",
	.help = "Everything that setconf and up check before they ask the kernel, but for names,\n"
		"which are not resolved. What goes beside a profile that was loaded only the kernel knows.\n"
		"With -j what the file says: {\"file\", \"node\", \"devices\", \"qdisc\", \"peers\", \"commands\"}.\n",
};
