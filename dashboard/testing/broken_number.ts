/** Test support, run in the page: finds numbers of the partition table that wrap. */
export function findBrokenNumbers(): string[] {
  const cells = [...document.querySelectorAll(".partitions td:not(:last-child) > :last-child")];
  return cells
    .filter((cell) => {
      const text = document.createRange();
      text.selectNodeContents(cell);
      return new Set([...text.getClientRects()].map(({ top }) => Math.round(top))).size !== 1;
    })
    .map((cell) => cell.textContent ?? "");
}
