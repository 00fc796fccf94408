/** The order of a stack: that of the list beside it. */
import { expect, test } from "bun:test";
import type { Stack } from "../questions/stack.ts";
import { columnsOf, layerAt } from "./stack_columns.ts";

const stack: Stack = {
  window: { fromMs: 0, toMs: 120_000, starts: [0, 60_000], unit: "minute", isLive: false },
  layers: [
    { name: "page_view", slot: 0, values: [60, 6], total: 66 },
    { name: "click", slot: 1, values: [30, 3], total: 33 },
    { name: null, slot: null, values: [5, 0], total: 5 },
  ],
  isSum: true,
  totals: [95, 9],
  total: 104,
};

test("columnsOf() puts the first layer at the top, as the list does", () => {
  expect(columnsOf(stack)).toEqual([
    [0, 60],
    [95, 9],
    [35, 3],
    [5, 0],
  ]);
});

test("layerAt() finds the layer under the pointer when the first is at the top", () => {
  expect([95, 36, 35, 6, 5].map((height) => layerAt(stack, 0, height))).toEqual([
    "page_view",
    "page_view",
    "click",
    "click",
    null,
  ]);
  expect(layerAt(stack, 0, 96)).toBe(null);
});

test("columnsOf() and layerAt() take each part for itself when parts don't add up", () => {
  const apart: Stack = {
    ...stack,
    isSum: false,
    layers: [
      { name: "/", slot: 0, values: [7, null], total: 9 },
      { name: "/docs", slot: 1, values: [3, 4], total: 5 },
    ],
    total: null,
  };

  expect(columnsOf(apart)).toEqual([
    [30, 90],
    [7, null],
    [3, 4],
  ]);
  expect([6, 4, 0].map((height) => layerAt(apart, 0, height))).toEqual(["/", "/docs", "/docs"]);
  expect(layerAt(apart, 1, 50)).toBe("/docs");
});
