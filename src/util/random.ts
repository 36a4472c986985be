/**
 * Seeded randomness. It is always passed in, never global, so the same seed gives the same study.
 */

/** A source of random numbers. Take one from {@link seededRandom} and pass it on. */
export interface Random {
  /** Uniform in [0, 1), 32 random bits. */
  uniform(): number;
  /** Standard normal. */
  normal(): number;
  /** Uniform integer in [0, n). */
  integer(n: number): number;
  /** A shuffled copy of `items` (Fisher–Yates). */
  shuffle<T>(items: readonly T[]): T[];
  /** A random permutation of 0 … n−1. */
  permutation(n: number): Int32Array;
  /** An independent stream named by `label`: the same label of the same seed is the same stream, whatever was drawn before. */
  fork(label: string | number): Random;
  /** The whole state as five 32-bit integers and the spare normal, for checkpoints. */
  state(): RandomState;
  /** Goes on from a saved state. */
  restore(state: RandomState): void;
}

/** What {@link Random.state} returns; plain JSON. */
export interface RandomState {
  seed: number;
  words: [number, number, number, number];
  spareNormal: number | null;
}

/**
 * A reproducible source of random numbers: sfc32 (C. Doty-Humphrey's small fast counter generator, PractRand),
 * started from `seed` by a 32-bit integer hash. Equal on every platform; not for cryptography.
 *
 * @param seed any finite number; its 53 integer bits count
 * @example
 * const random = seededRandom(7);
 * random.uniform(); // always the same first number
 */
export function seededRandom(seed: number): Random {
  let a = 0;
  let b = 0;
  let c = 0;
  let counter = 1;
  let spare: number | null = null;

  const next = (): number => {
    const t = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + t;
    c |= 0;
    return t >>> 0;
  };

  a = hash32(seed >>> 0, 0x9e3779b9);
  b = hash32(Math.floor(Math.abs(seed) / 0x100000000) >>> 0, 0x85ebca6b ^ (seed < 0 ? 1 : 0));
  c = hash32(a ^ b, 0xc2b2ae35);
  for (let i = 0; i < 15; i++) next(); // mixes the seed's bits through all words

  const random: Random = {
    uniform: () => next() / 0x100000000,
    normal() {
      if (spare !== null) {
        const value = spare;
        spare = null;
        return value;
      }
      // Box–Muller; 1 − u keeps the logarithm finite
      const radius = Math.sqrt(-2 * Math.log(1 - next() / 0x100000000));
      const angle = 2 * Math.PI * (next() / 0x100000000);
      spare = radius * Math.sin(angle);
      return radius * Math.cos(angle);
    },
    integer: (n) => Math.floor((next() / 0x100000000) * n),
    shuffle(items) {
      const copy = items.slice();
      for (let i = copy.length - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        [copy[i], copy[j]] = [copy[j], copy[i]];
      }
      return copy;
    },
    permutation(n) {
      const order = Int32Array.from({ length: n }, (_, i) => i);
      for (let i = n - 1; i > 0; i--) {
        const j = random.integer(i + 1);
        const swap = order[i];
        order[i] = order[j];
        order[j] = swap;
      }
      return order;
    },
    fork: (label) => seededRandom(hashText(`${seed}/${label}`)),
    state: () => ({ seed, words: [a, b, c, counter], spareNormal: spare }),
    restore(state) {
      [a, b, c, counter] = state.words;
      seed = state.seed;
      spare = state.spareNormal;
    },
  };
  return random;
}

/** One round of a 32-bit integer finaliser (xor-shift-multiply), to spread a seed's bits. */
function hash32(value: number, salt: number): number {
  let h = (value ^ salt) | 0;
  h = Math.imul(h ^ (h >>> 16), 0x21f0aaad);
  h = Math.imul(h ^ (h >>> 15), 0x735a2d97);
  return (h ^ (h >>> 15)) | 0;
}

/** FNV-1a over UTF-16 units, widened to 53 bits by a second pass with another start. */
function hashText(text: string): number {
  let low = 0x811c9dc5;
  let high = 0x01000193;
  for (let i = 0; i < text.length; i++) {
    low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
    high = Math.imul(high ^ text.charCodeAt(i), 0x85ebca6b);
  }
  return (low >>> 0) + (high & 0x1fffff) * 0x100000000;
}

/** `count` normal numbers. Default: mean 0 and standard deviation 1. */
export function normals(random: Random, count: number, { mean = 0, sd = 1 } = {}): Float32Array {
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) values[i] = mean + sd * random.normal();
  return values;
}
