/** What no study should look like: each gives a typed error that says what to do, or the stated fallback. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { auditStudy } from '../../src/classify/audit-study';
import { batchReport } from '../../src/classify/batch-report';
import { cellsNeeded } from '../../src/classify/cells-needed';
import { evaluateByGroup } from '../../src/classify/evaluate-by-group';
import { fitClassifier } from '../../src/classify/fit-classifier';
import { classifyByGroup } from '../../src/classify/leave-one-group-out';
import { leavePairOut } from '../../src/classify/leave-pair-out';
import { networkByGroup } from '../../src/classify/network-by-group';
import { pairwiseAuc } from '../../src/classify/pairwise-auc';
import { transferClassifier } from '../../src/classify/transfer';
import { mapQuality } from '../../src/latent/map-quality';
import { fitUmap } from '../../src/latent/umap';
import { UserError } from '../../src/util/errors';
import { seededRandom } from '../../src/util/random';
import { plantTumors } from '../helpers/tumors';

type Study = ReturnType<typeof plantTumors> & { days: string[]; random: ReturnType<typeof seededRandom> };

function study(cells = 12): Study {
  const planted = plantTumors({ cells });
  return {
    ...planted,
    days: planted.groups.map((_, i) => `day${i % 3}`),
    random: seededRandom(1),
  };
}

const quick = { resamples: 20, epochs: 2 };

/** Everything that judges a study, and its map. */
const analyses: Record<string, (study: Study) => Promise<unknown>> = {
  classifyByGroup: (s) => classifyByGroup({ ...s, permutations: 20 }),
  'classifyByGroup, logistic': (s) => classifyByGroup({ ...s, method: 'logistic' }),
  'classifyByGroup, Ledoit–Wolf': (s) => classifyByGroup({ ...s, solver: 'lsqr', shrinkage: 'auto' }),
  evaluateByGroup: (s) => evaluateByGroup({ ...s, ...quick }),
  leavePairOut: (s) => leavePairOut(s),
  networkByGroup: (s) => networkByGroup({ ...s, ...quick }),
  pairwiseAuc: (s) => pairwiseAuc({ ...s, types: s.groups, groups: s.days }),
  batchReport: (s) => batchReport({ ...s, batches: s.days }),
  cellsNeeded: (s) =>
    cellsNeeded({ ...s, scores: s.latents.filter((_, at) => at % s.d === 0), ...quick, sizes: [1, 2] }),
  transferClassifier: (s) =>
    transferClassifier({ ...s, ...quick, classifier: fitClassifier(s.latents, s.n, s.d, s.labels) }),
  auditStudy: (s) =>
    auditStudy({ ...s, factors: { first: s.latents.filter((_, at) => at % s.d === 0) }, network: false }),
  fitUmap: async (s) => {
    const map = await fitUmap(s.latents, s.n, s.d, { epochs: 5 });
    return mapQuality(s.latents, map.points, s.n, s.d, map.near, { labels: { type: s.groups } });
  },
};

