/** Pictures: the bytes of a PNG, JPEG, GIF or WebP file, and the text of an SVG. */
import type { MimeBundle } from '../../kernel/services';

export function displayImage(value: unknown): MimeBundle | null {
  if (typeof value === 'string') {
    return /^\s*(?:<\?xml[^>]*>\s*)?<svg[\s>]/.test(value)
      ? { 'image/svg+xml': value, 'text/plain': 'SVG picture' }
      : null;
  }
  if (!(value instanceof Uint8Array) || value.length < 12) return null;
  const mime = imageMime(value);
  if (!mime) return null;
  return { [mime]: value, 'text/plain': `${mime.slice(6).toUpperCase()} picture${sizeText(value, mime)}` };
}

function imageMime(bytes: Uint8Array): string | null {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, 12).toString('latin1');
  if (text.startsWith('\x89PNG\r\n\x1a\n')) return 'image/png';
  if (text.startsWith('\xff\xd8\xff')) return 'image/jpeg';
  if (/^GIF8[79]a/.test(text)) return 'image/gif';
  return text.startsWith('RIFF') && text.endsWith('WEBP') ? 'image/webp' : null;
}

/** A PNG says its size in its first chunk. */
function sizeText(bytes: Uint8Array, mime: string): string {
  if (mime !== 'image/png' || bytes.length < 24) return '';
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return `, ${view.getUint32(16)} × ${view.getUint32(20)} pixels`;
}
