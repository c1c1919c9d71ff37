/**
 * The value of a text in a configuration file in TOML: `KEY = "VALUE"` in a section, `''` being what stands before the first. Engines
 * have their places in such lines; whatever else a file has is passed over.
 */
export function tomlText(text: string, section: string, key: string): string | undefined {
  let current = '';
  for (const line of text.split('\n')) {
    const [, header] = /^\s*\[([^[\]]+)\]\s*(?:#.*)?$/.exec(line) ?? [];
    if (header !== undefined) current = header.trim();
    const [, name, , value] = /^\s*([\w-]+)\s*=\s*(["'])(.*?)\2\s*(?:#.*)?$/.exec(line) ?? [];
    if (current === section && name === key && value !== undefined) return value;
  }
  return undefined;
}
