// SPDX-License-Identifier: GPL-2.0
/*
 * What the judge recorded of profiles: see advise.h.
 *
 * Made by tools/judge/advice from tools/judge/recorded/live.json and Documentation/judge.rst.
 */
#include "advise.h"

const struct advice_workload advice_workloads[] = {
	{ "inference", "lone requests: ten kinds, each with one answer", 10, 300, false },
	{ "token", "token streams: answers word by word, on two topics", 50, 300, false },
	{ "web", "web pages: ten of them", 10, 200, false },
	{ "federated", "rounds of federated learning: ten models", 10, 200, false },
	{ }
};

const struct advice_row advice_rows[] = {
	{ "inference", "none", 96.33, 90.78, 100, 0, 0, 0, 0, false },
	{ "inference", "off", 96.33, 88.3, 100, 18.22, 0, 0, 0, false },
	{ "inference", "standard", 89, 80.91, 97.09, 17.71, 4.98, 16.25, 43.95, false },
	{ "inference", "enhanced", 76.83, 64.59, 89.07, 107.62, 19.92, 67.63, 335.42, true },
	{ "inference", "maximum", 10.33, 8.95, 11.72, 11464.2, 9.44, 10.64, 84.96, true },
	{ "token", "none", 89, 83.92, 94.08, 0, 0, 0, 0, false },
	{ "token", "off", 78.17, 67.06, 89.27, 182.34, 0, 0, 0, false },
	{ "token", "standard", 79.83, 67.3, 92.37, 205.64, 4.98, 12.37, 19.89, false },
	{ "token", "enhanced", 78, 71.64, 84.36, 848.31, 19.92, 50.58, 76.57, false },
	{ "token", "maximum", 54.67, 45.51, 63.82, 84711, 1.25, 4.74, 6.1, true },
	{ "web", "none", 94.5, 87.59, 100, 0, 0, 0, 0, false },
	{ "web", "off", 91.5, 80.78, 100, 17.38, 0, 0, 0.03, false },
	{ "web", "standard", 85.5, 71.38, 99.62, 13.38, 4.98, 48.99, 74.68, false },
	{ "web", "enhanced", 58.25, 48.71, 67.79, 78.69, 20.97, 225.13, 310.22, true },
	{ "web", "maximum", 10.5, 8.42, 12.58, 4181.24, 16.78, 56.24, 96.6, true },
	{ "federated", "none", 100, 100, 100, 0, 0, 0, 0, false },
	{ "federated", "off", 99.5, 97.42, 100, 5.7, 0, 0.01, 40, false },
	{ "federated", "standard", 100, 100, 100, 7.02, 4.98, 68.23, 139.36, false },
	{ "federated", "enhanced", 99.5, 97.42, 100, 86.84, 19.92, 704.08, 3592.27, false },
	{ "federated", "maximum", 12.5, 2.09, 22.91, 2763.55, 13.25, 190.27, 1259.72, true },
	{ }
};

const struct advice_fitted advice_fitted[] = {
	{ "requests", 54.4, 87.8, 27, 151, 132, 238 },
	{ "fitted", 59.4, 30.6, 42.1, 101, 120, 126 },
	{ "fitted", 45.6, 95.1, 25.6, 151, 116, 275 },
	{ "fitted", 26.7, 364, 11.3, 168, 109, 252 },
	{ }
};

const struct advice_many advice_many[] = {
	{ 10, 68.9, 12.1, 3.6, 19.9, 1424, 319, 696 },
	{ 30, 39.6, 13.2, 6.7, 28.1, 473, 100, 222 },
	{ 100, 17.1, 12.6, 6.8, 27.5, 155, 35, 66 },
	{ 300, 17, 11.3, 12.5, 30.6, 29, 4.7, 12 },
	{ }
};