/** Changes that make a study degenerate, and what each analysis must then do: nothing unless it is named here. */
const cases: Record<string, { change(s: Study): void; message: RegExp; refusedBy: readonly string[] }> = {
  'one class': {
    change: (s) => s.labels.fill(true),
    message: /both classes|none is "negative"|groups of each class|five cells of each class/,
    refusedBy: Object.keys(analyses).filter((name) => !['pairwiseAuc', 'fitUmap'].includes(name)),
  },
  'one tumor': {
    change: (s) => s.groups.fill('m0'),
    message: /at least two|holds both/,
    refusedBy: Object.keys(analyses).filter(
      (name) => !['batchReport', 'transferClassifier', 'fitUmap'].includes(name),
    ),
  },
  'a tumor alone in its class': {
    change: (s) =>
      s.groups.forEach((group, i) => {
        s.labels[i] = group === 'm3';
      }),
    message: /all "positive" cells are in group "m3"|at least two groups of each class/,
    refusedBy: [
      'classifyByGroup',
      'classifyByGroup, logistic',
      'classifyByGroup, Ledoit–Wolf',
      'evaluateByGroup',
      'leavePairOut',
      'networkByGroup',
      'auditStudy',
    ],
  },
  NaN: {
    change: (s) => {
      s.latents[2 * s.d] = Number.NaN;
    },
    message: /cell 3 .*NaN|NaN.* cell 3|is NaN/,
    refusedBy: Object.keys(analyses),
  },
  'infinite numbers': {
    change: (s) => {
      s.latents[2 * s.d + 1] = Infinity;
    },
    message: /cell 3 has Infinity in feature 2/,
    refusedBy: Object.keys(analyses).filter((name) => name !== 'cellsNeeded'),
  },
  'labels of another length': {
    change: (s) => {
      s.labels.pop();
    },
    message: /per cell|needs one of/,
    refusedBy: Object.keys(analyses).filter((name) => !['pairwiseAuc', 'fitUmap'].includes(name)),
  },
  'a constant feature': {
    change: (s) => {
      for (let i = 0; i < s.n; i++) s.latents[i * s.d + 3] = 7;
    },
    message: /./,
    refusedBy: [],
  },
  'all features constant': {
    change: (s) => s.latents.fill(1),
    message: /no spread|same descriptor|is the same for all cells|has no spread/,
    refusedBy: ['batchReport', 'auditStudy'],
  },
  'every cell twice': {
    change: (s) => {
      s.latents.copyWithin((s.n / 2) * s.d, 0, (s.n / 2) * s.d);
    },
    message: /./,
    refusedBy: [],
  },
};

for (const [name, { change, message, refusedBy }] of Object.entries(cases)) {
  describe(`a study with ${name}`, () => {
    for (const [analysis, run] of Object.entries(analyses)) {
      const refused = refusedBy.includes(analysis);
      it(`is ${refused ? 'refused in one line by' : 'done with finite numbers by'} ${analysis}`, async () => {
        const made = study();
        change(made);
        if (!refused) {
          assertFinite(await run(made), analysis);
          return;
        }
        await assert.rejects(
          async () => run(made),
          (error: Error) => {
            assert.ok(error instanceof UserError, `${error.stack}`);
            assert.match(error.message, message);
            assert.ok(!error.message.includes('\n'));
            return true;
          },
        );
      });
    }
  });
}

describe('a study with fewer cells than features', () => {
  it('is done with finite numbers', async () => {
    const made = study(4);
    const d = 40;
    const random = seededRandom(2);
    const wide = Float64Array.from({ length: made.n * d }, () => random.normal());
    for (let i = 0; i < made.n; i++) wide[i * d] = made.latents[i * made.d];
    for (const analysis of [
      'classifyByGroup',
      'classifyByGroup, Ledoit–Wolf',
      'evaluateByGroup',
      'leavePairOut',
      'transferClassifier',
      'auditStudy',
    ]) {
      assertFinite(await analyses[analysis]({ ...made, latents: wide, d }), analysis);
    }
  });
});

/** No number anywhere in a result may be NaN; an empty bin of a reliability curve has no means, and says so by NaN. */
function assertFinite(value: unknown, where: string): void {
  if (typeof value === 'number') assert.ok(!Number.isNaN(value), `${where} is NaN`);
  else if (ArrayBuffer.isView(value)) assertFinite([...(value as Float64Array)], where);
  else if (Array.isArray(value))
    value.forEach((item, i) => {
      assertFinite(item, `${where}[${i}]`);
    });
  else if (value && typeof value === 'object') {
    if ('predicted' in value && 'observed' in value && (value as { cells?: number }).cells === 0) return;
    for (const [key, item] of Object.entries(value)) assertFinite(item, `${where}.${key}`);
  }
}
