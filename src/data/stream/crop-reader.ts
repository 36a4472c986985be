/**
 * Crops read ahead of whoever needs them, by threads of their own: decoded, preprocessed and laid side by side in memory that is used
 * over and over. Main threads may be busy with a training step meanwhile.
 */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import { DataError, OptionError, throwIfInterrupted } from '../../util/errors';
import type { Random } from '../../util/random';
import { checkPreprocessing, type Preprocessing } from '../preprocess/preprocess-crop';
import type { CropJob, JobReport, WorkerSetup } from './crop-worker';
import { describePacked, packedPixels } from './packed-format';

export interface ReaderOptions {
  /** Default: none. What draws at random (turnShare) draws anew for each epoch and crop, the same for a seed whatever the threads. */
  preprocessing?: Preprocessing;
  /** What is done to each crop once it has its size, as {@link prepareCrops} does it to crops in memory. Default: none. */
  prepare?: Preprocessing;
  /** Where turning draws from. Default 0. */
  seed?: number;
  /** Decoding threads. Default: as many as the machine has cores, at most 8. */
  threads?: number;
}

export interface BatchOptions {
  /** Crops per batch; the last one may be shorter. */
  batchSize: number;
  /** Batches that are read ahead; memory grows with it, and with nothing else. Default 2. */
  ahead?: number;
  /** Shuffles the crops; without it they come in order. Give a fork per epoch. */
  random?: Random;
  /** Number of the pass, for what is drawn at random. Default 0. */
  epoch?: number;
  signal?: AbortSignal;
}

/** Some crops in a row. */
export interface CropBatch {
  /** Numbers of the crops. */
  indices: Int32Array;
  /** float32, [indices.length, size, size, 1] row by row. Valid until the next batch is asked for: copy what you keep. */
  images: Float32Array;
}

/** What a read gives, before anyone judges it. */
interface ReadResult {
  images: Float32Array;
  failures: JobReport['failures'];
}

interface Pending {
  waitingFor: number;
  failures: JobReport['failures'];
  resolve: (failures: JobReport['failures']) => void;
  reject: (error: unknown) => void;
}

/** A numbered set of crops on disk. Close it when done. */
export class CropReader {
  private readonly workers: Worker[];
  private readonly pending = new Map<number, Pending>();
  private readonly spare: SharedArrayBuffer[] = [];
  private nextJob = 0;
  private failure: unknown;

  /** Use {@link openCropFiles} or {@link openPackedCrops}. */
  constructor(
    /** Number of crops. */
    readonly count: number,
    /** Side in pixels. */
    readonly size: number,
    private readonly files: readonly string[] | undefined,
    setup: WorkerSetup,
    threads: number,
  ) {
    this.workers = Array.from({ length: threads }, () => {
      const worker = new Worker(require.resolve('./crop-worker'), { workerData: setup });
      worker.unref(); // a reader left open does not hold the program
      worker.on('message', (report: JobReport) => this.take(report));
      worker.on('error', (error) => this.fail(error));
      return worker;
    });
  }

  /**
   * Reads crops by their numbers.
   *
   * @param epoch number of the pass, for what is drawn at random; without it nothing is drawn
   * @returns float32, [indices.length, size, size, 1] row by row; the caller's own
   * @throws DataError that names the first file that cannot be read, and why
   */
  async read(indices: Int32Array, epoch?: number): Promise<Float32Array> {
    const { images, failures } = await this.readShared(indices, epoch);
    try {
      this.refuse(failures, indices);
      return images.slice();
    } finally {
      this.release(images);
    }
  }

  /**
   * Streams all crops once, reading ahead.
   *
   * @throws DataError as {@link read}; InterruptedError
   * @example
   * for await (const { images } of reader.batches({ batchSize: 50, random: random.fork(`order/${epoch}`), epoch })) step(images);
   */
  async *batches(options: BatchOptions): AsyncGenerator<CropBatch> {
    for await (const { batch, failures } of this.batchesWithFailures(options)) {
      this.refuse(failures, batch.indices);
      yield batch;
    }
  }

  /** As {@link batches}, but what cannot be read is listed by its place in the batch, where its pixels are 0. */
  async *batchesWithFailures(
    options: BatchOptions,
  ): AsyncGenerator<{ batch: CropBatch; failures: JobReport['failures'] }> {
    const { batchSize, ahead = 2, random, epoch = 0, signal } = options;
    if (!(batchSize >= 1)) throw new OptionError(`batches: batchSize must be at least 1, got ${batchSize}`);
    const order = random?.permutation(this.count) ?? Int32Array.from({ length: this.count }, (_, i) => i);
    const running: { indices: Int32Array; result: Promise<ReadResult> }[] = [];
    let at = 0;
    const readAhead = () => {
      while (running.length <= ahead && at < order.length) {
        const indices = order.subarray(at, at + batchSize);
        const result = this.readShared(indices, epoch);
        result.catch(() => {}); // thrown where it is awaited
        running.push({ indices, result });
        at += batchSize;
      }
    };
    try {
      for (;;) {
        throwIfInterrupted(signal, 'batches');
        readAhead();
        const first = running.shift();
        if (!first) return;
        const { images, failures } = await first.result;
        try {
          yield { batch: { indices: first.indices, images }, failures };
        } finally {
          this.release(images);
        }
      }
    } finally {
      for (const { result } of running) {
        await result.then(
          ({ images }) => this.release(images),
          () => {},
        );
      }
    }
  }

