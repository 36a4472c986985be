/** Ending the process from a cell would take the kernel and all variables along, so it is refused with an explanation. */
export function refuseExit(): void {
  const refuse = (call: string) => () => {
    throw new Error(
      `${call} would end the kernel and lose all variables; to stop this cell throw an error, to start anew use "Restart kernel"`,
    );
  };
  process.exit = refuse('process.exit()') as typeof process.exit;
  process.abort = refuse('process.abort()') as typeof process.abort;
}
