const QUOTE = 0x22;
const COLON = 0x3a;
const BACKSLASH = 0x5c;

/**
 * The keys that are written twice in one object of a JSON text, as paths (`spec.ports[0].name`). `JSON.parse` keeps the last of them without a word, and
 * Kubernetes warns. The text must be valid JSON, and `value` what it stands for.
 */
export function duplicateKeys(json: string, value: unknown): readonly string[] {
  // Nearly always none is, and as many keys are left as were written.
  if (colons(json) === keysIn(value)) return [];
  const found: string[] = [];
  const open: Level[] = [];
  // Strings are skipped as wholes; everything else that matters is one character.
  for (const match of json.matchAll(/"(?:\\.|[^"\\])*"|[{}[\],:]/gs)) {
    const token = match[0];
    const top = open.at(-1);
    if (token === '{') open.push({ keys: new Set(), key: undefined, index: -1, awaitsKey: true });
    else if (token === '[') open.push({ keys: undefined, key: undefined, index: 0, awaitsKey: false });
    else if (token === '}' || token === ']') open.pop();
    else if (top === undefined) continue;
    else if (token === ',') {
      if (top.keys === undefined) top.index += 1;
      else top.awaitsKey = true;
    } else if (token.startsWith('"') && top.awaitsKey && top.keys !== undefined) {
      const key = token.includes('\\') ? (JSON.parse(token) as string) : token.slice(1, -1);
      top.awaitsKey = false;
      top.key = key;
      if (top.keys.has(key)) found.push(pathOf(open));
      top.keys.add(key);
    }
  }
  return found;
}

/** Colons outside strings: one a key. */
function colons(json: string): number {
  let count = 0;
  for (let at = 0; at < json.length; at++) {
    const code = json.charCodeAt(at);
    if (code === COLON) count += 1;
    else if (code === QUOTE) at = endOfString(json, at);
  }
  return count;
}

/** Where the string that begins at `start` ends. */
function endOfString(json: string, start: number): number {
  for (let end = json.indexOf('"', start + 1); ; end = json.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (json.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return value.reduce((sum: number, item) => sum + keysIn(item), 0);
  const values = Object.values(value);
  return values.reduce((sum: number, item) => sum + keysIn(item), values.length);
}

interface Level {
  /** `undefined` in a list. */
  readonly keys: Set<string> | undefined;
  key: string | undefined;
  index: number;
  awaitsKey: boolean;
}

function pathOf(open: readonly Level[]): string {
  return open
    .map((level) => (level.keys === undefined ? `[${level.index}]` : `.${level.key ?? ''}`))
    .join('')
    .replace(/^\./, '');
}
