// SPDX-License-Identifier: GPL-2.0
/*
 * What sends or forwards beside the leakguard right now, as far as user space can
 * tell: netconsole and pktgen hand packets to the driver, and a flow table in
 * hardware forwards without the kernel. Documentation/threat-model.rst has the
 * whole list.
 */
#include "rtplctl.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NETCONSOLE	"/sys/kernel/config/netconsole"
#define PKTGEN		"/proc/net/pktgen"

/* First line of DIR/NAME/FILE, without its end; "" if there is none. */
static void read_line(const char *dir, const char *name, const char *file, char *buf, size_t size)
{
	char path[512];
	FILE *f;

	*buf = '\0';
	snprintf(path, sizeof(path), "%s/%s%s%s", dir, name, *file ? "/" : "", file);
	f = fopen(path, "re");
	if (!f)
		return;
	if (fgets(buf, size, f))
		buf[strcspn(buf, "\n")] = '\0';
	else
		*buf = '\0';
	fclose(f);
}

static void add(json_t *list, const char *what, const char *device, const char *name)
{
	json_t *j = json_object();

	json_object_set_new(j, "what", json_string(what));
	json_object_set_new(j, "device", device && *device ? json_text(device) : json_null());
	json_object_set_new(j, "name", name && *name ? json_text(name) : json_null());
	json_array_append_new(list, j);
}

static void netconsole(json_t *list)
{
	char enabled[8], device[64];
	bool seen = false;
	struct dirent *d;
	DIR *dir;

	if (access("/sys/module/netconsole", F_OK))
		return;
	dir = opendir(NETCONSOLE);
	while (dir && (d = readdir(dir))) {
		if (*d->d_name == '.')
			continue;
		read_line(NETCONSOLE, d->d_name, "enabled", enabled, sizeof(enabled));
		read_line(NETCONSOLE, d->d_name, "dev_name", device, sizeof(device));
		seen = true;
		if (*enabled == '1')
			add(list, "netconsole", device, d->d_name);
	}
	if (dir)
		closedir(dir);
	/* Targets of the command line are in no file before 6.9. */
	if (!seen)
		add(list, "netconsole", NULL, NULL);
}

/* "Running: eth0 eth1@3 " */
static void pktgen(json_t *list)
{
	char line[1024], *word, *at, *rest;
	struct dirent *d;
	DIR *dir = opendir(PKTGEN);

	while (dir && (d = readdir(dir))) {
		if (strncmp(d->d_name, "kpktgend_", strlen("kpktgend_")))
			continue;
		read_line(PKTGEN, d->d_name, "", line, sizeof(line));
		if (strncmp(line, "Running:", strlen("Running:")))
			continue;
		for (word = strtok_r(line + strlen("Running:"), " ", &rest); word;
		     word = strtok_r(NULL, " ", &rest)) {
			at = strchr(word, '@');
			if (at)
				*at = '\0';
			add(list, "pktgen", word, d->d_name);
		}
	}
	if (dir)
		closedir(dir);
}

/*
 * Flow tables with the flag offload, as nft prints them (its JSON has no flags):
 *
 *	flowtable f {
 *		hook ingress priority filter
 *		devices = { eth0, "eth1" }
 *		flags offload
 *	}
 */
static void flow_tables(json_t *list)
{
	static const char blank[] = " \t\n={},;\"";
	char line[4096], devices[4096] = "", name[128] = "", *word, *rest;
	FILE *f;

	if (access("/sys/module/nf_flow_table", F_OK))
		return;
	f = popen("nft list flowtables 2>/dev/null", "re");
	while (f && fgets(line, sizeof(line), f)) {
		word = strtok_r(line, blank, &rest);
		if (!word)
			continue;
		if (!strcmp(word, "flowtable")) {
			word = strtok_r(NULL, blank, &rest);
			snprintf(name, sizeof(name), "%s", word ? word : "");
			*devices = '\0';
		} else if (!strcmp(word, "devices")) {
			snprintf(devices, sizeof(devices), "%s", rest);
		} else if (!strcmp(word, "flags") && strstr(rest, "offload")) {
			for (word = strtok_r(devices, blank, &rest); word;
			     word = strtok_r(NULL, blank, &rest))
				add(list, "hardware flow table", word, name);
		}
	}
	if (f)
		pclose(f);
}

json_t *bypass_list(void)
{
	json_t *list = json_array();

	netconsole(list);
	pktgen(list);
	flow_tables(list);
	return list;
}

void bypass_print(FILE *out)
{
	json_t *list = bypass_list(), *j;
	const char *device, *name;
	size_t i;

	json_array_foreach(list, i, j) {
		device = json_string_value(json_object_get(j, "device"));
		name = json_string_value(json_object_get(j, "name"));
		fprintf(out, "warning: %s%s%s%s%s%s%s\n",
			json_string_value(json_object_get(j, "what")),
			name ? " " : "", name ? name : "",
			device ? " on " : "", device ? device : "",
			device ? " passes the qdisc and the leakguard" :
				 " is loaded: what it sends passes the qdisc and the leakguard",
			": in clear, whatever peers require");
	}
	json_decref(list);
}
