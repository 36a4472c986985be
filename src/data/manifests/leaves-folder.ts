/** Guards against names that would reach outside the folder they are meant for. */

// the names that Windows gives to devices, whatever the extension
const DEVICE_NAME = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/**
 * Why a relative path from an archive, a manifest or a table must not be used, on any system: it would leave its folder, or name
 * something that is no plain file there. Undefined when the path is harmless.
 *
 * @param path with `/` between the parts
 */
export function leavesFolder(path: string): string | undefined {
  if (path === '') return 'is empty';
  if (/\p{Cc}/u.test(path)) return 'contains a control character';
  if (path.includes('\\')) return 'contains a backslash';
  if (path.startsWith('/')) return 'is absolute';
  if (path.includes(':')) return 'contains a colon (a drive or a stream on Windows)';
  const parts = path.split('/');
  if (parts.includes('..')) return 'climbs out with ".."';
  if (parts.some((part) => DEVICE_NAME.test(part))) return 'names a device on Windows';
  return undefined;
}
