/** Options of the commands that fit a linear classifier. */
import { OptionError } from '../util/errors';

export const classifierOptions = {
  method: {
    type: 'choice',
    choices: ['lda', 'logistic'],
    default: 'lda',
    help: 'Linear discriminant, or ridge logistic regression.',
  },
  solver: {
    type: 'choice',
    choices: ['svd', 'lsqr', 'eigen'],
    default: 'svd',
    help: 'Of the linear discriminant; lsqr and eigen take a shrinkage.',
  },
  shrinkage: {
    type: 'string',
    placeholder: 'auto|0…1',
    help: 'Of the covariance, with lsqr and eigen: auto (Ledoit–Wolf) or a number.',
  },
  penalty: { type: 'number', default: 1, min: 0, help: 'Ridge penalty of logistic regression.' },
  priors: {
    type: 'choice',
    choices: ['equal', 'empirical'],
    default: 'equal',
    help: 'Class probabilities before seeing a cell. Empirical ones bias pooled scores against the left-out group.',
  },
} as const;

interface Given {
  method: 'lda' | 'logistic';
  solver: 'svd' | 'lsqr' | 'eigen';
  shrinkage?: string;
  penalty: number;
  priors: 'equal' | 'empirical';
}

/** @throws OptionError for a shrinkage that is neither `auto` nor a share */
export function readClassifierOptions(who: string, { method, solver, shrinkage, penalty, priors }: Given) {
  const given =
    shrinkage === undefined ? undefined : shrinkage === 'auto' ? ('auto' as const) : Number(shrinkage);
  if (typeof given === 'number' && !(given >= 0 && given <= 1)) {
    throw new OptionError(`${who}: --shrinkage needs auto or a number from 0 to 1, got "${shrinkage}"`);
  }
  return { method, solver, shrinkage: given, penalty, priors };
}
