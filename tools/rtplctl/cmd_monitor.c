// SPDX-License-Identifier: GPL-2.0
/* rtplctl monitor: what happens to links, as it happens. */
#include "rtplctl.h"
#include "../lib/names.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/time.h>
#include <time.h>

struct monitor {
	bool json;
	uint64_t left;		/* events still to show, 0: no end */
};

#define HAS(ev, attr) ((ev)->has & 1U << RTPL_EVENT_A_##attr)

/* An address without the length that it would have as a prefix. */
static const char *addr_text(const struct prefix *p, char buf[ADDR_TEXT_MAX])
{
	prefix_text(p, buf);
	buf[strcspn(buf, "/")] = '\0';
	return buf;
}

/* What the event has of a peer, the node or a device, as it was or is. */
static json_t *side_json(const struct event *ev, int i)
{
	json_t *j = shape_json(ev->kind == RTPL_EVENT_QDISC_CHANGED ||
			       ev->kind == RTPL_EVENT_QDISC_REMOVED ?
			       &ev->shape[i] : &ev->peer[i].shape);
	char text[ADDR_TEXT_MAX > KEY_TEXT_LEN ? ADDR_TEXT_MAX : KEY_TEXT_LEN + 1];
	const struct peer *p = &ev->peer[i];
	const struct node *n = &ev->node[i];
	json_t *list;

	if (p->has & PEER_BIT(NAME))
		json_object_set_new(j, "name", json_text(p->name));
	if (p->has & PEER_BIT(ENDPOINT))
		json_object_set_new(j, "endpoint", json_string(endpoint_text(&p->endpoint.sa, text)));
	if (p->has & PEER_BIT(REQUIRE))
		json_object_set_new(j, "require", json_boolean(p->require));
	if (p->has & PEER_BIT(KEEPALIVE))
		json_object_set_new(j, "keepalive", json_integer(p->keepalive));
	if (p->has & PEER_BIT(DSCP))
		json_object_set_new(j, "dscp", dscp_json(p->dscp));
	if (p->has & PEER_BIT(ECN))
		json_object_set_new(j, "ecn", json_string(ecn_text(p->ecn)));
	if (p->has & PEER_BIT(TWIN)) {
		key_text(p->twin, text);
		json_object_set_new(j, "twin", json_string(text));
	}
	if (p->prefixes.n) {
		list = json_array();
		for (uint32_t k = 0; k < p->prefixes.n; k++)
			json_array_append_new(list, json_string(prefix_text(&p->prefixes.p[k], text)));
		json_object_set_new(j, "allowed", list);
	}
	if (n->has & NODE_BIT(PORT))
		json_object_set_new(j, "listen", json_integer(n->port));
	if (n->has & NODE_BIT(FWMARK))
		json_object_set_new(j, "fwmark", json_integer(n->fwmark));
	if (n->has & NODE_BIT(BIND_DEVICE))
		json_object_set_new(j, "bind_device", *n->bind_device ? json_string(n->bind_device) :
									 json_null());
	if (n->has & NODE_BIT(PUBLIC_KEY)) {
		key_text(n->public_key, text);
		json_object_set_new(j, "public_key", json_string(text));
	}
	return j;
}

/* What is different, before and after; what is alike is left out. */
static void differences(const struct event *ev, json_t *side[2])
{
	const char *key;
	json_t *value;
	void *next;

	for (int i = 0; i < 2; i++)
		side[i] = side_json(ev, i);
	json_object_foreach_safe(side[0], next, key, value) {
		if (!json_equal(value, json_object_get(side[1], key)))
			continue;
		json_object_del(side[1], key);
		json_object_del(side[0], key);
	}
}

static bool by_request(const struct event *ev)
{
	return HAS(ev, UID);
}

