/** `%%capture`: keeps a cell's output in a variable instead of showing it. */
import type { CapturedOutput, KernelServices, MimeBundle } from '../kernel/services';
import { defineMagic } from './magic';

/** What a cell would have shown. */
export class CapturedCell {
  stdout = '';
  stderr = '';
  /** Displays by mime type, the cell's result last. */
  displays: MimeBundle[] = [];
  /** Value of the cell's last expression. */
  result: unknown;
  readonly #kernel: KernelServices;
  #outputs: CapturedOutput[] = [];

  constructor(kernel: KernelServices) {
    this.#kernel = kernel;
  }

  /** Shows it all, in order. */
  show(): void {
    for (const output of this.#outputs) {
      if ('stream' in output) this.#kernel.write(output.stream, output.text);
      else this.#kernel.display(output.bundle, { metadata: output.metadata });
    }
  }

  keep(outputs: CapturedOutput[]): void {
    this.#outputs = outputs;
    const textOf = (name: 'stdout' | 'stderr') =>
      outputs.map((output) => ('stream' in output && output.stream === name ? output.text : '')).join('');
    this.stdout = textOf('stdout');
    this.stderr = textOf('stderr');
    this.displays = outputs.flatMap((output) => ('bundle' in output ? [output.bundle] : []));
  }
}

/** Of {@link CapturedCell}, for cells. */
export const capturedDeclaration = `
interface CapturedCell {
  /** What the cell wrote to standard output. */
  readonly stdout: string;
  readonly stderr: string;
  /** Displays by mime type, the cell's result last. */
  readonly displays: readonly Record<string, unknown>[];
  /** Value of the cell's last expression. */
  readonly result: unknown;
  /** Shows it all, in order. */
  show(): void;
}`;

export const captureMagic = defineMagic({
  name: 'capture',
  kind: 'cell',
  summary: 'Keeps what the cell writes and shows in a variable, and shows nothing.',
  details:
    'The variable has stdout, stderr, displays, result, and show() to show it all. It is filled when the cell ends.',
  options: {},
  body: 'code',
  namesResult: true,
  signature: { cell: '(words: readonly unknown[]): Promise<CapturedCell>' },
  examples: ['%%capture output\nconsole.log("quiet")'],
  run(_, { kernel }) {
    const captured = new CapturedCell(kernel);
    const end = kernel.captureOutput();
    kernel.onCellEnd(async (result) => {
      const outputs = end();
      if (result !== undefined && result !== null) {
        outputs.push({ bundle: await kernel.format(result), metadata: {} });
      }
      captured.keep(outputs);
      captured.result = result;
      return undefined;
    });
    return captured;
  },
});
