/**
 * The keys that are written twice in one object of a JSON text, as paths (`spec.ports[0].name`). `JSON.parse` keeps the last of them without a word, and
 * Kubernetes warns. The text must be valid JSON.
 */
export function duplicateKeys(json: string): readonly string[] {
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