static int print_json(const struct event *ev, const struct timeval *now)
{
	char key[KEY_TEXT_LEN + 1], addr[ADDR_TEXT_MAX], dev[IF_NAMESIZE];
	json_t *j = json_object();

	json_object_set_new(j, "time", json_real((double)now->tv_sec + (double)now->tv_usec / 1e6));
	json_object_set_new(j, "event", json_string(rtpl_name(&rtpl_event_kind_names, ev->kind)));
	if (HAS(ev, PUBLIC_KEY)) {
		key_text(ev->public_key, key);
		json_object_set_new(j, "public_key", json_string(key));
	}
	if (HAS(ev, ID))
		json_object_set_new(j, "id", json_integer(ev->id));
	if (*ev->name)
		json_object_set_new(j, "name", json_text(ev->name));
	if (HAS(ev, ENDPOINT))
		json_object_set_new(j, "endpoint", json_string(endpoint_text(&ev->endpoint.sa, addr)));
	if (HAS(ev, CELL))
		json_object_set_new(j, "cell", json_integer(ev->cell));
	if (HAS(ev, IFINDEX)) {
		json_object_set_new(j, "ifindex", json_integer(ev->ifindex));
		if (if_indextoname(ev->ifindex, dev))
			json_object_set_new(j, "device", json_text(dev));
	}
	if (HAS(ev, REASON))
		json_object_set_new(j, "reason", json_string(ev->reason));
	if (HAS(ev, ADDR))
		json_object_set_new(j, "address", json_string(addr_text(&ev->addr, addr)));
	if (HAS(ev, LEVEL))
		json_object_set_new(j, "level", json_integer(ev->level));
	if (HAS(ev, PROFILE))
		json_object_set_new(j, "profile", json_string(ev->profile));
	if (HAS(ev, MISMATCH))
		json_object_set_new(j, "mismatch", mismatch_json(ev->mismatch));
	if (by_request(ev)) {
		json_t *side[2];

		differences(ev, side);
		json_object_set_new(j, "uid", json_integer(ev->uid));
		if (HAS(ev, PORTID))
			json_object_set_new(j, "portid", json_integer(ev->portid));
		if (HAS(ev, UNPROTECTED))
			json_object_set_new(j, "unprotected", json_string(unprotected_name(ev->unprotected)));
		if (HAS(ev, PSK_CHANGED))
			json_object_set_new(j, "preshared_key_changed", json_true());
		if (HAS(ev, LEFT_OUT))
			json_object_set_new(j, "prefixes_left_out", json_integer(ev->left_out));
		json_object_set_new(j, "before", side[0]);
		json_object_set_new(j, "after", side[1]);
	}
	return json_print(j, true);
}

/* One setting's value as a word or a list. */
static void print_value(const json_t *value)
{
	size_t i;

	if (!value || json_is_null(value)) {
		fputs("none", stdout);
	} else if (json_is_string(value)) {
		fputs(json_string_value(value), stdout);
	} else if (json_is_array(value)) {
		for (i = 0; i < json_array_size(value); i++) {
			fputs(i ? "," : "", stdout);
			print_value(json_array_get(value, i));
		}
	} else if (json_is_boolean(value)) {
		fputs(json_is_true(value) ? "on" : "off", stdout);
	} else {
		printf("%" JSON_INTEGER_FORMAT, json_integer_value(value));
	}
}

/* A setting as show has it: JSON's keys are for programs. */
static void print_name(const char *key)
{
	if (!strcmp(key, "latency_ns"))
		key = "latency";
	else if (!strcmp(key, "epoch_ms"))
		key = "epoch";
	else if (!strcmp(key, "period_s"))
		key = "period of the budget";
	for (; *key; key++)
		putchar(*key == '_' ? ' ' : *key);
}

static void print_setting(const char *key, const json_t *value)
{
	unsigned long long v = json_integer_value(value);
	struct shape s = { .load = v };
	char buf[SHAPE_TEXT_MAX];

	if (!json_is_integer(value))
		print_value(value);
	else if (!strcmp(key, "latency_ns"))
		fputs(time_text(v, buf), stdout);
	else if (!strcmp(key, "epoch_ms"))
		fputs(epoch_text(v, buf), stdout);
	else if (!strcmp(key, "load"))
		fputs(load_text(&s, buf), stdout);
	else if (!strcmp(key, "fwmark") && v)
		printf("0x%llx", v);
	else if ((!strcmp(key, "fwmark") || !strcmp(key, "keepalive") || !strcmp(key, "budget")) && !v)
		fputs("off", stdout);
	else
		printf("%llu%s", v, !strcmp(key, "keepalive") || !strcmp(key, "period_s") ? " s" :
		       !strcmp(key, "rate") ? " cells/s" : !strcmp(key, "limit") ? " packets" :
		       !strcmp(key, "budget") ? " bytes" : "");
}

static void print_change(const struct event *ev)
{
	const char *key, *sep = "";
	json_t *side[2], *value;

	printf(" by uid %u", ev->uid);
	if (HAS(ev, PORTID))
		printf(" netlink port %u", ev->portid);
	differences(ev, side);
	if (HAS(ev, UNPROTECTED) || HAS(ev, PSK_CHANGED) || HAS(ev, LEFT_OUT) || json_object_size(side[0]) ||
	    json_object_size(side[1]))
		putchar(':');
	if (HAS(ev, UNPROTECTED))
		printf(" unprotected %s", unprotected_name(ev->unprotected));
	if (HAS(ev, PSK_CHANGED)) {
		printf(" preshared key changed");
		sep = ",";
	}
	json_object_foreach(side[0], key, value) {
		printf("%s ", sep);
		print_name(key);
		putchar(' ');
		print_setting(key, value);
		fputs(" -> ", stdout);
		print_setting(key, json_object_get(side[1], key));
		sep = ",";
	}
	json_object_foreach(side[1], key, value) {
		if (json_object_get(side[0], key))
			continue;
		printf("%s ", sep);
		print_name(key);
		fputs(" -> ", stdout);
		print_setting(key, value);
		sep = ",";
	}
	if (HAS(ev, LEFT_OUT))
		printf(", and %u prefix%s more", ev->left_out, ev->left_out == 1 ? "" : "es");
	json_decref(side[0]);
	json_decref(side[1]);
}

