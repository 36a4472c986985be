/**
 * A phase-contrast microscope for thin objects: light that the object has bent passes the objective, light that it has not passes the phase ring,
 * which dims it and shifts it by a quarter wave. Where both meet, thin parts come out dark, thick rims and granules bright, and around them
 * stand halos, because the ring also catches light that was bent a little (Zernike, Physica 9, 1942).
 */
import { cosine, exponential, sine } from './exact-math';
import { type Field, type FourierPlan, planFourier } from './fourier';

/** What of the optics varies. Lengths are in units of 1/64 of the crop. */
export interface Focus {
  /** Distance from the focal plane: blur that it causes, in units. */
  defocus: number;
  /** Further blur, as the standard deviation of the point spread, in units. */
  blur: number;
}

/** Amplitude of the unbent light behind the ring: the square is the background's grey before exposure. */
export const ringAmplitude = 0.25;
/** Width of the halo, as the standard deviation of what the ring takes for unbent, in units. */
const haloWidth = 9;
/** Point spread of the objective, in units; larger crops show more detail, down to this. */
const pointSpread = 0.22;

/** The wave behind an object, tabulated for phases from −8 to 24 radians, beyond what any cell holds. */
const stepsPerRadian = 200;
const phaseOffset = 8;
const tabulated = 32 * stepsPerRadian;
const waveRe = Float64Array.from({ length: tabulated + 2 }, (_, k) =>
  cosine(k / stepsPerRadian - phaseOffset),
);
const waveIm = Float64Array.from({ length: tabulated + 2 }, (_, k) => sine(k / stepsPerRadian - phaseOffset));

const plans = new Map<number, { plan: FourierPlan; field: Field }>();

/**
 * The image of an object that only holds light back.
 *
 * @param phase [n, n] optical thickness in radians
 * @param unit pixels per unit
 * @returns [n, n] intensity; `ringAmplitude`² where nothing is. Overwritten by the next call of the same n
 */
export function imagePhase(phase: Float64Array, n: number, unit: number, focus: Focus): Float64Array {
  let kept = plans.get(n);
  if (!kept) {
    kept = { plan: planFourier(n), field: { re: new Float64Array(n * n), im: new Float64Array(n * n) } };
    plans.set(n, kept);
  }
  const { plan, field } = kept;
  const { re, im } = field;
  for (let i = 0; i < n * n; i++) {
    // between tabulated ones; an error of 3e-6
    const at = (phase[i] + phaseOffset) * stepsPerRadian;
    const k = Math.floor(at);
    const share = at - k;
    re[i] = waveRe[k] + share * (waveRe[k + 1] - waveRe[k]);
    im[i] = waveIm[k] + share * (waveIm[k + 1] - waveIm[k]);
  }
  plan.forward(field);
  passPupil(field, n, unit, focus);
  plan.inverse(field);
  for (let i = 0; i < n * n; i++) re[i] = re[i] * re[i] + im[i] * im[i];
  return re;
}

/** Multiplies the spectrum by the objective with its phase ring. Every factor is a product of one in x and one in y. */
function passPupil(field: Field, n: number, unit: number, { defocus, blur }: Focus): void {
  const spread = pointSpread * pointSpread + blur * blur + 0.25 * defocus * defocus;
  const lens = new Float64Array(n);
  const ring = new Float64Array(n);
  const lagRe = new Float64Array(n);
  const lagIm = new Float64Array(n);
  for (let k = 0; k < n; k++) {
    const frequency = (2 * Math.PI * (k <= n / 2 ? k : k - n) * unit) / n; // radians per unit
    const square = frequency * frequency;
    lens[k] = exponential(-0.5 * square * spread);
    ring[k] = exponential(-0.5 * square * haloWidth * haloWidth);
    lagRe[k] = cosine(0.8 * defocus * square); // Fresnel propagation
    lagIm[k] = sine(0.8 * defocus * square);
  }
  const { re, im } = field;
  for (let y = 0; y < n; y++) {
    for (let x = 0; x < n; x++) {
      const at = y * n + x;
      const direct = ring[x] * ring[y];
      // (1 − direct) bent light, −i · ringAmplitude · direct for the rest
      const aRe = lens[x] * lens[y] * (1 - direct);
      const aIm = lens[x] * lens[y] * -ringAmplitude * direct;
      const lRe = lagRe[x] * lagRe[y] - lagIm[x] * lagIm[y];
      const lIm = lagRe[x] * lagIm[y] + lagIm[x] * lagRe[y];
      const pRe = aRe * lRe - aIm * lIm;
      const pIm = aRe * lIm + aIm * lRe;
      const value = re[at];
      re[at] = value * pRe - im[at] * pIm;
      im[at] = value * pIm + im[at] * pRe;
    }
  }
}
