/** Random numbers that are the same for the same seed. */
import { uniformFloat64 } from "pure-rand/distribution/uniformFloat64";
import { xoroshiro128plus } from "pure-rand/generator/xoroshiro128plus";

/** Makes a source of numbers from 0 to less than 1. */
export function seededRandom(seed: number): () => number {
  const generator = xoroshiro128plus(seed);
  return () => uniformFloat64(generator);
}

/** The seed of one part of a run, by the name of the part. */
export function seedOf(seed: number, name: string): number {
  return Bun.hash.xxHash32(name, seed);
}
