import assert from 'node:assert/strict';
import { before, describe, it } from 'node:test';
import type { Tensor2D } from '@tensorflow/tfjs-core';
import type { Architecture } from '../../src/autoencoder/architecture';
import { type Autoencoder, buildAutoencoder } from '../../src/autoencoder/autoencoder';
import { cropsInMemory } from '../../src/autoencoder/crop-source';
import { buildDayAdversary, gatherDayGradient } from '../../src/autoencoder/day-adversary';
import { learningRateAt } from '../../src/autoencoder/learning-rate';
import { type SharpnessWeights, sharpnessTerms } from '../../src/autoencoder/losses';
import { modelTensors } from '../../src/autoencoder/model-files';
import type { Network } from '../../src/autoencoder/network';
import { principalEncoder, principalPull, principalWeightAt } from '../../src/autoencoder/principal-start';
import {
  checkStepMemory,
  estimateStepBytes,
  explainAllocationFailure,
} from '../../src/autoencoder/step-memory';
import { structuralDissimilarity } from '../../src/autoencoder/structural-similarity';
import { clipFactor, type StepOptions, trainStep } from '../../src/autoencoder/train-step';
import { trainingFigure } from '../../src/autoencoder/training-figure';
import type { LogEntry } from '../../src/autoencoder/training-log';
import { WeightAverage } from '../../src/autoencoder/weight-average';
import { loadBackend, tf } from '../../src/compute';
import { fitPca } from '../../src/stats/pca';
import { seededRandom } from '../../src/util/random';

