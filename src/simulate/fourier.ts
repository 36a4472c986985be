/** Fourier transform of square complex fields, for the microscope's optics. */
import { cosine, sine } from './exact-math';

/** A complex field [n, n], real and imaginary parts apart. */
export interface Field {
  re: Float64Array;
  im: Float64Array;
}

/** Turns fields of one size into their spectrum and back; keeps its work space, so one plan serves one call at a time. */
export interface FourierPlan {
  n: number;
  /** Replaces the field by its spectrum with rows and columns swapped; frequency k is at index k, negative ones at n + k. */
  forward(field: Field): void;
  /** The way back, swapped back and divided by n². */
  inverse(field: Field): void;
}

/** The smallest product of twos and threes from `least` on that is a multiple of 4. */
export function fourierSize(least: number): number {
  let best = Infinity;
  for (let threes = 1; threes < 4 * least; threes *= 3) {
    let n = 4 * threes;
    while (n < least) n *= 2;
    best = Math.min(best, n);
  }
  return best;
}

/**
 * A plan for fields of n × n, n a product of twos and threes. Stockham's self-sorting algorithm with radices 4, 3 and 2, down all columns at once,
 * so the inner loops run along memory (Van Loan, Computational Frameworks for the FFT, 1992). About 10 n² log₂ n operations.
 */
export function planFourier(n: number): FourierPlan {
  const radices: number[] = [];
  let rest = n;
  for (const radix of [4, 3, 2]) {
    for (; rest % radix === 0; rest /= radix) radices.push(radix);
  }
  if (rest !== 1) throw new RangeError(`planFourier needs a product of twos and threes, got ${n}`);
  const cos = Float64Array.from({ length: n }, (_, k) => cosine((2 * Math.PI * k) / n));
  const sin = Float64Array.from({ length: n }, (_, k) => sine((2 * Math.PI * k) / n));
  const spare: Field = { re: new Float64Array(n * n), im: new Float64Array(n * n) };

  /** Transforms every column; the result lies in the returned one of the two fields. */
  const columns = (from: Field, to: Field): Field => {
    let [source, target] = [from, to];
    let length = n;
    let stride = n; // neighbours in one column are a row apart
    for (const radix of radices) {
      const step = n / length; // of the table of roots
      if (radix === 4) radix4(source, target, length, stride, cos, sin, step);
      else if (radix === 3) radix3(source, target, length, stride, cos, sin, step);
      else radix2(source, target, length, stride, cos, sin, step);
      length /= radix;
      stride *= radix;
      [source, target] = [target, source];
    }
    return source;
  };

  const forward = (field: Field): void => {
    const once = columns(field, spare);
    const other = once === field ? spare : field;
    transpose(once, other, n);
    const done = columns(other, once);
    if (done !== field) {
      field.re.set(done.re);
      field.im.set(done.im);
    }
  };

  return {
    n,
    forward,
    inverse(field) {
      // the inverse is the forward transform with real and imaginary parts exchanged, before and after
      forward({ re: field.im, im: field.re });
      const scale = 1 / (n * n);
      for (let i = 0; i < n * n; i++) {
        field.re[i] *= scale;
        field.im[i] *= scale;
      }
    },
  };
}

function radix2(
  { re, im }: Field,
  out: Field,
  length: number,
  stride: number,
  cos: Float64Array,
  sin: Float64Array,
  step: number,
): void {
  const m = length / 2;
  const { re: outRe, im: outIm } = out;
  for (let p = 0; p < m; p++) {
    const [c, s] = [cos[p * step], sin[p * step]];
    const a = stride * p;
    const b = stride * (p + m);
    const y = stride * 2 * p;
    for (let q = 0; q < stride; q++) {
      const aRe = re[a + q];
      const aIm = im[a + q];
      const bRe = re[b + q];
      const bIm = im[b + q];
      const dRe = aRe - bRe;
      const dIm = aIm - bIm;
      outRe[y + q] = aRe + bRe;
      outIm[y + q] = aIm + bIm;
      outRe[y + stride + q] = dRe * c + dIm * s;
      outIm[y + stride + q] = dIm * c - dRe * s;
    }
  }
}

const sine60 = Math.sqrt(0.75);

