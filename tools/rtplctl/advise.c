// SPDX-License-Identifier: GPL-2.0
/*
 * rtplctl profile advise: what each profile reaches and costs, by workload, as the judge recorded
 * it; and which workload a set or a link's traffic looks like, what profiles cost on just this
 * traffic, by the simulator, and what company makes possible.
 */
#include "rtplctl.h"
#include "advise.h"
#include "look.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../input/input.h"
#include "../profile/profile.h"

#define SEC		((uint64_t)1000000000)
#define OUTER		28		/* bytes of IPv4 and UDP */
#define CELL_ROOM	1423		/* bytes of packets in a cell, at a path of 1500 */
#define LADDER_UP	.9		/* the part of its rate above which the judge's ladder rises */
#define SIM_MOST	300000		/* packets that the simulator is given */
#define TAIL		"2s"		/* behind each visit, as rtpl-judge fit has it */
#define NEAR		1.1		/* a number of clients that is as good as another one */

struct advise {
	struct ctl *ctl;
	const char *word;		/* set or peer, or NULL */
	uint64_t span;			/* ns to look at a link; 0: not said */
	uint64_t clients;		/* given, 0: not */
	const char *rtt;
	struct packets seen;
	enum look_how how;
	bool client;
	struct look l;
	json_t *advice;			/* sentences */
	/* of a link */
	uint64_t rtt_ns, lost;
	char profile[RTPL_PROFILE_NAME_MAX];
};

static const char * const kind_names[N_KINDS] = {
	"lone requests", "token streams", "web pages", "federated learning", "something else",
};

