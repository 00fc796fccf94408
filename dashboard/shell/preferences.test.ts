/** What this browser remembers. */
import { expect, test } from "bun:test";
import { type Theme, themeAfter } from "./preferences.ts";

test("themeAfter() changes what is seen at the first click, and comes back to the system", () => {
  const clicks = (isSystemDark: boolean): Theme[] => {
    const first = themeAfter("system", isSystemDark);
    const second = themeAfter(first, isSystemDark);
    return [first, second, themeAfter(second, isSystemDark)];
  };

  expect(clicks(false)).toEqual(["dark", "light", "system"]);
  expect(clicks(true)).toEqual(["light", "dark", "system"]);
});
