// SPDX-License-Identifier: GPL-2.0
/*
 * What is taken and hardly ever meant: sentences for warnings of the commands that set up peers,
 * of checkconf and of show. No kernel module is asked, and no right is needed.
 */
#include "rtplctl.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>

#include "../profile/profile.h"

#define MOST	8	/* prefixes of one peer that are told of */

/* ---- this host's addresses ---- */

static struct own {
	int family;
	uint8_t addr[16];
	uint32_t scope;
} *own;
static size_t n_own;

static void own_add(const struct ifaddrs *i)
{
	struct own o = { .family = i->ifa_addr->sa_family }, *more;

	if (o.family == AF_INET) {
		memcpy(o.addr, &((struct sockaddr_in *)i->ifa_addr)->sin_addr, 4);
	} else if (o.family == AF_INET6) {
		memcpy(o.addr, &((struct sockaddr_in6 *)i->ifa_addr)->sin6_addr, 16);
		o.scope = ((struct sockaddr_in6 *)i->ifa_addr)->sin6_scope_id;
	} else {
		return;
	}
	more = reallocarray(own, n_own + 1, sizeof(*more));
	if (!more)
		return;
	own = more;
	own[n_own++] = o;
}

/* In this network namespace, whatever the state of the device. */
static void own_read(void)
{
	static bool done;
	struct ifaddrs *list;

	if (done || getifaddrs(&list))
		return;
	done = true;
	for (const struct ifaddrs *i = list; i; i = i->ifa_next)
		if (i->ifa_addr)
			own_add(i);
	freeifaddrs(list);
}

/* @scope: of a link-local address the interface, 0: any. */
static bool is_own(int family, const void *addr, uint32_t scope)
{
	size_t len = family == AF_INET ? 4 : 16;

	/* Every host has these: nobody means the other end's. */
	if (family == AF_INET ? *(const uint8_t *)addr == 127 : IN6_IS_ADDR_LOOPBACK((const struct in6_addr *)addr))
		return false;
	own_read();
	for (size_t i = 0; i < n_own; i++)
		if (own[i].family == family && !memcmp(own[i].addr, addr, len) &&
		    (!scope || !own[i].scope || own[i].scope == scope))
			return true;
	return false;
}

/* ---- a peer ---- */

void notes_peer(const struct peer *p, note_fn fn, void *arg)
{
	const struct endpoint *ep = &p->endpoint;
	bool v6 = ep->sa.sa_family == AF_INET6;
	char addr[INET6_ADDRSTRLEN], text[256];
	unsigned int told = 0;

	if ((v6 || ep->sa.sa_family == AF_INET) &&
	    is_own(ep->sa.sa_family, v6 ? (void *)&ep->in6.sin6_addr : (void *)&ep->in4.sin_addr,
		   v6 ? ep->in6.sin6_scope_id : 0)) {
		inet_ntop(ep->sa.sa_family, v6 ? (void *)&ep->in6.sin6_addr : (void *)&ep->in4.sin_addr,
			  addr, sizeof(addr));
		snprintf(text, sizeof(text), "%s is this host's own address: endpoint takes the other end's; what is sent there reaches nobody else",
			 addr);
		fn(p->lines[K_ENDPOINT], text, arg);
	}
	if (v6 && ep->in6.sin6_scope_id && !if_indextoname(ep->in6.sin6_scope_id, text)) {
		snprintf(text, sizeof(text), "there is no interface of the endpoint's number %u now: nothing goes there until the endpoint is set anew",
			 ep->in6.sin6_scope_id);
		fn(p->lines[K_ENDPOINT], text, arg);
	}
	/* A wider prefix may well hold this host, too; a link-local address is another host's elsewhere. */
	for (uint32_t i = 0; i < p->prefixes.n && told < MOST; i++) {
		const struct prefix *x = &p->prefixes.p[i];

		if (x->len != (x->family == AF_INET ? 32 : 128) ||
		    (x->family == AF_INET6 && IN6_IS_ADDR_LINKLOCAL((struct in6_addr *)x->addr)) ||
		    !is_own(x->family, x->addr, 0))
			continue;
		inet_ntop(x->family, x->addr, addr, sizeof(addr));
		snprintf(text, sizeof(text), "%s is this host's own address: allowed takes the other end's; what goes to the other end leaves in clear unless another prefix has it",
			 addr);
		fn(x->line, text, arg);
		told++;
	}
}

