// SPDX-License-Identifier: GPL-2.0
/*
 * Padding machines of any bytes. A blob is refused with a field and a sentence, or it
 * can be run: whatever happens, each call ends, and what is owed stays bounded.
 *
 * Input: u8 seed, u8 machines (1 to 3, the same blob), u16 bytes of the blob, the blob,
 * then events: u8 what, u8 time that passes.
 */
#include <stdio.h>

#include "../../kmod/core/machine.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void states_are_there(const struct rtpl_machines *ms)
{
	const struct rtpl_machine_action *a;
	u8 mi;

	for (mi = 0; mi < ms->n; mi++) {
		a = &ms->action[mi];
		need(ms->run[mi].state < ms->m[mi]->n_states ||
		     ms->run[mi].state == RTPL_MACHINE_END, "a state that there is not");
		need(a->kind < RTPL_MACHINE_KINDS, "an action that there is not");
		need(a->timeout <= RTPL_MACHINE_TIME_MAX && a->duration <= RTPL_MACHINE_TIME_MAX,
		     "more than a day");
	}
	need(ms->owed + ms->through + ms->through_data <= RTPL_MACHINES_OWED, "too much owed");
	need(ms->stopped <= ms->n, "stopped twice");
}

static void run(struct rtpl_machines *ms, const u8 *p, size_t left, struct rtpl_rng *rng)
{
	struct rtpl_machines_want want;
	struct rtpl_machine_traffic e[4];
	u64 now = 1000000, next;
	u32 calls, n;

	for (; left >= 2; left -= 2, p += 2) {
		/* 0, then 4 ns to 68 s; or to when something is due */
		now += p[1] & 0x7f ? 1ULL << ((p[1] & 0x7f) % 36 + 1) : 0;
		next = rtpl_machines_next(ms);
		if (p[1] & 0x80 && next != U64_MAX && next > now)
			now = next;
		if (*p < 128) {
			rtpl_machines_traffic(ms, *p % RTPL_TRAFFIC_EVENTS, now, rng);
		} else {
			for (n = 0; n <= (*p & 3u); n++)
				e[n] = (struct rtpl_machine_traffic){
					.event = (*p / 4 + n * 5) % 16,
					.machine = p[1] % 4,
				};
			rtpl_machines_trigger(ms, e, n, now, rng);
		}
		states_are_there(ms);
		/* each spins for RTPL_MACHINE_SPIN at most, and the block ends of each */
		for (calls = 0; rtpl_machines_run(ms, *p & 1, now, rng); calls++)
			need(calls < 2 * ms->n * (RTPL_MACHINE_SPIN / RTPL_MACHINES_WORK + 1),
			     "time does not go on");
		states_are_there(ms);
		need(rtpl_machines_next(ms) > now, "something due was left");
		rtpl_machines_wants(ms, &want);
		need(!want.blocked || !want.chaff, "chaff that is blocked");
		if (*p & 2)
			rtpl_machines_took(ms, &want);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct rtpl_machines_limits limits = { .max_padding = 0, .max_blocking = 0 };
	const struct rtpl_machine *list[3];
	struct rtpl_machine_where where = {};
	static struct rtpl_machines ms;
	u8 seed[RTPL_RNG_SEED] = {};
	struct rtpl_machine m;
	const char *why = NULL;
	struct rtpl_rng rng;
	size_t len;
	u8 *blob, n;
	int err;

	if (size < 4)
		return 0;
	seed[0] = data[0];
	rtpl_rng_seed(&rng, seed);
	n = data[1] % 3 + 1;
	if (data[1] & 0x10)
		limits.max_padding = 1ULL << 63;
	if (data[1] & 0x20)
		limits.max_blocking = 1ULL << 62;
	len = min_t(size_t, get_unaligned_le16(data + 2), size - 4);
	data += 4;
	size -= 4;

	/* of its own, so that a byte beyond is seen */
	blob = malloc(len ? len : 1);
	memcpy(blob, data, len);
	err = rtpl_machine_check(&m, blob, len, &why, &where);
	need(!err == !why && !err == !where.field, "refused without a word, or the contrary");
	if (!err) {
		list[0] = list[1] = list[2] = &m;
		rtpl_machines_start(&ms, list, n, &limits, 0, &rng);
		run(&ms, data + len, size - len, &rng);
	}
	free(blob);
	return 0;
}
