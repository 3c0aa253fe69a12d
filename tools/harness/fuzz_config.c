// SPDX-License-Identifier: GPL-2.0
/*
 * rtplctl's configuration files. Whatever the text, the parser ends with a
 * configuration or with one sentence; and what it accepted, written down and
 * read again, means the same.
 *
 * Input: the file.
 */
#include "../input/line.c"
#include "../input/nearest.c"
#include "../input/number.c"
#include "../input/secret.c"
#include "../lib/names.c"
#include "../lib/names_gen.c"
#include "../rtplctl/parse.c"
#include "../rtplctl/parse_policy.c"
#include "../rtplctl/shape.c"
#include "../rtplctl/config.c"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", what);
	abort();
}

static void same_shape(const struct shape *s)
{
	struct shape again = { 0 };
	char text[SHAPE_TEXT_MAX];
	struct err e;

	if (s->has & SHAPE_BIT(SIZES)) {
		need(!parse_cell(cell_text(s, text), &again, &e), "cell_text() is no cell");
		need(again.sizes == s->sizes, "other sizes");
		need(s->sizes == RTPL_SIZE_DEVICE || s->sizes == RTPL_SIZE_BUCKETS ||
		     again.cell == s->cell, "another cell");
		need(s->sizes != RTPL_SIZE_BUCKETS ||
		     (again.n_buckets == s->n_buckets &&
		      !memcmp(again.bucket, s->bucket, sizeof(again.bucket))), "other buckets");
	}
	if (s->has & SHAPE_BIT(LATENCY)) {
		need(!parse_latency(time_text(s->latency, text), 0, &again, &e),
		     "time_text() is no time");
		need(again.latency == s->latency, "another latency");
	}
	if ((s->has & SHAPE_BIT(POLICY)) && *s->policy)
		need(!parse_policy(s->policy, &again, &e), "no policy");
	if (s->has & SHAPE_BIT(LOAD))
		need(!parse_load(load_text(s, text), &again, &e), "load_text() is no load");
	if (s->has & SHAPE_BIT(BUDGET))
		need(!parse_budget(budget_text(s, text), &again, &e), "budget_text() is no budget");
	if (s->has & SHAPE_BIT(EPOCH))
		need(!parse_epoch(epoch_text(s->epoch, text), &again, &e), "epoch_text() is no epoch");
	again.threat = s->threat;
	again.calm = s->calm;
	need(policy_equal(&again, s, s->has), "another policy");
	need(!(s->has & SHAPE_BIT(RATE)) || (s->rate && s->rate <= RTPL_RATE_MAX),
	     "a rate out of range");
	need(!s->bits, "a bit rate is left");
}

static void same_peer(const struct peer *p)
{
	char text[KEY_TEXT_LEN + 1], addr[ADDR_TEXT_MAX];
	struct endpoint ep;
	struct prefix prefix;
	uint8_t key[RTPL_KEY_LEN];
	struct err e;

	key_text(p->public_key, text);
	need(!parse_key(text, key, "", &e) && !memcmp(key, p->public_key, sizeof(key)),
	     "another key");
	for (uint32_t i = 0; i < p->prefixes.n; i++)
		need(!parse_prefix(prefix_text(&p->prefixes.p[i], addr), &prefix, &e) &&
		     !prefix_compare(&prefix, &p->prefixes.p[i]), "another prefix");
	if (p->endpoint.sa.sa_family)
		need(!parse_endpoint(endpoint_text(&p->endpoint.sa, addr), &ep, &e) &&
		     endpoint_equal(&ep.sa, &p->endpoint.sa), "another endpoint");
	same_shape(&p->shape);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static const unsigned int flags[] = { 0, CONF_STATE };
	struct config c;
	struct err e;

	for (int i = 0; i < 2; i++) {
		e.text[0] = '\0';
		if (config_parse((const char *)data, size, "input", flags[i], &c, &e)) {
			need(*e.text, "refused without a word");
		} else {
			same_shape(&c.shape);
			for (uint32_t k = 0; k < c.n_peers; k++)
				same_peer(&c.peers[k]);
		}
		config_free(&c);
	}
	return 0;
}
