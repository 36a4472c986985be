/** Writes a model for other software. */
import { join } from 'node:path';
import { packageVersion, writeFileAtomic } from '../../util/files';
import type { LoadedModel } from '../model-files';
import { exportNetworks } from './export-layers';
import { onnxModel } from './onnx';
import { layersModel } from './tfjs-layers';

export type ExportFormat = 'onnx' | 'tfjs';

/** What was written, and how it is to be used; also written as export.json. */
export interface ExportReport {
  format: ExportFormat;
  /** Below the folder. */
  files: string[];
  encoder: { input: string; output: string };
  decoder: { input: string; output: string };
  /** What must be done to a crop before it is encoded. */
  preprocessing: string;
  packageVersion: string;
  description: LoadedModel['description'];
}

/**
 * Writes encoder and decoder, in evaluation mode (batch norm by running statistics, the decoder's sigmoid included), for programs without
 * this package: `encoder.onnx` and `decoder.onnx`, or `encoder/` and `decoder/` with model.json and weights.bin for TensorFlow.js.
 *
 * @param folder exists; files in it are replaced
 * @throws DataError when it cannot be written; ModelError for a layer without counterpart
 */
export function exportModel(
  { model, description }: LoadedModel,
  folder: string,
  format: ExportFormat,
): ExportReport {
  const { imageSize, latentDims } = model.architecture;
  const shape =
    format === 'onnx' ? `[n, 1, ${imageSize}, ${imageSize}]` : `[n, ${imageSize}, ${imageSize}, 1]`;
  const images = `images: float32 ${shape}, 0..1`;
  const descriptors = `descriptors: float32 [n, ${latentDims}], z1 first`;
  const report: ExportReport = {
    format,
    files: [],
    encoder: { input: images, output: descriptors },
    decoder: { input: descriptors, output: images },
    preprocessing: preprocessingNote(imageSize, description?.preprocessing),
    packageVersion: packageVersion(),
    description,
  };
  const write = (name: string, content: string | Uint8Array) => {
    writeFileAtomic(join(folder, name), content);
    report.files.push(name);
  };
  for (const network of exportNetworks(model)) {
    const { input, output } = report[network.name];
    if (format === 'onnx') {
      const metadata = {
        input,
        output,
        preprocessing: report.preprocessing,
        description: JSON.stringify(description),
      };
      const doc = `Live Cell Histology, ${network.name}. Input ${input}; output ${output}. ${report.preprocessing}`;
      const notes = { packageVersion: report.packageVersion, doc, metadata };
      write(`${network.name}.onnx`, onnxModel(network, imageSize, latentDims, notes));
    } else {
      const notes = { input, output, preprocessing: report.preprocessing, description };
      const { topology, weights } = layersModel(network, imageSize, latentDims, report.packageVersion, notes);
      write(`${network.name}/model.json`, JSON.stringify(topology));
      write(`${network.name}/weights.bin`, weights);
    }
  }
  writeFileAtomic(join(folder, 'export.json'), `${JSON.stringify(report, null, 2)}\n`);
  return report;
}

/** In words what `loadCrops` does at this model's size. */
function preprocessingNote(size: number, recorded: Readonly<Record<string, unknown>> = {}): string {
  const resized = `grey value / 255, resized to ${size}×${size} bilinearly`;
  const steps = Object.entries(recorded).filter(([, value]) => value !== undefined && value !== false);
  if (steps.length === 0) return `Crops: ${resized}; nothing else.`;
  const named = steps.map(([name, value]) => (value === true ? name : `${name} ${JSON.stringify(value)}`));
  return `Crops: ${resized}; before the resizing, as in training: ${named.join(', ')} (see preprocessCrop).`;
}