static void add(json_t *list, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
static void add(json_t *list, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	json_array_append_new(list, json_text(text));
}

/* ---- what was recorded ---- */

/* Bits a second of a profile that always sends at one rate; 0: it does not. */
static double always(const char *name)
{
	struct profile_err err;
	double rate = 0;
	struct profile p;
	char file[256], *text;
	size_t len;

	if (!profile_find(name) || profile_get(name, file, &text, &len, &err))
		return 0;
	if (!profile_read(text, len, file, &p, &err)) {
		if (p.end[0].sched.kind == SCHED_CONST)
			rate = (double)p.end[0].sched.rate * (p.cell + OUTER) * 8;
		profile_free(&p);
	}
	free(text);
	return rate;
}

static const struct advice_row *row_of(const char *workload, const char *profile)
{
	for (const struct advice_row *r = advice_rows; r->workload; r++)
		if (!strcmp(r->workload, workload) && !strcmp(r->profile, profile))
			return r;
	return NULL;
}

/* Visits of a link that are too few to tell what it carries. */
#define FEW	5

/* What it does to this traffic; bytes NAN: not known. */
struct here {
	double bytes, p99_ms, dropped;
};

/* Widths of a table's columns. */
#define COLUMNS	"  %-15s %-16s %-20s %9s %8s %8s"

static void print_heads(const char *first, bool here)
{
	printf(COLUMNS, first, "named of 100", "bytes", "waits ms", "later ms", "p99 ms");
	printf("%s\n", here ? "   here: bytes, waits ms" : "");
}

static const char *ms(double x, char text[32])
{
	snprintf(text, 32, x < 10 && x >= .05 ? "%.1f" : "%.0f", x);
	return text;
}

static void print_row(const struct advice_row *r, const struct here *here)
{
	char named[32], bytes[32] = "", wait[32] = "", later[32] = "", p99[32] = "";
	double rate = always(r->profile);

	snprintf(named, sizeof(named), "%.1f (%.0f-%.0f)", r->named, r->low, r->high);
	if (!strcmp(r->profile, "none")) {
		printf("  %-15s %s\n", r->profile, named);
		return;
	}
	if (rate > 0)
		snprintf(bytes, sizeof(bytes), "%.1f Mbit/s each way", rate / 1e6);
	else
		snprintf(bytes, sizeof(bytes), "%+.0f %%", r->bytes);
	printf(COLUMNS, r->profile, named, bytes, ms(r->p99, wait), ms(r->later, later), ms(r->later_p99, p99));
	if (here && !isnan(here->bytes)) {
		if (rate > 0)
			printf("   always, %.1f", here->p99_ms);
		else
			printf("   %+.0f %%, %.1f", 100 * here->bytes, here->p99_ms);
		if (here->dropped > 0)
			printf(", drops %.1f %%", 100 * here->dropped);
	}
	printf("%s\n", strcmp(r->profile, "off") && !r->gains ? "   hides nothing that is sure" : "");
}

static void print_workload(const struct advice_workload *w, const struct here *here)
{
	int i = 0;

	printf("%s (%d visits; a guess names %.0f):\n", w->what, w->visits, w->chance);
	print_heads("profile", here);
	for (const struct advice_row *r = advice_rows; r->workload; r++)
		if (!strcmp(r->workload, w->name))
			print_row(r, here ? &here[i++] : NULL);
}

static void print_fitted(void)
{
	char named[32], bytes[32], wait[32], later[32], p99[32];

	printf("lone requests, profiles fitted to these visits (rtplctl fit record, rtpl-judge fit):\n");
	print_heads("fitted", false);
	for (const struct advice_fitted *f = advice_fitted; f->named > 0; f++) {
		snprintf(named, sizeof(named), "%.1f (bound %.0f)", f->named, f->bound);
		snprintf(bytes, sizeof(bytes), "%+.0f %%", f->bytes);
		printf(COLUMNS "\n", "", named, bytes, ms(f->p99, wait), ms(f->later, later), ms(f->later_p99, p99));
	}
}

static void print_many(const struct advice_many *m)
{
	char named[32], bytes[32], later[32], small[32], p90[32];

	snprintf(named, sizeof(named), "%.1f (off %.0f)", m->named, m->undefended);
	snprintf(bytes, sizeof(bytes), "%+.0f %%", m->bytes);
	printf("  %-15d %-16s %-20s %9s %8s %8s\n", m->clients, named, bytes, ms(m->later, later), ms(m->small, small),
	       ms(m->small_p90, p90));
}

static void print_all_many(void)
{
	printf("many clients on one link, a slow ladder on their sum (shapes.rst), shared fairly (a guess names 10):\n");
	printf(COLUMNS "\n", "clients", "named of 100", "bytes", "later ms", "small ms", "p90 ms");
	for (const struct advice_many *m = advice_many; m->clients; m++)
		print_many(m);
}

static json_t *row_json(const struct advice_row *r, const struct here *here)
{
	double rate = always(r->profile);
	json_t *j = json_pack("{ss ss sf sf sf sf sf sf sf sb so}", "workload", r->workload, "profile", r->profile,
			      "named", r->named / 100, "named_low", r->low / 100, "named_high", r->high / 100,
			      "overhead", r->bytes / 100, "delay_p99_ms", r->p99, "later_p50_ms", r->later,
			      "later_p99_ms", r->later_p99, "gains", r->gains, "always_bits_per_second",
			      rate > 0 ? json_real(rate) : json_null());

	if (here && !isnan(here->bytes))
		json_object_set_new(j, "here", json_pack("{sf sf sf}", "overhead", here->bytes, "delay_p99_ms",
							 here->p99_ms, "dropped", here->dropped));
	return j;
}

static json_t *many_json(const struct advice_many *m)
{
	return json_pack("{si sf sf sf sf sf sf}", "clients", m->clients, "named", m->named / 100, "named_off",
			 m->undefended / 100, "overhead", m->bytes / 100, "later_ms", m->later, "later_small_ms",
			 m->small, "later_small_p90_ms", m->small_p90);
}

static json_t *fitted_json(void)
{
	json_t *list = json_array();

	for (const struct advice_fitted *f = advice_fitted; f->named > 0; f++)
		json_array_append_new(list, json_pack("{sf sf sf sf sf sf}", "named", f->named / 100, "overhead",
						      f->bytes / 100, "bound", f->bound / 100, "delay_p99_ms", f->p99,
						      "later_p50_ms", f->later, "later_p99_ms", f->later_p99));
	return list;
}

static const char rf_note[] =
	"RF, the strongest attack on padding, was not run on these recordings: it may name more";

static int print_everything(struct ctl *ctl)
{
	json_t *works = json_array(), *rows, *many = json_array();
	bool rf = true;

	for (const struct advice_workload *w = advice_workloads; w->name; w++)
		rf &= w->rf;
	for (const struct advice_workload *w = advice_workloads; ctl->json && w->name; w++) {
		rows = json_array();
		for (const struct advice_row *r = advice_rows; r->workload; r++)
			if (!strcmp(r->workload, w->name))
				json_array_append_new(rows, row_json(r, NULL));
		json_array_append_new(works, json_pack("{ss ss sf si sb so}", "name", w->name, "what", w->what,
						       "chance", w->chance / 100, "visits", w->visits, "rf", w->rf,
						       "profiles", rows));
	}
	for (const struct advice_many *m = advice_many; ctl->json && m->clients; m++)
		json_array_append_new(many, many_json(m));
	if (ctl->json)
		return json_print(json_pack("{so so so}", "workloads", works, "fitted", fitted_json(), "many", many),
				  false);
	json_decref(works);
	json_decref(many);
	printf("Measured by the judge in the kernel, with attackers trained on each profile. Bytes are beyond those of\n"
	       "the packets; 99 of 100 packets wait no longer than \"waits\"; answers are whole \"later\" (median and\n"
	       "p99); brackets hold 95 of 100 such runs; \"bound\": no padding and cover leaves less for these bytes.\n"
	       "\"small\": how much later small requests are whole, in the mean and in 90 of 100.\n");
	for (const struct advice_workload *w = advice_workloads; w->name; w++)
		print_workload(w, NULL);
	print_fitted();
	print_all_many();
	if (!rf)
		printf("%s.\n", rf_note);
	printf("Other traffic is named by other shares: `rtplctl profile advise SET|PEER` looks at yours, rtpl-judge judges it.\n");
	return RC_OK;
}

/* ---- what profiles cost here ---- */

/* The simulator's answer about @trace, or NULL. */
static json_t *simulate(const struct advise *a, const char *profile, FILE *trace)
{
	char path[4096];
	const char *args[12];
	json_error_t ignored;
	int fds[2], n = 0, status, null;
	json_t *said;
	pid_t pid;

	sim_path(path, sizeof(path));
	args[n++] = path;
	args[n++] = "-j";
	args[n++] = "--profile";
	args[n++] = profile;
	if (a->how == LOOK_SET) {
		args[n++] = "--tail";
		args[n++] = TAIL;
	}
	if (a->rtt) {
		args[n++] = "--rtt";
		args[n++] = a->rtt;
	}
	args[n++] = trace ? "-" : a->word;
	args[n] = NULL;
	if (pipe2(fds, O_CLOEXEC))
		return NULL;
	pid = fork();
	if (!pid) {
		null = open("/dev/null", O_RDWR);
		if (trace) {
			lseek(fileno(trace), 0, SEEK_SET);
			dup2(fileno(trace), STDIN_FILENO);
		}
		dup2(fds[1], STDOUT_FILENO);
		if (null >= 0)
			dup2(null, STDERR_FILENO);
		execv(path, (char *const *)args);
		_exit(127);
	}
	close(fds[1]);
	said = pid > 0 ? json_loadfd(fds[0], 0, &ignored) : NULL;
	close(fds[0]);
	if (pid > 0)
		waitpid(pid, &status, 0);
	return said;
}

static double number(const json_t *j, const char *a, const char *b)
{
	const json_t *x = json_object_get(json_object_get(j, "both"), a);

	return json_number_value(b ? json_object_get(x, b) : x);
}

/* @here: one for each row of the workload. Return: how many are known. */
static int costs_here(struct advise *a, const struct advice_workload *w, struct here *here)
{
	FILE *trace = NULL;
	int i = 0, known = 0;

	for (const struct advice_row *r = advice_rows; r->workload; r++)
		if (!strcmp(r->workload, w->name))
			here[i++] = (struct here) { NAN, NAN, 0 };
	if (a->how == LOOK_FLOWS || a->seen.n > SIM_MOST)
		return 0;
	if (a->how == LOOK_LINK) {
		trace = tmpfile();
		if (!trace)
			return 0;
		for (size_t k = 0; k < a->seen.n; k++) {
			uint64_t at = a->seen.p[k].at - a->seen.p[0].at;

			fprintf(trace, "%" PRIu64 ".%09" PRIu64 ",%d,%u\n", at / SEC, at % SEC,
				a->seen.p[k].out == a->client ? 1 : -1, a->seen.p[k].bytes);
		}
		fflush(trace);
	}
	i = 0;
	for (const struct advice_row *r = advice_rows; r->workload; r++) {
		json_t *said;
		double sent, packets;

		if (strcmp(r->workload, w->name))
			continue;
		i++;
		said = strcmp(r->profile, "none") ? simulate(a, r->profile, trace) : NULL;
		sent = number(said, "sent_bytes", NULL);
		packets = number(said, "packets", NULL);
		if (said && sent > 0) {
			here[i - 1].bytes = number(said, "wire_bytes", NULL) / sent - 1;
			here[i - 1].p99_ms = number(said, "delay", "p99_ns") / 1e6;
			if (packets > 0)
				here[i - 1].dropped = 1 - number(said, "sent_packets", NULL) / packets;
			known++;
		}
		json_decref(said);
	}
	if (trace)
		fclose(trace);
	return known;
}

/* ---- what is to be said ---- */

static void advise_profiles(struct advise *a, const struct advice_workload *w)
{
	const struct advice_row *best = NULL, *soon = NULL, *none = row_of(w->name, "none");
	const struct advice_fitted *fit = w == &advice_workloads[KIND_LONE] && advice_fitted->named > 0 ?
		advice_fitted : NULL;
	char idle[256] = "";

	for (const struct advice_row *r = advice_rows; r->workload; r++) {
		if (strcmp(r->workload, w->name))
			continue;
		if (r->gains && (!best || r->bytes < best->bytes))
			best = r;
		if (r->gains && always(r->profile) <= 0 && (!soon || r->later < soon->later))
			soon = r;
		if (!r->gains && strcmp(r->profile, "none") && strcmp(r->profile, "off"))
			snprintf(idle + strlen(idle), sizeof(idle) - strlen(idle), "%s%s", *idle ? ", " : "", r->profile);
	}
	if (*idle)
		add(a->advice, "nothing that is sure is gained by %s: no significantly smaller share is named than sealed alone (off)",
		    idle);
	if (best && none && always(best->profile) > 0)
		add(a->advice, "only %s hides what such traffic is: %.0f of 100 are named instead of %.0f, for %.1f Mbit/s each way, always",
		    best->profile, best->named, none->named, always(best->profile) / 1e6);
	else if (best && none && soon && soon->later < best->later)
		add(a->advice, "the cheapest that hides something is %s: %.0f of 100 are named instead of %.0f, for %.0f %% more bytes, answers %.0f ms later; for less delay %s: %.0f, for %.0f %%, %.0f ms later",
		    best->profile, best->named, none->named, best->bytes, best->later, soon->profile,
		    soon->named, soon->bytes, soon->later);
	else if (best && none)
		add(a->advice, "the cheapest that hides something is %s: %.0f of 100 are named instead of %.0f, for %.0f %% more bytes, answers %.0f ms later",
		    best->profile, best->named, none->named, best->bytes, best->later);
	if (fit)
		add(a->advice, "a profile fitted to traffic like it left %.0f of 100 for %.0f %% more bytes, answers %.0f ms later, and more of visits that it was not made from%s",
		    fit->named, fit->bytes, fit->later,
		    a->how == LOOK_SET ? "" : ": rtplctl fit record, then rtpl-judge fit");
	if (!w->rf)
		add(a->advice, "%s", rf_note);
}

static void advise_clients(struct advise *a)
{
	const struct advice_many *m = NULL;
	double n = a->clients ? (double)a->clients : a->l.clients, per = a->l.seconds > 0 ? a->l.seconds : 1;

	if (!a->l.together && !a->clients)
		return;
	/* Fewer than the estimate, rather than more: each row is for that many, and more are safer. */
	for (const struct advice_many *x = advice_many; x->clients; x++)
		if (x->clients <= n * NEAR)
			m = x;
	if (!m) {
		add(a->advice, "too few share the link to hide one among the others: a slow ladder was measured from %d clients on",
		    advice_many[0].clients);
		return;
	}
	add(a->advice, "as many requests as %d clients of the judge's: a slow ladder on their sum (an Average; shapes.rst) leaves %.0f of 100 (a guess 10; %.0f without) for %.0f %% more bytes, requests %.0f ms later, small ones %.0f",
	    m->clients, m->named, m->undefended, m->bytes, m->later, m->small);
	if (a->l.together)
		add(a->advice, "for what is sent now its First would be about %.0f cells/s up and %.0f down, of 1452 bytes",
		    ceil((double)a->l.up / per / CELL_ROOM / LADDER_UP),
		    ceil((double)a->l.down / per / CELL_ROOM / LADDER_UP));
	if (a->how == LOOK_LINK)
		add(a->advice, "these figures are for clients that ask by chance and for like things: of one that asks far more than the others, that shows");
}

/* What makes a profile of a set's own requests. */
static void advise_fit(struct advise *a)
{
	if (a->how == LOOK_SET && a->l.exchanges && a->l.kind != KIND_WEB && a->l.kind != KIND_FEDERATED)
		add(a->advice, "rtpl-judge fit %.256s makes a profile of this set's own requests and answers, and tells what it is worth",
		    a->word);
}

static json_t *look_json(const struct advise *a)
{
	const struct look *l = &a->l;
	json_t *visits = json_object();

	for (int k = 0; k < N_KINDS; k++)
		json_object_set_new(visits, k == KIND_OTHER ? "other" : advice_workloads[k].name, json_integer(l->visits[k]));
	return json_pack("{ss sf sI sI sI sI sI so sf sf sf sf sf so so sf sf so so}",
			 "kind", l->kind == KIND_OTHER ? "other" : advice_workloads[l->kind].name,
			 "seconds", l->seconds, "packets", (json_int_t)l->packets, "up_bytes", (json_int_t)l->up,
			 "down_bytes", (json_int_t)l->down, "exchanges", (json_int_t)l->exchanges,
			 "asked_small", (json_int_t)l->asked_small, "visits", visits,
			 "request_p50_bytes", l->burst_up[0], "request_p90_bytes", l->burst_up[1],
			 "answer_p50_bytes", l->burst_down[0], "answer_p90_bytes", l->burst_down[1], "busy", l->busy,
			 "hosts", a->how == LOOK_LINK ? json_integer(l->hosts) : json_null(),
			 "connections", a->how == LOOK_LINK ? json_integer(l->connections) : json_null(),
			 "clients", a->clients ? (double)a->clients : l->clients,
			 "clients_error", a->clients ? 0.0 : l->clients_error,
			 "rtt_ns", a->rtt_ns ? json_integer((json_int_t)a->rtt_ns) : json_null(),
			 "profile", *a->profile ? json_string(a->profile) : json_null());
}

static void print_clients(const struct advise *a)
{
	if (a->clients)
		printf("  clients: %" PRIu64 ", as given\n", a->clients);
	else
		printf("  clients: as many requests as of about %.3g (95 %%: %.3g to %.3g) that ask once in %.1f s, as the judge's do\n",
		       a->l.clients, a->l.clients - a->l.clients_error, a->l.clients + a->l.clients_error, LOOK_ASKS);
}

static void print_look(const struct advise *a)
{
	const struct look *l = &a->l;
	double s = l->seconds > 0 ? l->seconds : 1;

	printf("%s: %" PRIu64 " packets, %" PRIu64 " bytes up, %" PRIu64 " down", a->word, l->packets, l->up, l->down);
	if (l->together)
		printf(" in %.1f s (%.0f and %.0f kbit/s), busy %.0f %% of the time", l->seconds, (double)l->up * 8e-3 / s,
		       (double)l->down * 8e-3 / s, 100 * l->busy);
	printf("\n  looks like %s (", kind_names[l->kind]);
	for (int k = 0, first = 1; k < N_KINDS; k++) {
		if (!l->visits[k])
			continue;
		printf("%s%s %u", first ? "" : ", ", kind_names[k], l->visits[k]);
		first = 0;
	}
	printf(" of %u visits)\n", l->n_visits);
	if (l->exchanges)
		printf("  %u request%s with an answer: %.0f bytes up and %.0f down in the median, %.0f and %.0f in one of ten\n",
		       l->exchanges, PLURAL(l->exchanges), l->burst_up[0], l->burst_down[0], l->burst_up[1], l->burst_down[1]);
	if (l->asked_small)
		printf("  in %u of %u visits what was sent before the first packet of more than %u bytes came had less: requests that small are taken for acknowledgements, and are not seen\n",
		       l->asked_small, l->n_visits, TRAFFIC_NO_DATA);
	if (a->how == LOOK_LINK)
		printf("  asked by %u address%s, over %u connection%s\n", l->hosts, l->hosts == 1 ? "" : "es",
		       l->connections, PLURAL(l->connections));
	if (l->together || a->clients)
		print_clients(a);
	if (a->how == LOOK_LINK && l->n_visits < FEW)
		printf("  (few visits, each all that an address asks until it is silent for two seconds: --for looks longer)\n");
	if (a->how == LOOK_LINK && l->hosts == 1 && !a->clients)
		printf("  (one address is one client: if it is a proxy or a NAT, say how many with --clients)\n");
	if (a->lost)
		printf("  %" PRIu64 " packets came faster than they were read, and are not in this\n", a->lost);
}

/* Why the simulator, which would have told costs, has not. */
static const char *no_costs(char *text, size_t size)
{
	char path[4096];

	sim_path(path, sizeof(path));
	if (access(path, X_OK))
		snprintf(text, size, "costs are the recorded ones: %.256s, which would tell those on this traffic, cannot be run: %s (RTPL_EXEC_PATH names the folder that has rtpl-sim)",
			 quoted(path), strerror(errno));
	else
		snprintf(text, size, "costs are the recorded ones: rtpl-sim does not play this traffic (rtplctl sim --profile off says why)");
	return text;
}

static int say(struct advise *a)
{
	const struct advice_workload *w = a->l.kind == KIND_OTHER ? NULL : &advice_workloads[a->l.kind];
	struct here here[16];
	json_t *profiles = json_array(), *many = json_array(), *item;
	bool known = false;
	char why[512];
	size_t i = 0;

	if (w) {
		known = costs_here(a, w, here);
		advise_profiles(a, w);
		add(a->advice, "the shares are those of the recorded requests; of a set, rtpl-judge run tells its own");
		if (!known)
			add(a->advice, a->how == LOOK_FLOWS ? "costs are the recorded ones: rtpl-judge run tells what a profile costs on such a set" :
			    a->seen.n > SIM_MOST ? "costs are the recorded ones: so many packets are for rtplctl sim itself" :
			    no_costs(why, sizeof(why)));
	} else {
		add(a->advice, a->l.exchanges ?
		    "most of it is like none of the workloads that were recorded: rtpl-judge run tells of a set what a profile leaves" :
		    "no request with an answer was seen, so nothing that was recorded is like it");
	}
	advise_fit(a);
	advise_clients(a);
	if (*a->profile && strcmp(a->profile, "off"))
		add(a->advice, "the link has the profile %s: what comes in was shaped by the other end", a->profile);
	if (a->ctl->json) {
		for (const struct advice_row *r = advice_rows; w && r->workload; r++)
			if (!strcmp(r->workload, w->name))
				json_array_append_new(profiles, row_json(r, &here[i++]));
		for (const struct advice_many *m = advice_many; m->clients; m++)
			json_array_append_new(many, many_json(m));
		return json_print(json_pack("{so so so so so}", "looks", look_json(a), "profiles", profiles, "fitted",
					    fitted_json(), "many", many, "advice", json_incref(a->advice)), false);
	}
	json_decref(profiles);
	json_decref(many);
	print_look(a);
	if (w) {
		printf("recorded%s: ", known ? ", and what it costs here by the simulator" : "");
		print_workload(w, known ? here : NULL);
	}
	if (w && a->l.kind == KIND_LONE)
		print_fitted();
	if ((a->clients ? (double)a->clients : a->l.clients) * NEAR >= advice_many[0].clients)
		print_all_many();
	printf("so:\n");
	json_array_foreach(a->advice, i, item)
		printf("  %s\n", json_string_value(item));
	return RC_OK;
}

/* ---- a set, a link ---- */

static int from_set(struct advise *a)
{
	bool flows;

	if (set_read(a->word, &a->seen, &flows, &a->ctl->e))
		return -1;
	if (a->seen.n == TRAFFIC_MOST)
		warn("the first %u packets of %s are looked at", TRAFFIC_MOST, quoted(a->word));
	a->how = flows ? LOOK_FLOWS : LOOK_SET;
	a->client = true;
	if (look(a->seen.p, a->seen.n, a->how, 0, true, &a->l))
		return err_set(&a->ctl->e, "out of memory");
	return 0;
}

static volatile sig_atomic_t stopped;

static void stop(int sig)
{
	(void)sig;
	stopped = 1;
}

static int watch(struct advise *a, struct tap *tap)
{
	uint64_t begin = tap_now(), told = begin, now = begin;
	bool tty = isatty(STDERR_FILENO);
	struct sigaction sa = { .sa_handler = stop };

	sigaction(SIGINT, &sa, NULL);
	while (!stopped && now < begin + a->span) {
		if (tap_read(tap, 20, &a->seen, &a->ctl->e)) {
			if (a->seen.n < TRAFFIC_MOST)
				return -1;
			warn("%u packets are the most that are looked at", TRAFFIC_MOST);
			break;
		}
		now = tap_now();
		if (tty && now - told > SEC) {
			told = now;
			fprintf(stderr, "\r\033[K%" PRIu64 " of %" PRIu64 " s: %zu packets", (now - begin) / SEC,
				a->span / SEC, a->seen.n);
		}
	}
	fputs(tty ? "\r\033[K" : "", stderr);
	/* The kernel gathers for 20 ms. */
	if (a->seen.n < TRAFFIC_MOST && (tap_read(tap, 50, &a->seen, &a->ctl->e) ||
					 tap_read(tap, 50, &a->seen, &a->ctl->e)))
		return -1;
	a->lost = tap_lost(tap);
	packets_sort(a->seen.p, a->seen.n);
	if (!a->seen.n)
		return err_set(&a->ctl->e, "no packet went over the link in %" PRIu64 " s: look while it is used, or for longer (--for)",
			       (now - begin) / SEC);
	if (look(a->seen.p, a->seen.n, LOOK_LINK, (double)(now - begin) / 1e9, a->client, &a->l))
		return err_set(&a->ctl->e, "out of memory");
	return 0;
}

static int from_link(struct advise *a, const uint8_t key[RTPL_KEY_LEN])
{
	static char rtt[64];
	struct config conf = { 0 };
	struct conn *c = conn_open(&a->ctl->e);
	struct tap *tap = NULL;
	uint64_t least;
	uint32_t flows;
	int rc = -1;

	if (!c || kernel_peer(c, false, key, &conf, &a->ctl->e))
		goto out;
	a->how = LOOK_LINK;
	a->client = !(conf.peers[0].shape_now.has & SHAPE_BIT(ROLE)) ||
		    conf.peers[0].shape_now.role != RTPL_ROLE_SERVER;
	if (conf.peers[0].shape_now.has & SHAPE_BIT(PROFILE))
		snprintf(a->profile, sizeof(a->profile), "%s", conf.peers[0].shape_now.profile);
	tap = tap_open(key, &a->ctl->e);
	rc = tap ? watch(a, tap) : -1;
	if (rc)
		goto out;
	a->rtt_ns = packets_rtt(a->seen.p, a->seen.n, 0, &flows, &least);
	if (a->rtt_ns && !a->rtt) {
		snprintf(rtt, sizeof(rtt), "%" PRIu64 "us", a->rtt_ns / 1000);
		a->rtt = rtt;
	}
out:
	tap_close(tap);
	config_free(&conf);
	conn_close(c);
	return rc;
}

/* *@looks: an option that says how to look at something, or NULL. */
static int options(struct advise *a, int argc, char **argv, const char **looks)
{
	struct ctl *ctl = a->ctl;
	uint64_t ns;
	int rc;

	for (int i = 0; i < argc; i++) {
		const char *name = argv[i], *value = argv[i + 1];

		if (name[0] != '-' || !name[1]) {
			if (a->word)
				return no_more_args(ctl, 1, argv + i);
			a->word = name;
			continue;
		}
		if (strcmp(name, "--for") && strcmp(name, "--clients") && strcmp(name, "--rtt"))
			return unknown_option(ctl, name);
		if (!value)
			return usage_error(ctl, "%s needs a value", name);
		i++;
		*looks = name;
		if (!strcmp(name, "--for")) {
			rc = parse_span(value, SEC, 86400 * SEC, "for", &a->span, &ctl->e);
		} else if (!strcmp(name, "--clients")) {
			rc = parse_number(value, 1, 1000000, "clients", &a->clients, &ctl->e);
		} else {
			rc = parse_span(value, 0, 10 * SEC, "rtt", &ns, &ctl->e);
			a->rtt = value;
		}
		if (rc)
			return RC_USAGE;
	}
	if (*looks && !a->word)
		return usage_error(ctl, "%s goes with a set or a peer, which is missing", *looks);
	return RC_OK;
}

int profile_advise(struct ctl *ctl, int argc, char **argv)
{
	struct advise a = { .ctl = ctl };
	uint8_t key[RTPL_KEY_LEN];
	const char *looks = NULL;
	struct err ignored;
	int rc;

	rc = options(&a, argc, argv, &looks);
	if (rc)
		return rc;
	if (!a.word)
		return print_everything(ctl);
	a.advice = json_array();
	/* A key may have a "/" in it, too. */
	if (parse_key(a.word, key, "public", &ignored) && strpbrk(a.word, "/.")) {
		if (a.span)
			rc = usage_error(ctl, "--for goes with a peer, and %s is a set", quoted(a.word));
		else
			rc = from_set(&a) ? RC_ERROR : RC_OK;
	} else {
		rc = peer_key(a.word, key, &ctl->e);
		if (rc && !access(a.word, F_OK))
			err_set(&ctl->e, "%s is no peer; if the file is meant: a file's name has a \"/\" or \".\" in it",
				quoted(a.word));
		a.span = a.span ? a.span : 10 * SEC;
		if (!rc && from_link(&a, key))
			rc = RC_ERROR;
	}
	if (!rc)
		rc = say(&a);
	json_decref(a.advice);
	packets_free(&a.seen);
	return rc;
}