const architecture: Architecture = {
  imageSize: 16,
  channels: [8, 8, 12],
  latentDims: 6,
  adversaryWidths: [16, 16, 8],
};
const count = 8;
const adam = { learningRate: 0.01, beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const normals = (length: number, seed: number) => {
  const random = seededRandom(seed);
  return Float32Array.from({ length }, () => random.normal());
};
const images = Float32Array.from(
  { length: count * 256 },
  (_, i) => 0.5 + 0.4 * Math.sin(i * 0.37 + (i >> 8)),
);
const noise = normals(count * 6, 2);

/** One step of a fresh model. */
function stepped(options: Partial<StepOptions> = {}, use?: (model: Autoencoder) => void) {
  const model = buildAutoencoder(architecture, seededRandom(1));
  const losses = trainStep(model, images, noise, { adam, adversaryWeight: 0.1, step: 1, ...options });
  use?.(model);
  const weights = weightsOf(model);
  model.dispose();
  return { losses, weights };
}

function weightsOf(model: { networks: readonly Network[] }): Map<string, Float32Array> {
  return new Map(modelTensors(model).map(({ name, values }) => [name, values.slice()]));
}

/** Names of the networks whose weights differ. */
function changed(a: Map<string, Float32Array>, b: Map<string, Float32Array>): string[] {
  const names = new Set<string>();
  for (const [name, values] of a) {
    if (!values.every((value, i) => value === b.get(name)?.[i])) names.add(name.split('.')[0]);
  }
  return [...names].sort();
}

describe('options of a training step', () => {
  before(() => loadBackend());

  it('without an adversary its weights stay as they are', () => {
    const fresh = buildAutoencoder(architecture, seededRandom(1));
    const start = weightsOf(fresh);
    fresh.dispose();
    assert.deepEqual(changed(start, stepped({ adversaryWeight: 0 }).weights), ['decoder', 'encoder']);
    assert.deepEqual(changed(start, stepped().weights), ['adversary', 'decoder', 'encoder']);
  });

  it('the adversary’s own step size moves the adversary only', () => {
    const slow = stepped({ adversaryLearningRate: 0.001 }).weights;
    assert.deepEqual(changed(stepped().weights, slow), ['adversary']);
  });

  it('the day’s adversary learns, and moves the encoder beside itself, nothing else', () => {
    const { numTensors } = tf.memory();
    const labels = Int32Array.from({ length: count }, (_, i) => i % 3);
    const network = buildDayAdversary(6, 3, seededRandom(3));
    const before = weightsOf({ networks: [network] });
    const day = { network, labels, shares: Float32Array.of(3 / 8, 3 / 8, 2 / 8), weight: 1 };
    const { weights, losses } = stepped({ extras: { day } });
    assert.deepEqual(changed(stepped().weights, weights), ['encoder']);
    assert.deepEqual(changed(before, weightsOf({ networks: [network] })), ['day']);
    assert.ok(Math.abs((losses.dayLoss ?? 0) - Math.log(3)) < 0.3, 'it begins near a guess');
    network.dispose();
    assert.equal(tf.memory().numTensors, numTensors);
  });

  it('the day’s adversary learns to tell days; what it asks of the codes is to be told as the days’ shares', () => {
    const labels = Int32Array.from({ length: 30 }, (_, i) => i % 2);
    const shares = Float32Array.of(0.5, 0.5);
    const network = buildDayAdversary(2, 2, seededRandom(4));
    const codes = normals(60, 5).map((value, i) => (i % 2 === 0 ? value + 2 * labels[i >> 1] - 1 : value));
    const gather = () =>
      tf.tidy(() => {
        network.clearGradients();
        const z = tf.tensor2d(codes, [30, 2]);
        const { loss, dCodes } = gatherDayGradient(network, z, { labels, shares, weight: 0.5 });
        return { loss: loss.dataSync()[0], slope: dCodes.dataSync<'float32'>().slice() };
      });
    const first = gather().loss;
    for (let step = 1; step <= 60; step++) {
      gather();
      for (const [, weight] of network.namedWeights())
        if (weight.gradient)
          weight.parameter.applyAdam(weight.gradient, step, { ...adam, learningRate: 0.001 });
    }
    const { loss, slope } = gather();
    assert.ok(loss < 0.7 * first, `told: ${first} → ${loss}`);
    /** Cross-entropy of the adversary's verdict against the days' shares, times the weight. */
    const wish = (z: Float32Array) =>
      tf.tidy(() => {
        const told = tf.logSoftmax(network.evaluate(tf.tensor2d(z, [30, 2])));
        return -0.5 * tf.mean(tf.sum(tf.mul(told, shares[0]), 1)).dataSync()[0];
      });
    for (let trial = 0; trial < 3; trial++) {
      const direction = normals(60, trial);
      const moved = (sign: number) => wish(codes.map((value, i) => value + sign * 1e-3 * direction[i]));
      const difference = (moved(1) - moved(-1)) / 2e-3;
      const expected = direction.reduce((sum, value, i) => sum + value * slope[i], 0);
      assert.ok(Math.abs(difference - expected) < 2e-3, `${difference} against ${expected}`);
    }
    network.dispose();
  });

  it('noise on the codes and sharpness terms change the reconstruction, not the adversary’s own step', () => {
    const plain = stepped().weights;
    const codeNoise = normals(count * 6, 9);
    assert.deepEqual(changed(plain, stepped({ extras: { codeNoise } }).weights), ['decoder', 'encoder']);
    const sharp = stepped({ extras: { l1Weight: 1, ssimWeight: 1 } });
    assert.deepEqual(changed(plain, sharp.weights), ['decoder', 'encoder']);
    assert.ok((sharp.losses.sharpnessLoss ?? 0) > 0);
    assert.deepEqual(changed(plain, stepped({ extras: {} }).weights), []);
  });

  it('clipping shortens long gradients to the given length and leaves short ones', () => {
    tf.tidy(() => {
      const gradients = [tf.tensor1d([3, 0]), tf.tensor2d([[4]])]; // 5 long
      assert.ok(Math.abs(clipFactor(gradients, 1).dataSync()[0] - 0.2) < 1e-6);
      assert.equal(clipFactor(gradients, 10).dataSync()[0], 1);
      assert.equal(clipFactor([tf.tensor1d([0])], 1).dataSync()[0], 1);
    });
    // Adam's first step goes by the sign, so clipping must not matter much there; but it is applied
    assert.deepEqual(changed(stepped().weights, stepped({ clipNorm: 1e-4 }).weights).length, 3);
  });

  it('leaves no tensor behind with everything on', async () => {
    stepped();
    const principal = await principalEncoder(cropsInMemory(images, 16), 6, seededRandom(1));
    const { numTensors } = tf.memory();
    const network = buildDayAdversary(6, 2, seededRandom(3));
    const day = { network, labels: new Int32Array(count), shares: Float32Array.of(0.5, 0.5), weight: 1 };
    stepped({
      clipNorm: 1,
      extras: {
        day,
        principal: { ...principal, weight: 1 },
        codeNoise: noise,
        squaredErrorWeight: 1,
        l1Weight: 1,
        ssimWeight: 1,
      },
    });
    network.dispose();
    assert.equal(tf.memory().numTensors, numTensors);
    tf.dispose([principal.mean, principal.axes]);
  });
});

describe('the start from principal components', () => {
  before(() => loadBackend());

  it('the encoder gives the scores of an exact analysis, whitened, each up to its sign', async () => {
    // 60 pictures of 8×8 with 5 strong directions over noise
    const [crops, size, k] = [60, 8, 5];
    const patterns = normals(k * size ** 2, 31);
    const weights = normals(crops * k, 32);
    const pictures = normals(crops * size ** 2, 33).map((noise, at) => {
      const [i, pixel] = [Math.floor(at / size ** 2), at % size ** 2];
      let sum = 0.5 + 0.02 * noise;
      for (let j = 0; j < k; j++) sum += (weights[i * k + j] * patterns[j * size ** 2 + pixel]) / (4 + 4 * j);
      return sum;
    });
    const exact = fitPca(pictures, crops, size ** 2, { components: k });
    const scores = exact.transform(pictures, crops);
    const source = cropsInMemory(pictures, size);
    const tensors = tf.memory().numTensors;
    const { mean, axes } = await principalEncoder(source, k, seededRandom(1));
    assert.equal(tf.memory().numTensors, tensors + 2);
    const codes = tf.tidy(() =>
      tf.matMul(tf.sub(tf.tensor2d(pictures, [crops, size ** 2]), mean) as Tensor2D, axes).dataSync(),
    );
    for (let j = 0; j < k; j++) {
      const sd = Math.sqrt((exact.explainedVariance[j] * (crops - 1)) / crops);
      const sign = Math.sign(codes[j] * scores[j]);
      for (let i = 0; i < crops; i++)
        assert.ok(
          Math.abs(codes[i * k + j] - (sign * scores[i * k + j]) / sd) < 0.01,
          `crop ${i}, component ${j}`,
        );
    }
    tf.dispose([mean, axes]);
  });

  it('leaves features without a component at nought', async () => {
    const flat = new Float32Array(3 * 16).fill(0.5);
    flat.fill(0.9, 16, 32); // one direction in three pictures
    const { mean, axes } = await principalEncoder(cropsInMemory(flat, 4), 20, seededRandom(1));
    const lengths = tf.tidy(() => tf.norm(axes, 'euclidean', 0).arraySync() as number[]);
    assert.ok(lengths[0] > 0);
    assert.deepEqual(lengths.slice(1), new Array(19).fill(0));
    tf.dispose([mean, axes]);
  });

  it('the pull has the gradient of its loss, fades evenly, and reaches the encoder alone', async () => {
    const source = cropsInMemory(images, 16);
    const { mean, axes } = await principalEncoder(source, 6, seededRandom(1));
    const x = tf.tensor4d(images, [count, 16, 16, 1]);
    const codes = normals(count * 6, 4);
    const at = (z: Float32Array) =>
      tf.tidy(() => {
        const pull = principalPull(x, tf.tensor2d(z, [count, 6]), { mean, axes, weight: 0.5 });
        return { loss: pull.loss.dataSync()[0], slope: pull.dCodes.dataSync<'float32'>().slice() };
      });
    const { slope } = at(codes);
    const direction = normals(count * 6, 5);
    const moved = (sign: number) => at(codes.map((value, i) => value + sign * 0.01 * direction[i])).loss;
    const difference = (0.5 * (moved(1) - moved(-1))) / 0.02;
    const expected = direction.reduce((sum, value, i) => sum + value * slope[i], 0);
    assert.ok(Math.abs(difference - expected) < 1e-3, `${difference} against ${expected}`);
    const pulled = stepped({ extras: { principal: { mean, axes, weight: 1 } } });
    assert.deepEqual(changed(stepped().weights, pulled.weights), ['encoder']);
    assert.ok((pulled.losses.principalLoss ?? 0) > 0);
    tf.dispose([mean, axes, x]);

    const fading = { principalWeight: 0.4, principalEpochs: 2 };
    assert.equal(principalWeightAt(fading, 1, 10), 0.4);
    assert.ok(Math.abs(principalWeightAt(fading, 11, 10) - 0.2) < 1e-12);
    assert.equal(principalWeightAt(fading, 21, 10), 0);
    assert.equal(principalWeightAt({}, 1, 10), 0);
  });
});

describe('sharpness terms', () => {
  before(() => loadBackend());
  const side = 16;
  // out of reach of the predictions (0.27 to 0.73), where an absolute error has its kink
  const target = Float32Array.from({ length: 2 * side ** 2 }, (_, i) =>
    Math.sin(1 + i * 0.7) > 0 ? 0.85 : 0.15,
  );
  const start = Float32Array.from({ length: 2 * side ** 2 }, (_, i) => Math.cos(i * 0.31));
  const at = (logits: Float32Array, weights: SharpnessWeights) =>
    tf.tidy(() => {
      const shape: [number, number, number, number] = [2, side, side, 1];
      const terms = sharpnessTerms(tf.tensor4d(logits, shape), tf.tensor4d(target, shape), weights);
      return {
        value: terms?.value.dataSync()[0] ?? 0,
        grad: terms?.grad.dataSync<'float32'>().slice() ?? new Float32Array(0),
      };
    });

  for (const weights of [
    { squaredErrorWeight: 3 },
    { l1Weight: 1 },
    { ssimWeight: 1 },
    { l1Weight: 0.5, ssimWeight: 2 },
  ]) {
    it(`${JSON.stringify(weights)}: the gradient is that of finite differences along random directions`, () => {
      const { grad } = at(start, weights);
      for (let trial = 0; trial < 5; trial++) {
        const direction = normals(start.length, trial);
        const epsilon = 2e-3;
        const moved = (sign: number) =>
          at(
            start.map((value, i) => value + sign * epsilon * direction[i]),
            weights,
          ).value;
        const difference = (moved(1) - moved(-1)) / (2 * epsilon);
        const slope = direction.reduce((sum, value, i) => sum + value * grad[i], 0);
        const length = Math.sqrt(grad.reduce((sum, value) => sum + value ** 2, 0));
        assert.ok(Math.abs(difference - slope) < 0.02 * length + 2e-4, `${difference} against ${slope}`);
      }
    });
  }

  it('structural dissimilarity is 0 for equal pictures, grows with blur and noise, and ignores nothing at the border', () => {
    const value = (change: (v: number, i: number) => number) =>
      tf.tidy(() => {
        const shape: [number, number, number] = [2, side, side];
        return structuralDissimilarity(
          tf.tensor3d(target.map(change), shape),
          tf.tensor3d(target, shape),
        ).dataSync()[0];
      });
    assert.ok(Math.abs(value((v) => v)) < 1e-5);
    const little = value((v, i) => v + 0.02 * Math.sin(i * 12.9));
    const much = value((v, i) => v + 0.2 * Math.sin(i * 12.9));
    assert.ok(little > 0.0005 && much > 3 * little && much < 1, `${little} ${much}`);
    assert.ok(value((v, i) => (i === 0 ? 1 - v : v)) > 1e-6, 'the corner counts');
  });
});

describe('the step size along training', () => {
  const base = { learningRate: 0.1, epochs: 10, schedule: 'constant' } as const;

  it('constant stays; cosine falls from all to nothing; step falls by its factor', () => {
    assert.equal(learningRateAt(base, 77, 10), 0.1);
    const cosine = { ...base, schedule: 'cosine' } as const;
    assert.equal(learningRateAt(cosine, 1, 10), 0.1);
    assert.ok(Math.abs(learningRateAt(cosine, 51, 10) - 0.05) < 1e-12);
    assert.ok(learningRateAt(cosine, 100, 10) < 1e-4);
    const step = { ...base, schedule: 'step', stepEpochs: 2, stepFactor: 0.5 } as const;
    assert.deepEqual(
      [1, 20, 21, 41].map((at) => learningRateAt(step, at, 10)),
      [0.1, 0.1, 0.05, 0.025],
    );
  });

  it('the warm-up rises evenly, and the cosine begins where it ends', () => {
    const warm = { ...base, schedule: 'cosine', warmupEpochs: 0.9 } as const; // 9 steps of 10
    assert.ok(Math.abs(learningRateAt(warm, 1, 10) - 0.01) < 1e-12);
    assert.ok(Math.abs(learningRateAt(warm, 9, 10) - 0.09) < 1e-12);
    assert.equal(learningRateAt(warm, 10, 10), 0.1);
  });
});

describe('WeightAverage', () => {
  before(() => loadBackend());

  it('follows the weights, is used only in between, and gives its tensors back', async () => {
    const { numTensors } = tf.memory();
    const model = buildAutoencoder(architecture, seededRandom(1));
    const average = new WeightAverage(model, 0.999);
    const name = 'encoder.1.weight';
    const first = weightsOf(model).get(name) as Float32Array;
    trainStep(model, images, noise, { adam, adversaryWeight: 0.1, step: 1 });
    average.update(1);
    const second = weightsOf(model).get(name) as Float32Array;
    await average.during(async () => {
      const mean = weightsOf(model).get(name) as Float32Array;
      // decay 2/11 in the first step
      mean.forEach((value, i) => {
        assert.ok(Math.abs(value - (first[i] * 2 + second[i] * 9) / 11) < 1e-6);
      });
    });
    assert.deepEqual(weightsOf(model).get(name), second);
    average.dispose();
    model.dispose();
    assert.equal(tf.memory().numTensors, numTensors);
  });
});

describe('trainingFigure', () => {
  it('has a panel per loss of the log, the error of held-out crops by epoch, and the speed where it is asked for', () => {
    const losses = { reconstructionLoss: 0.5, adversaryLoss: 1.4, generatorLoss: 0.7, dayLoss: 1 };
    const step = {
      kind: 'step',
      step: 1,
      epoch: 1,
      crops: 8,
      learningRate: 0.1,
      imagesPerSecond: 9,
      ...losses,
    } as const;
    const validation = { validationLoss: 0.5, validationMseMean: 0.01, validationMseSd: 0.002 };
    const epoch = { kind: 'epoch', step: 1, epoch: 1, imagesPerSecond: 9, ...losses, ...validation } as const;
    const panels = (log: readonly LogEntry[], speed: boolean) =>
      (trainingFigure(log, { speed }) as unknown as { concat: unknown[] }).concat.length;
    assert.equal(panels([step, epoch], true), 6);
    assert.equal(panels([step, epoch], false), 5);
    assert.equal(panels([], true), 1, 'an empty log is an empty panel');
    assert.match(JSON.stringify(trainingFigure([step], { note: 'Synthetic cells' })), /Synthetic cells/);
  });
});

describe('memory of a step', () => {
  const sizes: Architecture = {
    imageSize: 256,
    channels: [64, 128, 256, 512, 1024, 1024],
    latentDims: 56,
    adversaryWidths: [1024, 1024, 512],
  };

  it('too large a batch is named before the first step, with one that fits', () => {
    const { fixed, perCrop } = estimateStepBytes(sizes, 50);
    const available = fixed + 20 * perCrop;
    assert.throws(
      () => checkStepMemory(sizes, 50, 'float32', available),
      /^OptionError: train: a step with --batch 50 needs about .* GB, and .* GB are free; take --batch 1\d$/,
    );
    checkStepMemory(sizes, 12, 'float32', available);
    assert.throws(() => checkStepMemory(sizes, 50, 'float32', 1e8), /not even two crops fit/);
  });

  it('an allocation that failed is explained, another error stays as it is', () => {
    const failed = new Error('OOM when allocating tensor with shape[50,128,128,64]');
    assert.match(
      String(explainAllocationFailure(failed, sizes, 50, 'float32')),
      /memory ran out in a step with --batch 50 .*; take --batch 25/,
    );
    const other = new Error('something else');
    assert.equal(explainAllocationFailure(other, sizes, 50, 'float32'), other);
  });
});
