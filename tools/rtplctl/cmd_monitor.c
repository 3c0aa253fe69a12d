// SPDX-License-Identifier: GPL-2.0
/* rtplctl monitor: what happens to links, as it happens. */
#include "rtplctl.h"

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

static int print_json(const struct event *ev, const struct timeval *now)
{
	char key[KEY_TEXT_LEN + 1], addr[ADDR_TEXT_MAX], dev[IF_NAMESIZE];
	json_t *j = json_object();

	json_object_set_new(j, "time", json_real((double)now->tv_sec + (double)now->tv_usec / 1e6));
	json_object_set_new(j, "event", json_string(event_name(ev->kind)));
	if (HAS(ev, PUBLIC_KEY)) {
		key_text(ev->public_key, key);
		json_object_set_new(j, "public_key", json_string(key));
	}
	if (HAS(ev, ID))
		json_object_set_new(j, "id", json_integer(ev->id));
	if (HAS(ev, ENDPOINT))
		json_object_set_new(j, "endpoint", json_string(endpoint_text(&ev->endpoint.sa, addr)));
	if (HAS(ev, CELL))
		json_object_set_new(j, "cell", json_integer(ev->cell));
	if (HAS(ev, IFINDEX)) {
		json_object_set_new(j, "ifindex", json_integer(ev->ifindex));
		if (if_indextoname(ev->ifindex, dev))
			json_object_set_new(j, "device", json_string(dev));
	}
	if (HAS(ev, REASON))
		json_object_set_new(j, "reason", json_string(ev->reason));
	if (HAS(ev, ADDR))
		json_object_set_new(j, "address", json_string(addr_text(&ev->addr, addr)));
	if (HAS(ev, LEVEL))
		json_object_set_new(j, "level", json_integer(ev->level));
	if (HAS(ev, PROFILE))
		json_object_set_new(j, "profile", json_string(ev->profile));
	return json_print(j, true);
}

static void print_text(const struct event *ev, const struct timeval *now)
{
	char key[KEY_TEXT_LEN + 1], addr[ADDR_TEXT_MAX], dev[IF_NAMESIZE], when[32];
	struct tm tm;

	strftime(when, sizeof(when), "%H:%M:%S", localtime_r(&now->tv_sec, &tm));
	printf("%s.%03u %s", when, (unsigned int)(now->tv_usec / 1000), event_name(ev->kind));
	if (HAS(ev, PUBLIC_KEY)) {
		key_text(ev->public_key, key);
		printf(" peer %s", key);
	} else if (HAS(ev, ID)) {
		printf(" peer %u", ev->id);
	}
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
	putchar('\n');
	fflush(stdout);
}

/* Return: 1 when enough has been seen. */
static int show(const struct nlmsghdr *nlh, void *arg, struct err *e)
{
	struct monitor *m = arg;
	struct timeval now;
	struct event ev;

	if (get_event(nlh, &ev, e))
		return -1;
	if (!HAS(&ev, KIND))
		return 0;
	gettimeofday(&now, NULL);
	if (m->json && print_json(&ev, &now))
		return err_set(e, "cannot write");
	if (!m->json)
		print_text(&ev, &now);
	return m->left && !--m->left ? 1 : 0;
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
	rc = no_more_words(ctl, argc, argv);
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
	.args = "[--count N]",
	.what = "show events as they happen",
	.help = "Links that come up, are rekeyed or lost, endpoints that roam, cells that change,\n"
		"packets that the guard stops, peers added and removed, steps of policies; until\n"
		"interrupted, or until N were seen.\n"
		"With -j one object a line: {\"time\", \"event\", \"public_key\", \"id\", \"endpoint\",\n"
		"\"cell\", \"ifindex\", \"device\", \"reason\", \"address\", \"level\", \"profile\"}, as far as the\n"
		"event has them.\n",
};