/* ---- a policy ---- */

#define CELL_OVERHEAD	29	/* bytes of a cell beside what is in it */

/* Bytes of packets a second that a profile of constant rate has room for; 0: it is no such, or not known here. */
static uint64_t carries(const char *name, const struct shape *s)
{
	const struct profile_text *text = profile_find(name);
	const struct profile_schedule *sched;
	struct profile_err why;
	uint64_t rate, cell;
	struct profile p;

	/* To read others may take long. */
	if (!text || !strstr(text->text, "Kind = constant") ||
	    profile_read(text->text, strlen(text->text), name, &p, &why))
		return 0;
	sched = &p.end[(s->has & SHAPE_BIT(ROLE)) && s->role == RTPL_ROLE_SERVER ? PROFILE_SERVER : PROFILE_CLIENT].sched;
	rate = sched->kind != SCHED_CONST ? 0 : s->has & SHAPE_BIT(RATE) ? s->rate : sched->rate;
	cell = s->has & SHAPE_BIT(SIZES) ? (s->sizes == RTPL_SIZE_FIXED ? s->cell : 0) :
	       p.sizes == SIZES_FIXED ? p.cell : 0;
	profile_free(&p);
	return cell > CELL_OVERHEAD ? rate * (cell - CELL_OVERHEAD) : 0;
}

/*
 * How much a profile that comes with the module hides, roughly: 1 nothing of times, 2 something,
 * 3 what has a bound, 4 all; 0: not known.
 */
static int strength(const char *name)
{
	static signed char known[32];	/* of each text, and one more */
	const struct profile_text *text = profile_find(name);
	size_t i = text ? text - profile_texts : 0;
	struct profile_err why;
	struct profile p;
	int best = 0;

	if (text && i < sizeof(known) && known[i])
		return known[i] - 1;
	if (!text || profile_read(text->text, strlen(text->text), name, &p, &why))
		return 0;
	for (int e = 0; e < PROFILE_ENDS; e++) {
		const struct profile_side *end = &p.end[e];
		int now = 2;

		if (end->sched.kind == SCHED_CONST || (end->sched.kind == SCHED_INTERVAL && end->sched.chaff))
			now = 4;
		else if (end->sched.kind == SCHED_LADDER || end->sched.kind == SCHED_TAMARAW ||
			 end->sched.kind == SCHED_DP)
			now = 3;
		else if (end->sched.kind == SCHED_ASAP && end->chaff.kind == CHAFF_NONE && !end->n_machines &&
			 !p.n_messages)
			now = 1;
		if (now > best)
			best = now;
	}
	profile_free(&p);
	if (i < sizeof(known))
		known[i] = best + 1;
	return best;
}

void notes_order(const struct shape *s, unsigned int line, note_fn fn, void *arg)
{
	char names[RTPL_POLICY_NAMES_MAX], text[256], *save = NULL, *most = NULL;
	int now, best = 0;

	if (!(s->has & SHAPE_BIT(POLICY)))
		return;
	strcpy(names, s->policy);
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		now = strength(name);
		if (now && now < best) {
			snprintf(text, sizeof(text), "policy %s has %s before %s, which hides less: the weakest comes first",
				 quoted(s->policy), most, name);
			fn(line, text, arg);
			return;
		}
		if (now > best) {
			best = now;
			most = name;
		}
	}
}

