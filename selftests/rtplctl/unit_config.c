// SPDX-License-Identifier: GPL-2.0
/* Configuration files: what is taken, and what is said about what is not. */
#include <stdlib.h>
#include <string.h>

#include "unit.h"

#define K1 "6HmHHtlKqKP5jZrXYD0ceIoSSf2Vxo8UEfuj5Z4RJ2k="
#define K2 "eG3rxDpZ7FfLxSb5sCKzvHlsbqGKkVDSTXMpgIXZ6VM="
#define K3 "pGYB9bVJ4KzjJQv6fNnhJ6Q2RYqzLP7w0dJ6CAgPRnM="
#define NODE "[Node]\nPrivateKey = " K1 "\n"
#define PEER "[Peer]\nPublicKey = " K2 "\n"

static void refused(const char *text, const char *why)
{
	struct config c;
	struct err e = { "" };
	int rc = config_parse(text, strlen(text), "f", 0, &c, &e);

	check(rc && strstr(e.text, why), "refused: %s", rc ? e.text : why);
	check(!strstr(e.text, K1), "without a word of the key");
	config_free(&c);
}

static void taken(const char *text, const char *what)
{
	struct config c;
	struct err e = { "" };
	int rc = config_parse(text, strlen(text), "f", 0, &c, &e);

	check(!rc, "taken: %s%s", what, e.text);
	config_free(&c);
}

static void test_full(void)
{
	static const char text[] =
		"[Node]\n; nothing\n";
	static const char full[] =
		"[node] # the node\r\n"
		"privatekey=" K1 "\n"
		"  Listen = 51900\t# port\n"
		"FwMark = 0x20\nBindDevice = red\nDevice = eth0, eth1\nDevice = eth2\nUnprotected = drop\n"
		"Cell = 1000\nRate = 8mbit\nLatency = 20ms\nLimit = 7\n"
		"PreUp = sh -c 'a # b' # c\nPreUp = b=c#d\nPostDown = e\n"
		"[PEER]\nPublicKey = " K2 "\nPresharedKey = " K1 "\nEndpoint = peer.example:1\n"
		"Allowed = 10.0.0.0/8, 2001:db8::/32\nAllowed = 192.0.2.1\nRequire = off\n"
		"Keepalive = 25\nRate = 16mbit\nOverflow = oldest\nDscp = 46\nEcn = ect1\n"
		"[Peer]\nPublicKey = " K3 "\nRate = off\nCell = 512,1024\nDscp = copy";
	const struct peer *p;
	struct config c;
	struct err e = { "" };

	check(!config_parse(full, strlen(full), "f", 0, &c, &e), "a file with everything (%s)", e.text);
	check(c.node.port == 51900 && c.node.fwmark == 0x20 &&
	      !strcmp(c.node.bind_device, "red") && c.devices.n == 3 &&
	      !strcmp(c.devices.w[1], "eth1") && c.has_unprotected && c.unprotected == 1, "node");
	check(c.shape.rate == 1000 && c.shape.cell == 1000 && c.shape.latency == 20000000 &&
	      c.shape.limit == 7, "defaults of shapes");
	check(c.hooks[HOOK_PRE_UP].n == 2 && !strcmp(c.hooks[HOOK_PRE_UP].w[0], "sh -c 'a # b' # c") &&
	      !strcmp(c.hooks[HOOK_PRE_UP].w[1], "b=c#d") && c.hooks[HOOK_POST_DOWN].n == 1,
	      "commands");
	check(c.n_peers == 2, "two peers");
	p = &c.peers[0];
	check(p->prefixes.n == 3 && !p->require && p->keepalive == 25 && (p->has & PEER_BIT(PSK)) &&
	      !strcmp(p->endpoint.host, "peer.example"), "the first");
	check(p->dscp == 46 && p->ecn == RTPL_ECN_KIND_ECT_1 && c.peers[1].dscp == RTPL_DSCP_COPY &&
	      !c.peers[1].ecn, "dscp and ecn");
	check(p->shape.rate == 2000, "a bit rate by the node's cell");
	check(c.peers[1].shape.n_buckets == 2 && !(c.peers[1].has & PEER_BIT(REQUIRE)), "the second");
	config_free(&c);
	refused(text, "neither [Section] nor Key = value");
}

static void test_bounds(void)
{
	char *text = malloc(CONF_FILE_MAX + 2);
	struct config c;
	struct err e;
	size_t n;

	memset(text, '\n', CONF_FILE_MAX + 2);
	memcpy(text, NODE, strlen(NODE));
	check(!config_parse(text, CONF_FILE_MAX, "f", 0, &c, &e), "16 MiB");
	config_free(&c);
	check(config_parse(text, CONF_FILE_MAX + 1, "f", 0, &c, &e) && strstr(e.text, "larger than 16 MiB"),
	      "one byte more");
	config_free(&c);
	n = strlen(NODE);
	memset(text + n, '#', CONF_LINE_MAX);
	check(!config_parse(text, n + CONF_LINE_MAX, "f", 0, &c, &e), "a line of 4096 bytes");
	config_free(&c);
	memset(text + n, '#', CONF_LINE_MAX + 1);
	check(config_parse(text, n + CONF_LINE_MAX + 1, "f", 0, &c, &e) &&
	      strstr(e.text, "f:3: the line is longer than 4096"), "one byte more");
	config_free(&c);
	memcpy(text + n, "a\0b", 3);
	check(config_parse(text, n + 3, "f", 0, &c, &e) && strstr(e.text, "NUL"), "a NUL");
	config_free(&c);
	free(text);
}

