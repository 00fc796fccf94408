/** Which properties a list offers. */
import { expect, test } from "bun:test";
import { PROPERTIES_MAX, propertiesOf } from "./properties.ts";

test("propertiesOf() gives the paths of single values, each once, known ones first", () => {
  const rows = [
    { payload: { path: "/", cart: { currency: "EUR", items: [1], a: { b: { c: 1 } } } } },
    { payload: { path: "/home", price: null, "a.b": 1, "": 2 } },
    { payload: [1] },
    { payload: "text" },
  ];

  expect(propertiesOf(rows, ["event:props:known"])).toEqual([
    "event:props:known",
    "event:page",
    "event:props:cart.currency",
    "event:props:price",
  ]);
});

test("propertiesOf() gives the known list itself when there is nothing new, and has a bound", () => {
  const known = ["event:page"];
  const wide = Object.fromEntries(Array.from({ length: 99 }, (_, index) => [`p${index}`, 1]));

  expect(propertiesOf([{ payload: { path: 1 } }], known)).toBe(known);
  expect(propertiesOf([{ payload: wide }])).toHaveLength(PROPERTIES_MAX);
});
