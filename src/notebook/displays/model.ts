/** Autoencoders: their parts, layer by layer. */
import type { Autoencoder } from '../../autoencoder/autoencoder';
import type { MimeBundle } from '../../kernel/services';
import { htmlTable, textTable } from './html';

export function displayModel(value: unknown): MimeBundle | null {
  const model = value as Partial<Autoencoder> | null;
  if (typeof model !== 'object' || model === null) return null;
  if (typeof model.encode !== 'function' || !model.architecture || !model.encoder?.namedWeights) return null;
  const { encoder, decoder, adversary, architecture } = model as Autoencoder;
  const parts = { encoder, decoder, adversary };
  const rows = Object.entries(parts).flatMap(([part, network]) =>
    network
      .namedWeights()
      .map(([name, { parameter }]) => [
        part,
        name.replace(/^\w+\./, ''),
        `[${parameter.shape.join(', ')}]`,
        parameter.shape.reduce((product: number, side: number) => product * side, 1),
      ]),
  );
  const total = rows.reduce((sum, row) => sum + (row[3] as number), 0);
  const columns = ['part', 'tensor', 'shape', 'weights'];
  const title = `Autoencoder: ${architecture.imageSize} × ${architecture.imageSize} pixels to ${architecture.latentDims} features, ${total.toLocaleString('en-US')} weights`;
  return {
    'text/plain': `${title}\n${textTable(columns, rows)}`,
    'text/html': `<p>${title}</p>\n${htmlTable(columns, rows)}`,
  };
}
