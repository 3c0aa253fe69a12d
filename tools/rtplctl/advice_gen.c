// SPDX-License-Identifier: GPL-2.0
/*
 * What the judge recorded of profiles: see advise.h.
 *
 * Made by tools/judge/advice from tools/judge/recorded/live.json and Documentation/judge.rst.
 */
#include "advise.h"

const struct advice_workload advice_workloads[] = {
	{ "inference", "lone requests: ten kinds, each with one answer", 10, 300, false },
	{ "token", "token streams: answers word by word, on two topics", 50, 120, false },
	{ "web", "web pages: ten of them", 10, 200, false },
	{ "federated", "rounds of federated learning: ten models", 10, 200, false },
	{ }
};

const struct advice_row advice_rows[] = {
	{ "inference", "none", 96, 89.95, 100, 0, 0, 0, 0, false },
	{ "inference", "off", 96.67, 90.86, 100, 10.8, 0, 0, 0, false },
	{ "inference", "standard", 93.33, 85.42, 100, 11.03, 4.98, 15.85, 43.43, false },
	{ "inference", "enhanced", 83.67, 72.18, 95.16, 114.53, 19.92, 67.35, 319.87, true },
	{ "inference", "requests", 54, 42.68, 65.32, 89.47, 151, 117.97, 327.7, true },
	{ "inference", "requests-strong", 30, 26.2, 33.8, 374.55, 184.55, 129.34, 364.06, true },
	{ "inference", "wtfpad", 90, 84.62, 95.38, 96.88, 0, 0, 0, false },
	{ "inference", "maximum", 11.67, 5.86, 17.47, 11465.2, 9.44, 10.43, 85.68, true },
	{ "token", "none", 88.75, 79.41, 98.09, 0, 0, 0, 0, false },
	{ "token", "off", 74.17, 67.67, 80.66, 72.44, 0, 0, 0, false },
	{ "token", "standard", 76.67, 67.82, 85.51, 87.23, 4.98, 12.13, 18.71, false },
	{ "token", "enhanced", 74.17, 59.24, 89.09, 900.21, 19.92, 50.31, 76.87, false },
	{ "token", "requests", 72.08, 62.74, 81.43, 242.3, 100, 22.15, 105.94, false },
	{ "token", "maximum", 54.17, 35.97, 72.37, 83838.4, 1.25, 4.72, 6.27, true },
	{ "web", "none", 94.5, 87.59, 100, 0, 0, 0, 0, false },
	{ "web", "off", 92.5, 83.19, 100, 11.66, 0, 0, 0.01, false },
	{ "web", "standard", 87, 78.04, 95.96, 9.26, 4.98, 49.01, 71.44, false },
	{ "web", "enhanced", 55.75, 41.06, 70.44, 82.68, 20.97, 226.99, 312.33, true },
	{ "web", "requests", 62.75, 48.36, 77.14, 130.3, 100, 278.26, 459.15, true },
	{ "web", "requests-strong", 34.5, 22.45, 46.55, 324.7, 226.49, 445.5, 831.28, true },
	{ "web", "maximum", 10, 3.42, 16.58, 4181.62, 19.92, 55.71, 96.57, true },
	{ "federated", "none", 100, 100, 100, 0, 0, 0, 0, false },
	{ "federated", "off", 100, 100, 100, 4.17, 0, 0.01, 40, false },
	{ "federated", "standard", 100, 100, 100, 4.9, 4.98, 68.76, 140.17, false },
	{ "federated", "enhanced", 100, 100, 100, 89.19, 19.92, 663.2, 3632.42, false },
	{ "federated", "requests", 100, 100, 100, 20.69, 100, 385.35, 436.73, false },
	{ "federated", "requests-strong", 88, 76.88, 99.12, 56.45, 159.38, 405.7, 538.02, true },
	{ "federated", "maximum", 10, 10, 10, 2763.81, 13.25, 190.77, 1259.73, true },
	{ }
};

const struct advice_fitted advice_fitted[] = {
	{ 56.7, 31.2, 35.7, 101, 104, 281 },
	{ 49.7, 95.8, 24.1, 151, 111, 315 },
	{ 30.7, 422, 10, 168, 74, 332 },
	{ }
};

const struct advice_many advice_many[] = {
	{ 10, 68.9, 12.1, 3.6, 19.9, 1424, 319, 696 },
	{ 30, 39.6, 13.2, 6.7, 28.1, 473, 100, 222 },
	{ 100, 17.1, 12.6, 6.8, 27.5, 155, 35, 66 },
	{ 300, 17, 11.3, 12.5, 30.6, 29, 4.7, 12 },
	{ }
};
