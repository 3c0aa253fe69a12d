// SPDX-License-Identifier: GPL-2.0
/*
 * The generation ID of a virtual machine (Microsoft, "Virtual Machine Generation ID"; QEMU's device
 * vmgenid): 16 bytes in guest memory at an address that ACPI names. The hypervisor changes them
 * before a restored or cloned machine runs. The kernel's driver for it notices a moment later, and
 * kernels without it (Debian 6.1) never do; this module looks at the bytes themselves.
 */
#include <linux/acpi.h>
#include <linux/io.h>

#include "session/snapshot.h"

static acpi_status rtpl_vmgenid_found(acpi_handle handle, u32 level, void *context, void **ret)
{
	*ret = handle;
	return AE_CTRL_TERMINATE;
}

/**
 * rtpl_vmgenid_map() - map the machine's generation ID
 *
 * The hypervisor writes another ID there before a copy of the machine runs.
 *
 * Context: process. Sleeps.
 * Return: RTPL_VMGENID bytes, to be unmapped by rtpl_vmgenid_unmap(), or NULL: ACPI names none.
 */
const u64 *rtpl_vmgenid_map(void)
{
	static const char * const ids[] = { "VMGENCTR", "VM_GEN_COUNTER" };
	struct acpi_buffer parsed = { ACPI_ALLOCATE_BUFFER };
	const u64 *id = NULL;
	union acpi_object *obj;
	void *handle = NULL;
	int i;

	if (acpi_disabled)
		return NULL;
	for (i = 0; i < ARRAY_SIZE(ids) && !handle; i++)
		acpi_get_devices(ids[i], rtpl_vmgenid_found, NULL, &handle);
	if (!handle || ACPI_FAILURE(acpi_evaluate_object(handle, "ADDR", NULL, &parsed)))
		return NULL;
	obj = parsed.pointer;
	if (obj && obj->type == ACPI_TYPE_PACKAGE && obj->package.count == 2 &&
	    obj->package.elements[0].type == ACPI_TYPE_INTEGER &&
	    obj->package.elements[1].type == ACPI_TYPE_INTEGER) {
		phys_addr_t at = obj->package.elements[0].integer.value |
				 obj->package.elements[1].integer.value << 32;

		if (at && IS_ALIGNED(at, sizeof(u64)))
			id = memremap(at, RTPL_VMGENID, MEMREMAP_WB);
	}
	kfree(obj);
	return id;
}

/**
 * rtpl_vmgenid_unmap() - unmap the generation ID
 * @id: from rtpl_vmgenid_map(); NULL is allowed
 *
 * Context: process.
 */
void rtpl_vmgenid_unmap(const u64 *id)
{
	if (id)
		memunmap((void *)id);
}
