import { expect, test } from "bun:test";
import { csvText } from "./csv.ts";

test("csvText() quotes what needs it, and lets no text begin like a formula", () => {
  const texts = ["=1+1", "+1", "-1", "@sum", "\tx", "\rx", 'a"b', "a,b", "a\nb", "plain", ""];

  expect(csvText([texts, [-1.5, 0, 1e21, true, null]])).toBe(
    `'=1+1,'+1,'-1,'@sum,'\tx,"'\rx","a""b","a,b","a\nb",plain,\r\n-1.5,0,1e+21,true,\r\n`,
  );
});
