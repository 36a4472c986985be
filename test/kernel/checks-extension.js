// An extension for the protocol checks: it hands the kernel's services to cells, and rewrites `%twice x` into `[x, x]`.
exports.loadExtension = (kernel) => ({
  transform(source) {
    const found = /^%twice (.*)$/m.exec(source);
    if (!found) return { code: source, edits: [] };
    const start = found.index;
    const end = start + '%twice '.length;
    const edits = [
      { start, end, text: '[1, 1].map(() => ' },
      { start: end + found[1].length, end: end + found[1].length, text: ')' },
    ];
    const code = source.slice(0, start) + edits[0].text + found[1] + ')' + source.slice(edits[1].end);
    return { code, edits };
  },
  assistant: {
    complete: async (source, offset) =>
      source === '%tw' ? { matches: ['%twice'], start: 0, end: offset } : null,
    inspect: async (source) => (source === '%twice' ? { 'text/plain': 'runs it twice' } : null),
    isComplete: (source) => (source === '%%open' ? { status: 'incomplete', indent: '' } : null),
  },
  format: (value) => (value instanceof Map ? { 'text/html': `a map of ${value.size}` } : null),
  globals: {
    values: {
      services: kernel,
      openEcho() {
        const comm = kernel.openComm('echo', { hello: true }, { buffers: [Uint8Array.of(1, 2)] });
        comm.onMessage = (data, buffers) => {
          console.log('heard');
          comm.send(
            { answer: data.question * 7 },
            { buffers: buffers.map((buffer) => Uint8Array.from(buffer).reverse()) },
          );
        };
      },
      watchSignal: () =>
        new Promise((_, reject) => {
          const { signal } = kernel;
          signal.addEventListener('abort', () => reject(signal.reason));
        }),
    },
    declarations:
      'declare const services: any; declare function openEcho(): void; declare function watchSignal(): Promise<void>;',
  },
});
