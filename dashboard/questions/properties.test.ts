/** Which properties a list offers. */
import { expect, test } from "bun:test";
import { dimensionOf, numbersOf, PROPERTIES_MAX, propertiesOf } from "./properties.ts";

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

test("numbersOf() gives those that hold a number in one of the rows", () => {
  const rows = [
    { payload: { path: "/", total: null, cart: { items: 2 }, price: "9" } },
    { payload: { total: 12.5 } },
  ];

  expect([...numbersOf(rows)]).toEqual(["event:props:cart.items", "event:props:total"]);
});

test("dimensionOf() names the path of a page as the query API does, and all others as properties", () => {
  expect(["path", "cart.total"].map(dimensionOf)).toEqual(["event:page", "event:props:cart.total"]);
});
