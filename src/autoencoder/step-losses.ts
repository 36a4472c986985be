/** What a training step tells of itself. */

/** Losses of one step: means over the batch, before the step's updates. */
export interface StepLosses {
  /** Cross-entropy per pixel. */
  reconstructionLoss: number;
  /** Cross-entropy of the adversary on prior samples plus that on codes (a coin toss: 2 ln 2 = 1.386). */
  adversaryLoss: number;
  /** Cross-entropy of the adversary's verdict on codes against "from the prior" (a coin toss: 0.693). */
  generatorLoss: number;
  /** The weighted terms beside the cross-entropy (squared error, L1, structural similarity); only where one is on. */
  sharpnessLoss?: number;
  /** Cross-entropy of the day told from the codes (knowing nothing: ln of the number of days); only where it is on. */
  dayLoss?: number;
  /** Mean squared distance of the codes from the crops' principal components; only while they are drawn there. */
  principalLoss?: number;
}

/** All of them, in the order in which they are shown. */
export const lossNames = [
  'reconstructionLoss',
  'adversaryLoss',
  'generatorLoss',
  'sharpnessLoss',
  'dayLoss',
  'principalLoss',
] as const satisfies (keyof StepLosses)[];

/** To six places, for the log. */
export function roundedLosses(losses: StepLosses): StepLosses {
  const result = { ...losses };
  for (const name of lossNames) {
    const loss = result[name];
    if (loss !== undefined) result[name] = Number(loss.toFixed(6));
  }
  return result;
}