void test_config(void)
{
	struct config c;
	struct err e;

	test_full();
	test_bounds();
	taken(NODE, "a node alone");
	taken("[Node]\nPrivateKeyFile = /x\n", "a key file");
	taken(PEER NODE, "the peer first");
	refused("", "has no [Node]");
	refused("[Peer]\nPublicKey = " K2 "\n", "has no [Node]");
	refused("[Node]\nListen = 1\n", "no PrivateKey and no PrivateKeyFile");
	refused(NODE "[Node]\n", "f:3: [Node] stands twice");
	refused("[Interface]\nPrivateKey = " K1 "\n", "here it is [Node]");
	refused("[Nodes]\n", "unknown section \"[Nodes]\" (is Node meant?)");
	refused("[Elsewhere]\n", "unknown section \"[Elsewhere]\"");
	refused("Listen = 1\n" NODE, "f:1: Listen stands before [Node] and [Peer]");
	refused("PrivateKeyFile = x\n" NODE, "f:1: PrivateKeyFile stands before [Node] and [Peer]");
	refused(NODE "PrivateKeyFile x\n", "f:3: PrivateKeyFile is neither [Section] nor Key = value");
	refused(NODE "Listen 1\n", "f:3: Listen is neither [Section] nor Key = value (Listen = 1?)");
	refused(NODE "Listen: 51900\n", "f:3: Listen is neither [Section] nor Key = value (Listen = 51900?)");
	refused(NODE PEER "Allowed: 192.0.2.0/24\n", "Allowed is neither [Section] nor Key = value (Allowed = 192.0.2.0/24?)");
	refused(NODE "PrivateKey: kEyPiEcE1\n", "PrivateKey is neither [Section] nor Key = value (PrivateKey = ...?)");
	refused(NODE "PrivateKey: " K1 "\n", "f:3: PrivateKey is not followed by \"=\"");
	refused(NODE "; comment\n", "f:3: \";\" is neither [Section] nor Key = value (a comment begins with #)");
	refused(NODE "// " K1 "\n", "f:3: \"//\" is neither [Section] nor Key = value (a comment begins with #)");
	refused("; x = y\n" NODE, "f:1: \";\" is neither [Section] nor Key = value (a comment begins with #)");
	refused("[Node]\nPrivateKey " K1 "\n", "f:2: PrivateKey is not followed by \"=\"");
	refused("[Node]\n" K1 "\n", "f:2: unknown key");
	refused(NODE "PrivateKey = " K1 "\n", "PrivateKey is given twice");
	refused(NODE "PrivateKeyFile = x\n", "contradict each other");
	refused(NODE "Listen = 1\nListen = 2\n", "f:4: Listen is given twice");
	refused(NODE "Listen =\n", "Listen has no value");
	refused(NODE "Listen = 65536\n", "port \"65536\"");
	refused(NODE "ListenPort = 1\n", "here it is Listen");
	refused(NODE "Allowed = 10.0.0.0/8\n", "does not belong into [Node]");
	refused(NODE PEER "Device = eth0\n", "does not belong into [Peer]");
	refused(NODE PEER "AllowedIPs = 10.0.0.0/8\n", "here it is Allowed");
	refused(NODE PEER "Colour = red\n", "f:5: unknown key \"Colour\"");
	refused(NODE "[Peer]\nAllowed = 10.0.0.0/8\n", "f:3: the peer has no PublicKey");
	refused(NODE PEER PEER, "stands twice, at lines 4 and 6");
	refused(NODE PEER "Allowed = 10.0.0.0/8\n[Peer]\nPublicKey = " K3 "\nAllowed = 10.0.0.0/8\n",
		"prefix 10.0.0.0/8 is claimed by two peers, at lines 5 and 8");
	refused(NODE PEER "Allowed = 10.0.0.1\nAllowed = 10.0.0.1/32\n", "is given twice");
	refused(NODE PEER "Allowed = 192.0.2.1/24\n", "bits set behind its length");
	refused(NODE PEER "Endpoint = 192.0.2.300:1\n", "\"192.0.2.300\" is not an address");
	refused(NODE PEER "Cell = 512\nBuckets = 512,1024\n", "Buckets is given twice");
	refused(NODE PEER "PresharedKey = " K1 "\nPresharedKeyFile = x\n", "contradict each other");
	refused(NODE PEER "PresharedKey = (hidden)\n", "--show-keys");
	refused(NODE PEER "PresharedKey = AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n", "all zero");
	refused(NODE PEER "Rate = 10mbit\n", "the size of a cell is not known");
	refused(NODE PEER "Cell = pow2\nRate = 100\n", "contradict each other");
	refused(NODE PEER "Rate = 10\nLatency = 10\n", "and the latency 10ms is shorter");
	refused(NODE "Cell = pow2\n", "is for peers");
	refused(NODE "Overflow = oldest\n", "does not belong into [Node]");
	refused(NODE "Device = eth0,eth0\n", "given twice");
	refused(NODE "Device = averyveryverylongname\n", "is not a device's name");
	refused(NODE "Device = ../x\n", "is not a device's name");
	check(!config_parse("[Node]\nDevice = x\n", 18, "f", CONF_STATE, &c, &e), "a state file");
	config_free(&c);
}