static void print_text(const struct event *ev, const struct timeval *now)
{
	char key[KEY_TEXT_LEN + 1], addr[ADDR_TEXT_MAX], dev[IF_NAMESIZE], when[32];
	struct tm tm;

	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&now->tv_sec, &tm));
	printf("%s.%03u %s", when, (unsigned int)(now->tv_usec / 1000), rtpl_name(&rtpl_event_kind_names, ev->kind));
	if (HAS(ev, PUBLIC_KEY)) {
		key_text(ev->public_key, key);
		printf(" peer %s", key);
	} else if (HAS(ev, ID)) {
		printf(" peer %u", ev->id);
	}
	if (*ev->name)
		printf(" (%s)", ev->name);
	if (HAS(ev, ENDPOINT))
		printf(" endpoint %s", endpoint_text(&ev->endpoint.sa, addr));
	if (HAS(ev, CELL))
		printf(" cell %u", ev->cell);
	if (HAS(ev, IFINDEX)) {
		if (if_indextoname(ev->ifindex, dev))
			printf(" device %s", dev);
		else
			printf(" ifindex %u", ev->ifindex);
	}
	if (HAS(ev, ADDR))
		printf(" address %s", addr_text(&ev->addr, addr));
	if (HAS(ev, REASON))
		printf(" (%s)", ev->reason);
	if (HAS(ev, LEVEL))
		printf(" level %u", ev->level);
	if (HAS(ev, PROFILE))
		printf(" profile %s", ev->profile);
	if (HAS(ev, MISMATCH)) {
		json_t *list = mismatch_json(ev->mismatch);

		putchar(' ');
		print_value(list);
		json_decref(list);
	}
	if (by_request(ev))
		print_change(ev);
	putchar('\n');
}

/* Return: 1 when enough has been seen. */
static int show(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	struct monitor *m = arg;
	struct timeval now;
	struct event ev;
	int rc = 0;

	if (get_event(nlh, &ev, e)) {
		event_free(&ev);
		return -1;
	}
	if (HAS(&ev, KIND)) {
		gettimeofday(&now, NULL);
		if (!m->json)
			print_text(&ev, &now);
		else if (print_json(&ev, &now))
			rc = -1;
		if (!rc && fflush(stdout))
			rc = err_set(e, "cannot write: %s", strerror(errno));
		if (!rc && m->left && !--m->left)
			rc = 1;
	}
	event_free(&ev);
	return rc;
}

static int run(struct ctl *ctl, int argc, char **argv)
{
	struct monitor m = { .json = ctl->json };
	struct conn *c;
	int rc;

	if (argc && !strcmp(argv[0], "--count")) {
		if (argc < 2)
			return usage_error(ctl, "--count needs a number");
		if (parse_number(argv[1], 1, UINT32_MAX, "count", &m.left, &ctl->e))
			return RC_USAGE;
		argc -= 2;
		argv += 2;
	}
	rc = no_more_args(ctl, argc, argv);
	if (rc)
		return rc;
	c = conn_open(&ctl->e);
	if (!c)
		return RC_ERROR;
	rc = conn_listen(c, show, &m, &ctl->e);
	conn_close(c);
	return rc < 0 ? RC_ERROR : RC_OK;
}

const struct command cmd_monitor = {
	.name = "monitor",
	.run = run,
	.options = { "--count" },
	.args = "[--count N]",
	.what = "show events as they happen",
	.help = "Links that come up, are rekeyed or lost, endpoints that roam, cells that change,\n"
		"packets that the leakguard stops, steps of policies; and each change of the configuration,\n"
		"with the user and the netlink port that asked for it, and what was and is different,\n"
		"but no private or pre-shared key. Until interrupted, until N were seen, or until\n"
		"nobody reads the output.\n"
		"With -j one object a line: {\"time\", \"event\", \"public_key\", \"id\", \"name\", \"endpoint\",\n"
		"\"cell\", \"ifindex\", \"device\", \"reason\", \"address\", \"level\", \"profile\", \"uid\",\n"
		"\"portid\", \"unprotected\", \"preshared_key_changed\", \"prefixes_left_out\", \"before\",\n"
		"\"after\", \"mismatch\"}, as far as the event has them.\n",
};