void notes_policy(const struct shape *s, unsigned int line, note_fn fn, void *arg)
{
	char names[RTPL_POLICY_NAMES_MAX], load[POLICY_TEXT_MAX], room[POLICY_TEXT_MAX], text[256], *save = NULL;
	struct shape most = { 0 };

	if (!(s->has & SHAPE_BIT(POLICY)) || !(s->has & SHAPE_BIT(LOAD)) || !s->load)
		return;
	strcpy(names, s->policy);
	for (char *name = strtok_r(names, " ", &save); name; name = strtok_r(NULL, " ", &save)) {
		most.load = carries(name, s);
		if (!most.load || s->load < most.load)
			continue;
		snprintf(text, sizeof(text), "load %s is not less than profile %s carries (%s at most): there the policy does not step down for load",
			 load_text(s, load), name, load_text(&most, room));
		fn(line, text, arg);
	}
}

#define PADS_LEAST	64	/* bytes of padding that a cell of one of several sizes may have, at least */
#define PADS_ONE	1400	/* bytes of a cell of the path's size, roughly */

void notes_budget(const struct shape *s, unsigned int line, note_fn fn, void *arg)
{
	char budget[POLICY_TEXT_MAX], text[256];
	uint32_t cell = PADS_ONE;

	if (!(s->has & SHAPE_BIT(POLICY)) || !*s->policy || !(s->has & SHAPE_BIT(BUDGET)) || !s->budget)
		return;
	if (s->has & SHAPE_BIT(SIZES))
		cell = s->sizes == RTPL_SIZE_FIXED ? s->cell :
		       s->sizes == RTPL_SIZE_POW2 || s->sizes == RTPL_SIZE_BUCKETS ? PADS_LEAST : PADS_ONE;
	if (s->budget >= cell)
		return;
	snprintf(text, sizeof(text), "budget %s is less than a cell of %u bytes: one padded cell is above it, at each level, and the policy never goes up for long",
		 budget_text(s, budget), cell);
	fn(line, text, arg);
}

/* ---- a file ---- */

static void tell_line(unsigned int line, const char *text, void *arg)
{
	const struct config *c = arg;

	warn("%.200s:%u: %s", c->file, line, text);
}

/* Does a command of the file put the qdisc somewhere, as far as one can see? */
static bool hooks_name_qdisc(const struct config *c)
{
	for (int h = 0; h < N_HOOKS; h++)
		for (uint32_t i = 0; i < c->hooks[h].n; i++)
			if (strstr(c->hooks[h].w[i], "qdisc"))
				return true;
	return false;
}

static void tell_no_device(const struct config *c)
{
	bool required = false, open = false;

	for (uint32_t i = 0; i < c->n_peers; i++) {
		const struct peer *p = &c->peers[i];

		if (p->has & PEER_BIT(REQUIRE) ? p->require : true)
			required = true;
		else
			open = true;
	}
	if (required || open)
		warn("%s names no Device: %s until a device has the qdisc (Device = eth0)", quoted(c->file),
		     !open ? "what the peers require is stopped" :
		     !required ? "what goes to the peers leaves in clear" :
		     "what the peers require is stopped, and what goes to the others leaves in clear,");
}

void notes_file(const struct config *c, bool qdisc)
{
	if (!qdisc && !c->devices.n && !hooks_name_qdisc(c))
		tell_no_device(c);
	for (uint32_t i = 0; i < c->n_peers; i++) {
		if (!(c->peers[i].has & PEER_BIT(PREFIXES)))
			tell_line(c->peers[i].line, "the peer has no Allowed: it protects nothing (Allowed = none where that is meant)",
				  (void *)c);
		notes_peer(&c->peers[i], tell_line, (void *)c);
		notes_order(&c->peers[i].shape, c->peers[i].lines[K_POLICY], tell_line, (void *)c);
		notes_policy(&c->peers[i].shape, c->peers[i].lines[K_LOAD], tell_line, (void *)c);
		notes_budget(&c->peers[i].shape, c->peers[i].lines[K_BUDGET], tell_line, (void *)c);
	}
}
