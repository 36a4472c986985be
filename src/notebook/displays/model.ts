/** Models: autoencoders layer by layer, and linear classifiers with what they look at. */
import type { Autoencoder } from '../../autoencoder/autoencoder';
import type { Classifier } from '../../classify/classifier';
import type { MimeBundle } from '../../kernel/services';
import { escapeHtml, folded, htmlTable, textTable } from './html';

/** Features of a classifier that are shown. */
const mostFeatures = 8;

export function displayModel(value: unknown): MimeBundle | null {
  if (typeof value !== 'object' || value === null) return null;
  if (isAutoencoder(value)) return autoencoderBundle(value);
  // what loadModel and trainAutoencoder give
  if ('model' in value && isAutoencoder(value.model)) return autoencoderBundle(value.model);
  return isClassifier(value) ? classifierBundle(value) : null;
}

function autoencoderBundle({ architecture, networks }: Autoencoder): MimeBundle {
  const rows = networks.flatMap(({ name, layers }) =>
    layers.map((layer, i) => {
      const shapes = Object.values(layer.weights).map(({ parameter }) => parameter.shape);
      const count = shapes.reduce(
        (sum, shape) => sum + shape.reduce((product, side) => product * side, 1),
        0,
      );
      const shape = shapes.map((sides) => `[${sides.join(', ')}]`).join(' ');
      return [`${name}.${i + 1}`, layer.constructor.name, shape, count || null];
    }),
  );
  const total = rows.reduce((sum, row) => sum + Number(row[3]), 0);
  const { imageSize, latentDims } = architecture;
  const title = `Autoencoder: ${imageSize} × ${imageSize} pixels to ${latentDims} features, ${total.toLocaleString('en-US')} weights`;
  const columns = ['layer', 'kind', 'shapes', 'weights'];
  return {
    'text/plain': `${title}\n${textTable(columns, rows)}`,
    'text/html': `<p>${escapeHtml(title)}</p>\n${folded(`${rows.length} layers`, htmlTable(columns, rows))}`,
  };
}

function classifierBundle({ method, features, classes, cells, weights }: Classifier): MimeBundle {
  const strongest = Array.from(weights.keys())
    .sort((a, b) => Math.abs(weights[b]) - Math.abs(weights[a]))
    .slice(0, mostFeatures);
  const [few, many] = classes.map((name, i) => `${name} (${cells[i].toLocaleString('en-US')} cells)`);
  const title = `Classifier by ${method}: ${few} or ${many}, from ${features} features; the strongest:`;
  const columns = ['feature', 'weight (standardised)'];
  const rows = strongest.map((feature) => [feature + 1, weights[feature]]);
  return {
    'text/plain': `${title}\n${textTable(columns, rows)}`,
    'text/html': `<p>${escapeHtml(title)}</p>\n${htmlTable(columns, rows)}`,
  };
}

function isAutoencoder(value: unknown): value is Autoencoder {
  const model = value as Partial<Autoencoder> | null;
  return (
    typeof model === 'object' &&
    model !== null &&
    typeof model.encode === 'function' &&
    typeof model.architecture === 'object' &&
    Array.isArray(model.networks) &&
    Array.isArray(model.networks[0]?.layers)
  );
}

function isClassifier(value: object): value is Classifier {
  return 'format' in value && value.format === 'lch-classifier';
}
