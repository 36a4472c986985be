/** Where training takes its crops from. `data/` has sources that stream from disk; this folder never opens a crop's file. */

/** A numbered set of crops of one size. */
export interface CropSource {
  /** Number of crops. */
  readonly count: number;
  /** Side in pixels. */
  readonly size: number;
  /**
   * The crops with these numbers as float32 0..1, [indices.length, size, size, 1] row by row.
   *
   * @param epoch number of the pass, from 0, for sources that turn crops at random; without it nothing is drawn
   */
  read(indices: Int32Array, epoch?: number): Promise<Float32Array>;
}

/** Crops that are in memory already. */
export function cropsInMemory(images: Float32Array, size: number): CropSource {
  const pixels = size * size;
  return {
    count: images.length / pixels,
    size,
    async read(indices) {
      const batch = new Float32Array(indices.length * pixels);
      indices.forEach((index, i) => {
        batch.set(images.subarray(index * pixels, (index + 1) * pixels), i * pixels);
      });
      return batch;
    },
  };
}

/** Some of a source's crops, renumbered from 0. */
export function selectCrops(source: CropSource, indices: Int32Array): CropSource {
  return {
    count: indices.length,
    size: source.size,
    read: (wanted, epoch) =>
      source.read(
        wanted.map((index) => indices[index]),
        epoch,
      ),
  };
}
