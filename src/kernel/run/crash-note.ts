/**
 * Tells the user why the kernel died. A heap that runs full ends the process at once; Node can still write a report, which the kernel
 * that takes its place (same connection file) finds and explains.
 */
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import v8 from 'node:v8';

export class CrashNote {
  private readonly folder: string;
  private readonly noteFile: string;
  private readonly reportFile: string;
  private message: string | null;

  /** @param connectionFile the notes lie beside it, in a folder that only the user can read */
  constructor(connectionFile: string) {
    this.folder = path.join(
      path.dirname(path.resolve(connectionFile)),
      `${path.basename(connectionFile)}.lch`,
    );
    this.noteFile = path.join(this.folder, 'running');
    this.reportFile = path.join(this.folder, 'report.json');
    this.message = this.explainLastCrash();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Has Node write a report when it runs out of memory. */
  watch(): void {
    mkdirSync(this.folder, { recursive: true, mode: 0o700 });
    if (process.report) {
      process.report.reportOnFatalError = true;
      process.report.directory = this.folder;
      process.report.filename = path.basename(this.reportFile);
      process.report.compact = true;
    }
  }

  begin(cellName: string): void {
    try {
      writeFileSync(this.noteFile, cellName);
    } catch {
      // without the note the explanation only lacks the cell's name
    }
  }

  end(): void {
    rmSync(this.noteFile, { force: true });
  }

  /** Explanation of the last crash, once. */
  takeMessage(): string | null {
    const { message } = this;
    this.message = null;
    return message;
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }

  private explainLastCrash(): string | null {
    const cell = read(this.noteFile);
    if (cell === null) return null;
    const event: string = JSON.parse(read(this.reportFile) ?? '{}').header?.event ?? '';
    const gigabytes = (v8.getHeapStatistics().heap_size_limit / 2 ** 30).toFixed(1);
    return /heap|memory|allocation/i.test(event)
      ? `The kernel was restarted: ${cell} ran out of heap memory (limit ${gigabytes} GiB), and all variables are lost. Work on ` +
          'smaller pieces, keep big data in typed arrays (they do not count), or raise the limit with NODE_OPTIONS=--max-old-space-size=8192.\n'
      : `The kernel was restarted: it died while ${cell} ran, and all variables are lost.\n`;
  }
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
