// SPDX-License-Identifier: GPL-2.0
/*
 * How large a cell is: by the shape's sizes, the data that waits and what the path carries.
 */
#include "rng.h"
#include "shape.h"

/* Smallest of the shape's sizes that holds @need bytes, or the largest. */
static u32 size_for(const struct rtpl_shape *s, u32 need, u32 path)
{
	u32 top, size;
	u8 i;

	switch (s->sizes) {
	case RTPL_SIZES_FIXED:
		return s->cell;
	case RTPL_SIZES_POW2:
		top = s->cell ? min_t(u32, s->cell, path) : path;
		for (size = RTPL_CELL_MIN; size < need && size < top; size *= 2)
			;
		return min_t(u32, size, top);
	case RTPL_SIZES_BUCKETS:
		size = 0;
		for (i = 0; i < s->n_buckets && s->bucket[i] <= path; i++) {
			size = s->bucket[i];
			if (size >= need)
				return size;
		}
		/* A handshake is as large as the largest cell. */
		return size < RTPL_HANDSHAKE_MIN ? path : size;
	default:
		return path;
	}
}

u16 rtpl_pad_pick(const struct rtpl_shape *s, u32 want, u16 path)
{
	u32 need;

	/* Overflow only if want is beyond any packet; then all sizes are too small. */
	need = want > U32_MAX - RTPL_CELL_OVERHEAD ? U32_MAX : want + RTPL_CELL_OVERHEAD;
	return min_t(u32, size_for(s, need, path), path);
}

/**
 * rtpl_pad_any() - any of the shape's sizes, for a cell that has no data to choose by
 * @s: the shape, checked
 * @path: largest cell that the path carries now, at least RTPL_HANDSHAKE_MIN
 * @rng: generator; one draw if there are several sizes
 *
 * Each of the sizes is as likely.
 *
 * Context: Any; the caller serialises calls on @rng.
 * Return: bytes of UDP payload, at most @path.
 */
u16 rtpl_pad_any(const struct rtpl_shape *s, u16 path, struct rtpl_rng *rng)
{
	u16 size[RTPL_SHAPE_BUCKETS];
	u32 want = 0, n = 0;

	/* From one size to the next larger one. */
	do {
		size[n] = rtpl_pad_pick(s, want, path);
		want = size[n] - RTPL_CELL_OVERHEAD + 1;
	} while (++n < ARRAY_SIZE(size) && rtpl_pad_pick(s, want, path) > size[n - 1]);
	return size[n > 1 ? rtpl_rng_below(rng, n) : 0];
}

/**
 * rtpl_pad_min() - the smallest size that the shape uses on a device
 * @s: the shape, checked
 * @max_cell: largest cell the device carries, or 0 if unknown
 *
 * Context: Any.
 * Return: bytes of UDP payload; of cells as large as an unknown device carries, what any carries.
 */
u16 rtpl_pad_min(const struct rtpl_shape *s, u32 max_cell)
{
	if (!max_cell && s->sizes == RTPL_SIZES_DEVICE)
		return RTPL_HANDSHAKE_MIN;
	return rtpl_pad_pick(s, 0, max_cell ? min_t(u32, max_cell, U16_MAX) : U16_MAX);
}

/**
 * rtpl_pad_max() - the largest size that the shape uses on this path
 * @s: the shape, checked
 * @path: largest cell that the path carries now, at least RTPL_HANDSHAKE_MIN
 *
 * Context: Any.
 * Return: bytes of UDP payload, at most @path.
 */
u16 rtpl_pad_max(const struct rtpl_shape *s, u16 path)
{
	return rtpl_pad_pick(s, U32_MAX, path);
}
