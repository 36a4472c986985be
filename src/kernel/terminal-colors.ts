/** The few colours of tracebacks, as ANSI escape sequences; every Jupyter front end shows them. */
const color = (code: number) => (text: string) => `\x1b[${code}m${text}\x1b[0m`;

export const bold = color(1);
export const red = color(31);
export const yellow = color(33);
export const gray = color(90);
