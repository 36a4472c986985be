/**
 * Sine, cosine, exponential, arc tangent and normal draws from additions, multiplications and divisions alone. JavaScript leaves the last bits of
 * Math.sin, Math.exp and Math.log to the engine, and Node 20 and 24 do differ there; these give the same bits everywhere, so a seed gives the
 * same crops. Errors are below 1e-7, far less than a grey level.
 */
import type { Random } from '../util/random';

const turn = 2 * Math.PI;

/** Sine of an angle in radians. */
export function sine(angle: number): number {
  const turns = angle / turn;
  let x = turns - Math.round(turns); // −½ … ½ of a turn
  if (x > 0.25) x = 0.5 - x;
  else if (x < -0.25) x = -0.5 - x;
  x *= turn; // −π/2 … π/2, where the Taylor series to x¹³ is exact to 7e-10
  const s = x * x;
  return (
    x * (1 - (s / 6) * (1 - (s / 20) * (1 - (s / 42) * (1 - (s / 72) * (1 - (s / 110) * (1 - s / 156))))))
  );
}

/** Cosine of an angle in radians. */
export function cosine(angle: number): number {
  return sine(angle + Math.PI / 2);
}

const largestPower = 1000;
/** 2^k for k = −1000 … 1000. */
const powersOfTwo = Float64Array.from({ length: 2 * largestPower + 1 }, () => 1);
for (let k = 1; k <= largestPower; k++) {
  powersOfTwo[largestPower + k] = 2 * powersOfTwo[largestPower + k - 1];
  powersOfTwo[largestPower - k] = 0.5 * powersOfTwo[largestPower - k + 1];
}

/** e to the power of x; 0 below −690. */
export function exponential(x: number): number {
  if (x < -690) return 0;
  const k = Math.round(x / Math.LN2);
  const r = x - k * Math.LN2; // within ±0.35, where nine terms are exact to 2e-11
  const series =
    1 +
    r *
      (1 +
        (r / 2) *
          (1 + (r / 3) * (1 + (r / 4) * (1 + (r / 5) * (1 + (r / 6) * (1 + (r / 7) * (1 + r / 8)))))));
  return series * powersOfTwo[largestPower + k];
}

/** Direction of (x, y) in turns, 0 … 1; 0 for the origin. Exact to 2e-6 turns. */
export function turnsTowards(y: number, x: number): number {
  const [ax, ay] = [Math.abs(x), Math.abs(y)];
  const larger = Math.max(ax, ay);
  if (larger === 0) return 0;
  const t = Math.min(ax, ay) / larger; // 0 … 1
  const s = t * t;
  // arc tangent by a minimax polynomial (Abramowitz and Stegun, 4.4.49), in turns
  let angle = (t * (0.999866 + s * (-0.3302995 + s * (0.180141 + s * (-0.085133 + s * 0.0208351))))) / turn;
  if (ay > ax) angle = 0.25 - angle;
  if (x < 0) angle = 0.5 - angle;
  return y < 0 ? 1 - angle : angle;
}

/** A normal draw as the sum of twelve uniform ones (Irwin and Hall): mean 0, standard deviation 1, never beyond ±6. */
export function normalDraw(random: Random): number {
  let sum = -6;
  for (let i = 0; i < 12; i++) sum += random.uniform();
  return sum;
}

/** A cheaper one for noise in pixels: the four bytes of one draw added up; never beyond ±3.45. */
export function noiseDraw(random: Random): number {
  const bits = random.uniform() * 0x100000000;
  const low = bits & 0xffff;
  const high = (bits / 0x10000) & 0xffff;
  return ((low & 255) + (low >>> 8) + (high & 255) + (high >>> 8) - 510) * byteSumScale;
}

/** One over the standard deviation of a sum of four bytes, √(4 (256² − 1) / 12). */
const byteSumScale = 1 / Math.sqrt(65535 / 3);
