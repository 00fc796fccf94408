/** Random numbers that a seed repeats. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Makes a source of numbers from 0 to less than 1; the same seed, the same numbers. */
export function seededRandom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** A seed of its own for a part of a run, by its name. */
export function seedOf(seed: number, name: string): number {
  return Bun.hash.xxHash32(name, seed);
}
