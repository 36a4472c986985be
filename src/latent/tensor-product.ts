import { loadBackend, tf } from '../compute';
import type { MatrixProduct } from './matrix-product';

/** {@link MatrixProduct} on the tensor backend. */
export async function tensorMatrixProduct(): Promise<MatrixProduct> {
  await loadBackend();
  return (a, rowsA, b, rowsB, d) => {
    const product = tf.tidy(() =>
      tf.matMul(tf.tensor2d(a, [rowsA, d]), tf.tensor2d(b, [rowsB, d]), false, true),
    );
    const values = product.dataSync() as Float32Array;
    product.dispose();
    return values;
  };
}