  /** Ends the threads. Reads under way are refused. */
  async close(): Promise<void> {
    this.fail(new DataError('the reader of crops is closed; open it again'));
    await Promise.all(this.workers.map((worker) => worker.terminate()));
  }

  /** Where a crop comes from, for messages. */
  private nameOf(index: number): string {
    return this.files ? this.files[index] : `packed crop ${index}`;
  }

  private refuse(failures: JobReport['failures'], indices: Int32Array): void {
    if (failures.length === 0) return;
    const { place, reason } = failures[0];
    throw new DataError(
      `cannot read ${this.nameOf(indices[place])}: ${reason}; leave it out, or put the file back`,
    );
  }

  private async readShared(indices: Int32Array, epoch: number | undefined): Promise<ReadResult> {
    if (this.failure) throw this.failure;
    for (const index of indices) {
      if (!(index >= 0 && index < this.count)) {
        throw new OptionError(`read: there is no crop ${index}; the ${this.count} crops are numbered from 0`);
      }
    }
    const values = indices.length * this.size ** 2;
    const images = this.claim(values);
    const job: CropJob = {
      id: this.nextJob++,
      indices: indices.slice(),
      files: this.files && Array.from(indices, (index) => (this.files as readonly string[])[index]),
      epoch,
      next: new Int32Array(new SharedArrayBuffer(4)),
      images,
    };
    const failures = await new Promise<JobReport['failures']>((resolve, reject) => {
      this.pending.set(job.id, { waitingFor: this.workers.length, failures: [], resolve, reject });
      for (const worker of this.workers) {
        worker.ref();
        worker.postMessage(job);
      }
    });
    for (const { place } of failures) images.fill(0, place * this.size ** 2, (place + 1) * this.size ** 2);
    return { images, failures };
  }

  /** Memory for so many values: one that was released, if there is one large enough. */
  private claim(values: number): Float32Array {
    const at = this.spare.findIndex((buffer) => buffer.byteLength >= values * 4);
    const buffer = at >= 0 ? this.spare.splice(at, 1)[0] : new SharedArrayBuffer(values * 4);
    return new Float32Array(buffer, 0, values);
  }

  private release(images: Float32Array): void {
    this.spare.push(images.buffer as SharedArrayBuffer);
    // small ones make room: what stays is as much as was ever in use at once
    this.spare.sort((a, b) => b.byteLength - a.byteLength).splice(8);
  }

  private take({ id, failures }: JobReport): void {
    const job = this.pending.get(id);
    if (!job) return;
    job.failures.push(...failures);
    job.waitingFor--;
    if (job.waitingFor > 0) return;
    this.pending.delete(id);
    if (this.pending.size === 0) for (const worker of this.workers) worker.unref();
    job.resolve(job.failures.sort((a, b) => a.place - b.place));
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    for (const { reject } of this.pending.values()) reject(error);
    this.pending.clear();
  }
}

/**
 * Opens image files for reading by threads.
 *
 * @param files paths of PNG, TIFF or JPEG files; crop i is files[i]
 * @param options.size side that every crop is resized to, in pixels
 * @throws OptionError
 * @example
 * const records = await findCrops('my-cells');
 * const reader = openCropFiles(records.map(({ file }) => file), { size: 256 });
 * await trainAutoencoder(reader, …);
 * await reader.close();
 */
export function openCropFiles(
  files: readonly string[],
  options: ReaderOptions & { size: number },
): CropReader {
  const { size } = options;
  if (!Number.isInteger(size) || size < 1) {
    throw new OptionError(`openCropFiles: size must be a whole number of pixels, got ${size}`);
  }
  return new CropReader(
    files.length,
    size,
    files,
    setupOf('openCropFiles', options, size),
    threadsOf(options),
  );
}

/**
 * Opens crops that {@link packCrops} wrote. Reading one is a read by offset and a conversion: some 30 times as fast as decoding.
 *
 * @throws DataError when the folder holds no packed crops, or not all of them; OptionError
 */
export function openPackedCrops(folder: string, options: ReaderOptions = {}): CropReader {
  const { count, size } = describePacked(folder);
  const setup = { ...setupOf('openPackedCrops', options, size), packed: packedPixels(folder) };
  return new CropReader(count, size, undefined, setup, threadsOf(options));
}

function setupOf(
  who: string,
  { preprocessing = {}, prepare = {}, seed = 0 }: ReaderOptions,
  size: number,
): WorkerSetup {
  checkPreprocessing(who, preprocessing);
  checkPreprocessing(who, prepare);
  return { size, preprocessing, prepare, seed };
}

function threadsOf({ threads = Math.min(8, availableParallelism()) }: ReaderOptions): number {
  if (!Number.isInteger(threads) || threads < 1) {
    throw new OptionError(`threads must be a whole number of at least 1, got ${threads}`);
  }
  return threads;
}
