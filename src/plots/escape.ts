/** Makes any text safe inside XML and HTML, between tags and in quoted attributes; characters that XML forbids are dropped. */
export function escapeXml(text: string): string {
  return (
    text
      // control characters cannot be written in XML 1.0, not even as entities
      // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
      .replace(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '')
      .replace(/&/g, '&amp;')
      .replace(/</g, '&lt;')
      .replace(/>/g, '&gt;')
      .replace(/"/g, '&quot;')
      .replace(/'/g, '&#39;')
  );
}
