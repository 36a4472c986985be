// An extension for the protocol checks: a comm that answers, and work that watches the interrupt signal.
exports.loadExtension = (kernel) => ({
  globals: {
    values: {
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
    declarations: 'declare function openEcho(): void; declare function watchSignal(): Promise<void>;',
  },
});