function radix3(
  { re, im }: Field,
  out: Field,
  length: number,
  stride: number,
  cos: Float64Array,
  sin: Float64Array,
  step: number,
): void {
  const m = length / 3;
  const { re: outRe, im: outIm } = out;
  for (let p = 0; p < m; p++) {
    const [c1, s1, c2, s2] = [cos[p * step], sin[p * step], cos[2 * p * step], sin[2 * p * step]];
    const a = stride * p;
    const b = stride * (p + m);
    const c = stride * (p + 2 * m);
    const y = stride * 3 * p;
    for (let q = 0; q < stride; q++) {
      const sumRe = re[b + q] + re[c + q];
      const sumIm = im[b + q] + im[c + q];
      const turnedRe = sine60 * (im[b + q] - im[c + q]);
      const turnedIm = -sine60 * (re[b + q] - re[c + q]);
      const midRe = re[a + q] - 0.5 * sumRe;
      const midIm = im[a + q] - 0.5 * sumIm;
      const uRe = midRe + turnedRe;
      const uIm = midIm + turnedIm;
      const vRe = midRe - turnedRe;
      const vIm = midIm - turnedIm;
      outRe[y + q] = re[a + q] + sumRe;
      outIm[y + q] = im[a + q] + sumIm;
      outRe[y + stride + q] = uRe * c1 + uIm * s1;
      outIm[y + stride + q] = uIm * c1 - uRe * s1;
      outRe[y + 2 * stride + q] = vRe * c2 + vIm * s2;
      outIm[y + 2 * stride + q] = vIm * c2 - vRe * s2;
    }
  }
}

function radix4(
  { re, im }: Field,
  out: Field,
  length: number,
  stride: number,
  cos: Float64Array,
  sin: Float64Array,
  step: number,
): void {
  const m = length / 4;
  const { re: outRe, im: outIm } = out;
  for (let p = 0; p < m; p++) {
    const [c1, s1] = [cos[p * step], sin[p * step]];
    const [c2, s2] = [cos[2 * p * step], sin[2 * p * step]];
    const [c3, s3] = [cos[3 * p * step], sin[3 * p * step]];
    const a = stride * p;
    const b = stride * (p + m);
    const c = stride * (p + 2 * m);
    const d = stride * (p + 3 * m);
    const y = stride * 4 * p;
    for (let q = 0; q < stride; q++) {
      const acRe = re[a + q] + re[c + q];
      const acIm = im[a + q] + im[c + q];
      const acRe2 = re[a + q] - re[c + q];
      const acIm2 = im[a + q] - im[c + q];
      const bdRe = re[b + q] + re[d + q];
      const bdIm = im[b + q] + im[d + q];
      const bdRe2 = im[b + q] - im[d + q]; // −i (b − d)
      const bdIm2 = re[d + q] - re[b + q];
      outRe[y + q] = acRe + bdRe;
      outIm[y + q] = acIm + bdIm;
      const uRe = acRe2 + bdRe2;
      const uIm = acIm2 + bdIm2;
      outRe[y + stride + q] = uRe * c1 + uIm * s1;
      outIm[y + stride + q] = uIm * c1 - uRe * s1;
      const vRe = acRe - bdRe;
      const vIm = acIm - bdIm;
      outRe[y + 2 * stride + q] = vRe * c2 + vIm * s2;
      outIm[y + 2 * stride + q] = vIm * c2 - vRe * s2;
      const wRe = acRe2 - bdRe2;
      const wIm = acIm2 - bdIm2;
      outRe[y + 3 * stride + q] = wRe * c3 + wIm * s3;
      outIm[y + 3 * stride + q] = wIm * c3 - wRe * s3;
    }
  }
}

/** Swaps rows and columns, in tiles that fit the processor's cache. */
function transpose(from: Field, to: Field, n: number): void {
  const tile = 16;
  for (let y0 = 0; y0 < n; y0 += tile) {
    const y1 = Math.min(n, y0 + tile);
    for (let x0 = 0; x0 < n; x0 += tile) {
      const x1 = Math.min(n, x0 + tile);
      for (let y = y0; y < y1; y++) {
        for (let x = x0; x < x1; x++) {
          to.re[x * n + y] = from.re[y * n + x];
          to.im[x * n + y] = from.im[y * n + x];
        }
      }
    }
  }
}
