/**
 * The `exports` object that all cells share: their variables. TypeScript defines imported names as getters; here they become plain
 * values, because a later cell may assign to them (tslab's semantics).
 */
export function createCellVariables(): Record<string, unknown> {
  return new Proxy<Record<string, unknown>>(
    {},
    {
      defineProperty(target, name, descriptor) {
        if (name === '__esModule') return true;
        target[name as string] = descriptor.get ? descriptor.get() : descriptor.value;
        return true;
      },
    },
  );
}
