/** `lch export`: the model for other software. */
import { exportModel } from '../autoencoder/export/export-model';
import { claimFolder } from '../util/files';
import { defineCommand } from './command';
import { forceOption, modelOption, openModel, outOption } from './shared';

export const exportCommand = defineCommand({
  name: 'export',
  summary: 'Writes encoder and decoder as ONNX or for TensorFlow.js in a web page.',
  details:
    'onnx: encoder.onnx and decoder.onnx (opset 17, images [n, 1, s, s]). tfjs: encoder/ and decoder/ with model.json and weights.bin for ' +
    'tf.loadLayersModel (images [n, s, s, 1]). Pixels are 0..1. export.json says what goes in and comes out, and how crops are prepared.',
  options: {
    model: modelOption,
    format: {
      type: 'choice',
      choices: ['onnx', 'tfjs'],
      default: 'onnx',
      help: 'ONNX for ONNX Runtime and others; tfjs for a web page.',
    },
    out: outOption('DIR', 'Folder for the files.'),
    force: forceOption,
  },
  examples: [
    'lch export --model run1 --format onnx --out onnx',
    'lch export --model run1 --format tfjs --out web',
  ],
  async run(options, context) {
    claimFolder('lch export', options.out, options.force);
    const loaded = await openModel(options.model);
    try {
      const report = exportModel(loaded, options.out, options.format);
      context.print(`${report.files.join(', ')} in ${options.out}`);
      return report;
    } finally {
      loaded.model.dispose();
    }
  },
});
