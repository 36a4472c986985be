/** One decoding thread. Takes crop after crop of a job, each into its place in shared memory. Started by crop-reader.ts. */
import { openSync, readSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { DataError, messageOf } from '../../util/errors';
import { seededRandom } from '../../util/random';
import { decodePicture, toShares } from '../decode-crop';
import { type Preprocessing, preprocessCrop } from '../preprocess/preprocess-crop';
import { greyToShares } from './grey-to-shares';

/** What every thread of a reader knows. */
export interface WorkerSetup {
  size: number;
  preprocessing: Preprocessing;
  /** What is done to the crop once it has its size. */
  prepare: Preprocessing;
  seed: number;
  /** File of packed pixels; without it, jobs name image files. */
  packed?: string;
}

/** Crops to be read by all threads together. */
export interface CropJob {
  id: number;
  /** Numbers of the crops. */
  indices: Int32Array;
  /** Their files, unless they are packed. */
  files?: string[];
  /** Without it nothing is drawn at random. */
  epoch?: number;
  /** Shared: [place in `indices` that is to be read next]. */
  next: Int32Array;
  /** Shared: float32 [indices.length, size, size]. */
  images: Float32Array;
}

/** A thread has no more to do for a job. */
export interface JobReport {
  id: number;
  failures: { place: number; reason: string }[];
}

const { size, preprocessing, prepare, seed, packed } = workerData as WorkerSetup;
const pixels = size * size;
const untouched = Object.values(preprocessing).every((setting) => !setting);
const unprepared = Object.values(prepare).every((setting) => !setting);
const file = packed === undefined ? -1 : openSync(packed, 'r');
const packedCrop = new Uint8Array(pixels);

async function readCrop(job: CropJob, place: number): Promise<void> {
  const index = job.indices[place];
  const target = job.images.subarray(place * pixels, (place + 1) * pixels);
  const { bytes, width, height, shares } = job.files ? await fromFile(job.files[place]) : fromPacked(index);
  // every crop has its own stream: which thread reads it, and when, does not matter
  const drawn = job.epoch !== undefined && (preprocessing.turnShare || prepare.turnShare);
  const random = drawn ? seededRandom(seed).fork(`${job.epoch}/${index}`) : undefined;
  if (untouched && bytes && width === size && height === size) {
    greyToShares(bytes, target);
  } else {
    target.set(preprocessCrop(shares(), height, width, size, preprocessing, random));
  }
  if (!unprepared) target.set(preprocessCrop(target, size, size, size, prepare, random));
}

async function fromFile(path: string) {
  const { width, height, pixels: values, white } = await decodePicture(path);
  const bytes = values instanceof Uint8Array ? values : undefined;
  return { bytes, width, height, shares: () => toShares(values, white) };
}

function fromPacked(index: number) {
  if (readSync(file, packedCrop, 0, pixels, index * pixels) !== pixels) {
    throw new DataError(`the packed file ends before crop ${index}`);
  }
  return { bytes: packedCrop, width: size, height: size, shares: () => toShares(packedCrop, 255) };
}

async function work(job: CropJob): Promise<JobReport> {
  const failures: JobReport['failures'] = [];
  for (;;) {
    const place = Atomics.add(job.next, 0, 1);
    if (place >= job.indices.length) return { id: job.id, failures };
    try {
      await readCrop(job, place);
    } catch (error) {
      if (!(error instanceof DataError)) throw error;
      failures.push({ place, reason: messageOf(error) });
    }
  }
}

let turn: Promise<void> = Promise.resolve();
parentPort?.on('message', (job: CropJob) => {
  // one job after the other, as they came
  turn = turn.then(async () => parentPort?.postMessage(await work(job)));
});
